/** The simulated Systems Manager: public parameters, managed instances, Run Command. */
import type { Call, Operation, Service } from '../../service.ts';
import { type CommandOptions, CommandRoom } from './commands.ts';
import { getCommandInvocation, listCommandInvocations } from './invocations.ts';
import { describeInstanceInformation } from './managed.ts';
import { getParameter, getParameters } from './parameters.ts';

export function createSsmService(options: CommandOptions): Service {
  const room = new CommandRoom(options);
  const fresh =
    <Input, Output>(operation: Operation<Input, Output>): Operation<Input, Output> =>
    (input: Input, call: Call) => {
      room.refresh(call);
      return operation(input, call);
    };
  return {
    name: 'ssm',
    operations: {
      GetParameter: getParameter,
      GetParameters: getParameters,
      DescribeInstanceInformation: describeInstanceInformation,
      SendCommand: room.send,
      CancelCommand: fresh(room.cancel),
      GetCommandInvocation: fresh(getCommandInvocation),
      ListCommandInvocations: fresh(listCommandInvocations),
    },
  };
}
