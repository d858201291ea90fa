/**
 * The lock in DynamoDB.
 *
 * K1. Acquisition, takeover, heartbeat and release are single conditional writes.
 * K2. A holder counts as dead when its record's version did not change for one whole lease of *its own* length, on the
 *     watcher's monotonic clock; no two machines' clocks are ever compared.
 * K3. The fence grows with each acquisition and survives release.
 * K4. A write whose answer was lost is recognised by the holder's id in the record: it was ours.
 */
import type { Holder } from '../engine/events.ts';
import type { Clock } from '../shared/clock.ts';
import { formatDuration } from '../shared/clock.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { HeldLease } from './lease.ts';
import type { AcquireOptions, Lease, Lock, LockRecord } from './lock.ts';
import type { LockItem, LockTable } from './lock-table.ts';

/** How often waiters look, with ± a third of jitter. */
const lookMs = 1_500;

export interface DynamoLockOptions {
  readonly table: LockTable;
  /** Real time, also where AWS's time runs faster: sockets and leases are real. */
  readonly clock: Clock;
  readonly random: Random;
  /** ms on that clock; never under 5 s. */
  readonly leaseMs: number;
  /** What time it is for people, ms since the epoch: AWS's, which may run faster. Default: the clock's own. */
  readonly now?: () => number;
}

export class DynamoLock implements Lock {
  readonly #options: DynamoLockOptions;

  constructor(options: DynamoLockOptions) {
    this.#options = options;
  }

  async acquire(key: string, options: AcquireOptions): Promise<Lease> {
    return new Acquisition(key, this.#options, options).acquire();
  }

  async show(key: string): Promise<LockRecord | undefined> {
    try {
      const item = await this.#options.table.read(key);
      return item && { key, fence: item.fence, holder: item.holder, data: item.data };
    } catch (error) {
      if (error instanceof ServiceError && error.kind === 'absent') return undefined;
      throw error;
    }
  }

  async keep(lease: Lease, data: Readonly<Record<string, string>>): Promise<void> {
    const written = await this.#options.table.keep(lease.key, lease.id, data);
    if (!written.done) throw new RsdsError('lock/lost', `the lock ${lease.key} is not ours any more`);
  }
}

/** One attempt at one key, for as long as the caller wants to wait. */
class Acquisition {
  readonly #key: string;
  readonly #lock: DynamoLockOptions;
  readonly #options: AcquireOptions;
  readonly #holder: Holder;
  #watched: { version: string; since: number } | undefined;

  constructor(key: string, lock: DynamoLockOptions, options: AcquireOptions) {
    this.#key = key;
    this.#lock = lock;
    this.#options = options;
    this.#holder = { id: lock.random.hex(12), since: timeOf(lock), ...options.info };
  }

  async acquire(): Promise<Lease> {
    const { clock, random } = this.#lock;
    const startedAt = clock.elapsed();
    for (;;) {
      this.#options.signal.throwIfAborted();
      const lease = await this.#try();
      if (lease) return lease;
      const waited = clock.elapsed() - startedAt;
      if (waited >= this.#options.waitMs) throw this.#held();
      this.#options.onWait?.(this.#seenHolder, waited);
      await clock.sleep(lookMs * (0.67 + 0.66 * random.next()), { signal: this.#options.signal });
    }
  }

  #seenHolder: Holder | undefined;

  async #try(): Promise<Lease | undefined> {
    const { clock, table, leaseMs, random } = this.#lock;
    const sentAt = { elapsed: clock.elapsed(), wall: clock.now() };
    const version = random.uuid();
    const written = await this.#tolerate(() => table.takeFree(this.#key, this.#holder, version, leaseMs));
    if (written === undefined) return undefined;
    if (written.done || written.item?.holder?.id === this.#holder.id)
      return this.#lease(written.item?.fence ?? 0, sentAt);
    return written.item ? this.#watch(written.item) : undefined;
  }

  /** K2: judges the holder that is in the way. */
  async #watch(item: LockItem): Promise<Lease | undefined> {
    const { clock, table, leaseMs, random } = this.#lock;
    const now = clock.elapsed();
    if (this.#watched?.version !== item.version) this.#watched = { version: item.version, since: now };
    this.#seenHolder = item.holder && { ...item.holder, heartbeatAgeMs: now - this.#watched.since };
    if (now - this.#watched.since < item.leaseMs) return undefined;
    if (item.holder && !((await this.#options.mayTakeOver?.(item.holder)) ?? true)) return undefined;
    const sentAt = { elapsed: clock.elapsed(), wall: clock.now() };
    const written = await this.#tolerate(() =>
      table.takeOver(this.#key, this.#holder, random.uuid(), leaseMs, item.version),
    );
    if (written?.done || written?.item?.holder?.id === this.#holder.id)
      return this.#lease(written.item?.fence ?? 0, sentAt);
    return undefined;
  }

  /** A write that fails in passing is tried again with the next look; K4 recognises it if it went through. */
  async #tolerate<T>(write: () => Promise<T>): Promise<T | undefined> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof ServiceError && ['transient', 'throttled', 'unknown'].includes(error.kind)) return undefined;
      throw missingTable(error, this.#lock.table.name);
    }
  }

  #lease(fence: number, sentAt: { elapsed: number; wall: number }): Lease {
    return new HeldLease({ key: this.#key, id: this.#holder.id, fence, sentAt, ...this.#lock });
  }

  #held(): RsdsError {
    const holder = this.#seenHolder;
    const who = holder ? describeHolder(holder, timeOf(this.#lock)) : 'somebody else';
    return new RsdsError('lock/held', `the lock ${this.#key} is held by ${who}`, {
      hint: 'wait for them, or see rsds lock show',
    });
  }
}

const timeOf = ({ now, clock }: DynamoLockOptions) => (now ?? (() => clock.now()))();

/** "ana@laptop (pid 4711), rsds up, since 3m 12s, working on airline-dev-consumer-2". */
export function describeHolder(holder: Holder, now: number): string {
  const work = holder.workgroup === undefined ? '' : `, working on ${holder.workgroup}`;
  const heartbeat =
    holder.heartbeatAgeMs === undefined ? '' : `, last heartbeat ${formatDuration(holder.heartbeatAgeMs)} ago`;
  return `${holder.user}@${holder.host} (pid ${holder.pid}), rsds ${holder.operation}, since ${formatDuration(now - holder.since)}${work}${heartbeat}`;
}

function missingTable(error: unknown, table: string): unknown {
  if (!(error instanceof ServiceError && error.kind === 'absent')) return error;
  return new RsdsError('lock/no-table', `the lock table ${table} does not exist`, {
    hint: 'rsds up creates it',
    cause: error,
  });
}
