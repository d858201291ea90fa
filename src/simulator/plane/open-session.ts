/**
 * A session that a client holds open: its transaction spans messages, while all sessions share one Postgres.
 *
 * O1. A transaction takes Postgres for itself with its first change and keeps it to its end; until then its queries
 *     take turns with everybody else's. So a client that only reads, however long its transaction, is in nobody's way.
 *     Gap: what it reads is not frozen at the transaction's begin.
 * O2. A client that keeps Postgres without using it loses its transaction after `idleMs` of real time: others wait.
 * O3. An error ends what the transaction has changed at once; the client still has to say ROLLBACK.
 * O4. What a client sends together, up to its Sync, is one transaction, unless it says itself where one begins and ends.
 */
import { RealClock } from '../../shared/clock.ts';
import type { Place } from '../world.ts';
import { type Catalog, catalogOf } from './catalog.ts';
import { type CursorStatement, Cursors, cursorStatement } from './cursors.ts';
import type { Session, StatementResult } from './data-plane.ts';
import { textsOf } from './data-rows.ts';
import { type Binding, cancelled, type PreparedResult } from './engine.ts';
import { interrupt, type Room, withDraft } from './engine-room.ts';
import { changesRows, execute, executePrepared, inLogicalNames, isQuery, onlyReads } from './execute.ts';
import { withLiterals } from './literals.ts';
import { isReady, makeReady } from './namespaces.ts';
import { deallocate, executed, type PreparedStatements, preparation, prepare } from './prepared-statements.ts';
import { mayUse, type Scope, scopeOf } from './scope.ts';
import { type LiveSession, type ShownStatement, sessionTable } from './session-table.ts';
import { SqlError } from './sql-error.ts';
import { letGo } from './temporary.ts';
import { wordOf } from './token-runs.ts';
import { firstWord, isCode, nameOf, type Token, tokenize } from './tokens.ts';
import { enterFor, runAll, type Work } from './work.ts';

/** One statement, with the values of its parameters where it was prepared. */
export interface Asked {
  readonly sql: string;
  readonly types?: readonly number[] | undefined;
  readonly binding?: Binding | undefined;
}

export type Answered = StatementResult | PreparedResult;

/** What a prepared statement takes and answers. */
export type Description = Pick<PreparedResult, 'parameters' | 'fields' | 'described'>;

/** As the wire protocol's ReadyForQuery says it: idle, in a transaction, in one that has failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

export interface OpenSessionOptions {
  /** The world now. */
  place(): Place;
  readonly session: Session;
  readonly limitMs?: number | undefined;
  /** Real milliseconds; see O2. */
  readonly idleMs: number;
  /** Put around each statement: the warehouse wakes up before it and is paid for afterwards. */
  metered?<T>(statement: () => Promise<T>): Promise<T>;
  /** Told when something was changed for good. */
  onChange(): void;
  /** Told when the session can't go on. */
  onLost(why: SqlError): void;
}

/** The transaction that has Postgres. */
interface Writer {
  readonly room: Room;
  readonly draft: Catalog;
  end(keep: boolean): Promise<void>;
}

class RolledBack extends Error {}

/** Numbers queries in the views, all warehouses alike. */
let nextQuery = 100_000;

const unbound: Binding = { values: [], formats: [], resultFormats: [] };
/** How long a statement goes on whose client has gone (real ms). */
const abandonedMs = 2_000;

const nothing = { parameters: [], fields: [], described: false };
const clock = new RealClock();

export class OpenSession {
  readonly session: Session;
  readonly #options: OpenSessionOptions;
  /** By name; the unnamed one's is empty. */
  readonly prepared: PreparedStatements = new Map();
  readonly #cursors = new Cursors();
  #status: TransactionStatus = 'I';
  #writer: Writer | undefined;
  #settingsBefore = new Map<string, string>();
  /** What SET LOCAL has set in this transaction, and only for it. */
  readonly #local = new Set<string>();
  #readOnly = false;
  /** Whether the transaction was begun by nobody: it ends with what the client sent together (O4). */
  #implicit = false;
  #idle: AbortController | undefined;
  readonly #shown: LiveSession;
  readonly #closed = new AbortController();
  #lost: SqlError | undefined;
  #running = false;
  #cancelled = false;

