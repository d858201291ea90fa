import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSimulator, type TestSimulator } from '../../support/simulator.ts';

const trust = (...services: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
  });

const permissions = (resource = '*') =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resource }],
  });

let started: TestSimulator;
let iam: IAMClient;

beforeAll(async () => {
  started = await openTestSimulator();
  iam = new IAMClient(started.clientConfig);
});
afterAll(() => started.simulator.close());

const create = (name: string, more = {}) =>
  iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust('redshift.amazonaws.com'), ...more }),
  );

describe('a role', () => {
  test('has an id, an ARN with its path, and its trust policy percent-encoded (F-501)', async () => {
    const { Role: role } = await create('reader', { Path: '/rsds/', Tags: [{ Key: 'Name', Value: 'reader' }] });
    expect(role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(role?.Arn).toBe('arn:aws:iam::123456789012:role/rsds/reader');
    expect(role?.AssumeRolePolicyDocument).toMatch(/^%7B%22Version%22/);
    expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(trust('redshift.amazonaws.com'));
    const got = await iam.send(new GetRoleCommand({ RoleName: 'reader' }));
    expect(got.Role).toMatchObject({ MaxSessionDuration: 3600, Tags: [{ Key: 'Name', Value: 'reader' }] });
  });

  test('is the only one of its name, whatever the case', async () => {
    await create('twin');
    await expect(create('twin')).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    await expect(create('TWIN')).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
  });

  test('is the same from every region (F-500)', async () => {
    const made = await create('everywhere');
    const elsewhere = new IAMClient({ ...started.clientConfig, region: 'ap-southeast-2' });
    const got = await elsewhere.send(new GetRoleCommand({ RoleName: 'everywhere' }));
    expect(got.Role?.RoleId).toBe(made.Role?.RoleId);
  });

  test('that is not there is NoSuchEntity with status 404', async () => {
    const get = iam.send(new GetRoleCommand({ RoleName: 'nobody' }));
    await expect(get).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name nobody cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each([
    ['no JSON', '{'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['no principal', permissions()],
    ['an unknown version', trust('a').replace('2012-10-17', '2020-01-01')],
  ])('with a trust policy with %s is refused as malformed (F-502)', async (_, document) => {
    await expect(create('crooked', { AssumeRolePolicyDocument: document })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
  });

  test('can be described anew and trusted otherwise', async () => {
    await create('changing');
    await iam.send(new UpdateRoleCommand({ RoleName: 'changing', Description: 'new', MaxSessionDuration: 7200 }));
    const document = trust('redshift-serverless.amazonaws.com');
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'changing', PolicyDocument: document }));
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: 'changing' }));
    expect(role).toMatchObject({ Description: 'new', MaxSessionDuration: 7200 });
    expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(document);
  });

  test('carries tags whose keys differ by more than case (F-507)', async () => {
    await create('tagged');
    await iam.send(new TagRoleCommand({ RoleName: 'tagged', Tags: [{ Key: 'Team', Value: 'a' }] }));
    await iam.send(new TagRoleCommand({ RoleName: 'tagged', Tags: [{ Key: 'team', Value: 'b' }] }));
    const { Tags: tags } = await iam.send(new ListRoleTagsCommand({ RoleName: 'tagged' }));
    expect(tags).toEqual([{ Key: 'team', Value: 'b' }]);
    await iam.send(new UntagRoleCommand({ RoleName: 'tagged', TagKeys: ['TEAM'] }));
    expect((await iam.send(new ListRoleTagsCommand({ RoleName: 'tagged' }))).Tags).toEqual([]);
  });

  test('is found by pages in lists, without its tags (F-503)', async () => {
    for (const n of [1, 2, 3]) await create(`listed-${n}`, { Path: '/many/', Tags: [{ Key: 'n', Value: String(n) }] });
    const first = await iam.send(new ListRolesCommand({ PathPrefix: '/many/', MaxItems: 2 }));
    expect(first.IsTruncated).toBe(true);
    const second = await iam.send(new ListRolesCommand({ PathPrefix: '/many/', MaxItems: 2, Marker: first.Marker }));
    expect(second.IsTruncated).toBe(false);
    const roles = [...(first.Roles ?? []), ...(second.Roles ?? [])];
    expect(roles.map((role) => role.RoleName)).toEqual(['listed-1', 'listed-2', 'listed-3']);
    expect(roles.map((role) => role.Tags)).toEqual([undefined, undefined, undefined]);
  });
});

