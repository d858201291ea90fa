/** What fails in passing is tried again: the answer may have been lost, and the call done. */
import type { Clock } from '../shared/clock.ts';
import { ServiceError } from '../shared/errors.ts';
import type { LockTable } from './lock-table.ts';

/** A moment on both clocks, ms: on Linux the monotonic one stands still while the machine sleeps. */
export interface Instant {
  readonly elapsed: number;
  readonly wall: number;
}

export const instantOf = (clock: Clock): Instant => ({ elapsed: clock.elapsed(), wall: clock.now() });

// Not `unreachable`: nothing was sent, and the connection has tried reads several times by then.
const passing: ReadonlySet<string> = new Set(['transient', 'throttled', 'unknown']);

export const isPassing = (error: unknown): boolean => error instanceof ServiceError && passing.has(error.kind);

/** Attempts at giving a key back, and ms before the second; twice as long before each further one. */
const attemptsMax = 4;
const pauseMs = 500;

/**
 * Frees the key if `id` holds it. An answer that was lost leaves open whether it is free: the write is repeated, and
 * finds nothing to do if it was. Throws a ServiceError when that does not help; the lease then runs out by itself.
 */
export async function giveBack(
  { table, clock }: { readonly table: LockTable; readonly clock: Clock },
  key: string,
  id: string,
): Promise<void> {
  await inPassing(clock, () => table.release(key, id));
}

/** Repeats a write that fails in passing; its effect must be the same the second time. */
export async function inPassing<T>(clock: Clock, write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error) || attempt === attemptsMax) throw error;
      await clock.sleep(pauseMs * 2 ** (attempt - 1));
    }
  }
}
