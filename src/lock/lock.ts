/** The lock's port; dynamo-lock.ts keeps it in DynamoDB. Vocabulary as in the lock literature: lease, fence, holder. */
import type { Holder } from '../engine/events.ts';

/** What a holder says of itself in the record. */
export interface LockInfo {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** The command, e.g. `up`. */
  readonly operation: string;
  /** For the lane: the workgroup being worked on; `a, b` where there are several. */
  readonly workgroup?: string | undefined;
}

export interface Lease {
  readonly key: string;
  /** This holder's id, the one that `rsds lock release --id` asks for. */
  readonly id: string;
  /** Grows by one with each acquisition and survives release. */
  readonly fence: number;
  /** Fires when the lease is lost or can no longer be renewed in time. */
  readonly signal: AbortSignal;
  /**
   * To be awaited in the last moment before each mutating call: throws `lock/lost` when less than a safe margin of the
   * lease is left, when the clocks say that this machine slept, or when the record is somebody else's.
   */
  check(): Promise<void>;
  /** Conditional: releasing what is no longer ours changes nothing. */
  release(): Promise<void>;
}

export interface AcquireOptions {
  readonly info: LockInfo;
  /** How long to wait for another holder, ms; 0 fails at once with `lock/held`. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Called while waiting: who holds it and how long we have waited. */
  onWait?(holder: Holder | undefined, waitedMs: number): void;
  /** For the lane: whether a dead holder's record may be taken over yet (its workgroup has settled, or is stuck). */
  mayTakeOver?(holder: Holder): Promise<boolean>;
}

export interface LockRecord {
  readonly key: string;
  readonly fence: number;
  /** Absent when nobody holds it. */
  readonly holder: Holder | undefined;
  /** Free-form data kept with the key, e.g. the digest of what SQL was run. */
  readonly data: Readonly<Record<string, string>>;
}

export interface Lock {
  acquire(key: string, options: AcquireOptions): Promise<Lease>;
  /** The record without taking it; undefined when the key was never used or the table does not exist. */
  show(key: string): Promise<LockRecord | undefined>;
  /** Keeps `data` with the key; only under a valid lease. */
  keep(lease: Lease, data: Readonly<Record<string, string>>): Promise<void>;
  /** Says in the record at what the holder is, too: all of them, `a, b`. Throws `lock/lost`. */
  tell(lease: Lease, workgroups: string): Promise<void>;
}
