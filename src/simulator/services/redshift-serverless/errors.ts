/** The errors of Redshift Serverless in its own words, and its lists. */

import { ApiError, type Page, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';

export const invalid = (message: string): ApiError => new ApiError('ValidationException', message);

export const conflict = (message: string): ApiError => new ApiError('ConflictException', message);

export const quotaExceeded = (message: string): ApiError => new ApiError('ServiceQuotaExceededException', message);

/** "Serverless workgroup x not found." (F-113) */
export const notFound = (kind: string, name: string): ApiError =>
  new ApiError('ResourceNotFoundException', `Serverless ${kind} ${name} not found.`, {
    members: { resourceName: name },
  });

/** The answer while something is still going on with the target; clients look for "operation running" (F-114). */
export const operationRunning = (kind: string, doing: string): ApiError =>
  conflict(`There is an operation running on the ${kind}. Try ${doing} the ${kind} again later.`);

interface Paging {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

/** One page of a list; only ListUsageLimits models an error of its own for a bad token (F-115). */
export function pageOf<T>(place: Place, items: readonly T[], paging: Paging, code = 'ValidationException'): Page<T> {
  const invalidToken = () => new ApiError(code, 'The pagination token is not valid.');
  return paginate(items, paging.nextToken, paging.maxResults ?? place.world.settings.pageSize, invalidToken);
}
