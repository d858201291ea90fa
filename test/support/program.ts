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
  /** Null: it was killed. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which the program runs; `remove` ends the simulator that it started there. */
export interface Sandbox {
  readonly folder: string;
  /** Where the simulator of the folder keeps its world, and the program its ledger under `--sim`. */
  readonly state: string;
  readonly environment: NodeJS.ProcessEnv;
  start(...words: readonly string[]): ChildProcess;
  run(...words: readonly string[]): Promise<Finished>;
  /** Runs with `--json` and answers the document. Throws what the program said if it did not end with 0. */
  ask<Document>(...words: readonly string[]): Promise<Document>;
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
  const ask = async <Document>(...words: readonly string[]) => {
    const { exit, stdout, stderr } = await run(...words, '--json');
    if (exit !== 0) throw new Error(`${words.join(' ')} ended with ${exit}: ${stderr}`);
    return JSON.parse(stdout) as Document;
  };
  return {
    folder,
    state: join(folder, '.rsds', 'sim'),
    environment,
    start,
    run,
    ask,
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

/** What tests ask of a line of `--json`, whichever event it is. */
export interface ProgramEvent {
  readonly version: number;
  readonly event: string;
  readonly at?: number;
  readonly resource?: { readonly id: string } | undefined;
  readonly status?: unknown;
  readonly outcome?: string;
}

/** The events that a process wrote; the last line of a killed one may be cut short. */
export function eventsIn({ exit, stdout }: Finished): ProgramEvent[] {
  const lines = stdout.split('\n');
  const rest = lines.pop();
  if (exit !== null && rest !== '') throw new Error(`the output ends within a line: ${rest}`);
  return lines.map((line) => JSON.parse(line) as ProgramEvent);
}

/** Calls `look` with each event of a process as soon as it is written. */
export function watchEvents({ stdout }: ChildProcess, look: (event: ProgramEvent) => void): void {
  let rest = '';
  stdout?.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) look(JSON.parse(line) as ProgramEvent);
  });
}

/** Whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
