import { pool, type SharedCheck } from '../check.ts';
import { together } from '../reading.ts';
import { mend } from '../selectors.ts';

/** Each consumer has one address in one zone: without it each zone's clients get only that zone's consumers (F-678). */
export const crossZone: SharedCheck = {
  name: 'cross-zone',
  question: 'Does every zone of the load balancer use the consumers of all zones?',
  subject: 'load balancer',
  matters: pool,
  findings(seen, say) {
    const read = together({ balancer: seen.balancer, attributes: seen.balancerAttributes });
    if ('unread' in read) return [say.unchecked(read.unread)];
    if (!read.value.balancer) return [];
    const on = read.value.attributes['load_balancing.cross_zone.enabled'] === 'true';
    if (on) return [say.pass('cross-zone balancing is on')];
    if (!seen.desired.config.loadBalancer.crossZone) return [say.pass('cross-zone balancing is off, as configured')];
    return [
      say.warn('cross-zone balancing is off', {
        cause: 'clients of a zone get only the consumers of that zone, so the load is uneven',
        remedy: mend(seen),
      }),
    ];
  },
};
