/**
 * Run Command: scripts that are run on instances, here as processes of this machine. Whoever reaches the simulator's
 * port could have anything run by them, so only one access key may send commands: the one that the simulator's owner got
 * when it started.
 */
import type {
  CancelCommandRequest,
  CancelCommandResult,
  SendCommandRequest,
  SendCommandResult,
  Command as SentCommand,
} from '@aws-sdk/client-ssm';
import type { Checked } from '../../checked.ts';
import type { Ending, Machines, Run } from '../../machines/machines.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { isOnline } from './managed.ts';
import { type Command, type Invocation, ssmState } from './state.ts';

/** F-742 */
const shownMax = 24_000;
const shellDocument = 'AWS-RunShellScript';
/** F-745, in seconds. */
const executionDefault = 3600;
const executionMax = 172_800;
const deliveryDefault = 3600;

export interface CommandOptions {
  /** Undefined where nothing can be run: the simulator has no network, or its time is virtual. */
  machines(): Machines | undefined;
  /** The access key that may send commands; undefined: none may. */
  readonly operatorKey: string | undefined;
  /** Told when a command has ended. */
  onEnd(): void;
}

export class CommandRoom {
  readonly #options: CommandOptions;
  readonly #runs = new Map<string, Run>();

  constructor(options: CommandOptions) {
    this.#options = options;
  }

  readonly send = (input: Checked<SendCommandRequest>, call: Call): SendCommandResult => {
    this.#checkCaller(call);
    const machines = this.#options.machines();
    if (!machines) throw new ApiError('NotImplemented', 'This simulator runs no commands.', { status: 501 });
    const { script, directory, timeoutMs } = scriptOf(input);
    const instanceIds = targetsOf(input, call);
    const commandId = call.world.random.uuid();
    const command: Command = {
      commandId,
      documentName: shellDocument,
      comment: input.Comment ?? '',
      requestedAt: call.now,
      visibleAt: call.now + call.world.draw('eventual-consistency'),
      timeoutSeconds: input.TimeoutSeconds ?? deliveryDefault,
      invocations: instanceIds.map((instanceId) => started(instanceId, call.now)),
    };
    forgetOld(call);
    ssmState(call).commands[commandId] = command;
    for (const { instanceId } of command.invocations) {
      const run = machines.run({ region: call.region, instanceId, script, directory, timeoutMs });
      this.#keep(call, commandId, instanceId, run);
    }
    return { Command: viewOf(command) };
  };

  readonly cancel = (input: Checked<CancelCommandRequest>, call: Call): CancelCommandResult => {
    const command = requireCommand(call, input.CommandId);
    const ids = input.InstanceIds ?? [];
    for (const invocation of command.invocations) {
      if (ids.length > 0 && !ids.includes(invocation.instanceId)) continue;
      if (!isUnderWay(invocation)) continue;
      Object.assign(invocation, { status: 'Cancelling', details: 'Cancelling' });
      this.#runs.get(nameOf(command.commandId, invocation.instanceId))?.cancel();
    }
    return {};
  };

  /** What was under way when an earlier simulator ended has ended with it. */
  refresh(place: Place): void {
    for (const { commandId, invocations } of Object.values(ssmState(place).commands)) {
      for (const invocation of invocations) {
        if (!isUnderWay(invocation) || this.#runs.has(nameOf(commandId, invocation.instanceId))) continue;
        Object.assign(invocation, { status: 'Failed', details: 'Failed', endedAt: place.now });
      }
    }
  }

  #checkCaller({ principal, region, account }: Call): void {
    const { operatorKey } = this.#options;
    if (operatorKey !== undefined && principal.accessKeyId === operatorKey) return;
    const what = `User: ${principal.arn} is not authorized to perform: ssm:SendCommand on resource: arn:aws:ssm:${region}::document/${shellDocument}`;
    const why = `This simulator of account ${account} would run the command as a process of its machine, which only its owner may ask for: with the access key that it made when it started`;
    throw new ApiError('AccessDeniedException', `${what}. ${why}.`);
  }

  #keep({ world, region }: Place, commandId: string, instanceId: string, run: Run): void {
    const name = nameOf(commandId, instanceId);
    this.#runs.set(name, run);
    void run.ended.then((ending) => {
      this.#runs.delete(name);
      const place = world.place(region);
      const command = ssmState(place).commands[commandId];
      const invocation = command?.invocations.find((one) => one.instanceId === instanceId);
      if (invocation) Object.assign(invocation, outcomeOf(ending), { endedAt: place.now });
      this.#options.onEnd();
    });
  }
}

