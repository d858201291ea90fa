import { inWords } from '../../steps/changes.ts';
import type { WarehouseCheck } from '../check.ts';
import { clientGaps, describeGap } from '../path.ts';
import { together } from '../reading.ts';
import { mend, workgroupOf } from '../selectors.ts';

/** Producer and workloads are reached at their own address, past the load balancer. */
export const directPath: WarehouseCheck = {
  name: 'direct-path',
  question: 'Do the security groups let writers reach the producer, and clients the workloads?',
  roles: ['producer', 'workload'],
  findings(seen, say, { warehouse }) {
    const { groups, network } = seen;
    const read = together({ workgroup: workgroupOf(seen, warehouse), groups, network });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const { workgroup, network: around } = read.value;
    if (!workgroup || !around) return [];
    const { config } = seen.desired;
    const [whom, own] =
      warehouse.role === 'producer'
        ? (['writers', config.network.writerCidrs] as const)
        : (['clients', config.network.clientCidrs] as const);
    const cidrs = own ?? [around.cidr];
    const { port } = config.loadBalancer;
    const gaps = clientGaps(read.value.groups, { ids: workgroup.groupIds, cidrs, port });
    if (gaps.length === 0) return [say.pass(`${whom} in ${inWords(cidrs)} reach it on ${port}`)];
    return [
      say.fail(`${whom} do not reach it`, {
        cause: `the security group ${inWords(gaps.map(describeGap))}`,
        remedy: mend(seen),
      }),
    ];
  },
};
