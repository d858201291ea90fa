/**
 * Writing the number of consumers into a configuration file that people keep by hand: only the figures change, every
 * comment, blank line and quote stays. And replacing a file so that a crash leaves the old one or the new one.
 */
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type * as Yaml from 'yaml';
import { RsdsError } from '../shared/errors.ts';

export interface ConsumerCount {
  readonly count: number;
  /** Numbers left out. */
  readonly without: readonly number[];
}

/**
 * The text with the new count for one environment. It goes where the count already stands for this environment: in its
 * section, else among the defaults; but a default that other environments share is left alone, and the environment
 * gets a count of its own.
 */
export async function setConsumers(text: string, environment: string, wanted: ConsumerCount): Promise<string> {
  const yaml = await import('yaml');
  const before = effective(yaml, text, environment);
  const path = placeFor(yaml, text, environment);
  const counted = setValue(yaml, text, [...path, 'count'], `${wanted.count}`);
  const silent = wanted.without.length === 0 && effective(yaml, counted, environment).without.length === 0;
  const done = silent ? counted : setValue(yaml, counted, [...path, 'without'], `[${wanted.without.join(', ')}]`);
  const after = effective(yaml, done, environment);
  if (after.count === wanted.count && `${after.without}` === `${wanted.without}` && after.rest === before.rest)
    return done;
  throw new RsdsError(
    'config/value',
    `consumers.count cannot be written into the configuration file: its layout is too unusual`,
    {
      hint: `Set consumers.count: ${wanted.count} and consumers.without: [${wanted.without.join(', ')}] by hand.`,
    },
  );
}

interface Effective {
  readonly count: unknown;
  readonly without: readonly unknown[];
  /** Everything else in the file, for comparison. */
  readonly rest: string;
}

/** What the file says about the consumers of an environment, and everything else it says. */
function effective(yaml: typeof Yaml, text: string, environment: string): Effective {
  const document = yaml.parseDocument(text);
  const own = (key: string) => document.getIn(['environments', environment, 'consumers', key]);
  const read = (key: string) => own(key) ?? document.getIn(['consumers', key]);
  const without = read('without');
  const list: unknown = yaml.isNode(without) ? without.toJS(document) : without;
  const all: unknown = document.toJS();
  return {
    count: read('count'),
    without: Array.isArray(list) ? list : [],
    rest: JSON.stringify(withoutCounts(all, environment)),
  };
}

/** A copy of the file's content without the counts of this environment, and without sections that this leaves empty. */
function withoutCounts(content: unknown, environment: string): unknown {
  const paths = [['consumers'], ['environments', environment, 'consumers']];
  return paths.reduce((rest, path) => drop(rest, path), content);
}

function drop(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? {};
  const [key, ...more] = path;
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, name === key ? drop(inner, more) : inner] as const,
  );
  const kept = entries.filter(([name, inner]) => {
    if (key === undefined) return name !== 'count' && name !== 'without';
    return name !== key || JSON.stringify(inner) !== '{}';
  });
  return Object.fromEntries(kept);
}

function placeFor(yaml: typeof Yaml, text: string, environment: string): readonly string[] {
  const document = yaml.parseDocument(text);
  const own = ['environments', environment, 'consumers'];
  const overridden = document.hasIn([...own, 'count']) || document.hasIn([...own, 'without']);
  const environments = document.get('environments', true);
  const shared = yaml.isMap(environments) && environments.items.length > 1;
  return overridden || shared ? own : ['consumers'];
}

/** Sets one value by changing nothing else of the text. */
function setValue(yaml: typeof Yaml, text: string, path: readonly string[], value: string): string {
  const document = yaml.parseDocument(text);
  const existing = document.getIn(path, true);
  if (yaml.isNode(existing) && existing.range && existing.range[1] > existing.range[0]) {
    const [start, end] = existing.range;
    return splice(text, start, start + text.slice(start, end).trimEnd().length, value);
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const above = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (yaml.isMap(above) && above.items.length > 0) return insert(yaml, text, above, path.slice(depth), value);
    if (depth > 0 && document.hasIn(path.slice(0, depth))) return fill(yaml, text, document, path, depth, value);
  }
  return `${text}${nested(path, value, '', newline(text))}${newline(text)}`;
}

/** Adds the rest of a path to a map that has something in it, in its own style. */
function insert(yaml: typeof Yaml, text: string, map: Yaml.YAMLMap, path: readonly string[], value: string): string {
  const start = map.range?.[0] ?? 0;
  if (map.flow) return splice(text, start + 1, start + 1, ` ${flow(path, value)},`);
  if (path.length > 1) return append(yaml, text, map, path, value);
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return splice(
    text,
    start,
    start,
    `${nested(path, value, indent, newline(text)).trimStart()}${newline(text)}${indent}`,
  );
}

/** A whole section goes to the end of the map: before the first key it would come between that and its comment. */
function append(yaml: typeof Yaml, text: string, map: Yaml.YAMLMap, path: readonly string[], value: string): string {
  const start = map.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const last = map.items.at(-1)?.value;
  const end = yaml.isNode(last) && last.range ? last.range[1] : (map.range?.[1] ?? text.length);
  const lineEnd = text.indexOf('\n', Math.max(0, end - 1));
  const at = lineEnd === -1 ? text.length : lineEnd + 1;
  const lead = lineEnd === -1 ? newline(text) : '';
  return splice(text, at, at, `${lead}${nested(path, value, indent, newline(text))}${newline(text)}`);
}

/** Gives a section that is there but empty (`prod:` or `prod: {}`) its content. */
function fill(
  yaml: typeof Yaml,
  text: string,
  document: Yaml.Document,
  path: readonly string[],
  depth: number,
  value: string,
): string {
  const node = document.getIn(path.slice(0, depth), true);
  const content = `{ ${flow(path.slice(depth), value)} }`;
  if (yaml.isNode(node) && node.range && node.range[1] > node.range[0])
    return splice(text, node.range[0], node.range[1], content);
  const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
  const pair = yaml.isMap(parent)
    ? parent.items.find(({ key }) => yaml.isScalar(key) && key.value === path[depth - 1])
    : undefined;
  const key = pair?.key;
  const end = yaml.isNode(key) && key.range ? key.range[1] : text.length;
  const colon = text.indexOf(':', end) + 1;
  return splice(text, colon, colon, ` ${content}`);
}

const splice = (text: string, from: number, to: number, replacement: string): string =>
  text.slice(0, from) + replacement + text.slice(to);

const newline = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

const flow = ([key = '', ...more]: readonly string[], value: string): string =>
  more.length === 0 ? `${key}: ${value}` : `${key}: { ${flow(more, value)} }`;

const nested = ([key = '', ...more]: readonly string[], value: string, indent: string, eol: string): string =>
  more.length === 0 ? `${indent}${key}: ${value}` : `${indent}${key}:${eol}${nested(more, value, `${indent}  `, eol)}`;

/** Replaces a file, or makes it: a crash at any moment leaves the old text or the new one, whole. Keeps its permissions. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const mode = await stat(target).then(
    (stats) => stats.mode & 0o777,
    () => 0o644,
  );
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await writeDurably(temporary, text, mode);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new RsdsError(
      'config/unreadable',
      `cannot write ${file}: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  await syncFolder(dirname(target));
}

async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'w', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