describe("a role's policies", () => {
  test('are kept word for word, listed and deleted', async () => {
    await create('working');
    const document = permissions("arn:aws:s3:::it's/*");
    await iam.send(new PutRolePolicyCommand({ RoleName: 'working', PolicyName: 'read', PolicyDocument: document }));
    const got = await iam.send(new GetRolePolicyCommand({ RoleName: 'working', PolicyName: 'read' }));
    expect(decodeURIComponent(got.PolicyDocument ?? '')).toBe(document);
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: 'working' }))).PolicyNames).toEqual(['read']);
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'working', PolicyName: 'read' }));
    await expect(iam.send(new GetRolePolicyCommand({ RoleName: 'working', PolicyName: 'read' }))).rejects.toMatchObject(
      { name: 'NoSuchEntityException' },
    );
  });

  test.each([
    ['a principal', trust('redshift.amazonaws.com')],
    ['no resource', '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}'],
  ])('with %s are malformed (F-502)', async (_, document) => {
    await create(`with-${document.length}`);
    const put = new PutRolePolicyCommand({
      RoleName: `with-${document.length}`,
      PolicyName: 'p',
      PolicyDocument: document,
    });
    await expect(iam.send(put)).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  });

  test('of a role have 10,240 characters together, blanks aside (F-508)', async () => {
    await create('wordy');
    const put = (PolicyName: string, resource: string) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'wordy', PolicyName, PolicyDocument: permissions(resource) }));
    await put('first', 'x'.repeat(6000));
    await put('blanks', ' '.repeat(6000));
    await expect(put('second', 'x'.repeat(6000))).rejects.toMatchObject({ name: 'LimitExceededException' });
    await put('first', 'x'.repeat(9000));
  });

  test('attached twice are attached once; not attached, they cannot be detached (F-509)', async () => {
    await create('attaching');
    const managed = { RoleName: 'attaching', PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' };
    await iam.send(new AttachRolePolicyCommand(managed));
    await iam.send(new AttachRolePolicyCommand(managed));
    const { AttachedPolicies: attached } = await iam.send(new ListAttachedRolePoliciesCommand(managed));
    expect(attached).toEqual([{ PolicyArn: managed.PolicyArn, PolicyName: 'AmazonS3ReadOnlyAccess' }]);
    await iam.send(new DetachRolePolicyCommand(managed));
    await expect(iam.send(new DetachRolePolicyCommand(managed))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });
});

describe('a role in use', () => {
  test('is not deleted before its policies and instance profiles are off (F-504)', async () => {
    const RoleName = 'busy';
    const InstanceProfileName = 'envelope';
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName }));
    await create(RoleName);
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new AddRoleToInstanceProfileCommand({ RoleName, InstanceProfileName }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: permissions() }));
    const { InstanceProfiles: profiles } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    expect(profiles?.map((profile) => profile.Roles?.[0]?.RoleName)).toEqual([RoleName]);

    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException', message: /instance profile/ });
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName }));
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException', message: /detach all policies/ });
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException', message: /delete policies/ });
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }));
    await remove();
    await expect(iam.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  test('by an instance profile leaves no room for a second one', async () => {
    const InstanceProfileName = 'single';
    await create('first');
    await create('second');
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new AddRoleToInstanceProfileCommand({ RoleName: 'first', InstanceProfileName }));
    await expect(
      iam.send(new AddRoleToInstanceProfileCommand({ RoleName: 'second', InstanceProfileName })),
    ).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  test('that AWS made for a service is made once and not for the caller to change (F-506)', async () => {
    const ask = new CreateServiceLinkedRoleCommand({ AWSServiceName: 'redshift.amazonaws.com' });
    const { Role: role } = await iam.send(ask);
    expect(role?.Arn).toMatch(/:role\/aws-service-role\/redshift.amazonaws.com\/AWSServiceRoleForRedshift$/);
    await expect(iam.send(ask)).rejects.toMatchObject({ name: 'InvalidInputException', message: /has been taken/ });
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'AWSServiceRoleForRedshift' }))).rejects.toMatchObject({
      name: 'UnmodifiableEntityException',
    });
  });
});

test('GetUser without a name says who is calling; another name is not found (F-510)', async () => {
  const { User: user } = await iam.send(new GetUserCommand({}));
  expect(user?.Arn).toMatch(/^arn:aws:iam::123456789012:user\//);
  await expect(iam.send(new GetUserCommand({ UserName: 'somebody-else' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
});

test('GetUser is of no use to the session of a role, which is no user (F-510)', async () => {
  const sts = new STSClient(started.clientConfig);
  await create('assumed', { AssumeRolePolicyDocument: trust('ec2.amazonaws.com') });
  const RoleArn = 'arn:aws:iam::123456789012:role/assumed';
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }));
  const credentials = {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  };
  const session = new IAMClient({ ...started.clientConfig, credentials });
  await expect(session.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'ValidationError' });
});
