/** One statement on its way: ours, or Postgres's with physical names and in Postgres's dialect. */
import { type Catalog, logicalName } from './catalog.ts';
import type { StatementResult } from './data-plane.ts';
import { bindsView, isRoutine, withBody } from './definitions.ts';
import { translate } from './dialect.ts';
import type { EngineResult, PreparedResult } from './engine.ts';
import type { PreparedStatement, Room } from './engine-room.ts';
import { qualifyNames } from './names.ts';
import { Reader } from './reader.ts';
import { becoming, namesIn, routineNamesIn, type Scope, temporaryNamesIn } from './scope.ts';
import { notSimulated, SqlError, syntaxError } from './sql-error.ts';
import { databases } from './statements/databases.ts';
import { physicalGrantees } from './statements/grantees.ts';
import { grants } from './statements/grants.ts';
import { schemas } from './statements/schemas.ts';
import { sessions } from './statements/sessions.ts';
import { settings, upkeep } from './statements/settings.ts';
import { shares } from './statements/shares.ts';
import type { Effect, StatementContext, StatementKind } from './statements/statement.ts';
import { users } from './statements/users.ts';
import { madeTemporarySchema, withoutTemporary, withoutTemporaryInside } from './temporary.ts';
import { wordOf } from './token-runs.ts';
import { firstWord, isCode, joinTokens, type Token, tokenize } from './tokens.ts';
import { rowsFor } from './view-rows.ts';

const kinds: readonly StatementKind[] = [shares, databases, schemas, users, grants, settings, upkeep, sessions];

/** Postgres's number of the type `text`. */
const textType = 25;

/** Whether a statement only reads; all others need `Room.atomically` around them. */
export function onlyReads(sql: string): boolean {
  if (!/^(select|with|explain|values|show|desc|table)$/.test(firstWord(sql))) return false;
  return !tokenize(sql)
    .map(wordOf)
    .some((word) => /^(into|insert|update|delete|merge)$/.test(word));
}

/** Runs one statement for the session of `scope`. Throws `SqlError`. */
export async function execute(
  room: Room,
  scope: Scope,
  sql: string,
  context: StatementContext,
): Promise<StatementResult> {
  const tokens = oneStatement(sql);
  for (const kind of kinds) {
    const effect = kind(new Reader(tokens), scope, context);
    if (effect) return carryOut(room, scope, effect);
  }
  return pass(room, scope, tokens);
}

/** Whether Postgres itself answers a statement with rows and nothing else happens: such a one can be prepared. */
export const isQuery = (sql: string) =>
  onlyReads(sql) && !/^(show|desc|explain)$/.test(firstWord(sql)) && !/^\s*select\s+pg_terminate_backend\b/i.test(sql);

/** Whether a statement is Postgres's own way to change rows: its parameters have types that Postgres knows. */
export const changesRows = (sql: string) => /^(insert|update|delete|with)$/.test(firstWord(sql));

/** Runs a query with the values of its parameters, or describes it (or what changes rows) where there is no binding. */
export async function executePrepared(
  room: Room,
  scope: Scope,
  sql: string,
  statement: PreparedStatement,
): Promise<PreparedResult> {
  const tokens = oneStatement(sql);
  const sharedTables = new Set<string>();
  const text = joinTokens(physicalTokens(scope, tokens, sharedTables));
  const entry = { as: becoming(scope, { rows: rowsFor(scope, tokens) }), sql: text };
  return named(scope, () => unseen(scope, sharedTables, () => room.readPrepared(entry, statement)));
}

function oneStatement(sql: string): Token[] {
  const tokens = tokenize(sql);
  const open = tokens.find((token) => token.open);
  if (tokens.some(isEscaped)) throw notSimulated('a name with Unicode escapes');
  if (open) throw new SqlError('42601', `unterminated quoted string or comment at or near "${open.text.slice(0, 40)}"`);
  while (tokens.length > 0 && (tokens.at(-1)?.text === ';' || !isCode(tokens.at(-1) as Token))) tokens.pop();
  if (tokens.some(({ kind, text }) => kind === 'symbol' && text === ';')) throw syntaxError(';');
  if (tokens.length === 0) throw new SqlError('42601', 'syntax error at end of input');
  return tokens;
}

/** `U&"\\007e"`: it would name what only we may name. */
const isEscaped = (token: Token, at: number, tokens: readonly Token[]) =>
  token.kind === 'quoted' && tokens[at - 1]?.text === '&' && wordOf(tokens[at - 2]) === 'u';

