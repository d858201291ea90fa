/** Watches a held key for a heartbeat: a record alone does not tell a holder that is at work from one that was killed. */
import type { Clock } from '../shared/clock.ts';
import type { LockItem } from './lock-table.ts';

/** How often the record is looked at. */
const lookMs = 1_500;

export interface WatchOptions {
  /** The record as it was seen first. */
  readonly item: LockItem;
  /** Real time, as leases are. */
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Reads the record, consistently. */
  read(): Promise<LockItem | undefined>;
}

export interface Watched {
  /** Whether it was renewed, released or taken over meanwhile. */
  readonly changed: boolean;
  /** The record as it was seen last. */
  readonly item: LockItem | undefined;
  readonly watchedMs: number;
}

/** Ends with the first change, or when the record has stayed the same for one whole lease of its holder's own length. */
export async function watchHeartbeat({ item: first, clock, signal, read }: WatchOptions): Promise<Watched> {
  const since = clock.elapsed();
  for (;;) {
    await clock.sleep(lookMs, { signal });
    const item = await read();
    const watchedMs = clock.elapsed() - since;
    // A release leaves the version as it was.
    const changed = item?.version !== first.version || item.holder === undefined;
    if (changed || watchedMs >= first.leaseMs) return { changed, item, watchedMs };
  }
}
