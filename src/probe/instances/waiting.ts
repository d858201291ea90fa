/** Waits for AWS, on the clock, and says what for. */
import { formatDuration } from '../../shared/clock.ts';
import type { InstancesOptions } from './options.ts';

export interface Wait<T> {
  /** `2 instances to register with Systems Manager`. */
  readonly what: string;
  /** `a minute`. */
  readonly usually: string;
  readonly everyMs: number;
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  /** Undefined as long as it is not so. */
  look(): Promise<T | undefined>;
  tooLong(): Error;
}

const remindMs = 120_000;

/** Looks until there is an answer. Rejects with the signal's reason, or with `tooLong` when the limit has passed. */
export async function until<T>({ clock, tell }: Pick<InstancesOptions, 'clock' | 'tell'>, wait: Wait<T>): Promise<T> {
  const { signal, everyMs, limitMs } = wait;
  const since = clock.elapsed();
  let toldAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    const found = await wait.look();
    if (found !== undefined) return found;
    const lasted = clock.elapsed() - since;
    if (lasted >= limitMs) throw wait.tooLong();
    if (lasted - toldAt >= remindMs) {
      tell(
        `waiting for ${wait.what} (${lasted < remindMs ? `usually ${wait.usually}` : `since ${formatDuration(lasted)}`})`,
      );
      toldAt = lasted;
    }
    await clock.sleep(everyMs, { signal });
  }
}