  constructor(options: OpenSessionOptions) {
    this.#options = options;
    this.session = options.session;
    const { world, now } = options.place();
    const { pid = 0, namespaceId, database, user } = options.session;
    const end = (why: SqlError) => options.onLost(why);
    this.#shown = { pid, namespaceId, database, user, startedAt: now, statement: undefined, end };
    sessionTable(world).set(pid, this.#shown);
  }

  get status(): TransactionStatus {
    return this.#status;
  }

  /** Whether a statement of this session is running or waits for its turn. */
  get running(): boolean {
    return this.#running;
  }

  /** Runs one statement; `more` says that others belong to it (O4). Throws `SqlError`. */
  async run(asked: Asked, more = false): Promise<Answered> {
    if (this.#lost) throw this.#lost;
    this.#idle?.abort();
    this.#cancelled = false;
    this.#running = true;
    const statement: ShownStatement = {
      queryId: nextQuery++,
      text: asked.sql,
      startedAt: this.#options.place().now,
      failed: true,
    };
    this.#shown.statement = statement;
    try {
      const answered = (await this.#transactionStatement(asked.sql)) ?? (await this.#statement(asked, more));
      statement.failed = false;
      return answered;
    } finally {
      this.#running = false;
      statement.endedAt = this.#options.place().now;
      this.#watchIdleness();
    }
  }

  /** What a statement takes and answers, without running it. Throws `SqlError`. */
  async describe(asked: Asked): Promise<Description> {
    if (this.#status === 'E') throw aborted();
    const cursor = cursorStatement(asked.sql);
    if (cursor) return cursor.verb === 'fetch' ? this.describeCursor(cursor.name) : nothing;
    return this.#description({ ...asked, sql: executed(this.prepared, asked.sql) });
  }

  /** Whether a statement may answer rows; known without asking anybody. */
  answersRows(sql: string): boolean {
    if (/^(fetch|call|explain)$/.test(firstWord(sql))) return true;
    return onlyReads(executed(this.prepared, sql));
  }

  /** What FETCH from a cursor answers. Throws `SqlError` when there is none of that name. */
  describeCursor(name: string): Description {
    return { parameters: [], fields: this.#cursors.fieldsOf(name), described: true };
  }

  async #description({ sql, types = [] }: Asked): Promise<Description> {
    if (isQuery(sql) || (changesRows(sql) && !onlyReads(sql))) {
      return this.#inRoom((room, catalog) => executePrepared(room, this.#scope(catalog), sql, { types }));
    }
    if (!onlyReads(sql)) return nothing;
    const { fields } = await this.#inRoom((room, catalog) =>
      execute(room, this.#scope(catalog), sql, { transaction: true }),
    );
    return { parameters: [], described: true, fields: fields.map((field) => ({ ...field, format: 0 })) };
  }

  /** Ends the statement that runs, with Postgres itself if it must be; the next one starts it anew. */
  async cancel(): Promise<void> {
    if (!this.#running) return;
    this.#cancelled = true;
    await interrupt(this);
  }

  /** All that belongs together has been sent (O4). Throws `SqlError` when it can't be committed. */
  async endTogether(): Promise<void> {
    if (!this.#implicit) return;
    this.#implicit = false;
    if (this.#status !== 'I') await this.#commit();
  }

  /** An error, of a statement or of the protocol around it: the transaction, if there is one, can only be rolled back. */
  async fail(): Promise<void> {
    if (this.#status !== 'T') return;
    this.#status = 'E';
    await this.#takeWriter()?.end(false);
  }

  /** The client has gone: what still runs for it is cancelled after a while, since all others wait for it. */
  abandon(): void {
    void clock.sleep(abandonedMs, { signal: this.#closed.signal, background: true }).then(
      async () => {
        await this.cancel();
        this.abandon();
      },
      () => undefined,
    );
  }

  /** Takes back what was not committed. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#idle?.abort();
    sessionTable(this.#options.place().world).delete(this.#shown.pid);
    await this.cancel();
    await this.#rollBack();
    const place = this.#options.place();
    letGo(place, catalogOf(place), this.session, undefined);
  }

  async #transactionStatement(sql: string): Promise<Answered | undefined> {
    if (!/^(begin|start|commit|end|rollback|abort)$/.test(firstWord(sql)) && this.#status !== 'E') return undefined;
    const [head, second, ...rest] = tokenize(sql).filter(isCode).map(wordOf);
    if (/^(commit|end)$/.test(head ?? '')) return tagged(await this.#commit());
    // There are no savepoints to go back to.
    if (/^(rollback|abort)$/.test(head ?? '') && second !== 'to') return tagged(await this.#rollBack());
    if (this.#status === 'E') throw aborted();
    if (head !== 'begin' && !(head === 'start' && second === 'transaction')) return undefined;
    if (this.#status === 'I') this.#begin([second, ...rest].join(' ').includes('read only'));
    this.#implicit = false;
    return tagged(head === 'begin' ? 'BEGIN' : 'START TRANSACTION');
  }

  #begin(readOnly: boolean): void {
    this.#settingsBefore = new Map(this.session.settings);
    this.#local.clear();
    this.#readOnly = readOnly;
    this.#status = 'T';
  }

  async #commit(): Promise<string> {
    this.#cursors.close(undefined);
    if (this.#status === 'E') return this.#rollBack();
    const writer = this.#takeWriter();
    this.#status = 'I';
    for (const name of this.#local) this.#restoreSetting(name);
    if (!writer) return 'COMMIT';
    await writer.end(true);
    this.#options.onChange();
    return 'COMMIT';
  }

  async #rollBack(): Promise<string> {
    this.#cursors.close(undefined);
    if (this.#status !== 'I') this.#restoreSettings();
    this.#status = 'I';
    await this.#takeWriter()?.end(false);
    return 'ROLLBACK';
  }

  #restoreSettings(): void {
    this.session.settings.clear();
    for (const [name, value] of this.#settingsBefore) this.session.settings.set(name, value);
  }

  #restoreSetting(name: string): void {
    const before = this.#settingsBefore.get(name);
    if (before === undefined) this.session.settings.delete(name);
    else this.session.settings.set(name, before);
  }

  #takeWriter(): Writer | undefined {
    const writer = this.#writer;
    this.#writer = undefined;
    return writer;
  }

  async #statement(asked: Asked, more: boolean): Promise<Answered> {
    if (more && this.#status === 'I' && !onlyReads(asked.sql)) {
      this.#begin(false);
      this.#implicit = true;
    }
    const { metered = (statement) => statement() } = this.#options;
    try {
      return await metered(() => this.#dispatch(asked));
    } catch (error) {
      await this.fail();
      throw inLogicalNames(catalogOf(this.#options.place()), error);
    }
  }

  async #dispatch(asked: Asked): Promise<Answered> {
    const cursor = cursorStatement(asked.sql);
    if (cursor) return this.#cursor(cursor, asked);
    const made = preparation(asked.sql);
    if (made) {
      await this.#description(made.statement);
      prepare(this.prepared, made.name, made.statement);
      return tagged('PREPARE');
    }
    if (deallocate(this.prepared, asked.sql)) return tagged('DEALLOCATE');
    const sql = executed(this.prepared, asked.sql);
    return isQuery(sql) ? this.#query({ ...asked, sql }) : this.#other({ ...asked, sql });
  }

  async #cursor(cursor: CursorStatement, { types = [], binding = unbound }: Asked): Promise<Answered> {
    const { verb, name } = cursor;
    if (verb === 'fetch') return this.#cursors.fetch(name, cursor.count, binding);
    if (verb === 'close') {
      this.#cursors.close(name);
      return tagged('CLOSE CURSOR');
    }
    this.#cursors.mayDeclare(this.#status === 'T');
    const { query: sql } = cursor;
    if (!isQuery(sql)) throw new SqlError('42601', 'a cursor can only be declared for a query');
    const run = (resultFormats: readonly number[]) =>
      this.#query({ sql, types, binding: { ...binding, resultFormats } });
    await this.#cursors.declare(name, run);
    return tagged('DECLARE CURSOR');
  }

  /** Always by Postgres's own protocol: its rows pass through as they are. */
  #query({ sql, types = [], binding = unbound }: Asked): Promise<PreparedResult> {
    return this.#inRoom((room, catalog) => executePrepared(room, this.#scope(catalog), sql, { types, binding }));
  }

  async #other(asked: Asked): Promise<Answered> {
    const sql = asked.binding
      ? await withLiterals(asked, asked.binding, (described) => this.#texts(described))
      : asked.sql;
    const transaction = this.#status === 'T';
    if (onlyReads(sql) || setsOnly(sql)) return this.#readOrSet(sql, transaction);
    if (transaction && this.#readOnly) throw new SqlError('25006', 'transaction is read-only');
    if (!transaction) {
      const [result] = await runAll(this.#work(), [sql], false);
      this.#options.onChange();
      return result as StatementResult;
    }
    this.#writer ??= await this.#startWriting();
    const { room, draft } = this.#writer;
    return execute(room, this.#scope(draft), sql, { transaction });
  }

  async #readOrSet(sql: string, transaction: boolean): Promise<StatementResult> {
    const result = await this.#inRoom((room, catalog) => execute(room, this.#scope(catalog), sql, { transaction }));
    const [head, scoped, name, next] = tokenize(sql).filter(isCode);
    if (transaction && wordOf(head) === 'set' && wordOf(scoped) === 'local') {
      this.#local.add(wordOf(name) === 'time' && wordOf(next) === 'zone' ? 'timezone' : nameOf(name as Token));
    }
    return result;
  }

  /** The text forms of values that a client sent in binary; Postgres knows both. */
  async #texts({ sql, types = [], binding }: Asked): Promise<readonly (string | null)[]> {
    const { parameters } = await this.describe({ sql, types });
    const casts = parameters.map((_, n) => `$${n + 1}::text`).join(', ');
    const bound = binding && { ...binding, resultFormats: [0] };
    const { rows } = (await this.#inRoom((room) =>
      room.readPrepared({ as: allDigits, sql: `SELECT ${casts}` }, { types: parameters, binding: bound }),
    )) as PreparedResult;
    return textsOf(rows);
  }

  /** In the transaction's own Postgres if it has one, otherwise in a turn of its own. */
  #inRoom<T>(body: (room: Room, catalog: Catalog) => Promise<T>): Promise<T> {
    if (this.#writer) return body(this.#writer.room, this.#writer.draft);
    return enterFor(this.#work(), body);
  }

  #work(): Work {
    const { place, session, limitMs } = this.#options;
    return { place: place(), session, limitMs, owner: this, onTurn: () => this.#onTurn() };
  }

  /** Its turn has come: too late for a statement that was cancelled while it waited. */
  #onTurn(): void {
    if (this.#cancelled) throw cancelled();
  }

  /** Throws `SqlError` when the database that the session is connected to may not be used any more. */
  #scope(catalog: Catalog): Scope {
    const scope = scopeOf(this.#options.place(), catalog, this.session);
    mayUse(scope, scope.database);
    return scope;
  }

  async #startWriting(): Promise<Writer> {
    const entered = deferred<{ room: Room; draft: Catalog }>();
    const ending = deferred<boolean>();
    const { place, limitMs } = this.#options;
    const inside = async (room: Room, draft: Catalog) => {
      this.#onTurn();
      if (!isReady(place(), draft, this.session)) makeReady(place(), draft, this.session);
      await room.catchUp();
      entered.resolve({ room, draft });
      if (!(await ending.promise)) throw new RolledBack();
    };
    const whole = withDraft(catalogOf(place()), inside, { limitMs, owner: this });
    whole.catch(entered.reject);
    const { room, draft } = await entered.promise;
    return {
      room,
      draft,
      end: (keep) => {
        ending.resolve(keep);
        return whole.catch((error: unknown) => {
          if (keep || !(error instanceof RolledBack)) throw error;
        });
      },
    };
  }

  #watchIdleness(): void {
    if (!this.#writer) return;
    const idle = new AbortController();
    this.#idle = idle;
    void clock.sleep(this.#options.idleMs, { signal: idle.signal, background: true }).then(
      () => this.#lose(),
      () => undefined,
    );
  }

  async #lose(): Promise<void> {
    const why = 'terminating connection due to idle-in-transaction timeout: it kept the one Postgres of the simulator';
    this.#lost = new SqlError('25P03', why, { severity: 'FATAL' });
    await this.#rollBack();
    this.#options.onLost(this.#lost);
  }
}

const tagged = (tag: string): StatementResult => ({ tag, fields: [], rows: [] });

const aborted = () =>
  new SqlError('25P02', 'current transaction is aborted, commands ignored until end of transaction block');

/** A number with a fraction loses none of it on its way into a statement's text. */
const allDigits = "SELECT pg_catalog.set_config('extra_float_digits', '3', true)";

/** SET and RESET belong to the session and never reach Postgres. */
const setsOnly = (sql: string) => /^(set|reset)$/.test(firstWord(sql));

function deferred<T>() {
  let settle: { resolve(value: T): void; reject(error: unknown): void } = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
