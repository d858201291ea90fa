/**
 * Finds the simulator of a folder, or starts it as a process of its own that outlives the command.
 *
 * B1. Two commands that start at once get the same simulator: one takes `starting`, the other waits for its outcome.
 * B2. A port file counts only when its process answers with its token; whatever a killed process left is passed over.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { Random } from '../../shared/random.ts';
import { askControl } from './control.ts';
import { discardIf, discardPortFile, type PortFile, placeExclusively, readPortFile } from './port-file.ts';

export interface BackgroundOptions {
  /** `.rsds/sim` of the project. */
  readonly directory: string;
  /** rsds's own file, run again with the hidden verb. */
  readonly program: string;
  /** How many times faster than real time AWS is to run; only where one is started. */
  readonly speed: number;
  /** Variables for the process: without anything that leads to a real account. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Real time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface Started {
  readonly portFile: PortFile;
  /** False when it was there already. */
  readonly fresh: boolean;
}

const startTimeoutMs = 30_000;
const pollMs = 50;

/** The simulator of the folder if it runs and answers. */
export async function findSimulator(directory: string): Promise<PortFile | undefined> {
  const portFile = readPortFile(directory);
  if (!portFile || !isAlive(portFile.pid)) return undefined;
  return (await answers(portFile)) ? portFile : undefined;
}

/** Finds the simulator or starts it, and waits until it answers. */
export async function ensureSimulator(options: BackgroundOptions): Promise<Started> {
  const { directory, clock, signal } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const deadline = clock.elapsed() + startTimeoutMs;
  while (clock.elapsed() < deadline) {
    const found = await findSimulator(directory);
    if (found?.build === buildOf(options.program)) return { portFile: found, fresh: false };
    if (takeStart(options)) {
      try {
        if (found) await stopSimulator(found, options);
        return { portFile: await start(options, deadline), fresh: true };
      } finally {
        discardIf(startFile(directory), (content) => content.startsWith(`${process.pid}\n`));
      }
    }
    await clock.sleep(pollMs, { signal });
  }
  throw failedToStart(directory, `nothing answered within ${startTimeoutMs / 1000} s`);
}

/** Asks it to save and end, and waits until it has. False when it had to be left behind. */
export async function stopSimulator(
  portFile: PortFile,
  { directory, clock, signal }: Pick<BackgroundOptions, 'directory' | 'clock' | 'signal'>,
  path: '/stop' | '/discard' = '/stop',
): Promise<boolean> {
  await askControl(portFile, path, 10_000);
  const deadline = clock.elapsed() + 10_000;
  // It takes its port file away as the last thing, when the world is saved and nobody is served any more.
  const ended = () => !isAlive(portFile.pid) || readPortFile(directory)?.token !== portFile.token;
  while (!ended() && clock.elapsed() < deadline) await clock.sleep(pollMs, { signal });
  return ended();
}

const startFile = (directory: string) => join(directory, 'starting');

function takeStart({ directory, random }: BackgroundOptions): boolean {
  const file = startFile(directory);
  if (placeExclusively(file, `${process.pid}\n`, random.hex(12))) return true;
  discardIf(file, (content) => !isAlive(Number.parseInt(content, 10)));
  return false;
}

async function start(options: BackgroundOptions, deadline: number): Promise<PortFile> {
  const { directory, clock, signal } = options;
  const stale = readPortFile(directory);
  discardPortFile(directory, stale?.token);
  const child = launch(options);
  let ended = '';
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, by) => {
    ended = `it ended with ${by ?? `exit code ${code}`}`;
  });
  while (ended === '' && clock.elapsed() < deadline) {
    const found = await findSimulator(directory);
    if (found) {
      child.removeAllListeners();
      return found;
    }
    await clock.sleep(pollMs, { signal });
  }
  throw failedToStart(directory, ended || 'it does not answer');
}

function launch({ directory, program, speed, environment }: BackgroundOptions): ChildProcess {
  const log = openSync(logFile(directory), 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [program, 'sim', 'serve', '--directory', directory, '--speed', String(speed)],
      { detached: true, stdio: ['ignore', log, log], cwd: directory, env: { ...environment }, windowsHide: true },
    );
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

export const logFile = (directory: string): string => join(directory, 'simulator.log');

function failedToStart(directory: string, why: string): RsdsError {
  const tail = lastLines(logFile(directory), 5);
  return new RsdsError('sim/start', `the simulator could not be started: ${why}`, {
    hint: `read ${logFile(directory)}; \`rsds sim reset\` starts afresh`,
    ...(tail === '' ? {} : { cause: new Error(tail) }),
  });
}

function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    // No log: there is nothing more to tell than what is known already.
    return '';
  }
}

async function answers(portFile: PortFile): Promise<boolean> {
  try {
    await askControl(portFile, '/ping', 5_000);
    return true;
  } catch {
    // Refused, reset, or another program on that port: whichever, it is not our simulator.
    return false;
  }
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Names the build behind `program`: after a rebuild or an update the old simulator is replaced. */
export function buildOf(program: string): string {
  const { mtimeMs, size } = statSync(join(dirname(program), '..', 'dist', 'main.js'));
  return `${Math.round(mtimeMs)}-${size}`;
}
