/**
 * The embedded Postgres as the rest of the data plane sees it: one session in a worker thread, started at the first
 * use, watched, and thrown away when it hangs.
 *
 * E1. One Postgres is one session: `exclusive` gives it to one caller at a time.
 * E2. Nothing that Postgres does can block or end this process: it runs in a worker, and a statement that takes longer
 *     than its limit of real time ends the worker, which starts again at the next use. Postgres's own statement_timeout
 *     has no effect in WebAssembly.
 */
import { Worker } from 'node:worker_threads';
import { RealClock } from '../../shared/clock.ts';
import { baseImage } from './base-image.ts';
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

/** A column of a prepared statement's result, with the format in which its values come: 0 text, 1 binary. */
export interface PreparedField extends EngineField {
  readonly format: number;
}

/** Values for the parameters of a prepared statement, as the wire protocol's Bind has them. */
export interface Binding {
  readonly values: readonly (Uint8Array | null)[];
  /** Formats of the values, 0 text or 1 binary: none, one for all, or one each. */
  readonly formats: readonly number[];
  /** Formats wanted for the columns of the result, in the same way. */
  readonly resultFormats: readonly number[];
}

/** One statement by the extended protocol: with a binding it is run, without one only described. */
export interface Prepared {
  /** SQL around it: what puts Postgres into the session's shoes, and what leaves no trace of it. */
  readonly before: string;
  readonly after: string;
  readonly sql: string;
  /** Types of the parameters, 0 where Postgres is to infer it. */
  readonly types: readonly number[];
  readonly binding?: Binding | undefined;
}

export interface PreparedResult {
  readonly parameters: readonly number[];
  readonly fields: readonly PreparedField[];
  /** Whether it returns rows at all. */
  readonly described: boolean;
  readonly tag: string;
  /** DataRow messages, as Postgres wrote them. */
  readonly rows: Uint8Array;
  readonly count: number;
}

export interface Run {
  /** Runs SQL text, one or more statements, and answers one result a statement. Throws `SqlError`. */
  (sql: string): Promise<readonly EngineResult[]>;
  /** Runs or describes one prepared statement. Throws `SqlError`. */
  prepared(statement: Prepared): Promise<PreparedResult>;
}

export interface Turn {
  /** Real milliseconds after which a statement counts as hung; a minute. */
  readonly limitMs?: number | undefined;
  /** Whose turn it is, for `interrupt`. */
  readonly owner?: object | undefined;
}

export interface EngineOptions {
  /** Starts from nothing, with nothing in it but what Postgres's own initdb makes: for making the base image. */
  readonly bare?: boolean | undefined;
}

interface Failed {
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly detail?: string;
  };
}

interface Answer extends Failed {
  readonly results: readonly EngineResult[];
}

type EngineReply =
  | { readonly ready: true }
  | { readonly id: number; readonly value?: unknown; readonly failure?: string };
interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export const cancelled = () => new SqlError('57014', "Query cancelled on user's request");

export class Engine {
  readonly #options: EngineOptions;
  readonly #clock = new RealClock();
  readonly #pending = new Map<number, Pending>();
  #worker: Promise<Worker> | undefined;
  #current: Worker | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #owner: object | undefined;
  #lastId = 0;
  /** Turns with an owner that have been asked for and have not ended. */
  #owned = 0;
  #starts = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** How often Postgres was started: a change means that what was kept in memory is gone. */
  get starts(): number {
    return this.#starts;
  }

  /** Starts Postgres when it is not there; answers which start it is (`starts`). */
  async started(): Promise<number> {
    await this.#start();
    return this.#starts;
  }

