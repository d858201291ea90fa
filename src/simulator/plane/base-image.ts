/**
 * What a Postgres starts from. Making it (initdb in WebAssembly, then our own schema) takes three seconds, loading it
 * half a second, so it is made once and kept in the user's cache directory. Without a place to keep it, it is made anew.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseSchema } from './base-schema.ts';

let inMemory: Promise<Uint8Array> | undefined;

/** The image, from memory, from the cache, or made by `make`. */
export function baseImage(make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  inMemory ??= cachedImage(cacheDirectory(), make).catch((error) => {
    inMemory = undefined;
    throw error;
  });
  return inMemory;
}

/** The image from `directory`, or made by `make` and kept there for the next process. */
export async function cachedImage(directory: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const file = join(directory, `postgres-${fingerprint()}.image`);
  const kept = readImage(file);
  if (kept) return kept;
  const image = await make();
  keepImage(directory, file, image);
  return image;
}

const digestOf = (image: Uint8Array) => createHash('sha256').update(image).digest();
const digestBytes = 32;

/** Nothing for a file that is not there, or is not what was written. */
function readImage(file: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(file);
    const image = bytes.subarray(digestBytes);
    return digestOf(image).equals(bytes.subarray(0, digestBytes)) ? image : undefined;
  } catch {
    return undefined;
  }
}

/** Written beside and renamed, so that two processes can do it at once. A cache that can't be written is no failure. */
function keepImage(directory: string, file: string, image: Uint8Array): void {
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(unfinished, Buffer.concat([digestOf(image), image]));
    renameSync(unfinished, file);
  } catch {
    discard(unfinished);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where no directory can be, there is no file either.
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
