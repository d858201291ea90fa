/** Secrets: made, described, scheduled for deletion and restored. */
import type * as Secrets from '@aws-sdk/client-secrets-manager';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import type { EventHandler } from '../../world.ts';
import {
  anySecret,
  checkKey,
  invalidParameter,
  invalidRequest,
  mergeTags,
  ownSecret,
  refuseManaged,
  sameValue,
  valueIn,
  wireTags,
} from './shared.ts';
import { findSecret, type Secret, secretsState } from './state.ts';
import { addVersion, makeSecret } from './versions.ts';

const dayMs = 86_400_000;
const secretGone = 'secretsmanager/secret-gone';

const createSecret: Operation<Checked<Secrets.CreateSecretRequest>, Secrets.CreateSecretResponse> = (input, call) => {
  if (!/^[\w/+=.@!-]+$/.test(input.Name)) {
    throw new ApiError(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  }
  const value = valueIn(input);
  const versionId = input.ClientRequestToken ?? call.world.random.uuid();
  const existing = findSecret(call, input.Name);
  if (existing) return repeated(existing, versionId, value);
  checkKey(call, input.KmsKeyId);
  const secret = makeSecret(call, {
    name: input.Name,
    description: input.Description,
    kmsKeyId: input.KmsKeyId,
    tags: mergeTags([], input.Tags ?? []),
  });
  if (value) addVersion(call, secret, { versionId, ...value });
  return { ARN: secret.arn, Name: secret.name, VersionId: value && versionId };
};

// The same token with the same value is a repetition, and answered as the first time. F-542, F-544
function repeated(secret: Secret, versionId: string, value: ReturnType<typeof valueIn>) {
  if (secret.deletedAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = secret.versions[versionId];
  if (!version || !sameValue(version, value)) {
    throw new ApiError(
      'ResourceExistsException',
      `The operation failed because the secret ${secret.name} already exists.`,
    );
  }
  return { ARN: secret.arn, Name: secret.name, VersionId: versionId };
}

const describeSecret: Operation<Checked<Secrets.DescribeSecretRequest>, Secrets.DescribeSecretResponse> = (
  input,
  call,
) => {
  const secret = anySecret(call, input.SecretId);
  return {
    ...overview(secret),
    VersionIdsToStages: stagesByVersion(secret),
    RotationEnabled: secret.owningService === undefined ? undefined : true,
  };
};

const deleteSecret: Operation<Checked<Secrets.DeleteSecretRequest>, Secrets.DeleteSecretResponse> = (input, call) => {
  const { ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days } = input;
  if (force && days !== undefined) {
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  if (force) return forceDelete(input.SecretId, call);
  const secret = anySecret(call, input.SecretId);
  refuseManaged(secret);
  if (secret.deletedAt !== undefined) {
    throw invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.");
  }
  return scheduleDeletion(secret, (days ?? 30) * dayMs, call);
};

function scheduleDeletion(secret: Secret, afterMs: number, call: Call): Secrets.DeleteSecretResponse {
  secret.deletedAt = call.now;
  secret.deletesAt = call.now + afterMs;
  call.world.schedule(call, afterMs, secretGone, { arn: secret.arn });
  return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(secret.deletesAt) };
}

// Forcing away what is not there succeeds, so that a repetition does. F-545
function forceDelete(secretId: string, call: Call): Secrets.DeleteSecretResponse {
  const secret = findSecret(call, secretId);
  const arn = secretId.startsWith('arn:')
    ? secretId
    : `arn:aws:secretsmanager:${call.region}:${call.account}:secret:${secretId}`;
  if (!secret) return { ARN: arn, Name: secretId, DeletionDate: new Date(call.now) };
  refuseManaged(secret);
  delete secretsState(call).secrets[secret.arn];
  call.world.unschedule(secretGone, (payload) => payload.arn === secret.arn);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(call.now) };
}

const removeSecret: EventHandler = (place, payload) => {
  delete secretsState(place).secrets[String(payload.arn)];
};

const restoreSecret: Operation<Checked<Secrets.RestoreSecretRequest>, Secrets.RestoreSecretResponse> = (
  input,
  call,
) => {
  const secret = anySecret(call, input.SecretId);
  secret.deletedAt = undefined;
  secret.deletesAt = undefined;
  call.world.unschedule(secretGone, (payload) => payload.arn === secret.arn);
  return { ARN: secret.arn, Name: secret.name };
};

const tagResource: Operation<Checked<Secrets.TagResourceRequest>, void> = (input, call) => {
  const secret = ownSecret(call, input.SecretId);
  secret.tags = mergeTags(secret.tags, input.Tags);
};

const untagResource: Operation<Checked<Secrets.UntagResourceRequest>, void> = (input, call) => {
  const secret = ownSecret(call, input.SecretId);
  secret.tags = secret.tags.filter((tag) => !input.TagKeys.includes(tag.key));
};

const rotationDays = 30;

/** What DescribeSecret and ListSecrets both show of a secret. */
export function overview(secret: Secret) {
  const managed = secret.owningService !== undefined;
  const rotated = secret.rotatedAt;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    RotationRules: managed ? { AutomaticallyAfterDays: rotationDays } : undefined,
    LastRotatedDate: dateOf(rotated),
    NextRotationDate: managed && rotated !== undefined ? new Date(rotated + rotationDays * dayMs) : undefined,
    LastChangedDate: new Date(secret.changedAt),
    LastAccessedDate: dateOf(secret.accessedAt),
    DeletedDate: dateOf(secret.deletesAt),
    Tags: wireTags(secret.tags),
    OwningService: secret.owningService,
    CreatedDate: new Date(secret.createdAt),
  };
}

const dateOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

/** Version ids with their stages; deprecated versions are left out. */
export const stagesByVersion = (secret: Secret): Record<string, string[]> =>
  Object.fromEntries(
    Object.values(secret.versions)
      .filter((version) => version.stages.length > 0)
      .map((version) => [version.versionId, version.stages]),
  );

export const secretOperations = {
  CreateSecret: createSecret,
  DescribeSecret: describeSecret,
  DeleteSecret: deleteSecret,
  RestoreSecret: restoreSecret,
  TagResource: tagResource,
  UntagResource: untagResource,
};

export const secretEvents = { [secretGone]: removeSecret };
