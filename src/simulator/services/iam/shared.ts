/** What IAM's operations have in common: its paging, its tags, its errors. */

import { ApiError, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { IamTag, Role } from './state.ts';
import { iamState } from './state.ts';

export const noSuchEntity = (message: string) => new ApiError('NoSuchEntityException', message);
export const alreadyExists = (message: string) => new ApiError('EntityAlreadyExistsException', message);
export const deleteConflict = (message: string) => new ApiError('DeleteConflictException', message);
export const limitExceeded = (message: string) => new ApiError('LimitExceededException', message);
export const invalidInput = (message: string) => new ApiError('InvalidInputException', message);

/** The role of that name; role names are unique whatever their case. */
export function roleNamed(place: Place, name: string): Role {
  const role = findRole(place, name);
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

export const findRole = (place: Place, name: string): Role | undefined =>
  iamState(place).roles[name] ??
  Object.values(iamState(place).roles).find((role) => role.name.toLowerCase() === name.toLowerCase());

/** The role of that name, if the caller may change it: service-linked roles belong to AWS. F-506 */
export function changeableRole(place: Place, name: string): Role {
  const role = roleNamed(place, name);
  if (role.path.startsWith('/aws-service-role/')) {
    throw new ApiError(
      'UnmodifiableEntityException',
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    );
  }
  return role;
}

interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** IAM's way of paging: a marker and a flag that says whether there is more. */
export function page<T>(place: Place, items: readonly T[], request: PageRequest) {
  const limit = request.MaxItems ?? place.world.settings.pageSize;
  const { items: shown, nextToken } = paginate(
    items,
    request.Marker,
    limit,
    () => new ApiError('ValidationError', `Invalid Marker: ${request.Marker}`),
  );
  return { shown, rest: { IsTruncated: nextToken !== undefined, Marker: nextToken } };
}

/** An id as IAM makes them: a prefix for the kind, then capitals and digits. */
export function entityId(place: Place, prefix: 'AROA' | 'AIPA'): string {
  const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const pick = () => symbols[Math.floor(place.world.random.next() * symbols.length)];
  return prefix + Array.from({ length: 17 }, pick).join('');
}

interface WireTag {
  readonly Key: string;
  readonly Value: string;
}

/** `old` with `added` merged in. Keys that differ only in case are the same key to IAM. F-507 */
export function mergeTags(old: readonly IamTag[], added: readonly WireTag[]): IamTag[] {
  const names = added.map((tag) => tag.Key.toLowerCase());
  if (new Set(names).size < names.length) {
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  const kept = old.filter((tag) => !names.includes(tag.key.toLowerCase()));
  const merged = [...kept, ...added.map((tag) => ({ key: tag.Key, value: tag.Value }))];
  if (merged.length > 50) throw limitExceeded('The number of tags has reached the maximum limit.');
  return merged;
}

export const removeTags = (old: readonly IamTag[], keys: readonly string[]): IamTag[] => {
  const removed = keys.map((key) => key.toLowerCase());
  return old.filter((tag) => !removed.includes(tag.key.toLowerCase()));
};

export const wireTags = (tags: readonly IamTag[]) => tags.map(({ key, value }) => ({ Key: key, Value: value }));
