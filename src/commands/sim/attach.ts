/** How a command reaches AWS: the account, or the simulator of this folder. */
import type { Host } from '../../compose.ts';
import type { Notices } from '../../report/notices.ts';
import type { AwsAccess, LocalAddresses } from '../context.ts';

export interface Connection {
  /** How many times faster than real time AWS's time runs there. */
  readonly speed: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly aws: AwsAccess;
  readonly localAddresses: LocalAddresses;
}

export interface ConnectRequest {
  readonly stateDirectory: string;
  readonly host: Pick<Host, 'environment' | 'program' | 'version'>;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}
