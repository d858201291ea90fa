/**
 * The saved world. It is written by Node's own serialisation, because it holds bytes (the database) beside plain data,
 * and replaced as a whole, so that a killed process leaves the one before.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { RsdsError } from '../../shared/errors.ts';

export const worldFile = (directory: string): string => join(directory, 'world.bin');

/** The saved world; undefined when there is none. @throws RsdsError `sim/unreadable` */
export function loadWorld<Saved>(directory: string): Saved | undefined {
  const file = worldFile(directory);
  if (!existsSync(file)) return undefined;
  try {
    return deserialize(readFileSync(file)) as Saved;
  } catch (error) {
    throw new RsdsError('sim/unreadable', `${file} is not a saved world`, {
      hint: '`rsds sim reset` starts afresh',
      cause: error,
    });
  }
}

export function saveWorld(directory: string, saved: unknown): void {
  const temporary = `${worldFile(directory)}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(file, serialize(saved));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, worldFile(directory));
}
