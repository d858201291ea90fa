import { inWords } from '../../steps/changes.ts';
import { pool, type SharedCheck } from '../check.ts';
import { clientGaps, describeGap } from '../path.ts';
import { together } from '../reading.ts';
import { mend } from '../selectors.ts';

export const clientPath: SharedCheck = {
  name: 'client-path',
  question: 'Do the security groups let clients reach the load balancer?',
  subject: 'load balancer',
  matters: pool,
  findings(seen, say) {
    const { balancer, groups, network } = seen;
    const read = together({ balancer, groups, network });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const { value } = read;
    if (!value.balancer || !value.network || value.balancer.groupIds.length === 0) return [];
    const { config } = seen.desired;
    const cidrs = config.network.clientCidrs ?? [value.network.cidr];
    const { port } = config.loadBalancer;
    const gaps = clientGaps(value.groups, { ids: value.balancer.groupIds, cidrs, port });
    if (gaps.length === 0) return [say.pass(`clients in ${inWords(cidrs)} reach it on ${port}`)];
    return [
      say.fail('clients do not reach the load balancer', {
        cause: `the security group ${inWords(gaps.map(describeGap))}`,
        remedy: mend(seen),
      }),
    ];
  },
};
