/**
 * Turns what only Redshift's SQL has into what the embedded Postgres understands, token by token: tables
 * (table-dialect.ts), views, types and functions.
 */
import { refuse } from './refusals.ts';
import { isTable, stripOptions, translateAddition, translateTable, withoutDecimals } from './table-dialect.ts';
import { comma, joined, matching, nextCode, splitItems, wordAt, wordOf } from './token-runs.ts';
import { isCode, nameOf, quoteName, quoteString, type Token } from './tokens.ts';

/** `tokens` in Postgres's dialect. Throws `SqlError` for what the simulator has no way to do. */
export function translate(tokens: readonly Token[]): Token[] {
  const code = tokens.filter(isCode);
  const head = wordAt(code, 0);
  refuse(code, head);
  const table = head === 'create' && isTable(code) ? translateTable(tokens) : [...tokens];
  const alter = head === 'alter' && wordAt(code, 1) === 'table' ? translateAddition(table) : table;
  return translateExpressions(joinLists(dropViewOptions(alter, code)));
}

/** `WITH NO SCHEMA BINDING` and the options of materialized views. */
function dropViewOptions(tokens: readonly Token[], code: readonly Token[]): Token[] {
  if (wordAt(code, 0) !== 'create') return [...tokens];
  const view = code.slice(0, 5).findIndex((token) => wordOf(token) === 'view');
  if (view < 0) return [...tokens];
  const query = tokens.findIndex((token) => wordOf(token) === 'as');
  const auto = /\bauto\s+refresh\s+(yes|no)\b/i;
  const header = stripOptions(tokens.slice(0, query), query)
    .map((token) => token.text)
    .join('')
    .replace(auto, '');
  const rest = tokens.slice(query);
  const binding = rest.findLastIndex((token) => wordOf(token) === 'with');
  const late = binding >= 0 && /^with\s+no\s+schema\s+binding\s*$/i.test(joined(rest.slice(binding)));
  return [{ kind: 'word', text: header }, ...(late ? rest.slice(0, binding) : rest)];
}

/** `LISTAGG(x [, separator]) [WITHIN GROUP (ORDER BY …)]` becomes an aggregate with its order inside. */
function joinLists(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) => wordOf(token) === 'listagg');
  const open = nextCode(tokens, at + 1);
  if (at < 0 || tokens[open]?.text !== '(') return [...tokens];
  const close = matching(tokens, open);
  const args = tokens.slice(open + 1, close);
  const separator: Token[] = splitItems(args).length > 1 ? [] : [comma, { kind: 'string', text: "''" }];
  const [order, end] = orderWithin(tokens, close);
  const call: Token = { kind: 'word', text: 'string_agg' };
  const parenthesis: Token = { kind: 'symbol', text: ')' };
  const list = [call, ...tokens.slice(at + 1, open + 1), ...asText(args), ...separator, ...order, parenthesis];
  return [...tokens.slice(0, at), ...list, ...joinLists(tokens.slice(end))];
}

/** Postgres joins nothing but text. With DISTINCT it wants the order by just what is joined: that stays as it is. */
function asText(args: readonly Token[]): Token[] {
  const [value = []] = splitItems(args);
  if (wordOf(value[nextCode(value, 0)]) === 'distinct') return [...args];
  return [{ kind: 'symbol', text: '(' }, ...value, { kind: 'symbol', text: ')::varchar' }, ...args.slice(value.length)];
}

/** What stands in WITHIN GROUP (…) after a call that ends at `close`, and where the rest of the statement begins. */
function orderWithin(tokens: readonly Token[], close: number): [Token[], number] {
  const within = nextCode(tokens, close + 1);
  const group = nextCode(tokens, within + 1);
  const open = nextCode(tokens, group + 1);
  if (wordOf(tokens[within]) !== 'within' || wordOf(tokens[group]) !== 'group') return [[], close + 1];
  const end = matching(tokens, open);
  return [[{ kind: 'space', text: ' ' }, ...tokens.slice(open + 1, end)], end + 1];
}

/** Functions that take the name of a date part as a bare word. */
const dateParts = /^(dateadd|datediff|date_part|date_trunc|datepart)$/;
const renamed: Readonly<Record<string, string>> = {
  nvl: 'coalesce',
  len: 'length',
  varbyte: 'bytea',
  super: 'jsonb',
};
/** Keywords that Postgres would answer with a physical name or its own time. */
const functions: Readonly<Record<string, string>> = {
  current_user: 'rsds."current_user"()',
  session_user: 'rsds."session_user"()',
  user: 'rsds."user"()',
  current_namespace: 'rsds."current_namespace"()',
  current_schema: 'rsds."current_schema"()',
  current_date: 'rsds."current_date"()',
  current_timestamp: 'rsds.now()',
  localtimestamp: 'rsds.sysdate()',
  sysdate: 'rsds.sysdate()',
};

function translateExpressions(tokens: readonly Token[]): Token[] {
  const output: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    output.push(token.kind === 'word' ? translateWord(tokens, i, output) : token);
  }
  return output;
}

function translateWord(tokens: readonly Token[], at: number, output: readonly Token[]): Token {
  const token = tokens[at] as Token;
  const word = token.text.toLowerCase();
  const previous = output.findLast(isCode);
  const next = tokens[nextCode(tokens, at + 1)];
  const opener = word === 'max' ? wordOf(output.filter(isCode).at(-2)) : '';
  if (previous?.text === '.' || next?.text === '.') return token;
  if (word === 'max' && /^(varchar|nvarchar|varying)$/.test(opener)) return { kind: 'number', text: '65535' };
  if (word === 'max' && /^(char|character|nchar|bpchar)$/.test(opener)) return { kind: 'number', text: '4096' };
  if (word === 'nvarchar' || word === 'nchar') return { kind: 'word', text: word.slice(1) };
  if (word.startsWith('#')) return { kind: 'quoted', text: quoteName(word) };
  if (/^(decimal|numeric)$/.test(word) && isCast(previous, next)) return withoutDecimals(word);
  if (word === 'minus' && /^(select|all)$/.test(wordOf(next))) return { kind: 'word', text: 'EXCEPT' };
  const call = next?.text === '(';
  if (call && renamed[word] !== undefined) return { kind: 'word', text: renamed[word] };
  if (!call && /^(super|varbyte)$/.test(word) && isType(tokens, at))
    return { kind: 'word', text: renamed[word] as string };
  if (previous?.text === '(' && isDatePart(output) && next?.text === ',')
    return { kind: 'string', text: quoteString(nameOf(token)) };
  if (word === 'approximate' && wordOf(next) === 'count') return { kind: 'space', text: '' };
  const replaced = functions[word];
  if (replaced === undefined || wordOf(previous) === 'as') return token;
  if (word === 'user' && /^(create|alter|drop|for|rename|owner)$/.test(wordOf(previous))) return token;
  return call ? token : { kind: 'quoted', text: replaced };
}

const isDatePart = (output: readonly Token[]) => dateParts.test(wordOf(output.filter(isCode).at(-2)));

const isCast = (previous: Token | undefined, next: Token | undefined) =>
  (previous?.text === '::' && next?.text !== '(') || (wordOf(previous) === 'as' && next?.text === ')');

/** A type follows the name of its column, or `::`, or AS in a cast. */
function isType(tokens: readonly Token[], at: number): boolean {
  const previous = tokens.slice(0, at).findLast(isCode);
  return (
    previous?.text === '::' ||
    wordOf(previous) === 'as' ||
    wordOf(tokens.find(isCode)) === 'create' ||
    wordOf(tokens.find(isCode)) === 'alter'
  );
}
