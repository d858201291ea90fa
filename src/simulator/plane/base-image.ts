/**
 * What a Postgres starts from. Making it (initdb in WebAssembly, then our own schema) takes three seconds, loading it
 * half a second, so it is made once and kept in the user's cache directory. Without a place to keep it, it is made anew.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseSchema } from './base-schema.ts';

let inMemory: Promise<Uint8Array> | undefined;

/** The image, from memory, from the cache, or made by `make`. */
export function baseImage(make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  inMemory ??= loadOrMake(make).catch((error) => {
    inMemory = undefined;
    throw error;
  });
  return inMemory;
}

async function loadOrMake(make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const file = join(cacheDirectory(), `postgres-${fingerprint()}.tar.gz`);
  if (existsSync(file)) return readFileSync(file);
  const image = await make();
  keep(file, image);
  return image;
}

/** Written beside and renamed, so that two processes can do it at once. A cache that can't be written is no failure. */
function keep(file: string, image: Uint8Array): void {
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(cacheDirectory(), { recursive: true });
    writeFileSync(unfinished, image);
    renameSync(unfinished, file);
  } catch {
    rmSync(unfinished, { force: true });
  }
}

function cacheDirectory(): string {
  const home = process.env.XDG_CACHE_HOME || join(homedir() || tmpdir(), '.cache');
  return join(home, 'rsds');
}

/** Changes with the version of the embedded Postgres and with our own schema in it. */
function fingerprint(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const packageFile = join(entry, '..', '..', 'package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  return createHash('sha256').update(version).update(baseSchema).digest('hex').slice(0, 16);
}
