/** The role of test instances: they may register with Systems Manager, and read one secret. */
import { tagRecord } from '../../aws/tags.ts';
import { isOfTest, testTagsFor } from '../../model/tags.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import { agentPolicy, readerPolicyName } from '../../steps/remains/role.ts';
import type { InstancesOptions } from './options.ts';

/** Makes the role and its instance profile, where they are not left from before; answers the profile's name. */
export async function makeRole(options: InstancesOptions): Promise<string> {
  const { aws, desired, run } = options;
  const { iam } = aws;
  const name = desired.names.testRole;
  const tags = testTagsFor(desired.config, 'test/role', { name, run });
  await unlessThere(iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust }, tags));
  await mustBeOurs(options, name);
  await iam.attachRolePolicy(name, agentPolicy(desired.config.region));
  await iam.putRolePolicy(name, readerPolicyName, await readerPolicy(options));
  await unlessThere(iam.createInstanceProfile(name, tags));
  const profile = await iam.getInstanceProfile(name);
  if (!profile?.Roles?.some(({ RoleName }) => RoleName === name)) await iam.addRoleToProfile(name, name);
  return name;
}

async function mustBeOurs({ aws, desired }: InstancesOptions, name: string): Promise<void> {
  const role = await aws.iam.getRole(name);
  if (isOfTest(desired.config, tagRecord(role?.Tags))) return;
  const { project, environment } = desired.config;
  throw new RsdsError(
    'step/foreign',
    `the role ${name} does not carry the tags of a test of ${project}/${environment}`,
    {
      hint: 'rename the role or the project',
    },
  );
}

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

async function readerPolicy({ aws, desired }: InstancesOptions): Promise<string> {
  const { names, config } = desired;
  const secret = await aws.secrets.describeSecret(names.readerSecret);
  if (!secret?.ARN) {
    throw new RsdsError('connect/absent', `there is no secret ${names.readerSecret} in ${config.region}`, {
      hint: '`rsds up` makes it',
    });
  }
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret.ARN }],
  });
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  await creation.catch((error: unknown) => {
    if (!(error instanceof ServiceError && error.kind === 'exists')) throw error;
  });
}
