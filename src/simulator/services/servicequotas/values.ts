/** Applied values and defaults. */
import type * as Quotas from '@aws-sdk/client-service-quotas';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import type { Place } from '../../world.ts';
import { type Quota, quota, serviceNames } from './quotas.ts';
import { missingQuota, page, quotaOf, quotasOf, wireQuota } from './shared.ts';

const applied = (entry: Quota, place: Place) => wireQuota(entry, quota(place, entry.serviceCode, entry.code), place);

const byDefault = (entry: Quota, place: Place) => wireQuota(entry, entry.value, place);

const listServiceQuotas: Operation<Checked<Quotas.ListServiceQuotasRequest>, Quotas.ListServiceQuotasResponse> = (
  input,
  call,
) => {
  const all = quotasOf(input.ServiceCode)
    .filter((entry) => !entry.defaultOnly)
    .filter((entry) => input.QuotaCode === undefined || entry.code === input.QuotaCode);
  const { items, nextToken } = page(call, all, input);
  return { Quotas: items.map((entry) => applied(entry, call)), NextToken: nextToken };
};

const listDefaults: Operation<
  Checked<Quotas.ListAWSDefaultServiceQuotasRequest>,
  Quotas.ListAWSDefaultServiceQuotasResponse
> = (input, call) => {
  const { items, nextToken } = page(call, quotasOf(input.ServiceCode), input);
  return { Quotas: items.map((entry) => byDefault(entry, call)), NextToken: nextToken };
};

const getServiceQuota: Operation<Checked<Quotas.GetServiceQuotaRequest>, Quotas.GetServiceQuotaResponse> = (
  input,
  call,
) => {
  const entry = quotaOf(input.ServiceCode, input.QuotaCode);
  if (entry.defaultOnly) throw missingQuota();
  return { Quota: applied(entry, call) };
};

const getDefault: Operation<
  Checked<Quotas.GetAWSDefaultServiceQuotaRequest>,
  Quotas.GetAWSDefaultServiceQuotaResponse
> = (input, call) => ({ Quota: byDefault(quotaOf(input.ServiceCode, input.QuotaCode), call) });

const listServices: Operation<Checked<Quotas.ListServicesRequest>, Quotas.ListServicesResponse> = (input, call) => {
  const all = Object.entries(serviceNames).map(([code, name]) => ({ ServiceCode: code, ServiceName: name }));
  const { items, nextToken } = page(call, all, input);
  return { Services: items, NextToken: nextToken };
};

export const valueOperations = {
  ListServiceQuotas: listServiceQuotas,
  ListAWSDefaultServiceQuotas: listDefaults,
  GetServiceQuota: getServiceQuota,
  GetAWSDefaultServiceQuota: getDefault,
  ListServices: listServices,
};
