/** Helpers for tests of the configuration: text in, configuration or faults out. */
import type { Config } from '../../src/config/config.ts';
import { type Loaded, type LoadOptions, readConfig } from '../../src/config/load.ts';
import { ConfigError, type ConfigFault } from '../../src/shared/errors.ts';

const files: Readonly<Record<string, string>> = { 'tables.sql': 'CREATE TABLE t (id INT);' };

export async function load(text: string, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  const readSql = async (name: string) => {
    const found = files[name];
    if (found === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return found;
  };
  return readConfig({ text, file: '/p/rsds.yaml', readSql }, { cwd: '/p', environment: {}, sim: false, ...options });
}

export const config = async (text: string, options?: Partial<LoadOptions>): Promise<Config> =>
  (await load(text, options)).config;

/** All faults of a configuration that has some. */
export async function faults(text: string, options?: Partial<LoadOptions>): Promise<readonly ConfigFault[]> {
  try {
    await load(text, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('this configuration was expected to have faults');
}

/** The smallest file there is, with more lines after it. */
export const minimal = (more = ''): string => `project: airline\nregion: us-east-1\n${more}`;
