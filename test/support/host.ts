/** A process's streams, variables and signals as plain objects, so that the frame runs inside a test. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Host } from '../../src/compose.ts';

export interface TestHost {
  readonly host: Host;
  stdout(): string;
  stderr(): string;
  readonly signals: EventEmitter;
}

export function testHost(options: { cwd?: string; environment?: Record<string, string> } = {}): TestHost {
  const stdout = capture();
  const stderr = capture();
  const signals = new EventEmitter();
  const host: Host = {
    stdin: Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream,
    stdout: stdout.stream,
    stderr: stderr.stream as unknown as NodeJS.WriteStream,
    environment: options.environment ?? {},
    cwd: options.cwd ?? '/nowhere',
    program: '/nowhere/bin/rsds.cjs',
    version: '1.2.3',
    signals,
  };
  return { host, stdout: stdout.text, stderr: stderr.text, signals };
}

function capture() {
  let written = '';
  const stream = Object.assign(new EventEmitter(), {
    isTTY: false,
    write: (text: string) => {
      written += text;
      return true;
    },
  });
  return { stream, text: () => written };
}
