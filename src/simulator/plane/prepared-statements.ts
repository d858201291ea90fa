/** PREPARE, EXECUTE and DEALLOCATE; a session's statements have the same names whether SQL or the protocol made them. */
import { withTexts } from './literals.ts';
import { Reader } from './reader.ts';
import { SqlError } from './sql-error.ts';
import { joined, splitItems, wordOf } from './token-runs.ts';
import { firstWord, isCode, joinTokens, nameOf, type Token, tokenize } from './tokens.ts';

export interface PreparedSql {
  readonly sql: string;
  /** Postgres's numbers of its parameters' types, 0 where it is to infer one. */
  readonly types: readonly number[];
}

export type PreparedStatements = Map<string, PreparedSql>;

/** Throws `SqlError` when there is none of that name. */
export function preparedOf(prepared: PreparedStatements, name: string): PreparedSql {
  const found = prepared.get(name);
  if (!found) throw new SqlError('26000', `prepared statement "${name}" does not exist`);
  return found;
}

/** Throws `SqlError` when the name is taken; the unnamed one is replaced. */
export function prepare(prepared: PreparedStatements, name: string, statement: PreparedSql): void {
  if (name !== '' && prepared.has(name)) throw new SqlError('42P05', `prepared statement "${name}" already exists`);
  prepared.set(name, statement);
}

/** What PREPARE makes; undefined for all other statements. */
export function preparation(asked: string): { name: string; statement: PreparedSql } | undefined {
  if (firstWord(asked) !== 'prepare') return undefined;
  const tokens = tokenize(asked);
  const [, name] = tokens.filter(isCode);
  const as = tokens.findIndex((token) => wordOf(token) === 'as');
  if (as < 0 || name === undefined) throw new SqlError('42601', 'syntax error at end of input');
  const typed = listAfterName(tokens.slice(0, as)).map((type, n) => `($${n + 1}::${type})`);
  const text = joinTokens(tokens.slice(as + 1)).trim();
  const sql = typed.length === 0 ? text : withTexts(text, typed);
  return { name: nameOf(name), statement: { sql, types: [] } };
}

/** Forgets what DEALLOCATE names; false for all other statements. */
export function deallocate(prepared: PreparedStatements, sql: string): boolean {
  if (firstWord(sql) !== 'deallocate') return false;
  const reader = new Reader(tokenize(sql));
  reader.expect('deallocate');
  reader.take('prepare');
  if (reader.take('all')) prepared.clear();
  else {
    const name = reader.name();
    preparedOf(prepared, name);
    prepared.delete(name);
  }
  reader.end();
  return true;
}

/** The statement that EXECUTE runs, with its arguments in the places of `$1`, …; all others stay. */
export function executed(prepared: PreparedStatements, sql: string): string {
  if (firstWord(sql) !== 'execute') return sql;
  const tokens = tokenize(sql);
  const [, name] = tokens.filter(isCode);
  if (name === undefined) throw new SqlError('42601', 'syntax error at end of input');
  const found = preparedOf(prepared, nameOf(name));
  const given = listAfterName(tokens).map((argument) => `(${argument})`);
  return withTexts(found.sql, given);
}

/** The items of the list in parentheses that follows the second word. */
function listAfterName(tokens: readonly Token[]): string[] {
  const open = tokens.findIndex(({ kind, text }) => kind === 'symbol' && text === '(');
  if (open < 0) return [];
  const close = tokens.findLastIndex(({ kind, text }) => kind === 'symbol' && text === ')');
  return splitItems(tokens.slice(open + 1, close)).map((item) => joined(item).trim());
}
