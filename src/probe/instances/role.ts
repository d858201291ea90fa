/** The role of test instances: they may register with Systems Manager, and read one secret. */
import { tagRecord } from '../../aws/tags.ts';
import { isOfTest, testTagsFor } from '../../model/tags.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import type { InstancesOptions } from './options.ts';

const policyName = 'read-the-password';

/** Makes the role and its instance profile, where they are not left from before; answers the profile's name. */
export async function makeRole(options: InstancesOptions): Promise<string> {
  const { aws, desired, run } = options;
  const { iam } = aws;
  const name = desired.names.testRole;
  const tags = testTagsFor(desired.config, 'test/role', { name, run });
  await unlessThere(iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust }, tags));
  await mustBeOurs(options, name);
  await iam.attachRolePolicy(name, managedPolicy(desired.config.region));
  await iam.putRolePolicy(name, policyName, await readerPolicy(options));
  await unlessThere(iam.createInstanceProfile(name, tags));
  const profile = await iam.getInstanceProfile(name);
  if (!profile?.Roles?.some(({ RoleName }) => RoleName === name)) await iam.addRoleToProfile(name, name);
  return name;
}

/** Removes both; what is not there, or somebody else's, stays as it is. */
export async function removeRole({ aws, desired }: Pick<InstancesOptions, 'aws' | 'desired'>): Promise<void> {
  const { iam } = aws;
  const name = desired.names.testRole;
  const profile = await iam.getInstanceProfile(name);
  if (isOfTest(desired.config, tagRecord(profile?.Tags))) {
    for (const { RoleName = '' } of profile?.Roles ?? []) await unlessGone(iam.removeRoleFromProfile(name, RoleName));
    await unlessGone(iam.deleteInstanceProfile(name));
  }
  const role = await iam.getRole(name);
  if (!isOfTest(desired.config, tagRecord(role?.Tags))) return;
  await unlessGone(iam.detachRolePolicy(name, managedPolicy(desired.config.region)));
  await unlessGone(iam.deleteRolePolicy(name, policyName));
  await unlessGone(iam.deleteRole(name));
}

/** Whether either of them is there. */
export async function hasRole({ aws, desired }: Pick<InstancesOptions, 'aws' | 'desired'>): Promise<boolean> {
  const name = desired.names.testRole;
  const [role, profile] = await Promise.all([aws.iam.getRole(name), aws.iam.getInstanceProfile(name)]);
  return [role, profile].some((one) => isOfTest(desired.config, tagRecord(one?.Tags)));
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

const partitionOf = (region: string) =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** F-594 */
const managedPolicy = (region: string) => `arn:${partitionOf(region)}:iam::aws:policy/AmazonSSMManagedInstanceCore`;

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

const isKind = (error: unknown, kind: string) => error instanceof ServiceError && error.kind === kind;

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  await creation.catch((error: unknown) => {
    if (!isKind(error, 'exists')) throw error;
  });
}

async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (!isKind(error, 'absent')) throw error;
  });
}
