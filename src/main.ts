/**
 * The entry of the program: reads the command line, runs the command, shows what went wrong. What a command needs is
 * put together in compose.ts and imported only when one runs, so that `--help` and a mistyped command cost next to
 * nothing.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from './commands/definition.ts';
import { commands, groups } from './commands/list.ts';
import { select } from './commands/register.ts';
import type { Host } from './compose.ts';

const about =
  'Redshift Serverless data sharing: one producer that takes the writes, identical consumers that serve the reads from its live data, and one load balancer in front of them.';

/** Runs the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) ignoreClosedPipe(stream);
  const program = fileURLToPath(new URL('../bin/rsds.cjs', import.meta.url));
  const host = {
    stdin,
    stdout,
    stderr,
    environment: env,
    cwd: process.cwd(),
    program,
    version: version(),
    signals: process,
  };
  process.exitCode = await run(process.argv.slice(2), host);
}

/** Runs one command line and answers its exit code. Never throws: whatever goes wrong is shown on `host`. */
export async function run(argv: readonly string[], host: Host, list: readonly Command[] = commands): Promise<number> {
  let command: Command | undefined;
  try {
    const selection = select({ about, version: host.version, commands: list, groups }, argv);
    if (selection.kind === 'text') {
      host.stdout.write(selection.text);
      return 0;
    }
    command = selection.command;
    const { runCommand } = await import('./compose.ts');
    return await runCommand(selection, host, argv);
  } catch (error) {
    const { showError } = await import('./commands/failure.ts');
    return showError(error, { argv, host, answers: command?.answers ?? 'document' });
  }
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;

// `rsds status | head -1`, or a terminal that was closed: the reader has gone, and what is under way goes on, or stops
// as it should; there is just nobody to tell.
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}
