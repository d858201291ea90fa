import { formatDuration } from '../../shared/clock.ts';
import { pool, type SharedCheck } from '../check.ts';
import { together } from '../reading.ts';
import { listenerOf, mend } from '../selectors.ts';

/** What is silent for longer is forgotten by the load balancer, and its next packet answered by a reset (F-682). */
export const idleTimeout: SharedCheck = {
  name: 'idle-timeout',
  question: 'How long may a connection be silent?',
  subject: 'load balancer',
  matters: pool,
  findings(seen, say) {
    const read = together({ listener: listenerOf(seen), attributes: seen.listenerAttributes });
    if ('unread' in read) return [say.unchecked(read.unread)];
    if (!read.value.listener) return [];
    const seconds = Number(read.value.attributes['tcp.idle_timeout.seconds']);
    const wanted = seen.desired.config.loadBalancer.idleTimeoutSeconds;
    const length = formatDuration(seconds * 1_000);
    if (seconds === wanted) return [say.pass(`connections may be silent for ${length}`)];
    return [
      say.warn(`connections may be silent for ${length} only; ${formatDuration(wanted * 1_000)} is configured`, {
        cause: 'a query that takes longer without sending a row is cut, unless the client sends keepalives',
        remedy: mend(seen),
      }),
    ];
  },
};