/** F-742 */
const rememberedMs = 30 * 24 * 3_600_000;

function forgetOld(place: Place): void {
  const { commands } = ssmState(place);
  for (const { commandId, requestedAt } of Object.values(commands)) {
    if (place.now > requestedAt + rememberedMs) delete commands[commandId];
  }
}

const nameOf = (commandId: string, instanceId: string) => `${commandId}/${instanceId}`;

const isUnderWay = ({ status }: Invocation) => /^(Pending|InProgress|Cancelling)$/.test(status);

const started = (instanceId: string, now: number): Invocation => ({
  instanceId,
  status: 'InProgress',
  details: 'InProgress',
  startedAt: now,
  endedAt: undefined,
  exitCode: -1,
  stdout: '',
  stderr: '',
});

function outcomeOf({ how, exitCode, stdout, stderr }: Ending): Partial<Invocation> {
  const output = { exitCode, stdout: stdout.slice(0, shownMax), stderr: stderr.slice(0, shownMax) };
  switch (how) {
    case 'timed out':
      return { ...output, status: 'TimedOut', details: 'ExecutionTimedOut' };
    case 'cancelled':
      return { ...output, status: 'Cancelled', details: 'Cancelled' };
    case 'instance gone':
      return { ...output, status: 'Failed', details: 'Undeliverable' };
    case 'exited':
      return exitCode === 0
        ? { ...output, status: 'Success', details: 'Success' }
        : { ...output, status: 'Failed', details: 'Failed' };
  }
}

/** Errors: `InvalidDocument`, `InvalidParameters`. */
function scriptOf({ DocumentName, Parameters: parameters = {} }: Checked<SendCommandRequest>) {
  if (DocumentName.split('/').at(-1) !== shellDocument) {
    throw new ApiError('InvalidDocument', `Document with name ${DocumentName} does not exist.`);
  }
  const { commands, workingDirectory, executionTimeout, ...others } = parameters;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw invalidParameters(`The parameter ${unknown} is not one of the document's`);
  if (!commands?.length) throw invalidParameters('The parameter commands is required');
  const seconds = Number(executionTimeout?.[0] ?? executionDefault);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > executionMax) {
    throw invalidParameters(`executionTimeout must be a whole number from 1 to ${executionMax}`);
  }
  return { script: commands.join('\n'), directory: workingDirectory?.[0] || undefined, timeoutMs: seconds * 1000 };
}

const invalidParameters = (message: string) => new ApiError('InvalidParameters', message);

/** F-743: all of them must be managed and connected, or nothing is sent. */
function targetsOf({ InstanceIds: ids = [], Targets }: Checked<SendCommandRequest>, call: Call): string[] {
  if (Targets?.length) throw invalidParameters('Targets are not served by this simulator: give InstanceIds');
  if (ids.length === 0) throw invalidParameters('InstanceIds or Targets are required');
  if (new Set(ids).size < ids.length) throw new ApiError('DuplicateInstanceId', '');
  const unreached = ids.filter((id) => !isOnline(call, id));
  if (unreached.length === 0) return ids;
  const problem = `Instances [[${unreached.join(', ')}]] not in a valid state for account ${call.account}`;
  throw new ApiError('InvalidInstanceId', problem, { members: { Message: problem } });
}

/** Errors: `InvalidCommandId`. */
export function requireCommand(place: Place, id: string): Command {
  const found = ssmState(place).commands[id];
  if (!found) throw new ApiError('InvalidCommandId', '');
  return found;
}

const viewOf = (command: Command): SentCommand => ({
  CommandId: command.commandId,
  DocumentName: command.documentName,
  DocumentVersion: '$DEFAULT',
  Comment: command.comment,
  RequestedDateTime: new Date(command.requestedAt),
  ExpiresAfter: new Date(command.requestedAt + command.timeoutSeconds * 1000),
  InstanceIds: command.invocations.map(({ instanceId }) => instanceId),
  Targets: [],
  Status: 'Pending',
  StatusDetails: 'Pending',
  TimeoutSeconds: command.timeoutSeconds,
  TargetCount: command.invocations.length,
  CompletedCount: 0,
  ErrorCount: 0,
});
