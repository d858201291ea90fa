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
  work.catch(() => undefined);
  signal.throwIfAborted();
  const settled = new AbortController();
  const timeout = clock.sleep(ms, { signal: settled.signal }).then(() => {
    throw late();
  });
  timeout.catch(() => undefined);
  const cut = new Promise<never>((_resolve, reject) => {
    // Taken off again: a signal of a long load would gather millions.
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, timeout, cut]);
  } finally {
    settled.abort();
  }
}
