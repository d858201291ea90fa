/** The simulated Elastic Load Balancing, version 2: network load balancers. */
import type { Service } from '../../service.ts';
import { limitOperations } from './limits.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerChangeOperations } from './load-balancer-changes.ts';
import { loadBalancerEvents, loadBalancerOperations } from './load-balancers.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './targets.ts';

export const service: Service = {
  name: 'elasticloadbalancing',
  operations: {
    ...loadBalancerOperations,
    ...loadBalancerChangeOperations,
    ...targetGroupOperations,
    ...targetOperations,
    ...listenerOperations,
    ...tagOperations,
    ...limitOperations,
  },
  events: loadBalancerEvents,
};
