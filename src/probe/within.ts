import type { Clock } from '../shared/clock.ts';

export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
  /** Cuts the wait off, with its reason. */
  readonly signal: AbortSignal;
  /** What it means that the time has passed. */
  late(): Error;
}

/** Waits for `work`, but not for ever: what it does afterwards is nobody's business any more. */
export async function within<T>(work: Promise<T>, { clock, ms, signal, late }: Limit): Promise<T> {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  const timeout = clock.sleep(ms, { signal: either }).then(() => {
    throw late();
  });
  timeout.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    settled.abort();
  }
}
