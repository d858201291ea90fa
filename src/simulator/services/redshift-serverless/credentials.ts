/** Temporary database logins, made for the caller's IAM identity and one workgroup (F-190). */
import type { GetCredentialsRequest, GetCredentialsResponse } from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import { invalid } from './errors.ts';
import { requireWorkgroup } from './workgroups.ts';

const shortest = 900;
const longest = 3600;

function getCredentials(input: Checked<GetCredentialsRequest>, call: Call): GetCredentialsResponse {
  const { workgroupName, durationSeconds = shortest } = input;
  if (workgroupName === undefined) throw invalid('Specify workgroupName: there are no custom domain names.');
  requireWorkgroup(call, workgroupName);
  if (durationSeconds < shortest || durationSeconds > longest) {
    throw invalid(`durationSeconds must be between ${shortest} and ${longest}.`);
  }
  const expiration = call.now + durationSeconds * 1000;
  return {
    dbUser: databaseUser(call.principal.arn),
    dbPassword: call.world.random.hex(64),
    expiration: new Date(expiration),
    nextRefreshTime: new Date(expiration - (durationSeconds * 1000) / 10),
  };
}

/** `IAM:<user>` for a user, `IAMR:<role>` for a role's session. */
function databaseUser(arn: string): string {
  const [kind, name = ''] = arn.split(':').at(-1)?.split('/') ?? [];
  return kind === 'assumed-role' ? `IAMR:${name}` : `IAM:${name || kind}`;
}

export const operations = { GetCredentials: getCredentials };
