/** Temporary database logins, made for the caller's IAM identity and one workgroup (F-190). */
import { createHash } from 'node:crypto';
import type { GetCredentialsRequest, GetCredentialsResponse } from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';
import { invalid } from './errors.ts';
import { requireWorkgroup } from './workgroups.ts';

/** A login that was made, without its password: what is kept is what the warehouse would check it by. */
interface Temporary {
  readonly workgroupName: string;
  readonly user: string;
  /** The only database it is for, if it is for one. */
  readonly database?: string | undefined;
  readonly md5: string;
  readonly expiresAt: number;
}

const slot: Slot<{ logins: Temporary[] }> = {
  name: 'redshift-serverless/credentials',
  scope: 'region',
  initial: () => ({ logins: [] }),
};

const shortest = 900;
const longest = 3600;

function getCredentials(input: Checked<GetCredentialsRequest>, call: Call): GetCredentialsResponse {
  const { workgroupName, durationSeconds = shortest, dbName: database } = input;
  if (workgroupName === undefined) throw invalid('Specify workgroupName: there are no custom domain names.');
  requireWorkgroup(call, workgroupName);
  if (durationSeconds < shortest || durationSeconds > longest) {
    throw invalid(`durationSeconds must be between ${shortest} and ${longest}.`);
  }
  const expiration = call.now + durationSeconds * 1000;
  const user = databaseUser(call.principal.arn);
  const password = call.world.random.hex(64);
  const md5 = `md5${createHash('md5').update(`${password}${user}`).digest('hex')}`;
  const state = call.state(slot);
  state.logins = state.logins.filter(({ expiresAt }) => expiresAt > call.now);
  state.logins.push({ workgroupName, user, ...(database && { database }), md5, expiresAt: expiration });
  return {
    dbUser: user,
    dbPassword: password,
    expiration: new Date(expiration),
    nextRefreshTime: new Date(expiration - (durationSeconds * 1000) / 10),
  };
}

/** The passwords, as md5, that were given out for a workgroup, a user and a database, and have not expired (F-707). */
export function temporaryPasswords(
  place: Place,
  workgroupName: string,
  { user, database }: { readonly user: string; readonly database: string },
): string[] {
  const logins = place.world.known(slot, place.region)?.logins ?? [];
  return logins
    .filter((one) => one.workgroupName === workgroupName && one.user === user && one.expiresAt > place.now)
    .filter((one) => (one.database ?? database) === database)
    .map(({ md5 }) => md5);
}

/** `IAM:<user>` for a user, `IAMR:<role>` for a role's session. */
function databaseUser(arn: string): string {
  const [kind, name = ''] = arn.split(':').at(-1)?.split('/') ?? [];
  return kind === 'assumed-role' ? `IAMR:${name}` : `IAM:${name || kind}`;
}

export const operations = { GetCredentials: getCredentials };
