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
 * ledger recorded, or by being exactly what is wanted on a workgroup of ours (F-630).
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
    step: warehouse.role === 'producer' ? 'producer' : 'consumers',
    kind: 'usage-limit',
    title,
    needs: [workgroup],
    usualMs: 5_000,
    async observe(look) {
      const found = await find(look);
      if (!found) return undefined;
      return { usageLimitId: found.usageLimitId ?? '', amount: found.amount ?? 0, action: found.breachAction ?? 'log' };
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}: ${amount}`, () => create(known))];
      if (seen.amount === limit.rpuHours && seen.action === limit.action) return [];
      const { usageLimitId } = seen;
      const input = { usageLimitId, amount: limit.rpuHours, breachAction: limit.action };
      const before = `${seen.amount} RPU-hours, then ${seen.action}`;
      return [change('update', `${before} → ${amount}`, () => aws.serverless.updateUsageLimit(input))];
    },
    removal: ({ usageLimitId }) => [
      change('delete', `delete ${title}`, () => goneIsFine(aws.serverless.deleteUsageLimit(usageLimitId))),
    ],
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

export const usageLimitId = ({ short }: Warehouse, period: string, nth: number): ResourceId =>
  `${short}/usage-limit-${period}${nth === 1 ? '' : `-${nth}`}`;
