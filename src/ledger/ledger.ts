/**
 * The ledger: what rsds intended, did and saw, one JSON document per environment. It is memory, not truth: no step
 * skips its look because of it (SQL state excepted, which only SQL can show).
 *
 * L1. A record is written before the call that it describes (`intended`) and after it (`applied`).
 * L2. A transition that the table in transitions.ts does not have is a bug and is never written.
 * L3. A write with an older fence than the document's is refused: a newer run has taken over.
 */
export type RecordState = 'intended' | 'applied' | 'settled' | 'failed' | 'removed';

export type LedgerJson =
  | string
  | number
  | boolean
  | null
  | readonly LedgerJson[]
  | { readonly [key: string]: LedgerJson };
export type LedgerData = Readonly<Record<string, LedgerJson>>;

/** A status that was seen, and when it was first seen (ms since the epoch). */
export interface Transition {
  readonly status: string;
  readonly at: number;
}

export interface LedgerRecord {
  readonly kind: string;
  readonly state: RecordState;
  /** The last intended change, and when it was intended. */
  readonly change?: { readonly action: string; readonly title: string; readonly at: number } | undefined;
  /** Ids that AWS chose, digests, statement ids. Never a secret. */
  readonly data: LedgerData;
  /** Statuses seen since the last intended change, the latest last. */
  readonly transitions: readonly Transition[];
  readonly error?: { readonly code: string; readonly message: string; readonly at: number } | undefined;
}

export interface RunRecord {
  readonly id: string;
  readonly command: string;
  readonly user: string;
  readonly host: string;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly outcome?: string | undefined;
}

/** A duration measured from intent to settled, by `<kind>.<action>`. */
export interface Measured {
  readonly kind: string;
  readonly ms: number;
  readonly at: number;
}

export interface LedgerDocument {
  readonly version: 1;
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  /** Made once per environment's life; names the final snapshot, so that a resumed `down` finds it. */
  readonly lineage: string;
  /** Grows by one with each write. */
  readonly serial: number;
  /** The fence of the lock under which it was last written. */
  readonly fence: number;
  readonly resources: Readonly<Record<string, LedgerRecord>>;
  readonly runs: readonly RunRecord[];
  readonly measured: readonly Measured[];
  /** The consumer count kept here where there is no file to write it to. */
  readonly override?: Override | undefined;
}

export type LedgerEvent =
  | {
      readonly type: 'intended';
      readonly id: string;
      readonly kind: string;
      readonly action: string;
      readonly title: string;
      readonly at: number;
    }
  | { readonly type: 'applied'; readonly id: string; readonly at: number }
  | { readonly type: 'seen'; readonly id: string; readonly status: string; readonly at: number }
  | { readonly type: 'remembered'; readonly id: string; readonly kind: string; readonly data: LedgerData }
  | {
      readonly type: 'settled';
      readonly id: string;
      readonly kind: string;
      readonly data: LedgerData;
      readonly at: number;
      readonly measured?: Measured | undefined;
    }
  | { readonly type: 'removed'; readonly id: string; readonly at: number; readonly measured?: Measured | undefined }
  | {
      readonly type: 'failed';
      readonly id: string;
      readonly code: string;
      readonly message: string;
      readonly at: number;
    }
  | { readonly type: 'run-started'; readonly run: RunRecord }
  | { readonly type: 'run-ended'; readonly id: string; readonly outcome: string; readonly at: number }
  /** `down` has ended: the environment's next life has a lineage of its own and starts without records. */
  | { readonly type: 'renewed'; readonly lineage: string }
  | ({ readonly type: 'override' } & Override);

/** A consumer count that stands in for the file's. */
export interface Override {
  readonly consumers: number;
  readonly without: readonly number[];
  /** What the file said when it was made: a file that says something else since is the newer wish. */
  readonly instead?: number | undefined;
}

export interface Ledger {
  /** The document as last read or written by this process. */
  document(): LedgerDocument;
  /** Applies the events to the document and writes it, durably, before it resolves. */
  record(...events: readonly LedgerEvent[]): Promise<void>;
  /** Reads the document again: what another run wrote before this one got the lock. */
  reload(): Promise<void>;
  /** Sets the fence under which all later writes are made; refused (`ledger/fenced`) when the document's is newer. */
  fence(fence: number): void;
}

/** A ledger with its place. */
export interface LedgerStore extends Ledger {
  /** Where the document that stands is kept when the first write replaces it by one made anew; undefined: it stays. */
  readonly aside: string | undefined;
  /** Whether the document was there when it was opened. */
  readonly existed: boolean;
  /** The file, or `s3://bucket/key`: how messages call it. */
  readonly path: string;
  /** Writes a document that was kept elsewhere as it is, lineage, serial and fence included. */
  adopt(document: LedgerDocument): Promise<void>;
  /** Puts the document aside, under another name, which it answers. */
  retire(): Promise<string>;
}