  /**
   * Gives the one session to `body`, after everybody who asked before. A statement that takes longer than `limitMs` of
   * real time counts as hung: it is ended with the engine and everything in it.
   */
  exclusive<T>(body: (run: Run) => Promise<T>, { limitMs = 60_000, owner }: Turn = {}): Promise<T> {
    const prepared = (statement: Prepared) => this.#answer<PreparedResult>('prepared', statement, limitMs);
    const run: Run = Object.assign((sql: string) => this.#query(sql, limitMs), { prepared });
    if (owner) this.#owned++;
    const turn = this.#queue.then(() => {
      this.#owner = owner;
      return body(run);
    });
    this.#queue = turn.then(
      () => this.#passOn(),
      () => this.#passOn(),
    );
    return turn;
  }

  #passOn(): void {
    if (this.#owner) this.#owned--;
    this.#owner = undefined;
  }

  /** Resolves when all who asked so far have had their turns; undefined where there is no owner among them. */
  free(): Promise<void> | undefined {
    return this.#owned === 0 ? undefined : this.#queue.then(() => undefined);
  }

  /** Ends the statement that runs for `owner`, if one does: it can only be ended with the engine. */
  async interrupt(owner: object): Promise<void> {
    const worker = this.#current;
    if (this.#owner !== owner || this.#pending.size === 0 || !worker) return;
    await this.#discard(worker, cancelled());
  }

  /** Everything in it, as bytes to start from (base-image.ts). */
  dump(): Promise<Uint8Array> {
    return this.exclusive(async () => (await this.#ask('dump')) as Uint8Array);
  }

  async close(): Promise<void> {
    await this.#queue;
    const worker = await this.#worker;
    if (!worker) return;
    await this.#ask('close');
    this.#current = undefined;
    this.#worker = undefined;
    await worker.terminate();
  }

  async #query(sql: string, limitMs: number): Promise<readonly EngineResult[]> {
    return (await this.#answer<Answer>('query', sql, limitMs)).results;
  }

  async #answer<T>(operation: string, argument: unknown, limitMs: number): Promise<T> {
    const answer = (await this.#ask(operation, argument, limitMs)) as T & Failed;
    const { error } = answer;
    if (error) throw new SqlError(error.code, error.message, { hint: error.hint, detail: error.detail });
    return answer;
  }

  async #ask(operation: string, argument?: unknown, limitMs = 60_000): Promise<unknown> {
    const worker = await this.#start();
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    worker.ref();
    worker.postMessage({ id, operation, argument });
    try {
      return await this.#watched(worker, answer, limitMs);
    } finally {
      this.#pending.delete(id);
      if (this.#pending.size === 0) worker.unref();
    }
  }

  async #watched(worker: Worker, answer: Promise<unknown>, limitMs: number): Promise<unknown> {
    const answered = new AbortController();
    const bark = this.#clock.sleep(limitMs, { signal: answered.signal, background: true }).then(
      () => this.#giveUp(worker),
      () => undefined,
    );
    try {
      return await answer;
    } finally {
      // With a reason: without one an error with its stack is made for each statement.
      answered.abort('answered');
      await bark;
    }
  }

  #giveUp(worker: Worker): Promise<void> {
    const why = 'the statement took too long for the simulator and was ended with its engine';
    return this.#discard(worker, new SqlError('57014', why));
  }

  /** Postgres is of no more use: everybody who waits for it is told `why`, and the next who needs one starts it anew. */
  async #discard(worker: Worker, why: SqlError): Promise<void> {
    if (this.#current !== worker) return;
    this.#current = undefined;
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(why);
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
    const image = this.#options.bare ? undefined : await baseImage(makeImage);
    // The same relative place in the sources and in the package, see rolldown.config.ts.
    const worker = new Worker(new URL('./engine-worker.mjs', import.meta.url), { workerData: { image } });
    this.#starts++;
    this.#current = worker;
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new SqlError('57P01', `the engine ended with ${code}`)));
      worker.on('message', (reply: EngineReply) => ('ready' in reply ? resolve() : this.#settle(worker, reply)));
    });
    worker.on('error', (error) => this.#lose(worker, error.message));
    worker.on('exit', (code) => this.#lose(worker, `exit ${code}`));
    return worker;
  }

  /** A failure that is no answer of Postgres's leaves it in a state in which it would hang. */
  #settle(worker: Worker, { id, value, failure }: { id: number; value?: unknown; failure?: string }): void {
    if (failure === undefined) this.#pending.get(id)?.resolve(value);
    else this.#lose(worker, failure);
  }

  #lose(worker: Worker, why: string): void {
    void this.#discard(worker, new SqlError('57P01', `the engine ended: ${why}`));
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
