/**
 * The one place that polls. All waits share passes: whoever is due within a moment is looked at in the same pass, so
 * that waiting for twenty-four workgroups costs one list.
 */

import type { Clock } from '../shared/clock.ts';
import { ServiceError } from '../shared/errors.ts';
import type { Pass } from './pass.ts';
import type { Resource } from './resource.ts';

/** Waits that are due within this time of each other share a pass. */
const togetherMs = 2_500;

export interface Wait {
  readonly resource: Resource;
  /** ms until the next look; asked after each look that did not end the wait. */
  nextDelayMs(): number;
  /** Gets each observation; true ends the wait. Throwing ends it with the error. */
  done(seen: unknown): boolean | Promise<boolean>;
}

/** A read that fails while waiting is no reason to give up what AWS is at, unless it goes on failing. */
const failedLooksMax = 20;
const afterFailedLookMs = 10_000;

interface Waiter {
  readonly wait: Wait;
  failedLooks: number;
  dueAt: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class Watch {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #newPass: () => Pass;
  readonly #waiters = new Set<Waiter>();
  #polling = false;
  #alarm: AbortController | undefined;

  constructor(options: { clock: Clock; signal: AbortSignal; newPass: () => Pass }) {
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#newPass = options.newPass;
    // A listener of our own instead of AbortSignal.any: one per run, not one per sleep.
    this.#signal.addEventListener('abort', () => this.#alarm?.abort(), { once: true });
  }

  /** Looks at the resource from time to time until `wait.done` says so. Rejects when the run is stopped. */
  until(wait: Wait): Promise<void> {
    return new Promise((resolve, reject) => {
      const dueAt = this.#clock.elapsed() + wait.nextDelayMs();
      this.#waiters.add({ wait, dueAt, failedLooks: 0, resolve, reject });
      this.#alarm?.abort();
      if (!this.#polling) void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#waiters.size > 0) {
        await this.#sleepUntilDue();
        await this.#lookAtDue();
      }
    } catch (error) {
      for (const waiter of this.#waiters) waiter.reject(error);
      this.#waiters.clear();
    } finally {
      this.#polling = false;
    }
  }

  async #sleepUntilDue(): Promise<void> {
    this.#signal.throwIfAborted();
    for (;;) {
      const dueAt = Math.min(...[...this.#waiters].map((waiter) => waiter.dueAt));
      const delay = dueAt - this.#clock.elapsed();
      if (delay <= 0) return;
      this.#alarm = new AbortController();
      try {
        await this.#clock.sleep(delay, { signal: this.#alarm.signal });
      } catch {
        // Woken early: somebody is due sooner, or the run is being stopped.
      }
      this.#signal.throwIfAborted();
    }
  }

  async #lookAtDue(): Promise<void> {
    const horizon = this.#clock.elapsed() + togetherMs;
    const due = [...this.#waiters].filter((waiter) => waiter.dueAt <= horizon);
    const pass = this.#newPass();
    await Promise.all(due.map((waiter) => this.#look(waiter, pass)));
  }

  async #look(waiter: Waiter, pass: Pass): Promise<void> {
    try {
      const seen = await pass.observe(waiter.wait.resource);
      waiter.failedLooks = 0;
      if (await waiter.wait.done(seen)) {
        this.#waiters.delete(waiter);
        waiter.resolve();
      } else {
        waiter.dueAt = this.#clock.elapsed() + waiter.wait.nextDelayMs();
      }
    } catch (error) {
      if (passes(error) && ++waiter.failedLooks <= failedLooksMax) {
        waiter.dueAt = this.#clock.elapsed() + afterFailedLookMs;
        return;
      }
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
  }
}

const passes = (error: unknown) =>
  error instanceof ServiceError && ['transient', 'throttled', 'unreachable', 'unknown'].includes(error.kind);
