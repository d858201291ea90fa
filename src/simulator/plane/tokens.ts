/**
 * Cuts SQL into tokens, and nothing more: what is a literal, a comment or a quoted name is left alone by everything that
 * rewrites statements, because only this file decides what it is.
 *
 * T1. The texts of the tokens put together are the text they were cut from.
 */
export type TokenKind = 'space' | 'comment' | 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** A string, quoted name or comment that never ends. */
  readonly open?: true;
}

/** Tried in this order at each position; each is sticky. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy],
  // A name that begins with # is a temporary table's.
  ['word', /#?[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['parameter', /(?<!:):[a-z_]\w*/iy],
  ['symbol', /::|[<>!=|]+|./suy],
];

export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const token = delimited(sql, at) ?? plain(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** The word a statement begins with, in lower case; empty for all other beginnings. Reads no further. */
export function firstWord(sql: string): string {
  for (let at = 0; at < sql.length; ) {
    const token = delimited(sql, at) ?? plain(sql, at);
    if (isCode(token)) return token.kind === 'word' ? token.text.toLowerCase() : '';
    at += token.text.length;
  }
  return '';
}

function plain(sql: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text) return { kind, text };
  }
  return { kind: 'symbol', text: sql.charAt(at) };
}

function delimited(sql: string, at: number): Token | undefined {
  const rest = sql.charAt(at);
  if (rest === "'") return stringToken(sql, at);
  if (rest === '"') return quotedToken(sql, at);
  if (sql.startsWith('/*', at)) return commentToken(sql, at);
  if (rest === '$') return dollarToken(sql, at);
  return undefined;
}

const ended = (kind: TokenKind, sql: string, at: number, end: number): Token =>
  end < 0 ? { kind, text: sql.slice(at), open: true } : { kind, text: sql.slice(at, end) };

/** A backslash escapes in a plain literal: Redshift keeps what Postgres 8 did. */
function stringToken(sql: string, at: number): Token {
  let i = at + 1;
  for (; i < sql.length; i++) {
    if (sql[i] === '\\') i++;
    else if (sql[i] === "'" && sql[i + 1] === "'") i++;
    else if (sql[i] === "'") return ended('string', sql, at, i + 1);
  }
  return ended('string', sql, at, -1);
}

function quotedToken(sql: string, at: number): Token {
  for (let i = at + 1; i < sql.length; i++) {
    if (sql[i] !== '"') continue;
    if (sql[i + 1] !== '"') return ended('quoted', sql, at, i + 1);
    i++;
  }
  return ended('quoted', sql, at, -1);
}

/** Comments nest. */
function commentToken(sql: string, at: number): Token {
  let depth = 0;
  for (let i = at; i < sql.length; i++) {
    if (sql.startsWith('/*', i)) depth++;
    else if (sql.startsWith('*/', i)) depth--;
    else continue;
    i++;
    if (depth === 0) return ended('comment', sql, at, i + 1);
  }
  return ended('comment', sql, at, -1);
}

function dollarToken(sql: string, at: number): Token | undefined {
  const opening = /\$(?:[a-z_]\w*)?\$/iy;
  opening.lastIndex = at;
  const tag = opening.exec(sql)?.[0];
  if (tag === undefined) return undefined;
  const closing = sql.indexOf(tag, at + tag.length);
  return ended('string', sql, at, closing < 0 ? -1 : closing + tag.length);
}

export const isCode = ({ kind }: Token) => kind !== 'space' && kind !== 'comment';
export const joinTokens = (tokens: readonly Token[]) => tokens.map(({ text }) => text).join('');

/** The statements of a text, without their semicolons; empty ones are left out. */
export function splitStatements(sql: string): string[] {
  const statements: Token[][] = [[]];
  for (const token of tokenize(sql)) {
    if (token.kind === 'symbol' && token.text === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((tokens) => tokens.some(isCode)).map((tokens) => joinTokens(tokens).trim());
}

/** The name a word or a quoted token stands for. Redshift folds quoted names to lower case, too, by default (F-410). */
export function nameOf(token: Token): string {
  const bare = token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text;
  return bare.toLowerCase();
}

/** The text a string literal stands for. */
export function stringOf(token: Token): string {
  const dollar = /^\$\w*\$/.exec(token.text)?.[0];
  if (dollar) return token.text.slice(dollar.length, -dollar.length);
  return token.text.slice(1, -1).replace(/\\(.)|''/gs, (_, escaped?: string) => escaped ?? "'");
}

export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;
/** A literal that means the same whatever a backslash means. */
export const quoteString = (text: string) => `E'${text.replace(/[\\']/g, '\\$&')}'`;
