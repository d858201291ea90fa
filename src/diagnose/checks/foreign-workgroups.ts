import { isInTheWay, isOwnWarehouse } from '../../model/foreign.ts';
import { formatDuration } from '../../shared/clock.ts';
import { everyRole, type SharedCheck } from '../check.ts';
import type { Observations, WorkgroupView } from '../observations.ts';

export const foreignWorkgroups: SharedCheck = {
  name: 'foreign-workgroups',
  question: 'Are workgroups of others being made in the account, for which a run would wait?',
  subject: 'environment',
  matters: everyRole,
  findings(seen, say) {
    if ('unread' in seen.workgroups) return [say.unchecked(seen.workgroups.unread)];
    const busy = seen.workgroups.value.filter((one) => isForeign(seen, one) && isInTheWay(one, seen.awsNow));
    if (busy.length === 0) return [say.pass('no workgroup of others is in the making')];
    const names = busy.map((one) => `${one.name} (${one.status}, made ${age(seen, one)} ago)`).join(', ');
    return [
      say.warn(`workgroups of others are in the making: ${names}`, { cause: consequence(seen), remedy: undefined }),
    ];
  },
};

const isForeign = ({ desired, ledger }: Observations, { name }: WorkgroupView) =>
  !isOwnWarehouse(name, desired, Object.keys(ledger.resources));

const age = ({ awsNow }: Observations, { createdAt }: WorkgroupView) => formatDuration(awsNow - createdAt);

function consequence({ desired }: Observations): string {
  const together = 'AWS has been seen to leave workgroups in MODIFYING when several are made at once';
  if (desired.config.lock.foreign === 'wait') return `${together}: rsds up waits up to ten minutes for them`;
  return `${together}; lock.foreign is ${desired.config.lock.foreign}, so rsds up does not wait`;
}
