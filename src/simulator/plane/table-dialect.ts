/**
 * Tables as Redshift defines them: how they are stored is dropped, rows are numbered Postgres's way, and constraints that
 * Redshift keeps only as information go, or data that Redshift takes would be refused (F-430).
 */
import { refuseType } from './refusals.ts';
import { comma, joined, matching, nextCode, splitItems, wordAt, wordOf } from './token-runs.ts';
import { isCode, type Token } from './tokens.ts';

export const isTable = (code: readonly Token[]) => {
  const words = [1, 2, 3].map((at) => wordAt(code, at));
  return words[0] === 'table' || (/^(temp|temporary|local)$/.test(words[0] ?? '') && words.includes('table'));
};

/** Which run of tokens is one item of the list in parentheses that starts at `open`. */
interface List {
  readonly open: number;
  readonly close: number;
}

function firstList(tokens: readonly Token[]): List | undefined {
  const open = tokens.findIndex((token) => token.text === '(' && token.kind === 'symbol');
  const before = tokens.slice(0, Math.max(0, open)).some((token) => wordOf(token) === 'as');
  return open < 0 || before ? undefined : { open, close: matching(tokens, open) };
}

/** CREATE TABLE, with a list of columns, from a query, or both. */
export function translateTable(tokens: readonly Token[]): Token[] {
  const list = firstList(tokens);
  const query = tokens.findIndex((token) => wordOf(token) === 'as');
  if (!list || (query >= 0 && query < list.open)) return stripOptions(tokens, query < 0 ? tokens.length : query);
  if (isOption(tokens, list.open)) return stripOptions(tokens, query < 0 ? tokens.length : query);
  const items = splitItems(tokens.slice(list.open + 1, list.close)).filter((item) => !isKey(item));
  const columns = items.flatMap((item, n) => [...(n > 0 ? [comma] : []), ...translateColumn(item)]);
  const rest = tokens.slice(list.close);
  const end = rest.findIndex((token) => wordOf(token) === 'as');
  return [...tokens.slice(0, list.open + 1), ...columns, ...stripOptions(rest, end < 0 ? rest.length : end)];
}

/** Whether the parenthesis belongs to `DISTKEY(…)` or `SORTKEY(…)` of a table made from a query. */
const isOption = (tokens: readonly Token[], open: number) =>
  /^(distkey|sortkey)$/.test(wordOf(tokens.slice(0, open).findLast(isCode)));

/** A table constraint that Redshift keeps but does not enforce. */
function isKey(item: readonly Token[]): boolean {
  const code = item.filter(isCode);
  const at = wordAt(code, 0) === 'constraint' ? 2 : 0;
  return /^(primary|foreign|unique)$/.test(wordAt(code, at));
}

/** Words that start an option, and how many tokens belong to it besides a list in parentheses. */
const options: Readonly<Record<string, number>> = {
  distkey: 1,
  sortkey: 1,
  compound: 1,
  interleaved: 1,
  diststyle: 2,
  encode: 2,
  backup: 2,
};

/** Leaves out storage options among the first `end` tokens. */
export function stripOptions(tokens: readonly Token[], end: number): Token[] {
  const kept: Token[] = [];
  for (let i = 0; i < tokens.length; ) {
    const size = i < end ? optionSize(tokens, i) : 0;
    if (size === 0) kept.push(tokens[i] as Token);
    i += Math.max(1, size);
  }
  return kept;
}

/** How many tokens the option that starts at `at` takes; 0 when none does. */
function optionSize(tokens: readonly Token[], at: number): number {
  const words = options[wordOf(tokens[at])];
  if (words === undefined) return 0;
  let end = at;
  for (let left = words; left > 0 && end < tokens.length; end++) if (isCode(tokens[end] as Token)) left--;
  const next = nextCode(tokens, end);
  if (/^(sortkey|distkey)$/.test(wordOf(tokens[at])) && wordOf(tokens[next]) === 'auto') return next + 1 - at;
  if (tokens[next]?.text === '(' && wordOf(tokens[at]) !== 'encode') return matching(tokens, next) + 1 - at;
  return end - at;
}

/** One column: options, identity, informational keys. What comes first is a name, whatever it is called. */
function translateColumn(item: readonly Token[]): Token[] {
  const name = nextCode(item, 0) + 1;
  refuseType(item.filter(isCode));
  return [...item.slice(0, name), ...translateAttributes(item.slice(name))];
}

/** `ALTER TABLE … ADD [COLUMN] …` has a column like those in CREATE TABLE; no other change has one. */
export function translateAddition(tokens: readonly Token[]): Token[] {
  const add = tokens.findIndex((token) => wordOf(token) === 'add');
  if (add < 0) return [...tokens];
  const next = nextCode(tokens, add + 1);
  const column = wordOf(tokens[next]) === 'column' ? next + 1 : add + 1;
  return [...tokens.slice(0, column), ...translateColumn(tokens.slice(column))];
}

function translateAttributes(item: readonly Token[]): Token[] {
  const tokens = stripReferences(stripOptions(item, item.length));
  const type = nextCode(tokens, 0);
  const output: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const word = wordOf(tokens[i]);
    const next = nextCode(tokens, i + 1);
    if (i === type && /^(decimal|numeric)$/.test(word) && tokens[next]?.text !== '(')
      output.push(withoutDecimals(word));
    else if (word === 'identity' && tokens[next]?.text === '(') {
      const close = matching(tokens, next);
      output.push(identity(output, tokens.slice(next, close + 1)));
      i = close;
    } else if (word === 'primary' && wordOf(tokens[next]) === 'key') {
      output.push({ kind: 'word', text: 'NOT NULL' });
      i = next;
    } else if (word !== 'unique') {
      output.push(tokens[i] as Token);
    }
  }
  return output;
}

/** F-416: a precision is 18 and a scale 0 where none are given. */
export const withoutDecimals = (type: string): Token => ({ kind: 'word', text: `${type}(18, 0)` });

/** `IDENTITY(seed, step)`, alone or after GENERATED BY DEFAULT AS. */
function identity(before: readonly Token[], argument: readonly Token[]): Token {
  const [seed = '1', step = '1'] = joined(argument)
    .replace(/[()\s]/g, '')
    .split(',');
  const generated = wordOf(before.findLast(isCode)) === 'as';
  const limits = Number(step) < 0 ? `MAXVALUE ${seed}` : `MINVALUE ${seed}`;
  const sequence = `IDENTITY (START WITH ${seed} INCREMENT BY ${step} ${limits})`;
  return { kind: 'word', text: generated ? sequence : `GENERATED ALWAYS AS ${sequence}` };
}

function stripReferences(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) => wordOf(token) === 'references');
  if (at < 0) return [...tokens];
  let end = nextCode(tokens, at + 1) + 1;
  while (tokens[nextCode(tokens, end)]?.text === '.') end = nextCode(tokens, nextCode(tokens, end) + 1) + 1;
  const list = nextCode(tokens, end);
  if (tokens[list]?.text === '(') end = matching(tokens, list) + 1;
  return [...tokens.slice(0, at), ...tokens.slice(end)];
}
