import type { UsageLimit as AwsUsageLimit } from '@aws-sdk/client-redshift-serverless';
import { goneIsFine } from '../../aws/paging.ts';
import type { UsageLimit } from '../../config/config.ts';
import type { Known, Look, Resource, ResourceId } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { atOnce, change, needed, type StepContext } from '../changes.ts';
import { usageLimitsOf } from './lists.ts';
import type { WorkgroupSeen } from './workgroup.ts';

export interface UsageLimitSeen {
  readonly usageLimitId: string;
  readonly amount: number;
  readonly action: string;
}

/**
 * A ceiling on compute, in RPU-hours a period. Limits carry neither names nor tags: one is ours by the id that the
 * ledger recorded, or by being exactly what is wanted on a workgroup of ours (F-670).
 */
export function usageLimit(
  context: StepContext,
  options: {
    warehouse: Warehouse;
    workgroup: Resource<WorkgroupSeen>;
    limit: UsageLimit;
    /** Among the limits of the same period, from 1. */
    nth: number;
  },
): Resource<UsageLimitSeen> {
  const { aws } = context;
  const { warehouse, workgroup, limit, nth } = options;
  const id = usageLimitId(warehouse, limit.period, nth);
  const title = `${limit.period} usage limit of ${warehouse.name}`;
  const amount = `${limit.rpuHours} RPU-hours, then ${limit.action}`;

  return {
    id,
    step: stepOf(warehouse),
    kind: 'usage-limit',
    title,
    needs: [workgroup],
    usualMs: 5_000,
    async observe(look) {
      const found = await find(look);
      return found && viewOf(found);
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}: ${amount}`, () => create(known))];
      if (seen.amount === limit.rpuHours && seen.action === limit.action) return [];
      const { usageLimitId } = seen;
      const input = { usageLimitId, amount: limit.rpuHours, breachAction: limit.action };
      const before = `${seen.amount} RPU-hours, then ${seen.action}`;
      return [change('update', `${before} → ${amount}`, () => aws.serverless.updateUsageLimit(input))];
    },
    removal: ({ usageLimitId }) => deletion(context, title, usageLimitId),
    settled: atOnce,
    remember: ({ usageLimitId }) => ({ id: usageLimitId }),
  };

  async function find(look: Look): Promise<AwsUsageLimit | undefined> {
    const arn = look.seen(workgroup)?.workgroupArn;
    if (arn === undefined) return undefined;
    const all = (await usageLimitsOf(context, look)).filter(({ resourceArn }) => resourceArn === arn);
    const recorded = look.recorded(id)?.id;
    const wanted = ({ usageType, period, amount: seen, breachAction }: AwsUsageLimit) =>
      usageType === 'serverless-compute' &&
      period === limit.period &&
      seen === limit.rpuHours &&
      breachAction === limit.action;
    return all.find(({ usageLimitId }) => usageLimitId === recorded) ?? all.filter(wanted)[0];
  }

  async function create(known: Known): Promise<void> {
    await aws.serverless.createUsageLimit({
      resourceArn: needed(known.seen(workgroup), workgroup.title).workgroupArn,
      usageType: 'serverless-compute',
      amount: limit.rpuHours,
      period: limit.period,
      breachAction: limit.action,
    });
  }
}

/** What the ids of usage limits have after the warehouse's short name. */
export const usageLimitPrefix = 'usage-limit-';

const usageLimitId = ({ short }: Warehouse, period: string, nth: number): ResourceId =>
  `${short}/${usageLimitPrefix}${period}${nth === 1 ? '' : `-${nth}`}`;

/** A limit that the configuration does not have any more; only to be removed, and known by its recorded id alone. */
export function formerUsageLimit(
  context: StepContext,
  options: { id: ResourceId; warehouse: Warehouse; workgroup: Resource<WorkgroupSeen> },
): Resource<UsageLimitSeen> {
  const { id, warehouse, workgroup } = options;
  const title = `former usage limit of ${warehouse.name}`;
  return {
    id,
    step: stepOf(warehouse),
    kind: 'usage-limit',
    title,
    needs: [workgroup],
    async observe(look) {
      const recorded = look.recorded(id)?.id;
      if (recorded === undefined || look.seen(workgroup) === undefined) return undefined;
      const found = (await usageLimitsOf(context, look)).find(({ usageLimitId }) => usageLimitId === recorded);
      return found && viewOf(found);
    },
    changes: () => [],
    removal: ({ usageLimitId }) => deletion(context, title, usageLimitId),
    settled: atOnce,
  };
}

const stepOf = ({ role }: Warehouse) => (role === 'producer' ? 'producer' : 'consumers');

const viewOf = ({ usageLimitId = '', amount = 0, breachAction = 'log' }: AwsUsageLimit): UsageLimitSeen => ({
  usageLimitId,
  amount,
  action: breachAction,
});

const deletion = ({ aws }: StepContext, title: string, usageLimitId: string) => [
  change('delete', `delete ${title}`, () => goneIsFine(aws.serverless.deleteUsageLimit(usageLimitId))),
];
