/** What became of a command on each of its instances. */
import type {
  CommandInvocation,
  GetCommandInvocationRequest,
  GetCommandInvocationResult,
  ListCommandInvocationsRequest,
  ListCommandInvocationsResult,
} from '@aws-sdk/client-ssm';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, paginate } from '../../service.ts';
import { requireCommand } from './commands.ts';
import { type Command, type Invocation, ssmState } from './state.ts';

const plugin = 'aws:runShellScript';

/** What a list shows of a plugin's output; GetCommandInvocation shows more (F-742). */
const listedOutputMax = 2_500;

export function getCommandInvocation(
  input: Checked<GetCommandInvocationRequest>,
  call: Call,
): GetCommandInvocationResult {
  const command = ssmState(call).commands[input.CommandId];
  const found = command?.invocations.find(({ instanceId }) => instanceId === input.InstanceId);
  // F-744
  if (!command || !found || call.now < command.visibleAt) throw new ApiError('InvocationDoesNotExist', '');
  if (input.PluginName !== undefined && input.PluginName !== plugin) throw new ApiError('InvalidPluginName', '');
  const { startedAt, endedAt } = found;
  return {
    CommandId: command.commandId,
    InstanceId: found.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    PluginName: plugin,
    ResponseCode: found.exitCode,
    ExecutionStartDateTime: new Date(startedAt).toISOString(),
    ExecutionElapsedTime: endedAt === undefined ? '' : `PT${(endedAt - startedAt) / 1000}S`,
    ExecutionEndDateTime: endedAt === undefined ? '' : new Date(endedAt).toISOString(),
    Status: found.status,
    StatusDetails: found.details,
    StandardOutputContent: found.stdout,
    StandardOutputUrl: '',
    StandardErrorContent: found.stderr,
    StandardErrorUrl: '',
  };
}

export function listCommandInvocations(
  input: Checked<ListCommandInvocationsRequest>,
  call: Call,
): ListCommandInvocationsResult {
  const commands =
    input.CommandId === undefined ? Object.values(ssmState(call).commands) : [requireCommand(call, input.CommandId)];
  const rows = commands
    .filter(({ visibleAt }) => call.now >= visibleAt)
    .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
    .filter(({ invocation }) => input.InstanceId === undefined || invocation.instanceId === input.InstanceId);
  const limit = input.MaxResults ?? call.world.settings.pageSize;
  const { items, nextToken } = paginate(rows, input.NextToken, limit, () => new ApiError('InvalidNextToken', ''));
  const details = input.Details ?? false;
  return {
    CommandInvocations: items.map(({ command, invocation }) => rowOf(command, invocation, details)),
    NextToken: nextToken,
  };
}

function rowOf(command: Command, invocation: Invocation, details: boolean): CommandInvocation {
  const { status, stdout, stderr, exitCode } = invocation;
  const output = `${stdout}${stderr === '' ? '' : `\n----------ERROR-------\n${stderr}`}`;
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    InstanceName: '',
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    RequestedDateTime: new Date(command.requestedAt),
    Status: status,
    StatusDetails: invocation.details,
    CommandPlugins: details
      ? [
          {
            Name: plugin,
            Status: status === 'Cancelling' ? 'InProgress' : status,
            ResponseCode: exitCode,
            Output: output.slice(0, listedOutputMax),
          },
        ]
      : [],
  };
}
