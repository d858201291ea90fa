/**
 * Writing the number of consumers into a configuration file that people keep by hand: only the figures change, every
 * comment, blank line and quote stays. And replacing a file so that a crash leaves the old one or the new one.
 */
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type * as Yaml from 'yaml';
import { RsdsError } from '../shared/errors.ts';
import { setValue } from './yaml-edit.ts';

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
