import type { Warehouse } from '../../model/desired.ts';
import { inWords } from '../../steps/changes.ts';
import { pool, type WarehouseCheck } from '../check.ts';
import type { Observations } from '../observations.ts';
import { describeGap, endpointGaps, type Gap } from '../path.ts';
import { mapped, type Reading, together } from '../reading.ts';
import { endpointOf, mend } from '../selectors.ts';

export const endpointPath: WarehouseCheck = {
  name: 'endpoint-path',
  question: 'Do the security groups let the load balancer, and its health checks, reach the endpoint?',
  roles: pool,
  findings(seen, say, { warehouse }) {
    const gaps = pathGaps(seen, warehouse);
    if ('unread' in gaps) return [say.unchecked(gaps.unread)];
    if (!gaps.value) return [];
    if (gaps.value.length === 0) return [say.pass('security groups let the load balancer reach the endpoint')];
    return [
      say.fail('the load balancer and its health checks do not reach the endpoint', {
        cause: `the security group ${inWords(gaps.value.map(describeGap))}`,
        remedy: mend(seen),
      }),
    ];
  },
};

/** What security groups keep the load balancer from this consumer; undefined while one end of the way is missing. */
export function pathGaps(seen: Observations, warehouse: Warehouse): Reading<readonly Gap[] | undefined> {
  const { balancer, groups, network } = seen;
  const read = together({ balancer, groups, network, endpoint: endpointOf(seen, warehouse) });
  const { port } = seen.desired.config.loadBalancer;
  return mapped(read, (value) => {
    if (!value.balancer || !value.endpoint || !value.network) return undefined;
    const { balancer: from, endpoint, network: around } = value;
    return endpointGaps({ groups: value.groups, network: around, balancer: from, endpoint, port });
  });
}
