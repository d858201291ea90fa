/**
 * The ledger in a local file, mode 0600. Each write replaces it whole: temporary file, fsync, rename, fsync of the
 * folder; a crash leaves the old document or the new one.
 */
import { readFileSync, renameSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { RsdsError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { emptyDocument, historyOf, type LedgerIdentity, parseDocument } from './document.ts';
import type { LedgerDocument, LedgerEvent, LedgerStore } from './ledger.ts';
import { asideName, documentText, fenced, isOvertaken, nextDocument, replacedName } from './next-document.ts';

export const ledgerPath = (folder: string, { project, environment }: Pick<LedgerIdentity, 'project' | 'environment'>) =>
  join(folder, `${project}-${environment}.json`);

export interface FileLedgerOptions {
  readonly path: string;
  readonly identity: LedgerIdentity;
  readonly clock: Clock;
  readonly random: Random;
  /** Believe only the history of what is there, and keep it aside when the first record is written. */
  readonly rebuild?: boolean;
}

/** Opens the ledger, or starts an empty one that is written with the first record. Throws what document.ts throws. */
export async function openFileLedger(options: FileLedgerOptions): Promise<FileLedger> {
  const { path, identity, clock, random, rebuild } = options;
  const text = await clock.track(readIfThere(path));
  const fresh = emptyDocument(identity, random.hex(12));
  if (text === undefined) return new FileLedger(options, fresh, text);
  const document = rebuild ? historyOf(text, identity, fresh.lineage) : parseDocument(text, path, identity);
  return new FileLedger(options, document, text);
}

export class FileLedger implements LedgerStore {
  readonly existed: boolean;
  readonly path: string;
  readonly #clock: Clock;
  readonly #identity: LedgerIdentity;
  #document: LedgerDocument;
  /** What is in the file, as far as we know. */
  #text: string | undefined;
  #fence = 0;
  #queue: Promise<void> = Promise.resolve();
  #aside: string | undefined;

  constructor(options: FileLedgerOptions, document: LedgerDocument, text: string | undefined) {
    this.path = options.path;
    this.#clock = options.clock;
    this.#identity = options.identity;
    this.#document = document;
    this.existed = text !== undefined;
    this.#text = text;
    if (options.rebuild && this.existed) this.#aside = `${this.path}.${replacedName(options.clock.now())}`;
  }

  get aside(): string | undefined {
    return this.#aside;
  }

  document(): LedgerDocument {
    return this.#document;
  }

  async reload(): Promise<void> {
    const text = await this.#clock.track(readIfThere(this.path));
    if (text === undefined) return;
    this.#document = this.#aside
      ? historyOf(text, this.#identity, this.#document.lineage)
      : parseDocument(text, this.path, this.#identity);
    this.#text = text;
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
    const next = nextDocument(this.#document, events, this.#fence);
    const text = documentText(next);
    if (this.#aside) await this.#clock.track(keepCopy(this.path, this.#aside));
    await this.#clock.track(replaceFile(this.path, text, () => this.#refuseIfOvertaken()));
    this.#aside = undefined;
    this.#document = next;
    this.#text = text;
  }

  async adopt(document: LedgerDocument): Promise<void> {
    const text = documentText(document);
    await this.#clock.track(replaceFile(this.path, text, () => this.#refuseIfTouched()));
    this.#document = document;
    this.#text = text;
  }

  async retire(): Promise<string> {
    const backup = `${this.path}.${asideName(this.#document)}`;
    await this.#clock.track(rename(this.path, backup));
    return backup;
  }

  /** A document that comes from elsewhere replaces the one that was looked at, and no other. */
  #refuseIfTouched(): void {
    if (readNowIfThere(this.path) === this.#text) return;
    throw new RsdsError('ledger/write', `the ledger ${this.path} was written by another run just now`, {
      hint: 'run the same command again',
    });
  }

  /** L3: the file is read again when it is replaced, so that a run that was overtaken cannot undo what came after. */
  #refuseIfOvertaken(): void {
    const text = readNowIfThere(this.path);
    // As we left it: no need to take it apart before each of hundreds of writes.
    if (text === this.#text && this.#fence >= this.#document.fence) return;
    if (text === undefined) {
      throw new RsdsError('ledger/write', `the ledger ${this.path} vanished while it was in use`);
    }
    const there = parseDocument(text, this.path, this.#identity);
    if (isOvertaken(this.#document, this.#fence, there)) throw fenced(this.path, this.#fence, there.fence);
  }
}

/** Copies a file, as its owner alone can read it. */
async function keepCopy(path: string, aside: string): Promise<void> {
  try {
    await copyFile(path, aside);
    await chmod(aside, 0o600);
  } catch (cause) {
    throw new RsdsError('ledger/write', `cannot keep ${path} as ${aside}: ${(cause as Error).message}`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: unknown) => absentOrThrow(path, cause));
}

function readNowIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    return absentOrThrow(path, cause);
  }
}

function absentOrThrow(path: string, cause: unknown): undefined {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw new RsdsError('ledger/unreadable', `the ledger ${path} cannot be read: ${(cause as Error).message}`, { cause });
}

/**
 * Replaces a file so that at every moment either the old or the new content is there, whole and durable. `refuse`
 * throws when the old content must stay. It is asked last, and nothing is awaited between its answer and the
 * replacement: a process that is stopped for long while it writes may be one that was overtaken.
 */
export async function replaceFile(path: string, content: string, refuse: () => void): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    refuse();
    renameSync(temporary, path);
    const directory = await open(folder, 'r');
    await directory.sync().finally(() => directory.close());
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    if (cause instanceof RsdsError) throw cause;
    throw new RsdsError('ledger/write', `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}
