/**
 * Where the simulator of a folder can be found: `simulator.json`, readable by its owner only, because its token lets
 * one stop and reset the simulator, and its access key have anything run by it.
 *
 * P1. The file appears whole or not at all, and never over another one: it is linked into place.
 * P2. Only the process whose token is in it may take it away; what a dead process left is moved aside first.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PortFile {
  readonly version: 1;
  readonly pid: number;
  /** Where AWS's protocols are spoken, on 127.0.0.1. */
  readonly port: number;
  /** Where `rsds sim …` asks, on 127.0.0.1, with the token. */
  readonly controlPort: number;
  readonly token: string;
  /** The only access key with which commands may be sent to simulated instances: they are run on this machine. */
  readonly accessKeyId: string;
  /** Which build of rsds serves it; another build replaces it. */
  readonly build: string;
  /** How many times faster than real time its AWS runs. */
  readonly speed: number;
}

const fileIn = (directory: string) => join(directory, 'simulator.json');

/** What the port file says; undefined when there is none or it is not one. */
export function readPortFile(directory: string): PortFile | undefined {
  try {
    const parsed = JSON.parse(readFileSync(fileIn(directory), 'utf8')) as Partial<PortFile> | null;
    return isPortFile(parsed) ? parsed : undefined;
  } catch {
    // Absent, or half of a file from a full disk: either way nobody can be found through it.
    return undefined;
  }
}

const isPortFile = (value: Partial<PortFile> | null): value is PortFile =>
  value?.version === 1 && typeof value.port === 'number' && typeof value.token === 'string';

/** Puts the file in place; false when there is one already. */
export const claimPortFile = (directory: string, content: PortFile): boolean =>
  placeExclusively(fileIn(directory), `${JSON.stringify(content, undefined, 2)}\n`, content.token);

/** Moves away the file that holds `token` (undefined: one that cannot be read); what another process put there stays. */
export function discardPortFile(directory: string, token: string | undefined): void {
  discardIf(fileIn(directory), (content) => token === undefined || content.includes(token));
}

/** Creates `file` with `content` in one step; false when it exists. `tag` keeps temporary names apart. */
export function placeExclusively(file: string, content: string, tag: string): boolean {
  const temporary = `${file}.${tag}`;
  writeFileSync(temporary, content, { mode: 0o600 });
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Removes `file` if its content is the expected one. Renaming decides between two that try; whoever finds a newer file
 * in hand puts it back.
 */
export function discardIf(file: string, expected: (content: string) => boolean): boolean {
  const aside = `${file}.${process.pid}.stale`;
  try {
    if (!expected(readFileSync(file, 'utf8'))) return false;
    renameSync(file, aside);
    if (expected(readFileSync(aside, 'utf8'))) return true;
    placeBack(aside, file);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function placeBack(aside: string, file: string): void {
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
