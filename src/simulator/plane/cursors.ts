/**
 * DECLARE, FETCH and CLOSE, as psycopg's named cursors and ODBC drivers use them. A cursor's rows are computed when it is
 * declared, and are handed out by the piece (F-706).
 */
import { asBuffer, countRows, endOfRows } from './data-rows.ts';
import type { Binding, PreparedResult } from './engine.ts';
import { Reader } from './reader.ts';
import { notSimulated, SqlError } from './sql-error.ts';
import { wordOf } from './token-runs.ts';
import { firstWord, joinTokens, tokenize } from './tokens.ts';

export type CursorStatement =
  | { readonly verb: 'declare'; readonly name: string; readonly query: string }
  /** `count` 0 is all that is left. */
  | { readonly verb: 'fetch'; readonly name: string; readonly count: number }
  | { readonly verb: 'close'; readonly name: string | undefined };

/** Runs a cursor's query, its values in the formats that are asked for. */
export type RunQuery = (resultFormats: readonly number[]) => Promise<PreparedResult>;

interface Cursor {
  readonly name: string;
  readonly run: RunQuery;
  readonly inText: PreparedResult;
  /** Rows that have been fetched. */
  fetched: number;
}

/** What a statement says of cursors; undefined when it is about something else. Throws `SqlError` for what is wrong. */
export function cursorStatement(sql: string): CursorStatement | undefined {
  if (!/^(declare|fetch|close)$/.test(firstWord(sql))) return undefined;
  const reader = new Reader(tokenize(sql));
  if (reader.take('declare')) return declared(reader, sql);
  if (reader.take('fetch')) return fetched(reader);
  if (!reader.take('close')) return undefined;
  const name = reader.take('all') ? undefined : reader.name();
  reader.end();
  return { verb: 'close', name };
}

function declared(reader: Reader, sql: string): CursorStatement {
  const name = reader.name();
  while (!reader.take('cursor')) {
    if (reader.take('no', 'scroll') || reader.takeOne('insensitive')) continue;
    if (reader.takeOne('scroll', 'binary')) throw notSimulated('a cursor that goes backwards or is binary');
    throw reader.wrong();
  }
  if (reader.take('with', 'hold')) throw new SqlError('0A000', 'cursors WITH HOLD are not supported');
  reader.take('without', 'hold');
  reader.expect('for');
  const tokens = tokenize(sql);
  const cursor = tokens.findIndex((token) => wordOf(token) === 'cursor');
  const at = tokens.findIndex((token, index) => index > cursor && wordOf(token) === 'for');
  return { verb: 'declare', name, query: joinTokens(tokens.slice(at + 1)).trim() };
}

function fetched(reader: Reader): CursorStatement {
  const forward = reader.take('forward');
  const all = reader.take('all');
  const next = !all && !forward && reader.take('next');
  const count = all ? 0 : next || !reader.nextIsNumber ? 1 : reader.number();
  reader.takeOne('from', 'in');
  const name = reader.name();
  reader.end();
  return { verb: 'fetch', name, count: !all && count === 0 ? -1 : count };
}

/** The cursors of one session: at most one, for as long as its transaction. */
export class Cursors {
  #open: Cursor | undefined;

  /** Throws what may not be declared now. */
  mayDeclare(inTransaction: boolean): void {
    if (!inTransaction) throw new SqlError('25P01', 'DECLARE CURSOR may only be used in transaction blocks');
    const open = this.#open?.name;
    if (open !== undefined) {
      throw new SqlError('0A000', `only one cursor can be open per session, and "${open}" is`, {
        hint: 'Close it first.',
      });
    }
  }

  async declare(name: string, run: RunQuery): Promise<void> {
    this.#open = { name, run, inText: await run([]), fetched: 0 };
  }

  /** What a cursor's rows look like. */
  fieldsOf(name: string): PreparedResult['fields'] {
    return this.#find(name).inText.fields;
  }

  /** The next rows; `count` 0 is all of them, -1 the one that was fetched last. */
  async fetch(name: string, count: number, { resultFormats }: Pick<Binding, 'resultFormats'>): Promise<PreparedResult> {
    const cursor = this.#find(name);
    const inBinary = resultFormats.some((format) => format === 1);
    // Gap: binary values are those of the query run again.
    const answer = inBinary ? await cursor.run(resultFormats) : cursor.inText;
    const rows = asBuffer(answer.rows);
    const before = count < 0 ? cursor.fetched - 1 : cursor.fetched;
    const from = before > 0 ? endOfRows(rows, 0, before) : 0;
    const end = before < 0 ? from : endOfRows(rows, from, Math.abs(count));
    const found = countRows(rows, from, end);
    if (count >= 0) cursor.fetched += found;
    return { ...answer, rows: rows.subarray(from, end), count: found, tag: `FETCH ${found}` };
  }

  /** Closes one cursor, or all of them. */
  close(name: string | undefined): void {
    if (name !== undefined) this.#find(name);
    this.#open = undefined;
  }

  #find(name: string): Cursor {
    const open = this.#open;
    if (open?.name !== name) throw new SqlError('34000', `cursor "${name}" does not exist`);
    return open;
  }
}
