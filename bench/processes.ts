/** Processes, timed from outside. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const programFile = resolve('bin/rsds.cjs');

export interface ProcessRun {
  readonly ms: number;
  readonly exit: number | null;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** The environment as it is, since it decides what starting Node costs, but nothing that leads to an account. */
export const plainEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|RSDS|FORCE_COLOR)/.test(name))),
  HOME: tmpdir(),
  NO_COLOR: '1',
});

/** Runs a process to its end; its output is read and, but for errors, forgotten. */
export function timed(command: string, words: readonly string[], options: ProcessOptions = {}): Promise<ProcessRun> {
  const startedAt = performance.now();
  const child = spawn(command, words, {
    cwd: options.cwd,
    env: options.environment ?? plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => done({ ms: performance.now() - startedAt, exit, stderr }));
  });
}

export const rsds = (words: readonly string[], options: ProcessOptions = {}): Promise<ProcessRun> =>
  timed(process.execPath, [programFile, ...words], options);

/** As `rsds`, with the process's peak memory in MB, which only it can tell: it writes it down when it ends. */
export async function rsdsWithPeak(words: readonly string[], options: ProcessOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'rsds-peak-'));
  const [preload, file] = [join(folder, 'peak.cjs'), join(folder, 'peak')];
  writeFileSync(preload, peakWriter(file));
  try {
    const run = await timed(process.execPath, ['-r', preload, programFile, ...words], options);
    return { ...run, peakMb: Number(readFileSync(file, 'utf8')) / 1024 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Linux counts the parent's memory, too, into `maxRSS`; VmHWM begins anew with the program. */
const peakWriter = (file: string) => `const fs = require('node:fs');
process.on('exit', () => {
  let peak = process.resourceUsage().maxRSS;
  try { peak = /VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]; } catch {}
  fs.writeFileSync(${JSON.stringify(file)}, String(peak));
});`;
