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
import type { LockTable } from './lock-table.ts';

export interface HeldLeaseOptions {
  readonly key: string;
  readonly id: string;
  readonly fence: number;
  readonly table: LockTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly leaseMs: number;
  /** When the acquiring write was sent, on both clocks: the lease counts from there, not from its answer. */
  readonly sentAt: Instant;
}

interface Instant {
  readonly elapsed: number;
  readonly wall: number;
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
  #renewing: Promise<void> | undefined;

  constructor(options: HeldLeaseOptions) {
    this.#options = options;
    this.key = options.key;
    this.id = options.id;
    this.fence = options.fence;
    this.signal = this.#lost.signal;
    this.#renewedAt = options.sentAt;
    void this.#heartbeat();
  }

  /** Renews when half of the lease has gone; throws `lock/lost` when that is not possible. */
  async check(): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#ageMs() < this.#options.leaseMs / 2) return;
    await this.#renew();
    this.signal.throwIfAborted();
    if (this.#ageMs() >= this.#options.leaseMs / 2) throw this.#loseIt('it could not be renewed in time');
  }

  async release(): Promise<void> {
    this.#done.abort();
    await this.#renewing?.catch(() => {});
    if (this.signal.aborted) return;
    await this.#options.table.release(this.key, this.id);
  }

  /** Three heartbeats a lease: one may be lost, a second may be slow. */
  async #heartbeat(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    try {
      while (!this.signal.aborted) {
        await clock.sleep(leaseMs / 3, { signal: this.#done.signal, background: true });
        await this.#renew();
        if (this.#ageMs() >= leaseMs) this.#loseIt('its heartbeats failed for a whole lease');
      }
    } catch {
      // Released meanwhile, or lost, which `signal` tells.
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<void> {
    const { table, random } = this.#options;
    const sentAt = this.#now();
    try {
      const { done, item } = await table.renew(this.key, this.id, random.uuid());
      if (done) this.#renewedAt = sentAt;
      else
        throw this.#loseIt(
          item?.holder ? `${item.holder.user}@${item.holder.host} took it over` : 'it was released by somebody else',
        );
    } catch (error) {
      // A heartbeat that fails in passing is tried again; what counts is the age of the last one that did not.
      if (!(error instanceof ServiceError)) throw error;
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
    const now = this.#now();
    return Math.max(now.elapsed - this.#renewedAt.elapsed, now.wall - this.#renewedAt.wall);
  }

  #now(): Instant {
    return { elapsed: this.#options.clock.elapsed(), wall: this.#options.clock.now() };
  }
}
