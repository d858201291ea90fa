/**
 * A lease that is held: renewed in the background, checked before every mutating call.
 *
 * A machine that slept (laptop lid, SIGSTOP, paused VM) must notice before its next call. On Linux the monotonic clock
 * stands still in a suspend, so the age of the lease is the larger of what both clocks say has passed.
 */
import type { Clock } from '../shared/clock.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import type { Lease } from './lock.ts';
import type { LockItem, LockTable } from './lock-table.ts';
import { giveBack, type Instant, instantOf } from './passing.ts';

export interface HeldLeaseOptions {
  readonly key: string;
  readonly id: string;
  readonly fence: number;
  readonly table: LockTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly leaseMs: number;
  /** The last heartbeat in the record. */
  readonly beat: number;
  /** When the write that gave it was sent: the lease counts from there, not from its answer. */
  readonly sentAt: Instant;
}

export class HeldLease implements Lease {
  readonly key: string;
  readonly id: string;
  readonly fence: number;
  readonly signal: AbortSignal;
  readonly #options: HeldLeaseOptions;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();
  #renewedAt: Instant;
  #beat: number;
  #renewing: Promise<void> | undefined;
  /** Why the last heartbeat failed; undefined when it did not. */
  #failure: ServiceError | undefined;

  constructor(options: HeldLeaseOptions) {
    this.#options = options;
    this.key = options.key;
    this.id = options.id;
    this.fence = options.fence;
    this.signal = this.#lost.signal;
    this.#renewedAt = options.sentAt;
    this.#beat = options.beat;
    void this.#heartbeat();
  }

  /**
   * Renews when half of the lease has gone, so that a call which is made now ends within the other half; throws
   * `lock/lost` when that is not possible. A heartbeat that fails in passing is repeated as long as the lease lasts.
   */
  async check(): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#ageMs() < this.#options.leaseMs / 2) return;
    // One that is under way may have been sent before this machine slept: its answer says nothing about now.
    await this.#renewing?.catch(() => {});
    for (;;) {
      this.signal.throwIfAborted();
      if (this.#ageMs() < this.#options.leaseMs / 2) return;
      await this.#renew();
      if (this.#ageMs() < this.#options.leaseMs / 2) continue;
      this.#loseItWhenOver();
      await this.#options.clock.sleep(this.#options.leaseMs / 20, { signal: this.signal });
    }
  }

  async release(): Promise<void> {
    this.#done.abort();
    await this.#renewing?.catch(() => {});
    const given = giveBack(this.#options, this.key, this.id);
    // Of what was lost nobody expects anything; that its heartbeats failed may have passed, though.
    await (this.signal.aborted ? given.catch(() => {}) : given);
  }

  /** Three heartbeats a lease: one may be lost, a second may be slow. One that failed is soon repeated. */
  async #heartbeat(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    try {
      while (!this.signal.aborted) {
        const well = this.#failure === undefined && this.#ageMs() < leaseMs / 2;
        const pauseMs = well ? leaseMs / 3 : leaseMs / 12;
        await clock.sleep(pauseMs, { signal: this.#done.signal, background: true });
        await this.#renew();
        this.#loseItWhenOver();
      }
    } catch {
      // Released meanwhile, or lost, which `signal` tells.
    }
  }

  /** One that went through late, since this machine slept meanwhile, is no reason: the next one tells. */
  #loseItWhenOver(): void {
    if (this.#failure === undefined || this.#ageMs() < this.#options.leaseMs) return;
    throw this.#loseIt(`no heartbeat went through for a whole lease: ${this.#failure.message}`);
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<void> {
    const { table, random, clock } = this.#options;
    const sentAt = instantOf(clock);
    const version = random.uuid();
    this.#beat++;
    try {
      const { done, item } = await table.renew(this.key, this.id, version, this.#beat);
      if (item?.holder?.id !== this.id) throw this.#loseIt(takenBy(item));
      // Refused, with this very version in the record: the request came twice, and this is the answer to the second.
      if (done || item.version === version) this.#renewedAt = sentAt;
      this.#failure = undefined;
    } catch (error) {
      // A heartbeat that fails in passing is tried again; what counts is the age of the last one that did not.
      if (!(error instanceof ServiceError)) throw error;
      this.#failure = error;
    }
  }

  #loseIt(why: string): RsdsError {
    const error = new RsdsError('lock/lost', `the lock ${this.key} was lost: ${why}`, {
      hint: 'run the same command again',
    });
    this.#lost.abort(error);
    return error;
  }

  #ageMs(): number {
    const now = instantOf(this.#options.clock);
    return Math.max(now.elapsed - this.#renewedAt.elapsed, now.wall - this.#renewedAt.wall);
  }
}

const takenBy = (item: LockItem | undefined): string =>
  item?.holder ? `${item.holder.user}@${item.holder.host} took it over` : 'it was released by somebody else';
