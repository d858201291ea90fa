/**
 * The one clock. Everything that asks for the time or waits gets a `Clock` passed in; only this file touches
 * `Date`, `performance` and timers.
 *
 * All figures are whole milliseconds of *AWS time*: on a real account that is real time; against an endpoint whose time runs
 * N times faster (`RSDS_CLOCK_SPEED=N`) sleeps are divided by N and elapsed times multiplied, so that "30 minutes" and
 * recorded durations keep their meaning.
 */
export interface Clock {
  /** How many times faster than real time this clock runs; 1 on a real account. */
  readonly speed: number;
  /** Milliseconds since the epoch, for showing and recording; may jump. Never used to judge a lease. */
  now(): number;
  /** Milliseconds since an arbitrary start; never jumps backwards. For durations and deadlines. */
  elapsed(): number;
  /**
   * Resolves after `ms`, or rejects with `signal.reason` when the signal fires first.
   * A `background` sleeper (heartbeats) wakes when time passes it but never makes virtual time move.
   */
  sleep(ms: number, how?: SleepOptions): Promise<void>;
  /**
   * Tells what time it is at AWS, ms since the epoch. Only counts where time runs faster than ours: there each process
   * would otherwise begin at our own time, and find what others recorded in its future.
   */
  align(now: number): void;
  /** Counts `io` as in flight until it settles: virtual time stands still meanwhile. Returns the same promise. */
  track<T>(io: Promise<T>): Promise<T>;
}

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  readonly background?: boolean;
}

/** Real time, optionally running `speed` times faster. */
export class RealClock implements Clock {
  readonly speed: number;
  #startedAt = Date.now();
  readonly #epoch = performance.now();

  constructor(speed = 1) {
    this.speed = speed;
  }

  now(): number {
    return this.speed === 1 ? Date.now() : this.#startedAt + this.elapsed();
  }

  elapsed(): number {
    return Math.floor((performance.now() - this.#epoch) * this.speed);
  }

  sleep(ms: number, how: SleepOptions = {}): Promise<void> {
    const { signal, background } = how;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.max(0, ms / this.speed),
      );
      if (background) timer.unref();
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  align(now: number): void {
    this.#startedAt = now - this.elapsed();
  }

  track<T>(io: Promise<T>): Promise<T> {
    return io;
  }
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly background: boolean;
  wake(): void;
}

/**
 * Virtual time for one process: it jumps to the next sleeper when no tracked I/O is in flight, one sleeper at a time,
 * so that the order of events is repeatable.
 *
 * V1. Every awaited I/O must be tracked, or time runs away under it.
 * V2. Background sleepers never move time: a heartbeat alone would spin the clock.
 */
export class VirtualClock implements Clock {
  readonly speed = 1;
  readonly #origin: number;
  #time = 0;
  #order = 0;
  #inFlight = 0;
  #scheduled = false;
  #sleepers: Sleeper[] = [];

  constructor(origin = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#origin = origin;
  }

  now(): number {
    return this.#origin + this.#time;
  }

  elapsed(): number {
    return this.#time;
  }

  sleep(ms: number, how: SleepOptions = {}): Promise<void> {
    const { signal, background = false } = how;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.#time + Math.max(0, ms),
        order: this.#order++,
        background,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
      this.#pump();
    });
  }

  /** Tool and simulator share this clock: they agree already. */
  align(): void {}

  async track<T>(io: Promise<T>): Promise<T> {
    this.#inFlight++;
    try {
      return await io;
    } finally {
      this.#inFlight--;
      this.#pump();
    }
  }

  /** Moves time by hand and wakes what is due; for tests of code that only sleeps in the background. */
  advance(ms: number): void {
    this.#time += ms;
    for (const due of this.#sleepers.filter((sleeper) => sleeper.at <= this.#time).sort(bySleepOrder)) this.#wake(due);
  }

  // Two turns of the event loop let every continuation of the last wake-up run, and start its own I/O, before time moves.
  #pump(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#scheduled = false;
        this.#step();
      }),
    );
  }

  #step(): void {
    if (this.#inFlight > 0) return;
    const next = this.#sleepers.filter((sleeper) => !sleeper.background).sort(bySleepOrder)[0];
    if (next === undefined) return;
    const passed = this.#sleepers
      .filter((sleeper) => sleeper.background && sleeper.at <= next.at)
      .sort(bySleepOrder)[0];
    const first = passed ?? next;
    this.#time = Math.max(this.#time, first.at);
    this.#wake(first);
    this.#pump();
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    sleeper.wake();
  }
}

const bySleepOrder = (a: Sleeper, b: Sleeper) => a.at - b.at || a.order - b.order;

/** "4m 05s", "32s", "1h 02m": the one way durations are shown. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, '0')}m`;
}
