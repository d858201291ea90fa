/**
 * Turns what only Redshift's SQL has into what the embedded Postgres understands, token by token: storage attributes
 * (distribution, sort keys, encodings), identity columns, types and functions. Constraints that Redshift keeps only as
 * information are dropped, or data that Redshift takes would be refused (F-430).
 */
import { notSimulated, SqlError } from './sql-error.ts';
import { isCode, nameOf, quoteString, type Token } from './tokens.ts';

/** `tokens` in Postgres's dialect. Throws `SqlError` for what the simulator has no way to do. */
export function translate(tokens: readonly Token[]): Token[] {
  const code = tokens.filter(isCode);
  const head = wordAt(code, 0);
  refuse(code, head);
  const table = head === 'create' && isTable(code) ? translateTable(tokens) : [...tokens];
  const alter = head === 'alter' && wordAt(code, 1) === 'table' ? translateAddition(table) : table;
  return translateExpressions(joinLists(dropViewOptions(alter, code)));
}

const wordAt = (code: readonly Token[], at: number) => {
  const token = code[at];
  return token?.kind === 'word' ? token.text.toLowerCase() : '';
};

/** Statements that would hang the engine, escape from its roles, or read what only AWS has. */
function refuse(code: readonly Token[], head: string): void {
  const [second, third] = [wordAt(code, 1), wordAt(code, 2)];
  if (head === 'copy' || head === 'unload') throw notSimulated(`${head.toUpperCase()} (it needs Amazon S3)`);
  if (
    /^(do|listen|notify|unlisten|load|checkpoint|discard|prepare|execute|deallocate|declare|fetch|move|cluster|reindex|security|import)$/.test(
      head,
    )
  )
    throw notSimulated(head.toUpperCase());
  if (head === 'reset' && /^(role|session|all)$/.test(second)) throw notSimulated(`RESET ${second.toUpperCase()}`);
  if (head === 'set' && (second === 'role' || third === 'role')) throw notSimulated('SET ROLE');
  if (head === 'set' && (second === 'session' || third === 'session')) throw notSimulated('SET SESSION AUTHORIZATION');
  if (head === 'create' && second === 'external' && third === 'table') throw notSimulated('CREATE EXTERNAL TABLE');
  if (
    head === 'create' &&
    /^(extension|server|tablespace|subscription|publication|foreign|event|rule|trigger|cast|type|domain|operator|collation|access|index|sequence|unique)$/.test(
      second,
    )
  )
    throw new SqlError('0A000', `CREATE ${second.toUpperCase()} is not supported`);
  if (/^(insert|update|delete|merge|create)$/.test(head) && code.some((_, at) => isLeaderFunction(code, at)))
    throw new SqlError(
      '0A000',
      'Specified types or functions (one per INFO message) not supported on Redshift tables.',
    );
  if (head === 'alter' && /^(system|server|extension|foreign|role)$/.test(second))
    throw notSimulated(`ALTER ${second.toUpperCase()}`);
}

/** Functions of the leader node, which never touch what is in tables (F-432). */
const isLeaderFunction = (code: readonly Token[], at: number) =>
  /^(now|generate_series|generate_subscripts|timeofday)$/.test(wordAt(code, at)) && code[at + 1]?.text === '(';

const isTable = (code: readonly Token[]) => {
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

function matching(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind !== 'symbol') continue;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return i;
  }
  return tokens.length;
}

const wordOf = (token: Token | undefined) => (token?.kind === 'word' ? token.text.toLowerCase() : '');

/** Splits at commas outside parentheses. */
function splitItems(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === '(') depth++;
    if (token.kind === 'symbol' && token.text === ')') depth--;
    if (token.kind === 'symbol' && token.text === ',' && depth === 0) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

const comma: Token = { kind: 'symbol', text: ',' };

function translateTable(tokens: readonly Token[]): Token[] {
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
function stripOptions(tokens: readonly Token[], end: number): Token[] {
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

function nextCode(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && !isCode(tokens[at] as Token)) at++;
  return at;
}

/** One column: options, identity, informational keys. What comes first is a name, whatever it is called. */
function translateColumn(item: readonly Token[]): Token[] {
  const name = nextCode(item, 0) + 1;
  refuseType(item.filter(isCode));
  return [...item.slice(0, name), ...translateAttributes(item.slice(name))];
}

/** `ALTER TABLE … ADD [COLUMN] …` has a column like those in CREATE TABLE; no other change has one. */
function translateAddition(tokens: readonly Token[]): Token[] {
  const add = tokens.findIndex((token) => wordOf(token) === 'add');
  if (add < 0) return [...tokens];
  const next = nextCode(tokens, add + 1);
  const column = wordOf(tokens[next]) === 'column' ? next + 1 : add + 1;
  return [...tokens.slice(0, column), ...translateColumn(tokens.slice(column))];
}

/** Types that Postgres has and Redshift has not (F-433). */
const foreignTypes =
  /^(serial|bigserial|smallserial|json|jsonb|uuid|bytea|money|xml|bit|inet|cidr|macaddr|point|line|box|path|polygon|circle|tsvector|tsquery|oid)$/;

function refuseType(column: readonly Token[]): void {
  const type = wordAt(column, 1);
  const [name] = column;
  if (name && foreignTypes.test(type))
    throw new SqlError('0A000', `Column "${nameOf(name)}" has unsupported type "${type}".`);
}

function translateAttributes(item: readonly Token[]): Token[] {
  const tokens = stripReferences(stripOptions(item, item.length));
  const output: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const word = wordOf(tokens[i]);
    const next = nextCode(tokens, i + 1);
    if (word === 'identity' && tokens[next]?.text === '(') {
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

const joined = (tokens: readonly Token[]) => tokens.map(({ text }) => text).join('');

function stripReferences(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) => wordOf(token) === 'references');
  if (at < 0) return [...tokens];
  let end = nextCode(tokens, at + 1) + 1;
  while (tokens[nextCode(tokens, end)]?.text === '.') end = nextCode(tokens, nextCode(tokens, end) + 1) + 1;
  const list = nextCode(tokens, end);
  if (tokens[list]?.text === '(') end = matching(tokens, list) + 1;
  return [...tokens.slice(0, at), ...tokens.slice(end)];
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
  const list = [call, ...tokens.slice(at + 1, open + 1), ...args, ...separator, ...order, parenthesis];
  return [...tokens.slice(0, at), ...list, ...joinLists(tokens.slice(end))];
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
  sysdate: 'rsds.sysdate()',
  current_database: 'rsds.current_database',
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
  return word === 'current_database' && !call ? token : { kind: 'quoted', text: replaced };
}

const isDatePart = (output: readonly Token[]) => dateParts.test(wordOf(output.filter(isCode).at(-2)));

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
