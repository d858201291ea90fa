import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { ServiceError } from '../shared/errors.ts';
import type { Connection } from './connection.ts';
import { allPages, orAbsent } from './paging.ts';

export interface ShellCommand {
  readonly instanceId: string;
  readonly lines: readonly string[];
  readonly comment: string;
  /** Of AWS's time: longer and it is ended. */
  readonly executionSeconds: number;
}

export function ssm(connection: Connection) {
  const send = connection.open('ssm', 'SSM', (config) => new SSMClient(config));
  return {
    /** The value of a parameter; undefined when there is none. */
    getParameter: async (Name: string) => (await orAbsent(send(new GetParameterCommand({ Name }))))?.Parameter?.Value,
    /** Those of the instances that have registered, connected or not. */
    describeInstanceInformation: (ids: readonly string[]) =>
      allPages((NextToken) =>
        send(
          new DescribeInstanceInformationCommand({
            Filters: [{ Key: 'InstanceIds', Values: [...ids] }],
            MaxResults: 50,
            NextToken,
          }),
        ).then((page) => ({ items: page.InstanceInformationList, next: page.NextToken })),
      ),
    /** Sends lines of a shell script to an instance; answers the command's id. */
    async runShell({ instanceId, lines, comment, executionSeconds }: ShellCommand): Promise<string> {
      const answer = await send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [instanceId],
          Comment: comment,
          Parameters: { commands: [...lines], executionTimeout: [String(executionSeconds)] },
        }),
      );
      return answer.Command?.CommandId ?? '';
    },
    /** What has become of a command; undefined just after it was sent (F-744). */
    async commandInvocation(CommandId: string, InstanceId: string) {
      try {
        return await send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
      } catch (error) {
        if (error instanceof ServiceError && error.awsCode.startsWith('InvocationDoesNotExist')) return undefined;
        throw error;
      }
    },
    cancelCommand: (CommandId: string) => send(new CancelCommandCommand({ CommandId })),
  };
}

export type Ssm = ReturnType<typeof ssm>;
