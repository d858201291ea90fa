/**
 * The ledger in S3: the same document, one object an environment.
 *
 * R1. An object is made only if there is none, and replaced only if it is still the one that we read or wrote last
 *     (F-958): of two runs that start from the same object, one writes.
 * R2. A write whose answer was lost is looked at before it is repeated: what stands there is ours when it is what we
 *     wrote, to the byte.
 * R3. What was written is believed when S3 has answered; a read after that sees it (F-957).
 */
import type { Clock } from '../shared/clock.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { emptyDocument, historyOf, type LedgerIdentity, parseDocument } from './document.ts';
import type { LedgerDocument, LedgerEvent, LedgerStore } from './ledger.ts';
import { asideName, documentText, fenced, isOvertaken, nextDocument, replacedName } from './next-document.ts';

export interface StoredText {
  readonly text: string;
  readonly etag: string;
}

/** What must hold for a write: that there is no such object, or that it is the one with this ETag. */
export type WriteCondition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

/** The calls of S3 that the ledger makes; aws/s3.ts has them. */
export interface S3Calls {
  getText(place: { Bucket: string; Key: string }): Promise<StoredText | undefined>;
  deleteKey(place: { Bucket: string; Key: string }): Promise<unknown>;
  putText(place: { Bucket: string; Key: string }, text: string, condition: WriteCondition): Promise<string>;
}

export interface S3LedgerOptions {
  readonly bucket: string;
  readonly key: string;
  readonly identity: LedgerIdentity;
  readonly calls: S3Calls;
  readonly clock: Clock;
  readonly random: Random;
  /** Believe only the history of what is there, and keep it aside when the first record is written. */
  readonly rebuild?: boolean;
}

/** The bucket and the part of the keys that all ledgers in it share, of `s3://bucket/prefix`; undefined for `local`. */
export function parseState(state: string): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, bucket, rest = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(state) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: rest.replace(/\/+$/, '') };
}

export const ledgerKey = (prefix: string, { project, environment }: Pick<LedgerIdentity, 'project' | 'environment'>) =>
  `${prefix === '' ? '' : `${prefix}/`}${project}-${environment}.json`;

/** Opens the ledger with one read, or starts an empty one that is written with the first record. */
export async function openS3Ledger(options: S3LedgerOptions): Promise<S3Ledger> {
  const { identity, random, rebuild } = options;
  const stored = await read(options);
  const fresh = emptyDocument(identity, random.hex(12));
  if (stored === undefined) return new S3Ledger(options, fresh, stored);
  const document = rebuild
    ? historyOf(stored.text, identity, fresh.lineage)
    : parseDocument(stored.text, placeOf(options), identity);
  return new S3Ledger(options, document, stored);
}

const placeOf = ({ bucket, key }: Pick<S3LedgerOptions, 'bucket' | 'key'>) => `s3://${bucket}/${key}`;

async function read({ calls, bucket, key }: S3LedgerOptions): Promise<StoredText | undefined> {
  try {
    return await calls.getText({ Bucket: bucket, Key: key });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.awsCode === 'NoSuchBucket') {
      throw new RsdsError('ledger/no-bucket', `the bucket ${bucket} of state does not exist`, {
        hint: 'rsds backend create',
        cause: error,
      });
    }
    throw error;
  }
}

/** How often a write is tried again that met another one, or whose outcome is open. */
const mostTries = 10;
const retryMs = 400;
const retryMsMax = 15_000;

export class S3Ledger implements LedgerStore {
  readonly existed: boolean;
  readonly path: string;
  readonly #options: S3LedgerOptions;
  #document: LedgerDocument;
  /** Of the object as we read or wrote it last; undefined: there was none. */
  #etag: string | undefined;
  #fence = 0;
  #queue: Promise<void> = Promise.resolve();
  /** What stands and is to be made anew, and the key under which it is then kept. */
  #replaced: { readonly key: string; readonly text: string } | undefined;

  constructor(options: S3LedgerOptions, document: LedgerDocument, stored: StoredText | undefined) {
    this.path = placeOf(options);
    this.#options = options;
    this.#document = document;
    this.#etag = stored?.etag;
    this.existed = stored !== undefined;
    if (options.rebuild && stored) {
      this.#replaced = { key: `${options.key}.${replacedName(options.clock.now())}`, text: stored.text };
    }
  }

  get aside(): string | undefined {
    return this.#replaced && `s3://${this.#options.bucket}/${this.#replaced.key}`;
  }

  document(): LedgerDocument {
    return this.#document;
  }

