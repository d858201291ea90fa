/**
 * Values of parameters written into a statement. What changes rows is kept in the journal as text, so its values are
 * text, too; queries are given theirs by Postgres's own protocol.
 */
import type { Binding } from './engine.ts';
import type { Asked } from './open-session.ts';
import { SqlError } from './sql-error.ts';
import { joinTokens, quoteString, type Token, tokenize } from './tokens.ts';

/**
 * Names of the types that drivers give their values; a value of any other type is left to Postgres to read. Quoted, since
 * a statement's own `numeric` has no decimals (F-416), which a value must not lose.
 */
const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  17: 'bytea',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  700: 'float4',
  701: 'float8',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
};

/** The statement with its values in the places of `$1`, `$2`, …; `texts` makes text of values in binary format. */
export async function withLiterals(
  asked: Asked,
  binding: Binding,
  texts: (asked: Asked) => Promise<readonly (string | null)[]>,
): Promise<string> {
  const { values, formats } = binding;
  const given = formats.some((format) => format === 1)
    ? await texts(asked)
    : values.map((value) => value && Buffer.from(value).toString('utf8'));
  const literals = given.map((value, n) => literal(value, asked.types?.[n] ?? 0));
  return withTexts(asked.sql, literals);
}

/** The statement with texts in the places of `$1`, `$2`, …. Throws `SqlError` for a parameter that has none. */
export const withTexts = (sql: string, texts: readonly string[]): string => joinTokens(placed(tokenize(sql), texts));

function literal(value: string | null, type: number): string {
  const name = typeNames[type];
  const text = value === null ? 'NULL' : quoteString(value);
  return name === undefined ? text : `${text}::"${name}"`;
}

function placed(tokens: readonly Token[], literals: readonly string[]): Token[] {
  return tokens.map((token, at) => {
    if (isParameter(tokens, at)) return { kind: 'space', text: '' };
    if (!isParameter(tokens, at - 1)) return token;
    const text = literals[Number(token.text) - 1];
    if (text === undefined) throw new SqlError('42P02', `there is no parameter $${token.text}`);
    return { kind: 'string', text };
  });
}

const isParameter = (tokens: readonly Token[], at: number) =>
  tokens[at]?.kind === 'symbol' && tokens[at]?.text === '$' && /^\d+$/.test(tokens[at + 1]?.text ?? '');
