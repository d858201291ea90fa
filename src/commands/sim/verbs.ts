/** What `rsds sim start|stop|status|reset|log` do. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDateTime, formatTime, plural } from '../../report/wording.ts';
import { formatDuration, RealClock } from '../../shared/clock.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { defaultSpeed, simulatedEnvironment } from './attach.ts';
import { ensureSimulator, findSimulator, stopSimulator } from './background.ts';
import { askControl } from './control.ts';
import type { PortFile } from './port-file.ts';
import type { SimAddress, SimRequest, SimStatus } from './serve.ts';

// `sim` commands speak of the simulator with or without --sim.
export const directoryOf = (context: CommandContext) =>
  context.flags.sim ? context.stateDirectory : join(context.stateDirectory, 'sim');

const realTime = new RealClock();

export async function start(speed: number | undefined, context: CommandContext): Promise<undefined> {
  const directory = directoryOf(context);
  const { portFile, fresh } = await ensureSimulator({
    directory,
    program: context.program,
    speed: speed ?? defaultSpeed,
    environment: simulatedEnvironment(context.environment),
    clock: realTime,
    random: context.random,
    signal: context.signal,
  });
  if (!fresh && speed !== undefined && speed !== portFile.speed) {
    throw new RsdsError('sim/start', `the simulator runs already, at speed ${portFile.speed}`, {
      hint: 'rsds sim stop, then start it with another --speed',
    });
  }
  const url = urlOf(portFile);
  context.out.document({ url, pid: portFile.pid, speed: portFile.speed, directory, started: fresh });
  context.out.text(`the simulator ${fresh ? 'is up' : 'was up already'} at ${url}, ${portFile.speed} times as fast as AWS
use it with --sim, or with any AWS client:
  export AWS_ENDPOINT_URL=${url} AWS_REGION=us-east-1
  export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any`);
  return undefined;
}

const urlOf = (portFile: PortFile) => `http://127.0.0.1:${portFile.port}`;

export async function stop(context: CommandContext): Promise<undefined> {
  const directory = directoryOf(context);
  const found = await findSimulator(directory);
  if (found && !(await stopSimulator(found, { directory, clock: realTime, signal: context.signal }))) {
    throw new RsdsError('sim/start', `the simulator (process ${found.pid}) does not end`, {
      hint: `kill ${found.pid}`,
    });
  }
  context.out.document({ stopped: found !== undefined });
  context.out.text(found ? 'the simulator has saved its world and ended' : 'the simulator was not running');
  return undefined;
}

export async function status(context: CommandContext): Promise<undefined> {
  const directory = directoryOf(context);
  const found = await findSimulator(directory);
  if (!found) {
    context.out.document({ running: false, directory });
    context.out.text('the simulator is not running; rsds sim start, or any command with --sim, starts it');
    return undefined;
  }
  const now = await askControl<SimStatus>(found, '/status');
  const addresses = await askControl<SimAddress[]>(found, '/addresses', 10_000);
  context.out.document({ running: true, ...now, addresses });
  context.out.text(`the simulator is up at ${now.url} (process ${now.pid}, ${now.speed} times as fast as AWS)
  account   ${now.account}
  time      ${formatDateTime(now.now)}
  requests  ${now.total}, of them ${now.mutating} changing and ${now.failed} refused
  world     ${now.directory}
  ends      after ${formatDuration(now.endsInMs)} without a request${addresses
    .filter(({ answers }) => answers)
    .map(reachLine)
    .join('')}`);
  return undefined;
}

/** Where a client of this machine may connect to. */
const reachLine = ({ kind, name, local }: SimAddress) => `\n  connect   ${local}  ${kind} ${name}`;

export async function reset(context: CommandContext): Promise<undefined> {
  const directory = directoryOf(context);
  await context.prompter.confirm(`forget the simulated world in ${directory} and everything built in it?`);
  const found = await findSimulator(directory);
  if (found) await stopSimulator(found, { directory, clock: realTime, signal: context.signal }, '/discard');
  rmSync(directory, { recursive: true, force: true });
  context.out.document({ reset: true, directory });
  context.out.text('the simulated world is gone; the next command with --sim begins a new one');
  return undefined;
}

export interface LogFilter {
  readonly service: readonly string[];
  readonly mutating: boolean;
  readonly last: number | undefined;
}

export async function log(filter: LogFilter, context: CommandContext): Promise<undefined> {
  const found = await findSimulator(directoryOf(context));
  if (!found) {
    throw new RsdsError('sim/start', 'the simulator is not running', { hint: 'rsds sim start' });
  }
  const all = await askControl<SimRequest[]>(found, '/log', 10_000);
  const chosen = all
    .filter((request) => filter.service.length === 0 || filter.service.includes(request.service))
    .filter((request) => !filter.mutating || request.mutating)
    .slice(filter.last === undefined ? 0 : -filter.last);
  context.out.document({ requests: chosen });
  context.out.text([...chosen.map(logLine), plural(chosen.length, 'request')].join('\n'));
  return undefined;
}

const logLine = (request: SimRequest) =>
  [
    formatTime(request.at),
    String(request.status ?? 'lost').padEnd(4),
    `${request.service} ${request.operation}`.padEnd(52),
    request.errorCode ?? '',
  ]
    .join(' ')
    .trimEnd();
