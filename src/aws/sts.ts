import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Connection } from './connection.ts';

/** Who the credentials belong to. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

export function sts(connection: Connection) {
  const send = connection.open('sts', 'STS', (config) => new STSClient(config));
  return {
    /**
     * Needs no permission, so it tells bad credentials and an unreachable endpoint from everything else; fails within
     * seconds, because it is what every command starts with.
     */
    async identity(): Promise<Identity> {
      const answer = await send(new GetCallerIdentityCommand({}), { attempts: 2, timeoutMs: 5_000 });
      return { account: answer.Account ?? '', arn: answer.Arn ?? '', userId: answer.UserId ?? '' };
    },
  };
}

export type Sts = ReturnType<typeof sts>;
