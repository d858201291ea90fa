/** What KMS's operations have in common: finding a key and saying why it can't be used, tags, paging. */
import { ApiError, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { TaggedResource } from '../tagging/registry.ts';
import { findKey, type Key, type KmsTag, kmsState } from './state.ts';

export const invalid = (message: string) => new ApiError('ValidationException', message);
export const notFound = (message: string) => new ApiError('NotFoundException', message);
const invalidState = (message: string) => new ApiError('KMSInvalidStateException', message);

export const keyArn = (place: Place, keyId: string) => `arn:aws:kms:${place.region}:${place.account}:key/${keyId}`;
export const aliasArn = (place: Place, name: string) => `arn:aws:kms:${place.region}:${place.account}:${name}`;

/** The key behind an id, an ARN or an alias: only DescribeKey and the cryptographic calls take aliases. F-520 */
export function describedKey(place: Place, reference: string): Key {
  const key = findKey(place, reference);
  if (key) return key;
  if (isAlias(reference)) throw notFound(`Alias ${asArn(place, reference)} is not found.`);
  throw notFound(`Key '${asArn(place, reference)}' does not exist`);
}

/** The key behind an id or an ARN. F-520 */
export function keyOf(place: Place, reference: string): Key {
  if (isAlias(reference)) throw notFound(`Invalid keyId '${reference}'`);
  return describedKey(place, reference);
}

const isAlias = (reference: string) => /^(arn:[^/]+:)?alias\//.test(reference);

function asArn(place: Place, reference: string): string {
  if (reference.startsWith('arn:')) return reference;
  return isAlias(reference) ? aliasArn(place, reference) : keyArn(place, reference);
}

/** Refuses a key that waits for its deletion. F-521 */
export function notPending(key: Key): Key {
  if (key.state === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
  return key;
}

/** Refuses a key that can't be used now. F-521 */
export function enabled(key: Key): Key {
  if (notPending(key).state === 'Disabled') throw new ApiError('DisabledException', `${key.arn} is disabled.`);
  return key;
}

export function pending(key: Key): Key {
  if (key.state !== 'PendingDeletion') throw invalidState(`${key.arn} is not pending deletion.`);
  return key;
}

interface WireTag {
  readonly TagKey: string;
  readonly TagValue: string;
}

const tagsMax = 50;

export function mergeTags(old: readonly KmsTag[], added: readonly WireTag[]): KmsTag[] {
  const names = added.map((tag) => tag.TagKey);
  if (new Set(names).size < names.length) throw tagError('Duplicate tag keys');
  if (names.some((name) => name.toLowerCase().startsWith('aws:'))) {
    throw tagError('TagKeys starting with aws: are reserved for system use');
  }
  const kept = old.filter((tag) => !names.includes(tag.key));
  const merged = [...kept, ...added.map((tag) => ({ key: tag.TagKey, value: tag.TagValue }))];
  if (merged.length > tagsMax) throw tagError('Too many tags');
  return merged;
}

const tagError = (message: string) => new ApiError('TagException', message);

interface PageRequest {
  readonly Marker?: string | undefined;
  readonly Limit?: number | undefined;
}

/** KMS's way of paging: a marker and a flag that says whether the list was cut. */
export function page<T>(place: Place, items: readonly T[], request: PageRequest) {
  const limit = request.Limit ?? place.world.settings.pageSize;
  const { items: shown, nextToken } = paginate(
    items,
    request.Marker,
    limit,
    () => new ApiError('InvalidMarkerException', 'Invalid marker'),
  );
  return { shown, rest: { Truncated: nextToken !== undefined, NextMarker: nextToken } };
}

/** The region's keys with their tags, for those who look across services. */
export const taggedResources = (place: Place): TaggedResource[] =>
  Object.values(kmsState(place).keys).map(({ arn, createdAt, tags }) => ({ arn, tags, since: createdAt }));
