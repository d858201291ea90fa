/**
 * The lock in DynamoDB.
 *
 * K1. Acquisition, takeover, heartbeat and release are single conditional writes.
 * K2. A holder counts as dead when its record's version did not change for one whole lease of *its own* length, on the
 *     watcher's monotonic clock; no two machines' clocks are ever compared.
 * K3. The fence grows with each acquisition and survives release.
 * K4. A write whose answer was lost is recognised by the holder's id in the record: it was ours. When it arrived is not
 *     known, and others may have watched it since: the lease counts from a heartbeat that is sent then.
 * K5. What the network delivers late, or twice, makes nobody a holder again and frees nobody else's key: see
 *     lock-table.ts.
 */
import type { Holder } from '../engine/events.ts';
import type { Clock } from '../shared/clock.ts';
import { formatDuration } from '../shared/clock.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { HeldLease } from './lease.ts';
import type { AcquireOptions, Lease, Lock, LockRecord } from './lock.ts';
import type { LockItem, LockTable, Written } from './lock-table.ts';
import { giveBack, type Instant, inPassing, instantOf, isPassing } from './passing.ts';

/** How often waiters look, with ± a third of jitter; after calls that failed less and less often. */
const lookMs = 1_500;
const lookMsMax = 16 * lookMs;
/** So many calls that fail one after the other are no passing trouble any more. */
const failuresMax = 7;

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
    if (!written.done) throw notOurs(lease);
  }

  async tell(lease: Lease, workgroups: string): Promise<void> {
    const { table, clock } = this.#options;
    const { item } = await inPassing(clock, () => table.tell(lease.key, lease.id, workgroups));
    // Refused, and ours: it says so already.
    if (item?.holder?.id !== lease.id) throw notOurs(lease);
  }
}

const notOurs = ({ key }: Lease) => new RsdsError('lock/lost', `the lock ${key} is not ours any more`);

/** One attempt at one key, for as long as the caller wants to wait. */
class Acquisition {
  readonly #key: string;
  readonly #lock: DynamoLockOptions;
  readonly #options: AcquireOptions;
  readonly #holder: Holder;
  #watched: { version: string; since: number } | undefined;
  #seenHolder: Holder | undefined;
  /** A write got no answer: the record may be ours. */
  #uncertain = false;
  /** Looks one after the other in which a call failed in passing. */
  #failures = 0;

  constructor(key: string, lock: DynamoLockOptions, options: AcquireOptions) {
    this.#key = key;
    this.#lock = lock;
    this.#options = options;
    this.#holder = { id: lock.random.hex(12), since: timeOf(lock), ...options.info };
  }

  async acquire(): Promise<Lease> {
    try {
      return await this.#untilTaken();
    } catch (error) {
      // A lease that nobody knows of would keep everybody out until it has run out.
      if (this.#uncertain) await giveBack(this.#lock, this.#key, this.#holder.id).catch(() => {});
      throw error;
    }
  }

  async #untilTaken(): Promise<Lease> {
    const { clock } = this.#lock;
    const { signal, waitMs, onWait } = this.#options;
    const startedAt = clock.elapsed();
    for (;;) {
      signal.throwIfAborted();
      const before = this.#failures;
      const lease = await this.#try();
      if (lease) return lease;
      if (this.#failures === before) this.#failures = 0;
      const waited = clock.elapsed() - startedAt;
      // A call that failed says nothing about who holds the lock.
      if (waited >= waitMs && this.#failures === 0) throw this.#held();
      if (this.#failures === 0) onWait?.(this.#seenHolder, waited);
      await clock.sleep(this.#pauseMs(), { signal });
    }
  }

  #pauseMs(): number {
    return Math.min(lookMs * 2 ** this.#failures, lookMsMax) * (0.67 + 0.66 * this.#lock.random.next());
  }

  /** One look, and one write when there is something to take. */
  async #try(): Promise<Lease | undefined> {
    const seen = await this.#inPassing(() => this.#lock.table.read(this.#key));
    if (!seen) return undefined;
    const { value: item } = seen;
    if (item?.holder === undefined) return this.#take(item);
    if (item.holder.id === this.#holder.id) return this.#recognise(item);
    if (!this.#isDead(item, item.holder)) return undefined;
    if (!((await this.#options.mayTakeOver?.(item.holder)) ?? true)) return undefined;
    return this.#take(item);
  }

  /** K2: judges the holder that is in the way. */
  #isDead(item: LockItem, holder: Holder): boolean {
    const now = this.#lock.clock.elapsed();
    if (this.#watched?.version !== item.version) this.#watched = { version: item.version, since: now };
    const unchangedMs = now - this.#watched.since;
    this.#seenHolder = { ...holder, heartbeatAgeMs: unchangedMs };
    return unchangedMs >= item.leaseMs;
  }

  /** Takes the key as it was seen: never used, free, or held by somebody who is dead. */
  async #take(seen: LockItem | undefined): Promise<Lease | undefined> {
    const { clock, table, leaseMs, random } = this.#lock;
    this.#options.signal.throwIfAborted();
    const sentAt = instantOf(clock);
    const claim = { key: this.#key, holder: this.#holder, version: random.uuid(), leaseMs };
    const written = await this.#write(() =>
      seen?.holder ? table.takeOver(claim, seen.version) : table.takeFree(claim, seen?.fence),
    );
    if (written?.done) return this.#lease(written.item, sentAt);
    // Refused, and held by us: the request came twice, and this is the answer to the second.
    if (written?.item?.holder?.id === this.#holder.id) return this.#recognise(written.item);
    if (written?.item?.holder) this.#isDead(written.item, written.item.holder);
    return undefined;
  }

  /** K4: makes a lease of a record that is ours already. */
  async #recognise({ beat }: LockItem): Promise<Lease | undefined> {
    const { clock, table, random } = this.#lock;
    this.#uncertain = true;
    const sentAt = instantOf(clock);
    const written = await this.#write(() => table.renew(this.#key, this.#holder.id, random.uuid(), beat + 1));
    return written?.done ? this.#lease(written.item, sentAt) : undefined;
  }

  async #write(write: () => Promise<Written>): Promise<Written | undefined> {
    const written = await this.#inPassing(write);
    if (!written) this.#uncertain = true;
    return written?.value;
  }

  /** Undefined: it failed in passing, and is tried again with the next look. */
  async #inPassing<T>(call: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      return { value: await call() };
    } catch (error) {
      if (isPassing(error) && ++this.#failures < failuresMax) return undefined;
      throw missingTable(error, this.#lock.table.name);
    }
  }

  /** Who was stopped while the write was under way has nothing to do with a lease any more. */
  #lease({ fence, beat }: LockItem, sentAt: Instant): Lease {
    this.#uncertain = true;
    this.#options.signal.throwIfAborted();
    return new HeldLease({ key: this.#key, id: this.#holder.id, fence, beat, sentAt, ...this.#lock });
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
