/** Puts together what a command gets, from the process and the global options. */

import { join } from 'node:path';
import type { CommandContext } from './commands/context.ts';
import { noLocalAddresses } from './commands/context.ts';
import { type GlobalOptions, globalOptionsFrom } from './commands/global-options.ts';
import {
  type InterruptOptions,
  type Interrupts,
  listenForInterrupts,
  type SignalSource,
} from './commands/interrupts.ts';
import { projectFolder } from './commands/project-folder.ts';
import type { Selection } from './commands/register.ts';
import type { Connection, ConnectRequest } from './commands/sim/attach.ts';
import { createBoard } from './report/board.ts';
import { colourLevel, paintFor } from './report/colour.ts';
import { createNotices, type Notices } from './report/notices.ts';
import { createOutput, type Sink } from './report/output.ts';
import { createPrompter } from './report/prompter.ts';
import { createReporter } from './report/reporter.ts';
import { RealClock } from './shared/clock.ts';
import { RsdsError } from './shared/errors.ts';
import { systemRandom } from './shared/random.ts';
import { shellWord } from './shared/shell.ts';

/** What the process gives: streams, variables, signals. Passed in, so that tests run the frame in process. */
export interface Host {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Sink;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** This program's own file, for starting it again in the background. */
  readonly program: string;
  readonly version: string;
  readonly signals: SignalSource;
}

/** Runs the command that was selected by `argv` and answers its exit code. */
export async function runCommand(
  selection: Selection & { kind: 'command' },
  host: Host,
  argv: readonly string[],
): Promise<number> {
  selection.command.check(selection.input);
  const flags = globalOptionsFrom(selection.global, host.environment);
  const notices = noticesFor(host, flags);
  const resume = selection.command.answers === 'events' ? ['rsds', ...argv].map(shellWord).join(' ') : undefined;
  const interrupts = interruptsFor(host, notices, { resume, endsEarly: selection.command.endsEarly });
  try {
    const context = await createContext(selection.command, { host, flags, notices, interrupts });
    return (await selection.command.run(selection.input, context)) ?? 0;
  } finally {
    interrupts.dispose();
  }
}

interface Parts {
  readonly host: Host;
  readonly flags: GlobalOptions;
  readonly notices: Notices;
  readonly interrupts: Interrupts;
}

async function createContext(
  command: { readonly name: string; readonly offline: boolean },
  { host, flags, notices, interrupts }: Parts,
): Promise<CommandContext> {
  const folder = projectFolder(host.cwd, flags.config);
  const stateDirectory = flags.sim ? join(folder, '.rsds', 'sim') : join(folder, '.rsds');
  const connection =
    flags.sim && !command.offline
      ? await connectSimulator({ stateDirectory, host, notices, signal: interrupts.signal })
      : accountOf(flags, host);
  if (host.environment === process.env) replaceEnvironment(connection.environment);
  const clock = new RealClock(connection.speed);
  const { environment, stderr } = host;
  const out = createOutput(host.stdout, {
    json: flags.json,
    paint: paintFor(colourLevel(host.stdout, flags.color, environment)),
  });
  return {
    command: command.name,
    version: host.version,
    program: host.program,
    flags,
    cwd: host.cwd,
    environment: connection.environment,
    clock,
    random: systemRandom,
    signal: interrupts.signal,
    aws: connection.aws,
    stateDirectory,
    localAddresses: connection.localAddresses,
    out,
    notices,
    prompter: createPrompter({ stdin: host.stdin, stderr, yes: flags.yes, signal: interrupts.signal }),
    reporter: () => createReporter({ flags, stderr, environment, out, notices, clock }),
    board: () => createBoard({ flags, stderr, environment, notices }),
  };
}

async function connectSimulator(request: ConnectRequest): Promise<Connection> {
  const { attach } = await import('./commands/sim/attach.ts');
  return attach(request);
}

// The AWS SDK reads some variables by itself, past whatever it is given.
function replaceEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) if (environment[name] === undefined) delete process.env[name];
  Object.assign(process.env, environment);
}

function noticesFor(host: Host, flags: GlobalOptions): Notices {
  const level = colourLevel(host.stderr, flags.color, host.environment);
  pushColour(level);
  const { quiet, verbose, debug } = flags;
  return createNotices(host.stderr, { paint: paintFor(level), quiet, verbose, debug });
}

// Libraries that decide about colour by themselves (inquirer, listr2) are told what was decided here.
function pushColour(level: number): void {
  if (level > 0) delete process.env.NO_COLOR;
  else process.env.NO_COLOR = '1';
  delete process.env.FORCE_COLOR;
  if (level > 0) process.env.FORCE_COLOR = String(level);
}

function interruptsFor(host: Host, notices: Notices, how: Pick<InterruptOptions, 'resume' | 'endsEarly'>): Interrupts {
  return listenForInterrupts(host.signals, {
    ...how,
    say: (text) => notices.warning(text),
    leave: (exitCode) => {
      if (host.stderr.isTTY) host.stderr.write(showCursor);
      process.exit(exitCode);
    },
  });
}

const showCursor = '\u001b[?25h';

/**
 * A real account, or whatever AWS_ENDPOINT_URL names. The SDK looks for a profile's `endpoint_url` under AWS_PROFILE
 * alone, whatever profile a client is given (F-640).
 */
function accountOf({ profile }: GlobalOptions, { environment }: Host): Connection {
  return {
    speed: clockSpeed(environment.RSDS_CLOCK_SPEED),
    environment: profile === undefined ? environment : { ...environment, AWS_PROFILE: profile },
    aws: profile === undefined ? {} : { profile },
    localAddresses: noLocalAddresses,
  };
}

function clockSpeed(text: string | undefined): number {
  if (text === undefined || text === '') return 1;
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new RsdsError('usage/invalid', `RSDS_CLOCK_SPEED is '${text}'`, {
    hint: 'give the number of times that AWS runs faster than real time, or unset it',
  });
}
