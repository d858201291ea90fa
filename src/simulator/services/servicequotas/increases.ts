/** Asking for a higher quota: PENDING, then granted, or handed to support where it is a lot. F-573 */
import type * as Quotas from '@aws-sdk/client-service-quotas';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { findQuota, type QuotaRequest, quota, quotasState, serviceNames } from './quotas.ts';
import { page, quotaOf } from './shared.ts';

const decisionDue = 'servicequotas/decision-due';

/** What is granted without a person looking at it, in multiples of the default. */
const generosity = 4;

const illegal = (message: string) => new ApiError('IllegalArgumentException', message);

const requestIncrease: Operation<
  Checked<Quotas.RequestServiceQuotaIncreaseRequest>,
  Quotas.RequestServiceQuotaIncreaseResponse
> = (input, call) => {
  const { DesiredValue: desiredValue, QuotaCode: code, ServiceCode: serviceCode } = input;
  const entry = quotaOf(serviceCode, code);
  if (!entry.adjustable) throw illegal(`The quota ${code} can't be increased.`);
  if (desiredValue <= quota(call, entry.serviceCode, code)) {
    throw illegal('You must provide a quota value greater than the current quota value.');
  }
  const { requests } = quotasState(call);
  if (Object.values(requests).some((one) => one.code === code && one.status !== 'APPROVED')) {
    throw new ApiError(
      'ResourceAlreadyExistsException',
      'Only one open service quota increase request is allowed per quota.',
    );
  }
  const request: QuotaRequest = {
    ...{ id: call.world.random.hex(40), serviceCode, code, desiredValue, requester: call.principal.arn },
    ...{ createdAt: call.now, updatedAt: call.now, status: 'PENDING' },
  };
  requests[request.id] = request;
  call.world.schedule(call, call.world.draw('quota-increase.decide'), decisionDue, { id: request.id });
  return { RequestedQuota: wireRequest(request, call) };
};

const decide: EventHandler = (place, payload) => {
  const { raised, requests } = quotasState(place);
  const request = requests[String(payload.id)];
  if (!request) return;
  const usual = findQuota(request.serviceCode, request.code)?.value ?? 0;
  request.updatedAt = place.now;
  request.status = request.desiredValue <= usual * generosity ? 'APPROVED' : 'CASE_OPENED';
  if (request.status === 'APPROVED') raised[request.code] = request.desiredValue;
};

const getChange: Operation<
  Checked<Quotas.GetRequestedServiceQuotaChangeRequest>,
  Quotas.GetRequestedServiceQuotaChangeResponse
> = (input, call) => {
  const request = quotasState(call).requests[input.RequestId];
  if (!request) {
    throw new ApiError(
      'NoSuchResourceException',
      'The request failed because the specified quota increase request does not exist.',
    );
  }
  return { RequestedQuota: wireRequest(request, call) };
};

const listChanges: Operation<
  Checked<Quotas.ListRequestedServiceQuotaChangeHistoryRequest>,
  Quotas.ListRequestedServiceQuotaChangeHistoryResponse
> = (input, call) => {
  const all = Object.values(quotasState(call).requests)
    .filter((request) => input.ServiceCode === undefined || request.serviceCode === input.ServiceCode)
    .filter((request) => input.Status === undefined || request.status === input.Status);
  const { items, nextToken } = page(call, all, input);
  return { RequestedQuotas: items.map((request) => wireRequest(request, call)), NextToken: nextToken };
};

function wireRequest(request: QuotaRequest, place: Place): Quotas.RequestedServiceQuotaChange {
  const entry = findQuota(request.serviceCode, request.code);
  return {
    Id: request.id,
    RequestType: 'AutomaticManagement',
    ServiceCode: request.serviceCode,
    ServiceName: entry && serviceNames[entry.serviceCode],
    QuotaCode: request.code,
    QuotaName: entry?.name,
    QuotaArn: `arn:aws:servicequotas:${place.region}:${place.account}:${request.serviceCode}/${request.code}`,
    DesiredValue: request.desiredValue,
    Status: request.status,
    Created: new Date(request.createdAt),
    LastUpdated: new Date(request.updatedAt),
    Requester: JSON.stringify({ accountId: place.account, callerArn: request.requester }),
    GlobalQuota: false,
    Unit: 'None',
    QuotaRequestedAtLevel: 'ACCOUNT',
  };
}

export const increaseOperations = {
  RequestServiceQuotaIncrease: requestIncrease,
  GetRequestedServiceQuotaChange: getChange,
  ListRequestedServiceQuotaChangeHistory: listChanges,
};

export const increaseEvents = { [decisionDue]: decide };
