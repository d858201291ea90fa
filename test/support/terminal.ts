/** The program in a pseudo-terminal: what is typed, what the screen shows, how it ends. */
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { vi } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';
import { programFile, type Sandbox } from './program.ts';

export interface TerminalSession {
  type(keys: string): void;
  /** Waits until the screen shows `text`. */
  shows(text: string | RegExp): Promise<void>;
  /** Waits until `text` has been written, even if it stood there for a moment only. */
  told(text: RegExp): Promise<void>;
  screen(): string;
  /** Everything ever written, with its escapes. */
  raw(): string;
  readonly ended: Promise<number>;
  /** As if its window were closed: the program gets SIGHUP, and has nobody to write to any more. */
  close(): void;
}

export const keys = { enter: '\r', ctrlC: '\u0003', down: '\u001b[B' };

export function openTerminal(
  sandbox: Sandbox,
  words: readonly string[],
  size = { cols: 80, rows: 24 },
): TerminalSession {
  const screen = new xterm.Terminal({ ...size, scrollback: 500, allowProposedApi: true });
  const child = spawn(process.execPath, [programFile, ...words], {
    ...size,
    cwd: sandbox.folder,
    env: sandbox.environment,
    name: 'xterm-256color',
  });
  let raw = '';
  child.onData((part) => {
    raw += part;
    screen.write(part);
  });
  const exited = new Promise<number>((resolve) =>
    child.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode)),
  );
  // The end is told before the last of the output has been read.
  const ended = exited.then(async (exitCode) => {
    await new RealClock().sleep(150);
    await new Promise<void>((resolve) => screen.write('', resolve));
    return exitCode;
  });
  const text = () => textOf(screen);
  return {
    type: (typed) => child.write(typed),
    shows: (wanted) =>
      vi.waitFor(
        () => {
          const found = typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text());
          if (!found) throw new Error(`the screen does not show ${wanted}:\n${text()}`);
        },
        { timeout: 15_000, interval: 30 },
      ),
    told: (wanted) =>
      vi.waitFor(
        () => {
          if (!wanted.test(stripVTControlCharacters(raw))) throw new Error(`it never told ${wanted}:\n${text()}`);
        },
        { timeout: 15_000, interval: 20 },
      ),
    screen: text,
    raw: () => raw,
    ended,
    close: () => child.kill('SIGHUP'),
  };
}

/** All lines of a terminal, scrollback included. */
export function textOf(terminal: xterm.Terminal): string {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
  return lines.join('\n').trimEnd();
}
