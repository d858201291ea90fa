/**
 * The embedded Postgres as the rest of the data plane sees it: one session in a worker thread, started at the first
 * use, watched, and thrown away when it hangs.
 *
 * E1. One Postgres is one session: `exclusive` gives it to one caller at a time.
 * E2. Nothing that Postgres does can block or end this process: it runs in a worker, and a statement that takes longer
 *     than `watchdogMs` of real time ends the worker, which starts again at the next use.
 */
import { Worker } from 'node:worker_threads';
import { RealClock } from '../../shared/clock.ts';
import { baseImage, dataDirectory } from './base-image.ts';
import { baseSchema } from './base-schema.ts';
import { SqlError } from './sql-error.ts';

/** A column of a result, with Postgres's type number, type modifier, and where it comes from. */
export interface EngineField {
  readonly name: string;
  readonly type: number;
  readonly modifier: number;
  readonly table: number;
  readonly column: number;
}

export interface EngineResult {
  /** Postgres's command tag, e.g. `INSERT 0 2`. */
  readonly tag: string;
  readonly fields: readonly EngineField[];
  /** Values in Postgres's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Runs SQL text, one or more statements, and answers one result a statement. Throws `SqlError`. */
export type Run = (sql: string) => Promise<readonly EngineResult[]>;

export interface EngineOptions {
  /** Where the data stay between runs; in memory without it. */
  readonly directory?: string | undefined;
  /** What to start from, from an earlier `dump`. */
  readonly snapshot?: Uint8Array | undefined;
  /** Real milliseconds after which a statement counts as hung. */
  readonly watchdogMs?: number | undefined;
  /** Starts from nothing, with nothing in it but what Postgres's own initdb makes: for making the base image. */
  readonly bare?: boolean | undefined;
}

interface Answer {
  readonly results: readonly EngineResult[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

type EngineReply =
  | { readonly ready: true }
  | { readonly id: number; readonly value?: unknown; readonly failure?: string };
interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #clock = new RealClock();
  readonly #pending = new Map<number, Pending>();
  #worker: Promise<Worker> | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #lastId = 0;
  #starts = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** How often Postgres was started: a change means that what was kept in memory is gone. */
  get starts(): number {
    return this.#starts;
  }

  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Gives the one session to `body`, after everybody who asked before. */
  exclusive<T>(body: (run: Run) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => body((sql) => this.#query(sql)));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Everything in it, as bytes that `snapshot` takes. */
  dump(): Promise<Uint8Array> {
    return this.exclusive(async () => (await this.#ask('dump')) as Uint8Array);
  }

  async close(): Promise<void> {
    await this.#queue;
    const worker = await this.#worker;
    if (!worker) return;
    await this.#ask('close');
    this.#worker = undefined;
    await worker.terminate();
  }

  /** Lets the process end although the worker still stands. */
  async unref(): Promise<void> {
    (await this.#worker)?.unref();
  }

  async #query(sql: string): Promise<readonly EngineResult[]> {
    const { results, error } = (await this.#ask('query', sql)) as Answer;
    if (error) throw new SqlError(error.code, error.message, { hint: error.hint });
    return results;
  }

  async #ask(operation: string, argument?: string): Promise<unknown> {
    const worker = await this.#start();
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    worker.ref();
    worker.postMessage({ id, operation, argument });
    try {
      return await this.#watched(worker, answer);
    } finally {
      this.#pending.delete(id);
      if (this.#pending.size === 0) worker.unref();
    }
  }

  async #watched(worker: Worker, answer: Promise<unknown>): Promise<unknown> {
    const answered = new AbortController();
    const bark = this.#clock
      .sleep(this.#options.watchdogMs ?? 60_000, { signal: answered.signal, background: true })
      .then(
        () => this.#giveUp(worker),
        () => undefined,
      );
    try {
      return await answer;
    } finally {
      answered.abort();
      await bark;
    }
  }

  async #giveUp(worker: Worker): Promise<void> {
    this.#worker = undefined;
    const hung = new SqlError('57014', 'the statement took too long for the simulator and was ended with its engine');
    for (const { reject } of this.#pending.values()) reject(hung);
    await worker.terminate();
  }

  #start(): Promise<Worker> {
    this.#worker ??= this.#launch().catch((error) => {
      this.#worker = undefined;
      throw error;
    });
    return this.#worker;
  }

  async #launch(): Promise<Worker> {
    const { directory, snapshot, bare } = this.#options;
    const place = directory === undefined ? undefined : dataDirectory(directory);
    const image = place?.whole || bare ? undefined : (snapshot ?? (await baseImage(makeImage)));
    const workerData = { directory: place?.path, image };
    // The same relative place in the sources and in the package, see rolldown.config.ts.
    const worker = new Worker(new URL('./engine-worker.mjs', import.meta.url), { workerData });
    this.#starts++;
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.on('message', (reply: EngineReply) => ('ready' in reply ? resolve() : this.#settle(reply)));
    });
    worker.on('error', (error) => this.#lose(worker, error));
    place?.markWhole();
    return worker;
  }

  #settle(reply: { id: number; value?: unknown; failure?: string }): void {
    const pending = this.#pending.get(reply.id);
    if (reply.failure === undefined) pending?.resolve(reply.value);
    else pending?.reject(new SqlError('XX000', reply.failure));
  }

  #lose(worker: Worker, error: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#pending.values())
      reject(new SqlError('57P01', `the engine ended: ${error.message}`));
    worker.unref();
  }
}

async function makeImage(): Promise<Uint8Array> {
  const bare = new Engine({ bare: true });
  try {
    await bare.exclusive((run) => run(baseSchema));
    return await bare.dump();
  } finally {
    await bare.close();
  }
}
