/**
 * Reads the two locks and, where one is held, watches for a heartbeat: a record alone does not tell a run that is at work
 * from one that was killed. Takes and changes nothing.
 */
import type { HolderView, LockView } from '../../diagnose/observations.ts';
import type { Holder } from '../../engine/events.ts';
import { watchHeartbeat } from '../../lock/heartbeat.ts';
import { laneKey } from '../../lock/lane.ts';
import type { LockItem, LockTable } from '../../lock/lock-table.ts';
import { formatDuration } from '../../shared/clock.ts';
import { ServiceError } from '../../shared/errors.ts';
import { environmentKey, openLocks } from '../environment/locks.ts';
import type { Account } from '../environment/session.ts';

export interface LockReaders {
  environmentLock(): Promise<LockView | undefined>;
  lane(): Promise<LockView | undefined>;
}

export function lockReaders(here: Account, { watch }: { watch: boolean }): LockReaders {
  const { config, account, context } = here;
  const { table, clock } = openLocks(here);
  const told = new Set<string>();
  const tell = (holder: Holder, leaseMs: number) => {
    if (!told.has(who(holder))) {
      context.notices.line(`watching the heartbeat of ${who(holder)}, up to ${formatDuration(leaseMs)}`);
    }
    told.add(who(holder));
  };
  const reader = (key: string) => async () => {
    const item = await itemOf(table, key);
    if (!item) return undefined;
    const { holder, data } = item;
    if (!holder) return { holder: undefined, data };
    if (!watch) return { holder: holderView(holder, context.clock.now(), undefined), data };
    tell(holder, item.leaseMs);
    const read = () => itemOf(table, key);
    const { changed: seen, watchedMs } = await watchHeartbeat({ item, clock, signal: context.signal, read });
    return { holder: holderView(holder, context.clock.now(), { seen, watchedMs }), data };
  };
  return {
    environmentLock: reader(environmentKey(config.project, config.environment)),
    lane: reader(laneKey(account, config.region)),
  };
}

/** Without a table nobody holds anything. */
async function itemOf(table: LockTable, key: string): Promise<LockItem | undefined> {
  try {
    return await table.read(key);
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'absent') return undefined;
    throw error;
  }
}

const who = ({ user, host, pid }: Holder) => `${user}@${host} (pid ${pid})`;

const holderView = (holder: Holder, now: number, heartbeat: HolderView['heartbeat']): HolderView => ({
  who: who(holder),
  operation: holder.operation,
  workgroup: holder.workgroup,
  heldMs: now - holder.since,
  heartbeat,
});
