/** What Systems Manager remembers: which instances it has heard of, and the commands that were sent to them. */
import type { Place, Slot } from '../../world.ts';

export type InvocationStatus =
  | 'Pending'
  | 'InProgress'
  | 'Success'
  | 'Failed'
  | 'TimedOut'
  | 'Cancelling'
  | 'Cancelled';

export interface Invocation {
  readonly instanceId: string;
  status: InvocationStatus;
  details: string;
  readonly startedAt: number;
  endedAt: number | undefined;
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Command {
  readonly commandId: string;
  readonly documentName: string;
  readonly comment: string;
  readonly requestedAt: number;
  /** F-744: when invocations can be asked for. */
  readonly visibleAt: number;
  readonly timeoutSeconds: number;
  readonly invocations: Invocation[];
}

export interface SsmState {
  /** Instance → when it registered. */
  readonly registered: Record<string, number>;
  readonly commands: Record<string, Command>;
}

const slot: Slot<SsmState> = { name: 'ssm', scope: 'region', initial: () => ({ registered: {}, commands: {} }) };

export const ssmState = (place: Place): SsmState => place.world.state(slot, place.region);
