import { formatDuration } from '../../shared/clock.ts';
import { everyRole, type SharedCheck } from '../check.ts';
import type { Say } from '../finding.ts';
import type { HolderView, Observations } from '../observations.ts';
import { rsds } from '../selectors.ts';

export const environmentLock: SharedCheck = {
  name: 'environment-lock',
  question: 'Is somebody changing the environment, and are they alive?',
  subject: 'environment',
  matters: everyRole,
  findings(seen, say) {
    const { environmentLock: lock } = seen;
    if ('unread' in lock) return [say.unchecked(lock.unread)];
    if (!lock.value) return [say.pass("the environment's lock was never taken")];
    const { holder } = lock.value;
    if (!holder) return [say.pass("the environment's lock is free")];
    return [heldFinding(seen, say, holder, "the environment's lock")];
  },
};

/** A dead holder is no fault: the next run takes its lock over. */
export function heldFinding(seen: Observations, say: Say, holder: HolderView, lock: string) {
  const { who, operation, workgroup, heldMs, heartbeat } = holder;
  const work = workgroup === undefined ? '' : ` for ${workgroup}`;
  const what = `${lock} is held by ${who}: rsds ${operation}${work}, for ${formatDuration(heldMs)}`;
  if (!heartbeat) return say.warn(what, { cause: 'its heartbeat was not watched', remedy: rsds(seen, 'diagnose') });
  const watched = formatDuration(heartbeat.watchedMs);
  if (heartbeat.seen) {
    return say.warn(what, { cause: `its heartbeat was seen within ${watched}: it is at work`, remedy: undefined });
  }
  return say.warn(what, {
    cause: `no heartbeat in a whole lease of ${watched}: the run was killed, or its machine sleeps`,
    remedy: rsds(seen, operation === 'down' ? 'down' : 'up'),
  });
}
