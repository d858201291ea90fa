/**
 * Model time, and machines that live in it: each has clocks of its own, which run a little fast or slow; it can be
 * stopped for a while, sleep, be cut off, have its wall clock set, and die.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock, SleepOptions } from '../../../src/shared/clock.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  run(): void;
}

/** True time, ms. What is due happens in order; between two events everything that follows from the first is done. */
export class Timeline {
  #now = 0;
  #order = 0;
  readonly #due: Due[] = [];

  get now(): number {
    return this.#now;
  }

  at(time: number, run: () => void): void {
    const due = { at: Math.max(time, this.#now), order: this.#order++, run };
    let index = this.#due.length;
    while (index > 0 && isLater(due, this.#due[index - 1])) index--;
    this.#due.splice(index, 0, due);
  }

  /** Lets everything happen that is due until `end`. */
  async runUntil(end: number, done: () => boolean = () => false): Promise<void> {
    await setImmediate();
    while (!done()) {
      const next = this.#due.at(-1);
      if (next === undefined || next.at > end) break;
      this.#due.pop();
      this.#now = next.at;
      next.run();
      await setImmediate();
    }
    if (!done()) this.#now = Math.max(this.#now, end);
  }
}

// Sorted with the next one last.
const isLater = (one: Due, other: Due | undefined) =>
  other !== undefined && (other.at < one.at || (other.at === one.at && other.order < one.order));

export interface MachineOptions {
  readonly timeline: Timeline;
  /** How fast its clocks run, e.g. 1.005. */
  readonly rate: number;
}

export class Machine implements Clock {
  readonly speed = 1;
  /** False: nothing that it sends arrives, nor what is sent to it. */
  reachable = true;
  readonly #timeline: Timeline;
  readonly #rate: number;
  #wallOffset = 0;
  /** ms of true time in which the monotonic clock stood still. */
  #stoodStill = 0;
  #stopped: { readonly since: number; readonly sleeping: boolean } | undefined;
  #dead = false;
  #deferred: (() => void)[] = [];

  constructor({ timeline, rate }: MachineOptions) {
    this.#timeline = timeline;
    this.#rate = rate;
  }

  get dead(): boolean {
    return this.#dead;
  }

  now(): number {
    return this.#timeline.now * this.#rate + this.#wallOffset;
  }

  elapsed(): number {
    const until = this.#stopped?.sleeping ? this.#stopped.since : this.#timeline.now;
    return (until - this.#stoodStill) * this.#rate;
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const due = this.elapsed() + Math.max(0, ms);
      const fire = () => {
        // A timer that was set before the machine slept still has the rest of its time before it.
        const rest = due - this.elapsed();
        if (rest > 0.001) {
          this.#after(rest / this.#rate, fire);
          return;
        }
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => reject(signal?.reason);
      this.#after(ms / this.#rate, fire);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  align(): void {}

  track<T>(io: Promise<T>): Promise<T> {
    return io;
  }

  #after(ms: number, run: () => void): void {
    this.#timeline.at(this.#timeline.now + ms, () => this.happens(run));
  }

  /** Something that the process notices: at once, after it was stopped, or never. */
  happens(run: () => void): void {
    if (this.#dead) return;
    if (this.#stopped) this.#deferred.push(run);
    else run();
  }

  /** SIGSTOP; with `sleeping` the machine itself sleeps, and its monotonic clock stands still. */
  stop(sleeping: boolean): void {
    this.#stopped ??= { since: this.#timeline.now, sleeping };
  }

  /** What came meanwhile is noticed one after the other. */
  resume(): void {
    if (!this.#stopped) return;
    if (this.#stopped.sleeping) this.#stoodStill += this.#timeline.now - this.#stopped.since;
    this.#stopped = undefined;
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const run of deferred) this.#after(0, run);
  }

  kill(): void {
    this.#dead = true;
  }

  setWall(offset: number): void {
    this.#wallOffset += offset;
  }
}
