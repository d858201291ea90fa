/**
 * What the engine drives: resources. A step (vpc, producer, …) is a list of them. A resource says how to look at one
 * thing in the account, how it differs from what is wanted, and when it has settled; it never sleeps, retries or polls.
 *
 * Rules for authors:
 * R1. `observe` reads only. `undefined` means proven absent; what cannot be read throws.
 * R2. `changes`, `removal` and `settled` are pure: same input, same answer, no I/O.
 * R3. A change makes one mutating call and may be applied twice with the same end.
 * R4. After the changes were applied, observing again must yield none (else `step/did-not-converge`).
 */
export type StepName = 'vpc' | 'producer' | 'consumers' | 'endpoints' | 'nlb' | 'datashare';

/** Stable and readable, never an ordinal of creation: `consumer-3/workgroup`. Also the value of the `rsds:resource` tag. */
export type ResourceId = `${string}/${string}`;

/** `down` and scale-in are the same run with another goal. */
export type Goal = 'present' | 'absent';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Resource<Seen = unknown> {
  readonly id: ResourceId;
  readonly step: StepName;
  /** What it is, e.g. `workgroup`; durations are remembered by kind. */
  readonly kind: string;
  /** For people: `workgroup airline-dev-consumer-2`. */
  readonly title: string;
  /** Must be settled before this is created, and gone only after this is gone. */
  readonly needs: readonly Resource[];
  /**
   * The workgroup's name, for workgroups only: while one is being created or updated (`Change.lane`), or is found
   * unsettled, the run holds the workgroup lane until it has settled.
   */
  readonly laned?: string;
  /** How many settled reads in a row count as settled (default 1; 2 where AWS is known to waver). */
  readonly settledReads?: number;
  /** How long it may take to settle, ms (default 20 minutes). */
  readonly settleTimeoutMs?: number;
  /** What is usual without history, ms: shown while waiting and used to space out polls (default 150 s). */
  readonly usualMs?: number;

  observe(look: Look): Promise<Seen | Foreign | undefined>;
  /** What to do so that it is as wanted; [] when nothing. Called again after each change, until it is []. */
  changes(seen: Seen | undefined, known: Known): readonly Change[];
  /** What to do so that it is gone; [] while AWS is still at it. Called only while it is seen. */
  removal(seen: Seen, known: Known): readonly Change[];
  /** Whether AWS is done with it. Not called for what is absent: absent is settled when the goal is `absent`. */
  settled(seen: Seen, goal: Goal): Settled;
  /** What the ledger keeps once it has settled: ids that AWS chose, digests. Never a secret. */
  remember?(seen: Seen): Readonly<Record<string, Json>>;
}

/** Something by that name exists and is not ours: an error when it should be present, left alone when it should be gone. */
export class Foreign {
  /** What it is, with its id, and why it is not ours. */
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

export type Settled =
  | { readonly is: 'settled'; readonly status?: string }
  /** AWS is at it; `status` is AWS's own word, `why` explains a wait that is not self-evident. */
  | { readonly is: 'pending'; readonly status: string; readonly why?: string }
  /** It will not get there by itself. */
  | { readonly is: 'broken'; readonly status: string; readonly reason: string; readonly hint?: string };

/** What was seen of other resources. */
export interface Known {
  /** The latest observation of `resource`, which must be in `needs`; undefined when it is absent. */
  seen<S>(resource: Resource<S>): S | undefined;
}

/** One pass of looking: all resources of a pass share its answers, so that looking costs the same for 2 and 24. */
export interface Look extends Known {
  readonly signal: AbortSignal;
  /** Runs `read` the first time `key` is asked for in this pass; everybody else gets the same answer. */
  once<T>(key: string, read: () => Promise<T>): Promise<T>;
  /** What the ledger remembers of a resource: the `data` of its record. */
  recorded(id: ResourceId): Readonly<Record<string, Json>> | undefined;
  /** Whether this pass may run SQL to look (`--sql`): it wakes warehouses and costs money. */
  readonly sql: boolean;
}

export type ChangeAction = 'create' | 'update' | 'replace' | 'delete' | 'register' | 'deregister' | 'sql';

export interface Change {
  readonly action: ChangeAction;
  /** What changes, exactly, with values: `baseCapacity 32 → 64`. Two plans are the same when ids and titles are. */
  readonly title: string;
  /** Why, where it is not self-evident. */
  readonly why?: string;
  /** Who is interrupted by it, if anybody. */
  readonly interrupts?: string;
  /** True for CreateWorkgroup and UpdateWorkgroup: they go through the workgroup lane until settled. */
  readonly lane?: boolean;
  /** It waits for other resources of this run, which may need the lane: a place in that is given back before. */
  readonly waitsForOthers?: boolean;
  /** The workgroup that it wakes, for changes that run SQL: plans say what that costs. */
  readonly wakes?: string;
  /** The one mutating call. Errors are classified (`ServiceError.kind`) and the engine decides. */
  apply(io: ApplyIo): Promise<void>;
}

/** What a change may use while it is applied. */
export interface ApplyIo {
  readonly signal: AbortSignal;
  /**
   * To be awaited in the last moment before every mutating call but the first, which the engine has permitted already:
   * throws when the run is being stopped or the lease is not safely ours any more.
   */
  permit(): Promise<void>;
  /** A line to show beside the resource. */
  note(text: string): void;
  /** Writes to the resource's ledger record at once, e.g. a statement's id before it is waited for. */
  remember(data: Readonly<Record<string, Json>>): Promise<void>;
  recorded(): Readonly<Record<string, Json>> | undefined;
  /** Whether another resource of this run has failed, or stands on one that has. */
  hasFailed(id: ResourceId): boolean;
  /** Asks again until `check` answers something else than undefined; for SQL statements, which have no resource. */
  until<T>(what: string, check: () => Promise<T | undefined>, how: UntilOptions): Promise<T>;
}

export interface UntilOptions {
  /** How long to wait before the first look; without it that comes at once. */
  readonly firstMs?: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
}
