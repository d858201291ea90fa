/** What clients make of a string, each by its own grammar: written from their documentation, for tests. */
import { parse } from 'yaml';

export interface Read {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly options: Readonly<Record<string, string>>;
}

function readFrom(record: Readonly<Record<string, string>>, names: readonly [string, string, string, string]): Read {
  const [host = '', port = '', database = '', user = ''] = names.map((name) => record[name]);
  const options = Object.fromEntries(Object.entries(record).filter(([key]) => !names.includes(key)));
  return { host, port: Number(port), database, user, options };
}

/** The one argument of a POSIX shell's `psql …`, in single quotes, double quotes, or a backslash between them. */
export function shellArgument(line: string): string {
  const quoted = /^psql ((?:'[^']*'|"(?:[^"\\$`!]|\\["\\$`])*"|\\.)+)$/s.exec(line)?.[1];
  if (quoted === undefined) throw new Error(`not one argument: ${line}`);
  return quoted.replaceAll(/'([^']*)'|"([^"]*)"|\\(.)/gs, (_, single = '', double = '', escaped = '') =>
    [single, double.replaceAll(/\\(["\\$`])/g, '$1'), escaped].join(''),
  );
}

/** libpq: `keyword = value`, values bare or in single quotes; a backslash takes the next character as it is. */
export function readConninfo(text: string): Read {
  const record: Record<string, string> = {};
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)+))(?=\s|$)/suy;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (!found) throw new Error(`not conninfo: ${text}`);
    const [, keyword = '', quoted, bare = ''] = found;
    record[keyword] = (quoted ?? bare).replaceAll(/\\(.)/gsu, '$1');
  }
  return readFrom(record, ['host', 'port', 'dbname', 'user']);
}

/** Amazon's JDBC driver (F-971). */
export function readJdbc(url: string): Read {
  const cut = url.includes('?') ? url.indexOf('?') : url.indexOf(';');
  const [server, list] = [url.slice(0, cut), url.slice(cut + 1)];
  const [, host = '', port = '', database = ''] = /^jdbc:redshift:\/\/([^/:]+):(\d+)\/(.*)$/s.exec(server) ?? [];
  const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  const options = Object.fromEntries(
    list
      .split(/[;&]/)
      .filter((token) => token !== '')
      .map((token) => [token.slice(0, token.indexOf('=')), decoded(token.slice(token.indexOf('=') + 1))]),
  );
  const { user = '', ...rest } = options;
  return { host, port: Number(port), database: decoded(database), user, options: rest };
}

/** ODBC: `key=value;`, a value in braces ends at a brace that is not doubled. */
export function readOdbc(text: string): Read {
  const record: Record<string, string> = {};
  const pair = /([A-Za-z]+)=(?:\{((?:[^}]|\}\})*)\}|([^;{}]*));/suy;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (!found) throw new Error(`not an ODBC string: ${text}`);
    const [, key = '', braced, bare = ''] = found;
    record[key] = braced?.replaceAll('}}', '}') ?? bare;
  }
  return readFrom(record, ['Server', 'Port', 'Database', 'UID']);
}

const pythonEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '"': '"',
  '\\': '\\',
};

/** A double-quoted literal as Python reads it. */
export function pythonString(literal: string): string {
  const inside = /^"((?:[^"\\\n]|\\.)*)"$/s.exec(literal)?.[1];
  if (inside === undefined) throw new Error(`not a Python string: ${literal}`);
  return inside.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gs, (_, code: string | undefined, mark: string) =>
    code === undefined ? (pythonEscapes[mark] ?? `\\${mark}`) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** The named arguments of a call in Python, wherever they stand in it; strings read, others as they are. */
export function pythonArguments(code: string): Record<string, string> {
  const pairs = code.matchAll(/^ +"?(\w+)"?(?:=|: )("(?:[^"\\\n]|\\.)*"|[\w.]+(?:\["\w+"\])?),$/gms);
  return Object.fromEntries(
    [...pairs].map(([, key = '', value = '']) => [key, value.startsWith('"') ? pythonString(value) : value]),
  );
}

/** A target of dbt's profiles.yml, rendered as dbt renders it: a template that is one string stands for that string. */
export function readDbt(text: string): Read {
  const profiles = parse(text) as Record<string, { target: string; outputs: Record<string, Record<string, unknown>> }>;
  const [profile] = Object.values(profiles);
  const output = profile?.outputs[profile.target] ?? {};
  return readFrom(mapValues(output, rendered), ['host', 'port', 'dbname', 'user']);
}

const mapValues = (record: Record<string, unknown>, of: (text: string) => string) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(String(value))]));

function rendered(text: string): string {
  const literal = /^\{\{ ("(?:[^"\\]|\\.)*") \}\}$/s.exec(text)?.[1];
  if (literal !== undefined) return pythonString(literal);
  const variable = /^\{\{ env_var\('(\w+)'\) \}\}$/.exec(text)?.[1];
  if (variable !== undefined) return `$${variable}`;
  if (/\{[{%#]/.test(text)) throw new Error(`dbt would take it for a template: ${text}`);
  return text;
}
