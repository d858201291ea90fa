/** What the operations on secrets have in common: finding one that may be used, checking what is put into it. */
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { keyState } from '../kms/lookup.ts';
import type { TaggedResource } from '../tagging/registry.ts';
import { findSecret, type Secret, type SecretTag, type SecretVersion, secretsState } from './state.ts';

export const invalidRequest = (message: string) => new ApiError('InvalidRequestException', message);
export const invalidParameter = (message: string) => new ApiError('InvalidParameterException', message);
export const secretNotFound = (message = "Secrets Manager can't find the specified secret.") =>
  new ApiError('ResourceNotFoundException', message);

/** The secret of that name or ARN, scheduled for deletion or not. */
export function anySecret(place: Place, idOrArn: string): Secret {
  const secret = findSecret(place, idOrArn);
  if (!secret) throw secretNotFound();
  return secret;
}

/** The secret of that name or ARN, unless it is scheduled for deletion. F-544 */
export function liveSecret(place: Place, idOrArn: string): Secret {
  const secret = anySecret(place, idOrArn);
  if (secret.deletedAt !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  }
  return secret;
}

/** The secret of that name or ARN, if it is the caller's to change. F-546 */
export function ownSecret(place: Place, idOrArn: string): Secret {
  const secret = liveSecret(place, idOrArn);
  refuseManaged(secret);
  return secret;
}

export function refuseManaged(secret: Secret): void {
  if (secret.owningService === undefined) return;
  throw invalidRequest(
    `The secret ${secret.name} is managed by ${secret.owningService}. Use that service to change or delete it.`,
  );
}

export interface SecretValue {
  readonly secretString: string | undefined;
  /** Base64. */
  readonly secretBinary: string | undefined;
}

/** The value that a request carries; undefined when it carries none. */
export function valueIn(input: {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}): SecretValue | undefined {
  const { SecretBinary: binary, SecretString: text } = input;
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter("You can't specify both a binary secret value and a string secret value.");
  }
  if (text === undefined && binary === undefined) return undefined;
  return { secretString: text, secretBinary: binary && Buffer.from(binary).toString('base64') };
}

export const sameValue = (version: SecretVersion, value: SecretValue | undefined): boolean =>
  version.secretString === value?.secretString && version.secretBinary === value?.secretBinary;

/** Refuses a key that can't encrypt; without a key of its own a secret uses AWS's. F-547 */
export function checkKey(place: Place, kmsKeyId: string | undefined): void {
  if (usable(place, kmsKeyId)) return;
  throw new ApiError(
    'EncryptionFailure',
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. " +
      'Check that the KMS key is available, enabled, and not in an invalid state.',
  );
}

/** Refuses to read a secret whose key is disabled or gone. F-547 */
export function checkReadable(place: Place, secret: Secret): void {
  if (usable(place, secret.kmsKeyId)) return;
  throw new ApiError(
    'DecryptionFailure',
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  );
}

const usable = (place: Place, kmsKeyId: string | undefined) =>
  kmsKeyId === undefined || /(^|:)alias\/aws\//.test(kmsKeyId) || keyState(place, kmsKeyId) === 'Enabled';

interface WireTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

const tagsMax = 50;

export function mergeTags(old: readonly SecretTag[], added: readonly WireTag[]): SecretTag[] {
  const fresh = added.map((tag) => ({ key: tag.Key ?? '', value: tag.Value ?? '' }));
  const names = fresh.map((tag) => tag.key);
  if (new Set(names).size < names.length) throw invalidParameter('Duplicate tag keys found.');
  if (names.some((name) => name.toLowerCase().startsWith('aws:'))) {
    throw invalidParameter('Tag keys starting with aws: are reserved for system use.');
  }
  const merged = [...old.filter((tag) => !names.includes(tag.key)), ...fresh];
  if (merged.length > tagsMax) throw invalidParameter(`The secret can't have more than ${tagsMax} tags.`);
  return merged;
}

export const wireTags = (tags: readonly SecretTag[]) => tags.map(({ key, value }) => ({ Key: key, Value: value }));

/** The region's secrets with their tags, for those who look across services. */
export const taggedResources = (place: Place): TaggedResource[] =>
  Object.values(secretsState(place).secrets).map(({ arn, createdAt, tags }) => ({ arn, tags, since: createdAt }));
