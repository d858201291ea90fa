/** Values of secrets: reading, writing, and moving the stages between versions. */
import type * as Secrets from '@aws-sdk/client-secrets-manager';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { refuseInstance } from '../iam/permissions.ts';
import {
  checkKey,
  checkReadable,
  invalidParameter,
  invalidRequest,
  liveSecret,
  ownSecret,
  type SecretValue,
  sameValue,
  secretNotFound,
  valueIn,
} from './shared.ts';
import { type Secret, type SecretVersion, versionAt } from './state.ts';
import { addVersion, moveStage } from './versions.ts';

const dayMs = 86_400_000;

const getSecretValue: Operation<Checked<Secrets.GetSecretValueRequest>, Secrets.GetSecretValueResponse> = (
  input,
  call,
) => {
  const secret = liveSecret(call, input.SecretId);
  refuseInstance(call, 'secretsmanager:GetSecretValue', secret.arn);
  const version = wantedVersion(secret, input);
  checkReadable(call, secret);
  secret.accessedAt = Math.floor(call.now / dayMs) * dayMs;
  version.lastAccessedAt = secret.accessedAt;
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.versionId,
    SecretString: version.secretString,
    SecretBinary: version.secretBinary === undefined ? undefined : Buffer.from(version.secretBinary, 'base64'),
    VersionStages: version.stages,
    CreatedDate: new Date(version.createdAt),
  };
};

function wantedVersion(secret: Secret, input: Checked<Secrets.GetSecretValueRequest>): SecretVersion {
  const { VersionId: id, VersionStage: stage } = input;
  if (id === undefined) {
    const version = versionAt(secret, stage);
    if (version) return version;
    throw secretNotFound(
      `Secrets Manager can't find the specified secret value for staging label: ${stage ?? 'AWSCURRENT'}`,
    );
  }
  const version = secret.versions[id];
  if (!version) throw secretNotFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return version;
}

const putSecretValue: Operation<Checked<Secrets.PutSecretValueRequest>, Secrets.PutSecretValueResponse> = (
  input,
  call,
) => {
  const secret = ownSecret(call, input.SecretId);
  const value = valueIn(input);
  if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  const repeated = repeatedVersion(secret, value, input.ClientRequestToken);
  const version =
    repeated ?? write(secret, value, { token: input.ClientRequestToken, stages: input.VersionStages }, call);
  return { ARN: secret.arn, Name: secret.name, VersionId: version.versionId, VersionStages: version.stages };
};

const updateSecret: Operation<Checked<Secrets.UpdateSecretRequest>, Secrets.UpdateSecretResponse> = (input, call) => {
  const secret = ownSecret(call, input.SecretId);
  const value = valueIn(input);
  // An empty key id goes back to AWS's own key.
  const kmsKeyId = input.KmsKeyId === '' ? undefined : (input.KmsKeyId ?? secret.kmsKeyId);
  checkKey(call, kmsKeyId);
  const version = value && write(secret, value, { token: input.ClientRequestToken }, call);
  secret.description = input.Description ?? secret.description;
  secret.kmsKeyId = kmsKeyId;
  secret.changedAt = call.now;
  return { ARN: secret.arn, Name: secret.name, VersionId: version?.versionId };
};

// The token names the version: PutSecretValue again with the same value is a repetition, and changes nothing. F-542
function repeatedVersion(secret: Secret, value: SecretValue, token: string | undefined): SecretVersion | undefined {
  const existing = token === undefined ? undefined : secret.versions[token];
  return existing && sameValue(existing, value) ? existing : undefined;
}

function write(
  secret: Secret,
  value: SecretValue,
  how: { token: string | undefined; stages?: readonly string[] | undefined },
  call: Call,
): SecretVersion {
  const versionId = how.token ?? call.world.random.uuid();
  if (secret.versions[versionId]) {
    throw new ApiError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ` +
        `${secret.arn}.`,
    );
  }
  const isFirst = Object.keys(secret.versions).length === 0;
  const stages = isFirst && how.stages ? [...new Set([...how.stages, 'AWSCURRENT'])] : how.stages;
  return addVersion(call, secret, { versionId, ...value, stages });
}

const listSecretVersionIds: Operation<
  Checked<Secrets.ListSecretVersionIdsRequest>,
  Secrets.ListSecretVersionIdsResponse
> = (input, call) => {
  const secret = liveSecret(call, input.SecretId);
  const versions = Object.values(secret.versions).filter((one) => input.IncludeDeprecated || one.stages.length > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: versions.map((version) => ({
      VersionId: version.versionId,
      VersionStages: version.stages,
      CreatedDate: new Date(version.createdAt),
    })),
  };
};

const updateSecretVersionStage: Operation<
  Checked<Secrets.UpdateSecretVersionStageRequest>,
  Secrets.UpdateSecretVersionStageResponse
> = (input, call) => {
  const secret = ownSecret(call, input.SecretId);
  const { MoveToVersionId: to, RemoveFromVersionId: from, VersionStage: stage } = input;
  const target = to === undefined ? undefined : secret.versions[to];
  if (to !== undefined && !target) throw secretNotFound();
  if (stage === 'AWSCURRENT' && !target) throw invalidParameter("You can't remove AWSCURRENT from a version.");
  const holder = versionAt(secret, stage);
  if (holder && holder !== target && holder.versionId !== from) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
        `${holder.versionId}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  moveStage(secret, stage, target);
  return { ARN: secret.arn, Name: secret.name };
};

export const valueOperations = {
  GetSecretValue: getSecretValue,
  PutSecretValue: putSecretValue,
  UpdateSecret: updateSecret,
  ListSecretVersionIds: listSecretVersionIds,
  UpdateSecretVersionStage: updateSecretVersionStage,
};
