/**
 * Splits a file of SQL into statements, lexically: quotes, dollar quotes and comments are respected, nothing is parsed.
 * Then groups them into chunks, each of which runs as one transaction.
 */
import { RsdsError } from '../../shared/errors.ts';

export interface ScriptStatement {
  readonly sql: string;
  /** 1-based line of its first word. */
  readonly line: number;
}

export interface Chunk {
  readonly statements: readonly ScriptStatement[];
  /** False for a single statement that refuses a transaction: its marker is written after it. */
  readonly transaction: boolean;
}

/** The Data API takes 40 statements a batch (F-461), of which one is ours (the marker), and 100 KB a statement (F-454). */
const statementsPerChunkMax = 39;
const statementBytesMax = 100 * 1024;

/** What Redshift refuses inside a transaction (F-426). */
const refusesTransaction =
  /^(create\s+database|drop\s+database|alter\s+database|vacuum|create\s+external\s+table|drop\s+external\s+table|alter\s+table\s+\S+\s+append|alter\s+datashare\s+\S+\s+set\s+publicaccessible)\b/i;

/** Controls a transaction by itself, which a chunk does already. */
const controlsTransaction = /^(begin|start\s+transaction|commit|end|rollback|abort|savepoint)\b/i;

/** The statements of `text`. Throws `sql/file` for an unterminated quote or comment, or a statement that is too long. */
export function splitScript(name: string, text: string): ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let start = 0;
  let at = 0;
  const close = (end: number) => {
    const statement = statementAt(text, start, end);
    if (statement) statements.push(statement);
    start = end + 1;
  };
  while (at < text.length) {
    if (text[at] === ';') {
      close(at);
      at++;
    } else {
      at = skipToken(name, text, at);
    }
  }
  close(text.length);
  for (const { sql, line } of statements) {
    if (Buffer.byteLength(sql) > statementBytesMax) throw fileError(name, line, 'the statement is longer than 100 KB');
  }
  return statements;
}

/** Groups statements into chunks. Throws `sql/file` for transaction control: each chunk is a transaction already. */
export function chunkScript(name: string, statements: readonly ScriptStatement[]): Chunk[] {
  const chunks: { statements: ScriptStatement[]; transaction: boolean }[] = [];
  for (const statement of statements) {
    const words = withoutComments(statement.sql);
    if (controlsTransaction.test(words))
      throw fileError(
        name,
        statement.line,
        'statements run in transactions of rsds; leave BEGIN, COMMIT and ROLLBACK out',
      );
    const transaction = !refusesTransaction.test(words);
    const open = chunks.at(-1);
    if (transaction && open?.transaction && open.statements.length < statementsPerChunkMax)
      open.statements.push(statement);
    else chunks.push({ statements: [statement], transaction });
  }
  return chunks;
}

function statementAt(text: string, start: number, end: number): ScriptStatement | undefined {
  const raw = text.slice(start, end);
  if (withoutComments(raw) === '') return undefined;
  const first = start + (raw.length - raw.trimStart().length);
  return { sql: raw.trim(), line: text.slice(0, first).split('\n').length };
}

const withoutComments = (sql: string) => sql.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/, '').trim();

/** The position behind the token at `at`: a quoted text, a comment, or one character. */
function skipToken(name: string, text: string, at: number): number {
  const rest = text.slice(at, at + 64);
  if (rest.startsWith('--')) return endOf(text, '\n', at, text.length);
  if (rest.startsWith('/*')) return skipComment(name, text, at);
  const quote = rest[0];
  if (quote === "'" || quote === '"') return skipQuoted(name, text, at, quote);
  const dollar = /^\$[A-Za-z_]*\$/.exec(rest)?.[0];
  const boundary = at === 0 || !/[\w$]/.test(text[at - 1] ?? '');
  if (dollar && boundary) return skipDelimited(name, text, at, dollar);
  return at + 1;
}

const endOf = (text: string, mark: string, from: number, otherwise: number) => {
  const end = text.indexOf(mark, from);
  return end < 0 ? otherwise : end + mark.length;
};

function skipDelimited(name: string, text: string, at: number, mark: string): number {
  const end = text.indexOf(mark, at + mark.length);
  if (end < 0) throw fileError(name, lineAt(text, at), `the quote ${mark} is not closed`);
  return end + mark.length;
}

// Comments nest in Postgres and in Redshift.
function skipComment(name: string, text: string, at: number): number {
  let depth = 0;
  for (let here = at; here < text.length; here++) {
    if (text.startsWith('/*', here)) {
      depth++;
      here++;
    } else if (text.startsWith('*/', here)) {
      depth--;
      here++;
      if (depth === 0) return here + 1;
    }
  }
  throw fileError(name, lineAt(text, at), 'the comment is not closed');
}

function skipQuoted(name: string, text: string, at: number, quote: string): number {
  for (let here = at + 1; here < text.length; here++) {
    if (quote === "'" && text[here] === '\\') here++;
    else if (text[here] === quote) {
      if (text[here + 1] !== quote) return here + 1;
      here++;
    }
  }
  throw fileError(name, lineAt(text, at), `the quote ${quote} is not closed`);
}

const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

function fileError(name: string, line: number, message: string): RsdsError {
  return new RsdsError('sql/file', `${name}:${line}: ${message}`, { hint: `mend ${name} at line ${line}` });
}
