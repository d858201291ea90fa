/**
 * Finds, reads and completes the configuration, and finds every fault of it at once. The one place that reads the
 * file; nothing is ever written here.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exampleSql, exampleYaml } from '../example/airline.ts';
import { ConfigError, type ConfigFault, RsdsError } from '../shared/errors.ts';
import { complete } from './complete.ts';
import type { Config, SqlFile } from './config.ts';
import { chooseEnvironment, type Environments, environmentTree, splitEnvironments } from './environments.ts';
import { Reading } from './reading.ts';
import { resolveRegion } from './region.ts';
import { rules } from './rules/all.ts';
import { keyElsewhere, root, type Values } from './schema.ts';
import { type MapTree, nearest, parseTree } from './tree.ts';

export interface LoadOptions {
  /** `--config`; else the nearest rsds.yaml upwards from `cwd`. */
  readonly file?: string | undefined;
  /** `--env`; else RSDS_ENV, else `dev`. */
  readonly env?: string | undefined;
  /** `--region`. */
  readonly region?: string | undefined;
  /** The region of the profile in use, if it has one. */
  readonly profileRegion?: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the built-in example stands in where there is no file. */
  readonly sim: boolean;
}

export interface Loaded {
  readonly config: Config;
  /** Absolute; undefined: the built-in example. */
  readonly file: string | undefined;
  /** Worth saying before anything changes; nothing to stop for. */
  readonly notices: readonly string[];
  /** Those of them that concern reading commands, too: where it all happens. */
  readonly announcements: readonly string[];
}

/** A configuration's text, and how to get at the files that it names. */
export interface ConfigSource {
  readonly text: string;
  readonly file: string | undefined;
  readSql(name: string): Promise<string>;
}

export const defaultEnvironment = 'dev';

/** Loads the configuration for one environment. Throws ConfigError with all faults, or RsdsError when there is no file. */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  return readConfig(await findSource(options), options);
}

async function findSource(options: LoadOptions): Promise<ConfigSource> {
  const file = options.file === undefined ? await nearestFile(options.cwd) : resolve(options.cwd, options.file);
  if (file !== undefined) {
    const folder = dirname(file);
    return { text: await readText(file), file, readSql: (name) => readUtf8(resolve(folder, name)) };
  }
  if (!options.sim) throw new RsdsError('config/not-found', `no ${fileName} in ${options.cwd} or above`, notFoundHint);
  return { text: exampleYaml, file: undefined, readSql: async (name) => exampleSql[name] ?? '' };
}

export const fileName = 'rsds.yaml';
const notFoundHint = { hint: 'Run `rsds init`, pass --config FILE, or try `--sim`.' };

async function nearestFile(from: string): Promise<string | undefined> {
  const file = join(from, fileName);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return file;
  return from === dirname(from) ? undefined : nearestFile(dirname(from));
}

async function readText(file: string): Promise<string> {
  try {
    return await readUtf8(file);
  } catch (cause) {
    throw new RsdsError('config/unreadable', `cannot read ${file}: ${reason(cause)}`, {
      cause,
      hint: 'Check its path and permissions.',
    });
  }
}

async function readUtf8(file: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};
const reason = (cause: unknown): string => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
};

/** Reads a configuration from its text: the whole of loading but for finding the file. */
export async function readConfig(source: ConfigSource, options: LoadOptions): Promise<Loaded> {
  const { tree, faults } = await parseTree(source.text);
  if (faults.length > 0) throw new ConfigError(faults, source.file);
  const reading = new Reading(keyElsewhere);
  const announcements: string[] = [];
  const remarks: string[] = [];
  const environments = splitEnvironments(tree, reading);
  const environment = options.env || options.environment.RSDS_ENV || defaultEnvironment;
  chooseEnvironment(environment, environments, reading);
  const merged = environmentTree(environments, environment);
  const values = root.read(merged, reading) ?? root.empty;
  const sources = {
    flag: options.region,
    file: values.region,
    environment: options.environment,
    profile: options.profileRegion,
  };
  // A region in the file that is wrong has been noted; another from elsewhere must not hide that, nor be missed.
  const region = reading.sound('region')
    ? resolveRegion(sources, reading, (text) => announcements.push(text))
    : undefined;
  const initSql = await readSqlFiles(values, merged, source, reading);
  const config = complete(values, { environment, region: region ?? 'us-east-1', initSql });
  applyRules(config, merged, reading, remarks);
  const all = [...reading.faults, ...faultsElsewhere(environments, environment, reading.faults)];
  if (all.length > 0) throw new ConfigError(all.sort(byPlace), source.file);
  return { config, file: source.file, announcements, notices: [...announcements, ...remarks] };
}

async function readSqlFiles(
  values: Values,
  tree: MapTree,
  source: ConfigSource,
  reading: Reading,
): Promise<readonly SqlFile[]> {
  const read = async (name: string, index: number): Promise<SqlFile> => {
    try {
      return { name, text: await source.readSql(name) };
    } catch (cause) {
      const at = nearest(tree, `producer.initSql[${index}]`);
      const hint = 'Paths are relative to the configuration file.';
      reading.fault(
        'sql/file',
        { path: at.found.path, place: at.place },
        `names ${name}, which cannot be read: ${reason(cause)}`,
        hint,
      );
      return { name, text: '' };
    }
  };
  return Promise.all(values.producer.initSql.map(read));
}

function applyRules(config: Config, tree: MapTree, reading: Reading, notices: string[]): void {
  for (const rule of rules) {
    rule({
      config,
      fault(code, path, message, hint) {
        const { found, place, exact } = nearest(tree, path);
        reading.fault(code, { path: exact ? found.path : path, place }, message, hint);
      },
      notice: (text) => notices.push(text),
      sound: (...paths) => reading.sound(...paths),
      given: (path) => nearest(tree, path).exact,
    });
  }
}

/** What is wrong in the sections of other environments: found today rather than on the day of their release. */
function faultsElsewhere(environments: Environments, chosen: string, known: readonly ConfigFault[]): ConfigFault[] {
  const identity = (fault: ConfigFault) => JSON.stringify([fault.code, fault.line, fault.column, fault.message]);
  const faults = new Map<string, ConfigFault>();
  for (const name of environments.sections?.keys() ?? []) {
    if (name === chosen) continue;
    const reading = new Reading(keyElsewhere);
    root.read(environmentTree(environments, name), reading);
    for (const fault of reading.faults) faults.set(identity(fault), fault);
  }
  for (const fault of known) faults.delete(identity(fault));
  return [...faults.values()];
}

const byPlace = (one: ConfigFault, other: ConfigFault): number =>
  (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
