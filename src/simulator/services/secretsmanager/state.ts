/** What Secrets Manager remembers of a region: secrets by ARN, each with its versions. */
import type { Place, Slot } from '../../world.ts';

export interface SecretTag {
  readonly key: string;
  readonly value: string;
}

export interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: number;
  readonly secretString: string | undefined;
  /** Base64. */
  readonly secretBinary: string | undefined;
  stages: string[];
  lastAccessedAt: number | undefined;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  /** The service that manages this secret, e.g. `redshift`; its value is not the caller's to change. F-546 */
  readonly owningService: string | undefined;
  description: string | undefined;
  kmsKeyId: string | undefined;
  changedAt: number;
  rotatedAt: number | undefined;
  accessedAt: number | undefined;
  /** When DeleteSecret was called; the secret vanishes at `deletesAt`. */
  deletedAt: number | undefined;
  deletesAt: number | undefined;
  resourcePolicy: string | undefined;
  tags: SecretTag[];
  versions: Record<string, SecretVersion>;
}

export interface SecretsState {
  secrets: Record<string, Secret>;
}

export const secretsSlot: Slot<SecretsState> = {
  name: 'secretsmanager',
  scope: 'region',
  initial: () => ({ secrets: {} }),
};

export const secretsState = (place: Place): SecretsState => place.world.state(secretsSlot, place.region);

/** Finds a secret by its name, its ARN, or its ARN without the random suffix. F-541 */
export function findSecret(place: Place, idOrArn: string): Secret | undefined {
  const { secrets } = secretsState(place);
  const byArn = secrets[idOrArn];
  if (byArn) return byArn;
  return Object.values(secrets).find((one) => one.name === idOrArn || one.arn.slice(0, -7) === idOrArn);
}

/** The version that carries a stage, `AWSCURRENT` when none is named. */
export function versionAt(secret: Secret, stage = 'AWSCURRENT'): SecretVersion | undefined {
  return Object.values(secret.versions).find((version) => version.stages.includes(stage));
}
