import { everyRole, type WarehouseCheck } from '../check.ts';
import type { UsageLimitView } from '../observations.ts';
import { together } from '../reading.ts';
import { awsCli, workgroupOf } from '../selectors.ts';

/** A pool member that a limit turned off stays healthy for the load balancer, whose checks end at the endpoint (F-906). */
export const usageLimit: WarehouseCheck = {
  name: 'usage-limit',
  question: 'May a usage limit turn the warehouse off?',
  roles: everyRole,
  findings(seen, say, { warehouse }) {
    const read = together({ workgroup: workgroupOf(seen, warehouse), limits: seen.usageLimits });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const { workgroup, limits } = read.value;
    if (!workgroup) return [];
    const own = limits.filter(({ workgroupArn }) => workgroupArn === workgroup.arn);
    const deadly = own.filter(({ action }) => action === 'deactivate');
    if (deadly.length === 0) return own.map((limit) => say.pass(describe(limit)));
    const cause =
      warehouse.role === 'consumer'
        ? 'once it is used up queries fail, and the load balancer goes on sending connections here'
        : 'once it is used up queries fail until the period ends';
    return deadly.map((limit) => {
      const change = `redshift-serverless update-usage-limit --usage-limit-id ${limit.id} --breach-action emit-metric`;
      return say.warn(describe(limit), { cause, remedy: awsCli(seen, change) });
    });
  },
};

const describe = ({ amount, period, action }: UsageLimitView) =>
  `${period} limit of ${amount} RPU-hours, then ${action}`;
