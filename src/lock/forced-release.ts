/**
 * Frees a lock for somebody who does not hold it: its holder was killed, and nobody wants to wait for the next run to
 * take it over. One conditional write, on the holder's id and on the version that was watched, so that a heartbeat
 * in between wins; `force` leaves the watching and the version out.
 */
import type { Holder } from '../engine/events.ts';
import type { Clock } from '../shared/clock.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import { watchHeartbeat } from './heartbeat.ts';
import type { LockItem, LockTable } from './lock-table.ts';
import { isPassing } from './passing.ts';

const attemptsMax = 4;
const pauseMs = 1_000;

export interface ForcedReleaseOptions {
  readonly table: LockTable;
  /** Real time, as leases are. */
  readonly clock: Clock;
  readonly key: string;
  /** The holder's id, as `rsds lock show` prints it. */
  readonly id: string;
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** A holder in words. */
  describe(holder: Holder): string;
  /** Asks for consent; resolves when it is given. */
  confirm(holder: Holder): Promise<void>;
  /** Called when the watching begins. */
  onWatch(holder: Holder, leaseMs: number): void;
}

/**
 * Answers who held it; undefined: nobody did. Throws `lock/other-holder` when it is not that holder's, `lock/alive` when
 * its heartbeat was seen.
 */
export async function forceRelease(options: ForcedReleaseOptions): Promise<Holder | undefined> {
  const item = await readItem(options);
  if (item?.holder === undefined) return undefined;
  mustBeHeldBy(item.holder, options);
  await options.confirm(item.holder);
  return options.force ? free(options, item.holder, undefined) : freeTheDead(options, item, item.holder);
}

async function freeTheDead(options: ForcedReleaseOptions, item: LockItem, holder: Holder): Promise<Holder | undefined> {
  const { clock, signal, onWatch } = options;
  onWatch(holder, item.leaseMs);
  const watched = await watchHeartbeat({ item, clock, signal, read: () => readItem(options) });
  if (watched.changed) return refused(watched.item, options);
  return free(options, holder, item.version);
}

/** The one write, repeated when its answer is lost: it was done if nobody holds the key now. */
async function free(
  options: ForcedReleaseOptions,
  holder: Holder,
  version: string | undefined,
): Promise<Holder | undefined> {
  const { table, clock, key, id, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      const { done, item } = await table.release(key, id, version);
      return done || (attempt > 1 && item?.holder === undefined) ? holder : refused(item, options);
    } catch (error) {
      if (!isPassing(error) || attempt === attemptsMax) throw error;
      await clock.sleep(pauseMs * attempt, { signal });
    }
  }
}

/** What changed is free by now, another holder's, or renewed. */
function refused(item: LockItem | undefined, options: ForcedReleaseOptions): undefined {
  if (item?.holder === undefined) return;
  mustBeHeldBy(item.holder, options);
  throw new RsdsError('lock/alive', `the holder of ${options.key} is alive: ${options.describe(item.holder)}`, {
    hint: 'wait for it or stop it; when its process is surely dead: the same command with --force',
  });
}

function mustBeHeldBy(holder: Holder, { key, id, describe }: ForcedReleaseOptions): void {
  if (holder.id === id) return;
  throw new RsdsError(
    'lock/other-holder',
    `${key} is not held by ${id}: ${describe(holder)}, id ${holder.id}, holds it`,
    {
      hint: 'rsds lock show shows the id to pass',
    },
  );
}

/** Without a table nobody holds anything. */
async function readItem({ table, key }: ForcedReleaseOptions): Promise<LockItem | undefined> {
  try {
    return await table.read(key);
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'absent') return undefined;
    throw error;
  }
}
