import { pool, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { ListenerView, Observations, TargetGroupView } from '../observations.ts';
import { together } from '../reading.ts';
import { absence, listenerOf, mend } from '../selectors.ts';

export const listener: SharedCheck = {
  name: 'listener',
  question: 'Does the load balancer listen on the port, and forward to the target group?',
  subject: 'load balancer',
  matters: pool,
  findings(seen, say) {
    const { balancer, targetGroup } = seen;
    const read = together({ balancer, targetGroup, listener: listenerOf(seen) });
    if ('unread' in read) return [say.unchecked(read.unread)];
    if (!read.value.balancer) return [];
    const { port } = seen.desired.config.loadBalancer;
    if (!read.value.listener) return [absence(seen, say, { what: `a listener on ${port}`, id: 'nlb/listener' })];
    return [routeOf(seen, say, read.value.listener, read.value.targetGroup)];
  },
};

function routeOf(seen: Observations, say: Say, found: ListenerView, group: TargetGroupView | undefined): Finding {
  const { port, protocol, targetGroupArns } = found;
  const remedy = mend(seen);
  if (protocol !== 'TCP') {
    const cause = 'Redshift negotiates TLS inside the connection: only plain TCP gets through';
    return say.fail(`the listener on ${port} speaks ${protocol}`, { cause, remedy });
  }
  if (group && !targetGroupArns.includes(group.arn)) {
    const cause = `it was turned to ${targetGroupArns.join(', ') || 'nothing'}`;
    return say.fail(`the listener on ${port} does not forward to ${seen.desired.names.targetGroup}`, { cause, remedy });
  }
  return say.pass(`TCP ${port} is forwarded to ${seen.desired.names.targetGroup}`);
}
