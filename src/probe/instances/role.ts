/** The role of test instances: they may register with Systems Manager, and read one secret. */
import { tagRecord } from '../../aws/tags.ts';
import { isOfTest, testTagsFor } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';
import { agentPolicy, readerPolicyName } from '../../steps/remains/role.ts';
import type { InstancesOptions } from './options.ts';
import { asGoodAsMade, persist } from './persisting.ts';

/** Makes the role and its instance profile, where they are not left from before; answers the profile's name. */
export async function makeRole(options: InstancesOptions, signal: AbortSignal): Promise<string> {
  const { aws, desired, run } = options;
  const { iam } = aws;
  const name = desired.names.testRole;
  const tags = testTagsFor(desired.config, 'test/role', { name, run });
  const insist = (call: () => Promise<unknown>) =>
    persist(options, { what: `IAM to make the role ${name}`, signal }, call, asGoodAsMade);
  await insist(() => iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust }, tags));
  mustBeOurs(options, `role ${name}`, (await iam.getRole(name))?.Tags);
  await insist(() => iam.attachRolePolicy(name, agentPolicy(desired.config.region)));
  const policy = await readerPolicy(options);
  await insist(() => iam.putRolePolicy(name, readerPolicyName, policy));
  await insist(() => iam.createInstanceProfile(name, tags));
  await insist(async () => {
    const profile = await iam.getInstanceProfile(name);
    mustBeOurs(options, `instance profile ${name}`, profile?.Tags);
    if (!profile?.Roles?.some(({ RoleName }) => RoleName === name)) await iam.addRoleToProfile(name, name);
  });
  return name;
}

function mustBeOurs({ desired }: InstancesOptions, what: string, tags: Parameters<typeof tagRecord>[0]): void {
  const { project, environment } = desired.config;
  if (isOfTest(desired.config, tagRecord(tags))) return;
  throw new RsdsError('step/foreign', `the ${what} does not carry the tags of a test of ${project}/${environment}`, {
    hint: 'rename it, or the project',
  });
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
