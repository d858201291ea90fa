/** The real program, as it is shipped: built, started as a process, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const programFile = resolve('bin/rsds.cjs');

/** Builds what is older than its sources; a no-op otherwise. */
export function ensureBuilt(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the program could not be built: ${stderr}`);
}

export interface Finished {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which the program runs; `remove` ends the simulator that it started there. */
export interface Sandbox {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  start(...words: readonly string[]): ChildProcess;
  run(...words: readonly string[]): Promise<Finished>;
  remove(): Promise<void>;
}

export function createSandbox(extra: Record<string, string> = {}): Sandbox {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rsds-e2e-')));
  // Nothing of the developer's own: no profile, no endpoint, no colour, no CI.
  const environment = { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...extra };
  const start = (...words: readonly string[]) =>
    spawn(process.execPath, [programFile, ...words], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const run = (...words: readonly string[]) => finished(start(...words));
  return {
    folder,
    environment,
    start,
    run,
    remove: async () => {
      await run('sim', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for the end of a process and answers all it has written. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => done({ exit, stdout, stderr }));
  });
}
