/** Quotas on the wire. */
import type * as Quotas from '@aws-sdk/client-service-quotas';
import { ApiError, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';
import { allQuotas, findQuota, type Quota, serviceNames } from './quotas.ts';

const noSuchResource = (message: string) => new ApiError('NoSuchResourceException', message);

export function quotasOf(serviceCode: string): Quota[] {
  if (!Object.hasOwn(serviceNames, serviceCode)) {
    throw noSuchResource(`The request failed because the specified service does not exist.`);
  }
  return allQuotas.filter((one) => one.serviceCode === serviceCode);
}

export function quotaOf(serviceCode: string, code: string): Quota {
  quotasOf(serviceCode);
  const found = findQuota(serviceCode, code);
  if (!found) throw missingQuota();
  return found;
}

export const missingQuota = () =>
  noSuchResource('The request failed because the specified service quota does not exist.');

export const wireQuota = (entry: Quota, value: number, place: Place): Quotas.ServiceQuota => ({
  ServiceCode: entry.serviceCode,
  ServiceName: serviceNames[entry.serviceCode],
  QuotaArn: `arn:aws:servicequotas:${place.region}:${place.account}:${entry.serviceCode}/${entry.code}`,
  QuotaCode: entry.code,
  QuotaName: entry.name,
  Value: value,
  Unit: 'None',
  Adjustable: entry.adjustable,
  GlobalQuota: false,
  QuotaAppliedAtLevel: 'ACCOUNT',
});

interface PageRequest {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
}

export function page<T>(place: Place, items: readonly T[], request: PageRequest) {
  const limit = request.MaxResults ?? place.world.settings.pageSize;
  return paginate(
    items,
    request.NextToken,
    limit,
    () => new ApiError('InvalidPaginationTokenException', 'Invalid token'),
  );
}
