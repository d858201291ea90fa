/** One resource's waits: polls until it is there, tells every change of status, gives up in the end. */
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../shared/clock.ts';
import { RsdsError } from '../shared/errors.ts';
import { confirmAfterMs, pollDelayMs } from './cadence.ts';
import { type EventWithoutTime, label } from './events.ts';
import type { Resource } from './resource.ts';
import type { Sight } from './sight.ts';
import type { Watch } from './watch.ts';

export interface WaitingContext {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly watch: Watch;
  emit(event: EventWithoutTime): void;
}

/** `confirm`: it looks done, and one more look shall say so. */
export type WaitVerdict = 'done' | 'confirm' | 'pending';

const minute = 60_000;
const defaultTimeoutMs = 20 * minute;

export class Waiting {
  readonly #resource: Resource;
  readonly #sight: Sight;
  readonly #context: WaitingContext;
  #status: string | undefined;
  #statusSince = 0;

  constructor(resource: Resource, sight: Sight, context: WaitingContext) {
    this.#resource = resource;
    this.#sight = sight;
    this.#context = context;
  }

  /**
   * Polls until `verdict` says `done`. `since` is when AWS began with it, on the clock's `elapsed`, if that is known.
   * Throws `step/timeout` after the resource's time.
   */
  async until(verdict: () => WaitVerdict, usualMs: number, since = this.#context.clock.elapsed()): Promise<void> {
    const { clock, watch } = this.#context;
    let last: WaitVerdict = this.#sight.verdict()?.is === 'settled' ? 'confirm' : 'pending';
    await this.#tellStatus(since, usualMs);
    await watch.until({
      resource: this.#resource,
      next: () =>
        last === 'confirm'
          ? { inMs: confirmAfterMs, notBefore: true }
          : { inMs: pollDelayMs(clock.elapsed() - since, usualMs), notBefore: false },
      done: async (seen) => {
        this.#sight.take(seen);
        await this.#tellStatus(since, usualMs);
        last = verdict();
        // What looks done may have been so for long: a machine that slept or an answer that was late is no fault of AWS.
        if (last === 'pending') this.#failIfTooLong(since);
        return last === 'done';
      },
    });
  }

  /** Says that it waits for something of ours, not of AWS's. */
  tellTurn(why: string): void {
    this.#emit({ status: 'waiting', sinceMs: 0, usualMs: undefined, why, transition: true });
  }

  async #tellStatus(since: number, usualMs: number): Promise<void> {
    const { clock, ledger } = this.#context;
    const verdict = this.#sight.verdict();
    const status = verdict === undefined ? 'gone' : (verdict.status ?? verdict.is);
    const transition = status !== this.#status;
    const from = transition ? since : this.#statusSince;
    if (transition) {
      this.#status = status;
      this.#statusSince = clock.elapsed();
      if (verdict) await ledger.record({ type: 'seen', id: this.#resource.id, status, at: clock.now() });
    }
    const why = verdict?.is === 'pending' ? verdict.why : undefined;
    this.#emit({ status, sinceMs: clock.elapsed() - from, usualMs, why, transition });
  }

  #emit(wait: {
    status: string;
    sinceMs: number;
    usualMs: number | undefined;
    why: string | undefined;
    transition: boolean;
  }): void {
    this.#context.emit({ event: 'resource-waiting', resource: label(this.#resource), ...wait });
  }

  #failIfTooLong(since: number): void {
    const { title, settleTimeoutMs = defaultTimeoutMs } = this.#resource;
    const waited = this.#context.clock.elapsed() - since;
    if (waited <= settleTimeoutMs) return;
    const what = `${title} is still ${this.#status ?? 'there'} after ${Math.round(waited / minute)} minutes`;
    throw new RsdsError('step/timeout', what, {
      hint: 'rsds diagnose says why; run the same command again to go on waiting',
    });
  }
}
