/**
 * The one place that polls. All waits share passes: whoever is due within a moment is looked at in the same pass, so
 * that waiting for twenty-four workgroups costs one list.
 */

import type { Clock } from '../shared/clock.ts';
import type { Pass } from './pass.ts';
import type { Resource } from './resource.ts';
import { isPassing } from './retry.ts';

/** Waits that are due within this time of each other share a pass; those for the same kind share even its lists. */
const togetherMs = 2_500;
const sameKindTogetherMs = 5_000;

export interface NextLook {
  readonly inMs: number;
  /** Not a moment earlier, even if others are looked at just before. */
  readonly notBefore: boolean;
}

export interface Wait {
  readonly resource: Resource;
  /** When to look next; asked at the beginning and after each look that did not end the wait. */
  next(): NextLook;
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
  notBefore: boolean;
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
      this.#waiters.add({ wait, ...this.#plan(wait), failedLooks: 0, resolve, reject });
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
    const pass = this.#newPass();
    await Promise.all(this.#due().map((waiter) => this.#look(waiter, pass)));
  }

  /** Whoever is due, and whoever may as well be looked at in the same pass. */
  #due(): Waiter[] {
    const now = this.#clock.elapsed();
    const within = (ms: number) => (waiter: Waiter) => waiter.dueAt <= now + (waiter.notBefore ? 0 : ms);
    const kinds = new Set([...this.#waiters].filter(within(togetherMs)).map(({ wait }) => wait.resource.kind));
    return [...this.#waiters].filter(
      (waiter) =>
        within(togetherMs)(waiter) || (kinds.has(waiter.wait.resource.kind) && within(sameKindTogetherMs)(waiter)),
    );
  }

  #plan(wait: Wait): { dueAt: number; notBefore: boolean } {
    const { inMs, notBefore } = wait.next();
    return { dueAt: this.#clock.elapsed() + inMs, notBefore };
  }

  async #look(waiter: Waiter, pass: Pass): Promise<void> {
    try {
      const seen = await pass.observe(waiter.wait.resource);
      waiter.failedLooks = 0;
      if (await waiter.wait.done(seen)) {
        this.#waiters.delete(waiter);
        waiter.resolve();
      } else {
        Object.assign(waiter, this.#plan(waiter.wait));
      }
    } catch (error) {
      if (isPassing(error) && ++waiter.failedLooks <= failedLooksMax) {
        waiter.dueAt = this.#clock.elapsed() + afterFailedLookMs;
        return;
      }
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
  }
}