  async reload(): Promise<void> {
    const stored = await read(this.#options);
    if (stored === undefined) return;
    const { identity } = this.#options;
    this.#document = this.#replaced
      ? historyOf(stored.text, identity, this.#document.lineage)
      : parseDocument(stored.text, this.path, identity);
    this.#etag = stored.etag;
    if (this.#replaced) this.#replaced = { ...this.#replaced, text: stored.text };
  }

  fence(fence: number): void {
    if (fence < this.#document.fence) throw fenced(this.path, fence, this.#document.fence);
    this.#fence = fence;
  }

  /** Writes are made one after the other, in the order of asking. */
  record(...events: readonly LedgerEvent[]): Promise<void> {
    const written = this.#queue.then(() => this.#write(events));
    this.#queue = written.catch(() => {});
    return written;
  }

  async #write(events: readonly LedgerEvent[]): Promise<void> {
    if (this.#fence < this.#document.fence) throw fenced(this.path, this.#fence, this.#document.fence);
    const next = nextDocument(this.#document, events, this.#fence);
    try {
      if (this.#replaced) await this.#keep(this.#replaced);
      this.#etag = await this.#replace(documentText(next));
    } catch (error) {
      throw this.#cannotWrite(error);
    }
    this.#document = next;
    this.#replaced = undefined;
  }

  /** A run whose ledger can't be written must stop: what it does is known to nobody. Credentials speak for themselves. */
  #cannotWrite(error: unknown): unknown {
    if (!(error instanceof ServiceError) || ['expired', 'credentials'].includes(error.kind)) return error;
    return new RsdsError('ledger/write', `the ledger ${this.path} cannot be written: ${error.message}`, {
      hint: 'run the same command again',
      cause: error,
    });
  }

  async adopt(document: LedgerDocument): Promise<void> {
    this.#etag = await this.#replace(documentText(document));
    this.#document = document;
  }

  async retire(): Promise<string> {
    const { calls, bucket, key } = this.#options;
    const aside = `${key}.${asideName(this.#document)}`;
    await this.#keep({ key: aside, text: documentText(this.#document) });
    await calls.deleteKey({ Bucket: bucket, Key: key });
    return `s3://${bucket}/${aside}`;
  }

  /** Writes a copy, unless a run that was stopped half-way, or whose answer was lost, has. */
  async #keep({ key, text }: { key: string; text: string }): Promise<void> {
    const { calls, bucket } = this.#options;
    const there = await calls.getText({ Bucket: bucket, Key: key });
    if (there?.text === text) return;
    const condition: WriteCondition = there ? { IfMatch: there.etag } : { IfNoneMatch: '*' };
    await calls.putText({ Bucket: bucket, Key: key }, text, condition);
  }

  /** The new ETag. Repeats what did not happen, recognises what did (R2). */
  async #replace(text: string): Promise<string> {
    const { calls, clock, bucket, key } = this.#options;
    const condition: WriteCondition = this.#etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: this.#etag };
    for (let tries = 1; ; tries++) {
      try {
        return await calls.putText({ Bucket: bucket, Key: key }, text, condition);
      } catch (error) {
        const ours = await this.#ownWrite(text, error);
        if (ours !== undefined) return ours;
        if (tries === mostTries) throw error;
        await clock.sleep(Math.min(retryMs * 2 ** (tries - 1), retryMsMax) * (0.7 + 0.6 * this.#options.random.next()));
      }
    }
  }

  /** The ETag if the failed write was made after all; undefined: it can be tried again. Else throws. */
  async #ownWrite(text: string, error: unknown): Promise<string | undefined> {
    if (!(error instanceof ServiceError)) throw error;
    const { awsCode, kind } = error;
    const refused = awsCode === 'PreconditionFailed' || awsCode === 'NoSuchKey';
    const open = ['transient', 'unreachable', 'unknown', 'throttled'].includes(kind);
    if (!refused && !open && awsCode !== 'ConditionalRequestConflict') throw error;
    const stored = await read(this.#options);
    if (stored?.text === text) return stored.etag;
    if (stored === undefined && this.#etag === undefined) return undefined;
    if (stored === undefined) {
      throw new RsdsError('ledger/write', `the ledger ${this.path} vanished while it was in use`, { cause: error });
    }
    if (stored.etag === this.#etag) return undefined;
    const there = parseDocument(stored.text, this.path, this.#options.identity);
    if (refused || isOvertaken(this.#document, this.#fence, there)) throw fenced(this.path, this.#fence, there.fence);
    return undefined;
  }
}
