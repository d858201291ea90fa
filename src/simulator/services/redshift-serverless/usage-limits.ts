/** Usage limits: how much a workgroup may compute or transfer in a period. They have no tags (F-116). */
import type {
  CreateUsageLimitRequest,
  CreateUsageLimitResponse,
  DeleteUsageLimitRequest,
  DeleteUsageLimitResponse,
  GetUsageLimitRequest,
  GetUsageLimitResponse,
  ListUsageLimitsRequest,
  ListUsageLimitsResponse,
  UpdateUsageLimitRequest,
  UpdateUsageLimitResponse,
  UsageLimit,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { conflict, invalid, notFound, pageOf, quotaExceeded } from './errors.ts';
import { arnOf, serverless, type UsageLimitRecord } from './state.ts';

/** F-181: four per workgroup. */
const limitsPerWorkgroupMax = 4;

function createUsageLimit(input: Checked<CreateUsageLimitRequest>, call: Call): CreateUsageLimitResponse {
  const { resourceArn, usageType, period = 'monthly', breachAction = 'log' } = input;
  const isKnown = Object.values(serverless(call).workgroups).some(({ arn }) => arn === resourceArn);
  if (!isKnown) throw notFound('workgroup', resourceArn);
  const id = call.world.random.uuid();
  const amount = checkedAmount(input.amount);
  const arn = arnOf(call, 'usagelimit', id);
  const limit: UsageLimitRecord = { id, arn, resourceArn, usageType, amount, period, breachAction };
  checkAddable(call, limit);
  serverless(call).usageLimits[id] = limit;
  return { usageLimit: usageLimitView(limit) };
}

/** F-180 (Assumption): no second one of the same type, period and action for the same workgroup. */
function checkAddable(place: Place, limit: UsageLimitRecord): void {
  const others = Object.values(serverless(place).usageLimits).filter((one) => one.resourceArn === limit.resourceArn);
  const isSame = (one: UsageLimitRecord) =>
    one.usageType === limit.usageType && one.period === limit.period && one.breachAction === limit.breachAction;
  if (others.some(isSame)) throw conflict('A usage limit with the same type, period and breach action already exists.');
  if (others.length < limitsPerWorkgroupMax) return;
  throw quotaExceeded(`A workgroup can have at most ${limitsPerWorkgroupMax} usage limits.`);
}

function getUsageLimit(input: Checked<GetUsageLimitRequest>, call: Call): GetUsageLimitResponse {
  return { usageLimit: usageLimitView(requireLimit(call, input.usageLimitId)) };
}

function listUsageLimits(input: Checked<ListUsageLimitsRequest>, call: Call): ListUsageLimitsResponse {
  const { resourceArn, usageType } = input;
  const matching = Object.values(serverless(call).usageLimits).filter(
    (limit) =>
      (resourceArn ?? limit.resourceArn) === limit.resourceArn && (usageType ?? limit.usageType) === limit.usageType,
  );
  const { items, nextToken } = pageOf(call, matching, input, 'InvalidPaginationException');
  return { usageLimits: items.map(usageLimitView), nextToken };
}

/** Type and period stay what they are (F-182). */
function updateUsageLimit(input: Checked<UpdateUsageLimitRequest>, call: Call): UpdateUsageLimitResponse {
  const limit = requireLimit(call, input.usageLimitId);
  limit.amount = checkedAmount(input.amount ?? limit.amount);
  limit.breachAction = input.breachAction ?? limit.breachAction;
  return { usageLimit: usageLimitView(limit) };
}

function deleteUsageLimit(input: Checked<DeleteUsageLimitRequest>, call: Call): DeleteUsageLimitResponse {
  const limit = requireLimit(call, input.usageLimitId);
  delete serverless(call).usageLimits[limit.id];
  return { usageLimit: usageLimitView(limit) };
}

function requireLimit(place: Place, id: string): UsageLimitRecord {
  const limit = serverless(place).usageLimits[id];
  if (!limit) throw notFound('usage limit', id);
  return limit;
}

function checkedAmount(amount: number): number {
  if (amount > 0) return amount;
  throw invalid('The amount of a usage limit must be positive.');
}

const usageLimitView = ({ id, arn, ...limit }: UsageLimitRecord): UsageLimit => ({
  usageLimitId: id,
  usageLimitArn: arn,
  ...limit,
});

export const operations = {
  CreateUsageLimit: createUsageLimit,
  GetUsageLimit: getUsageLimit,
  ListUsageLimits: listUsageLimits,
  UpdateUsageLimit: updateUsageLimit,
  DeleteUsageLimit: deleteUsageLimit,
};
