/**
 * The extended protocol: statements that are prepared under a name, bound to values as portals, described and executed.
 *
 * X1. A portal that answers rows runs when it is described or executed, whichever comes first: what it answers is then
 *     known without asking Postgres twice.
 * X2. After an error everything is skipped up to Sync.
 */
import { endOfRows } from '../plane/data-rows.ts';
import type { Binding } from '../plane/engine.ts';
import type { Answered, OpenSession } from '../plane/open-session.ts';
import { type PreparedSql, prepare, preparedOf } from '../plane/prepared-statements.ts';
import { SqlError } from '../plane/sql-error.ts';
import { splitStatements } from '../plane/tokens.ts';
import { completion, hasRows, rowsOf } from './answers.ts';
import {
  bindComplete,
  closeComplete,
  emptyQueryResponse,
  errorResponse,
  noData,
  parameterDescription,
  parseComplete,
  portalSuspended,
  rowDescription,
} from './backend-messages.ts';
import { Body } from './body.ts';
import type { Message, MessageStream } from './message-stream.ts';

interface Portal {
  readonly statement: PreparedSql;
  readonly binding: Binding;
  answered?: Answered;
  rows?: Buffer;
  /** How much of the rows has been sent. */
  sent: number;
}

export class ExtendedQueries {
  readonly #stream: MessageStream;
  readonly #session: OpenSession;
  readonly #portals = new Map<string, Portal>();
  #skipping = false;

  constructor(stream: MessageStream, session: OpenSession) {
    this.#stream = stream;
    this.#session = session;
  }

  /** Handles one message of the extended protocol, but for Sync and Flush. */
  async handle({ type, body }: Message): Promise<void> {
    if (this.#skipping) return;
    try {
      await this.#carryOut(type, new Body(body));
    } catch (error) {
      if (!(error instanceof SqlError) || error.severity === 'FATAL') throw error;
      this.#skipping = true;
      await this.#session.fail();
      this.#stream.send(errorResponse(error));
    }
  }

  /** Sync: the end of what belongs together. Portals live as long as their transaction. */
  async sync(): Promise<void> {
    this.#skipping = false;
    try {
      await this.#session.endTogether();
    } catch (error) {
      if (!(error instanceof SqlError) || error.severity === 'FATAL') throw error;
      this.#stream.send(errorResponse(error));
    }
    if (this.#session.status === 'I') this.#portals.clear();
  }

  /** A simple query ends the unnamed statement and portal. */
  forgetUnnamed(): void {
    this.#session.prepared.delete('');
    this.#portals.delete('');
  }

  #carryOut(type: string, body: Body): Promise<void> | void {
    switch (type) {
      case 'P':
        return this.#parse(body);
      case 'B':
        return this.#bind(body);
      case 'D':
        return this.#describe(body.byte(), body.string());
      case 'E':
        return this.#execute(body.string(), body.int32());
      default:
        return this.#close(body.byte(), body.string());
    }
  }

  #parse(body: Body): void {
    const name = body.string();
    const sql = body.string();
    const types = body.list(() => body.int32());
    const [only = '', second] = splitStatements(sql);
    if (second !== undefined) {
      throw new SqlError('42601', 'cannot insert multiple commands into a prepared statement');
    }
    prepare(this.#session.prepared, name, { sql: only, types });
    this.#stream.send(parseComplete);
  }

  #bind(body: Body): void {
    const portal = body.string();
    const statement = preparedOf(this.#session.prepared, body.string());
    const formats = body.list(() => body.int16());
    const values = body.list(() => body.value());
    const resultFormats = body.list(() => body.int16());
    this.#portals.set(portal, { statement, binding: { formats, values, resultFormats }, sent: 0 });
    this.#stream.send(bindComplete);
  }

  async #describe(kind: string, name: string): Promise<void> {
    if (kind === 'S') {
      const { parameters, fields, described } = await this.#description(preparedOf(this.#session.prepared, name));
      const plain = fields.map((field) => ({ ...field, format: 0 }));
      this.#stream.send(parameterDescription(parameters), described ? rowDescription(plain) : noData);
      return;
    }
    if (!this.#portals.has(name)) {
      // A cursor is a portal, too.
      this.#stream.send(rowDescription(this.#session.describeCursor(name).fields));
      return;
    }
    const portal = this.#portal(name);
    if (!this.#session.answersRows(portal.statement.sql)) {
      this.#stream.send(noData);
      return;
    }
    const answered = await this.#run(portal);
    this.#stream.send(answered && hasRows(answered) ? rowDescription(answered.fields) : noData);
  }

  #description({ sql, types }: PreparedSql) {
    if (sql === '') return { parameters: [], fields: [], described: false };
    return this.#session.describe({ sql, types });
  }

  /** `limit` 0 is without limit; what is left over stays for the next Execute. */
  async #execute(name: string, limit: number): Promise<void> {
    const portal = this.#portal(name);
    const answered = await this.#run(portal);
    if (!answered) {
      this.#stream.send(emptyQueryResponse);
      return;
    }
    portal.rows ??= hasRows(answered) ? rowsOf(answered) : Buffer.alloc(0);
    const end = endOfRows(portal.rows, portal.sent, limit);
    this.#stream.send(portal.rows.subarray(portal.sent, end));
    portal.sent = end;
    this.#stream.send(end < portal.rows.length ? portalSuspended : completion(answered));
  }

  async #run(portal: Portal): Promise<Answered | undefined> {
    const { statement, binding } = portal;
    if (statement.sql === '') return undefined;
    portal.answered ??= await this.#session.run({ ...statement, binding }, !/^E?S/.test(this.#stream.typesAhead(2)));
    return portal.answered;
  }

  #close(kind: string, name: string): void {
    if (kind === 'S') this.#session.prepared.delete(name);
    else this.#portals.delete(name);
    this.#stream.send(closeComplete);
  }

  #portal(name: string): Portal {
    const found = this.#portals.get(name);
    if (!found) throw new SqlError('34000', `portal "${name}" does not exist`);
    return found;
  }
}
