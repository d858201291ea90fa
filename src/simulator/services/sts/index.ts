/** STS: who am I, and temporary credentials. */
import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  Credentials,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { ApiError, type Call, type Service } from '../../service.ts';
import { stsSlot } from './identity.ts';

const HOUR_SECONDS = 3600;

function getCallerIdentity(_input: GetCallerIdentityRequest, call: Call): GetCallerIdentityResponse {
  return { Account: call.account, Arn: call.principal.arn, UserId: call.principal.userId };
}

function assumeRole(input: AssumeRoleRequest, call: Call): AssumeRoleResponse {
  const { RoleArn = '', RoleSessionName = '', DurationSeconds = HOUR_SECONDS } = input;
  const [, account, roleName] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(RoleArn) ?? [];
  if (account === undefined || roleName === undefined) throw new ApiError('ValidationError', `${RoleArn} is invalid`);
  const roleId = `AROA${call.world.random.hex(17).toUpperCase()}`;
  const user = {
    Arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${RoleSessionName}`,
    AssumedRoleId: `${roleId}:${RoleSessionName}`,
  };
  const credentials = newCredentials(call, DurationSeconds);
  call.state(stsSlot).sessions[credentials.AccessKeyId] = { arn: user.Arn, userId: user.AssumedRoleId };
  return { Credentials: credentials, AssumedRoleUser: user };
}

function getSessionToken(input: GetSessionTokenRequest, call: Call): GetSessionTokenResponse {
  const credentials = newCredentials(call, input.DurationSeconds ?? 12 * HOUR_SECONDS);
  const { arn, userId } = call.principal;
  call.state(stsSlot).sessions[credentials.AccessKeyId] = { arn, userId };
  return { Credentials: credentials };
}

function newCredentials(call: Call, durationSeconds: number) {
  const { random } = call.world;
  return {
    AccessKeyId: `ASIA${random.hex(16).toUpperCase()}`,
    SecretAccessKey: random.hex(40),
    SessionToken: random.hex(128),
    Expiration: new Date(call.now + durationSeconds * 1000),
  } satisfies Credentials;
}

export const service: Service = {
  name: 'sts',
  operations: {
    AssumeRole: assumeRole,
    GetCallerIdentity: getCallerIdentity,
    GetSessionToken: getSessionToken,
  },
};
