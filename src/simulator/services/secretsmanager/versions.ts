/**
 * How a secret's versions follow each other.
 *
 * S1. Every stage sits on at most one version. F-543
 * S2. When AWSCURRENT moves, the version it leaves takes AWSPREVIOUS. F-543
 */
import type { Place } from '../../world.ts';
import { type Secret, type SecretTag, type SecretVersion, secretsState, versionAt } from './state.ts';

/** A new secret without a version, already in the region's state. */
export function makeSecret(
  place: Place,
  spec: {
    name: string;
    description?: string | undefined;
    owningService?: string | undefined;
    kmsKeyId?: string | undefined;
    tags: SecretTag[];
  },
): Secret {
  const suffix = randomSuffix(place);
  const secret: Secret = {
    arn: `arn:aws:secretsmanager:${place.region}:${place.account}:secret:${spec.name}-${suffix}`,
    name: spec.name,
    createdAt: place.now,
    owningService: spec.owningService,
    description: spec.description,
    kmsKeyId: spec.kmsKeyId,
    changedAt: place.now,
    rotatedAt: undefined,
    accessedAt: undefined,
    deletedAt: undefined,
    deletesAt: undefined,
    resourcePolicy: undefined,
    tags: spec.tags,
    versions: {},
  };
  secretsState(place).secrets[secret.arn] = secret;
  return secret;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

// Six random characters keep policies written for a deleted secret from applying to a new one of its name. F-541
const randomSuffix = (place: Place) =>
  Array.from({ length: 6 }, () => letters[Math.floor(place.world.random.next() * letters.length)]).join('');

export interface NewVersion {
  readonly versionId: string;
  readonly secretString?: string | undefined;
  readonly secretBinary?: string | undefined;
  readonly stages?: readonly string[] | undefined;
}

/** Adds a version; it takes its stages (AWSCURRENT unless others are named) from the versions that had them. */
export function addVersion(place: Place, secret: Secret, spec: NewVersion): SecretVersion {
  const version: SecretVersion = {
    versionId: spec.versionId,
    createdAt: place.now,
    secretString: spec.secretString,
    secretBinary: spec.secretBinary,
    stages: [],
    lastAccessedAt: undefined,
  };
  secret.versions[version.versionId] = version;
  for (const stage of spec.stages ?? ['AWSCURRENT']) moveStage(secret, stage, version);
  secret.changedAt = place.now;
  return version;
}

/** Puts `stage` on `version`, or takes it away from all when there is none. A version without stages is deprecated. */
export function moveStage(secret: Secret, stage: string, version: SecretVersion | undefined): void {
  const before = versionAt(secret, stage);
  if (before === version) return;
  if (before) before.stages = before.stages.filter((one) => one !== stage);
  version?.stages.push(stage);
  if (stage === 'AWSCURRENT' && before) moveStage(secret, 'AWSPREVIOUS', before);
}
