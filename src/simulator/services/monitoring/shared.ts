/** What CloudWatch's operations have in common: errors, dimensions, paging. */
import { ApiError, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';

export const invalidValue = (message: string) => new ApiError('InvalidParameterValueException', message);
export const invalidCombination = (message: string) => new ApiError('InvalidParameterCombinationException', message);
export const missingParameter = (message: string) => new ApiError('MissingRequiredParameterException', message);

interface WireDimension {
  readonly Name: string;
  readonly Value: string;
}

export const dimensionsOf = (list: readonly WireDimension[] | undefined): Record<string, string> =>
  Object.fromEntries((list ?? []).map(({ Name, Value }) => [Name, Value]));

export const wireDimensions = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

export function page<T>(place: Place, items: readonly T[], token: string | undefined, limit?: number) {
  return paginate(
    items,
    token,
    limit ?? place.world.settings.pageSize,
    () => new ApiError('InvalidNextToken', 'The next token specified is invalid.'),
  );
}

const minuteS = 60;

/** CloudWatch's periods: whole minutes; the simulator keeps no finer ones. F-580 */
export function periodMs(seconds: number | undefined): number {
  const period = seconds ?? minuteS;
  if (period % minuteS !== 0) {
    throw invalidValue('The value for parameter Period must be a multiple of 60.');
  }
  return period * 1000;
}