async function carryOut(
  room: Room,
  scope: Scope,
  { tag, sql = [], rows, query, refused }: Effect,
): Promise<StatementResult> {
  if (query !== undefined) {
    const answer = await pass(room, scope, tokenize(query));
    return tag === 'SHOW' ? { ...answer, tag } : { tag, fields: [], rows: [] };
  }
  if (rows) return { tag, fields: rows.columns.map(textField), rows: rows.values };
  await named(scope, async () => {
    await room.catchUp();
    try {
      for (const statement of sql) await room.change({ as: '', sql: statement });
    } catch (error) {
      throw refused && error instanceof SqlError ? refused(error) : error;
    }
  });
  return { tag, fields: [], rows: [] };
}

const textField = (name: string) => ({ name, type: textType, modifier: -1, table: 0, column: 0 });

async function pass(room: Room, scope: Scope, tokens: readonly Token[]): Promise<StatementResult> {
  const reads = onlyReads(joinTokens(tokens));
  if (scope.database.shared && !reads)
    throw new SqlError('0A000', `database "${scope.database.name}" is shared and can only be read`);
  const head = wordOf(tokens.find(isCode));
  // F-705
  if (/^(savepoint|release|rollback|abort)$/.test(head) && tokens.some((token) => wordOf(token) === 'savepoint')) {
    throw new SqlError('0A000', 'SAVEPOINT is not supported');
  }
  if (/^(begin|start|commit|end|rollback|abort)$/.test(head)) {
    throw notSimulated('a transaction over several calls');
  }
  const sharedTables = new Set<string>();
  const sql = joinTokens(physicalTokens(scope, tokens, sharedTables));
  const seed = reads ? undefined : chance(scope.catalog.journal.length);
  const makesRoutine = isRoutine(tokens);
  const entry = { as: becoming(scope, { rows: rowsFor(scope, tokens), seed, makesRoutine }), sql };
  const run = () => (reads ? room.read(entry) : room.change(entry));
  const result = resultOf(await named(scope, () => unseen(scope, sharedTables, run)));
  return head === 'explain' ? { ...result, rows: logicalRows(scope, result.rows) } : result;
}

/** Names first, since they decide what is what; the bodies of functions are statements of their own. */
function physicalTokens(scope: Scope, given: readonly Token[], sharedTables: Set<string>): Token[] {
  const { tokens, temporary } = withoutTemporary(given);
  // A procedure's temporary tables are made in the first schema of its caller's path.
  if (wordOf(tokens.find(isCode)) === 'call') madeTemporarySchema(scope);
  const names = temporary
    ? temporaryNamesIn(scope, sharedTables)
    : namesIn(scope, sharedTables, { ownOnly: bindsView(tokens) });
  const inRoutine = routineNamesIn(scope, names);
  const inBodies = withBody(tokens, (body) => translate(withoutTemporaryInside(qualifyNames(body, inRoutine))));
  return translate(physicalGrantees(qualifyNames(inBodies, names), scope));
}

/** A query plan names tables as Postgres knows them. */
const logicalRows = ({ catalog }: Scope, rows: StatementResult['rows']) =>
  rows.map((row) => row.map((value) => (value === null ? null : logicalText(catalog, value))));

/** What RANDOM() begins with, in [0, 1): each statement of the journal has its own, and the same when it is run again. */
const chance = (position: number) => (Math.imul(position + 1, 0x9e3779b1) >>> 0) / 2 ** 32;

/** A table of the producer that is not in the share is not there for the consumer (F-428). */
async function unseen<T>(scope: Scope, sharedTables: ReadonlySet<string>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const denied = error instanceof SqlError && error.code === '42501' ? error.message : '';
    const table = /^permission denied for (?:table|view|materialized view) "?(.+?)"?$/.exec(denied)?.[1];
    if (table === undefined || !(scope.database.shared || sharedTables.has(table))) throw error;
    throw new SqlError('42P01', `relation "${table}" does not exist`);
  }
}

function resultOf(results: readonly EngineResult[]): StatementResult {
  const { tag = '', fields = [], rows = [] } = results.at(-1) ?? {};
  return { tag, fields, rows };
}

async function named<T>(scope: Scope, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw inLogicalNames(scope.catalog, error);
  }
}

/** Errors speak of what the client named, not of physical names. */
export function inLogicalNames(catalog: Catalog, error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  const { code, severity, hint, detail } = error;
  return new SqlError(code, logicalText(catalog, error.message), {
    severity,
    hint: hint === undefined ? undefined : logicalText(catalog, hint),
    detail,
  });
}

/** Names as the client knows them, for physical ones and for the schemas of ours that stand behind Postgres's. */
const logicalText = (catalog: Catalog, text: string) =>
  text
    .replace(/"(~[snpudht]\d+)"\./g, '$1.')
    .replace(/~[snpudht]\d+/g, (physical) => logicalName(catalog, physical) ?? physical)
    .replace(/\brsds_information\b/g, 'information_schema')
    .replace(/\brsds\./g, '');
