/** Runs a plan on one instance by Systems Manager's Run Command, to its end. */
import type { ShellCommand } from '../../aws/ssm.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import type { ProbePlan, ProbeReport } from '../plan.ts';
import type { InstancesOptions } from './options.ts';
import { reportOf } from './reading.ts';
import { commandsFor } from './script.ts';
import { secondsFor } from './sharing.ts';
import { until } from './waiting.ts';

/** F-745: longer than that no command may run. */
const executionMax = 172_800;

const throttledMs = 180_000;

/** AWS's time that Run Command itself may take on top. */
const graceMs = 120_000;

/** Rejects with the signal's reason, the command being cancelled then, or with `probe/script`. */
export async function runPlan(
  options: InstancesOptions,
  instanceId: string,
  plan: ProbePlan,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const { aws, clock, desired, run } = options;
  const realSeconds = secondsFor(plan);
  // The script takes real time, its limit is AWS's: the two differ where AWS's time runs faster.
  const executionSeconds = Math.min(executionMax, Math.ceil(realSeconds * clock.speed));
  signal.throwIfAborted();
  const lines = commandsFor(plan, desired.config.region);
  const commandId = await sendCommand(
    options,
    { instanceId, lines, comment: `rsds test ${run}`, executionSeconds },
    signal,
  );
  try {
    const sent = { instanceId, commandId, everyMs: intervalOf(plan, clock.speed), limitMs: executionSeconds * 1000 };
    return reportOf(await ending(options, sent, signal));
  } catch (error) {
    if (signal.aborted) await aws.ssm.cancelCommand(commandId).catch(() => undefined);
    throw error;
  }
}

/** Repeated only where it was certainly not sent: twice the same load at once would be another one. */
function sendCommand(options: InstancesOptions, command: ShellCommand, signal: AbortSignal): Promise<string> {
  return until(options, {
    what: 'Systems Manager, which is asked too often,',
    usually: 'seconds',
    everyMs: 5_000,
    limitMs: throttledMs,
    signal,
    look: async () => {
      try {
        return await options.aws.ssm.runShell(command);
      } catch (error) {
        if (error instanceof ServiceError && error.kind === 'throttled') return undefined;
        throw error;
      }
    },
    tooLong: () =>
      new RsdsError('probe/script', `Systems Manager takes no command for ${command.instanceId}`, {
        hint: 'run the test again later',
      }),
  });
}

interface Sent {
  readonly instanceId: string;
  readonly commandId: string;
  readonly everyMs: number;
  readonly limitMs: number;
}

/** Of AWS's time, so that a test is looked at a few times in real time, and not once a second for an hour. */
const intervalOf = (plan: ProbePlan, speed: number): number =>
  plan.kind === 'load' ? Math.min(5_000, Math.max(500, plan.seconds * 100)) * speed : 2_000 * Math.min(10, speed);

function ending(options: InstancesOptions, { instanceId, commandId, everyMs, limitMs }: Sent, signal: AbortSignal) {
  const { aws } = options;
  return until(options, {
    what: `the test on ${instanceId}`,
    usually: 'some seconds more than the test itself',
    everyMs,
    limitMs: limitMs + graceMs,
    signal,
    look: async () => {
      const found = await aws.ssm.commandInvocation(commandId, instanceId);
      if (!found || /^(Pending|InProgress|Delayed|Cancelling)$/.test(found.Status ?? '')) return undefined;
      return {
        instanceId,
        status: found.Status ?? '',
        exitCode: found.ResponseCode ?? -1,
        stdout: found.StandardOutputContent ?? '',
        stderr: found.StandardErrorContent ?? '',
      };
    },
    tooLong: () =>
      new RsdsError('probe/script', `command ${commandId} on ${instanceId} does not end`, {
        hint: `look at it with \`aws ssm get-command-invocation --command-id ${commandId} --instance-id ${instanceId}\``,
      }),
  });
}
