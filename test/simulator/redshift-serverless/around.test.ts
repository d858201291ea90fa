import {
  CreateUsageLimitCommand,
  type CreateUsageLimitRequest,
  DeleteResourcePolicyCommand,
  DeleteUsageLimitCommand,
  DeleteWorkgroupCommand,
  GetCredentialsCommand,
  GetResourcePolicyCommand,
  GetUsageLimitCommand,
  GetWorkgroupCommand,
  ListNamespacesCommand,
  ListTagsForResourceCommand,
  ListUsageLimitsCommand,
  ListWorkgroupsCommand,
  PutResourcePolicyCommand,
  RedshiftServerlessClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateUsageLimitCommand,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import {
  findNamespace,
  findNamespaceById,
  findWorkgroup,
  taggedResources,
} from '../../../src/simulator/services/redshift-serverless/lookup.ts';
import { startTestSimulator } from '../../support/simulator.ts';
import { type Account, createWorkgroup, makeNamespace, makeWarehouse, openAccount, refusal } from './account.ts';

const limit = (account: Account, resourceArn: string | undefined, more: Partial<CreateUsageLimitRequest> = {}) =>
  account.serverless.send(
    new CreateUsageLimitCommand({ resourceArn, usageType: 'serverless-compute', amount: 100, ...more }),
  );

describe('a usage limit', () => {
  it('is monthly and logs unless told otherwise, and changes amount and action only (F-182)', async () => {
    const account = await openAccount();
    const arn = (await makeWarehouse(account, 'sales'))?.workgroupArn;
    const { usageLimit } = await limit(account, arn);
    expect(usageLimit).toMatchObject({ period: 'monthly', breachAction: 'log', amount: 100, resourceArn: arn });
    const { usageLimitId } = usageLimit ?? {};
    await account.serverless.send(new UpdateUsageLimitCommand({ usageLimitId, amount: 5, breachAction: 'deactivate' }));
    const read = await account.serverless.send(new GetUsageLimitCommand({ usageLimitId }));
    expect(read.usageLimit).toMatchObject({ amount: 5, breachAction: 'deactivate' });
    await account.serverless.send(new DeleteUsageLimitCommand({ usageLimitId }));
    expect((await refusal(account.serverless.send(new GetUsageLimitCommand({ usageLimitId })))).name).toBe(
      'ResourceNotFoundException',
    );
  });

  it('is not made twice, not for nothing and not without a positive amount (F-180, F-182)', async () => {
    const account = await openAccount();
    const arn = (await makeWarehouse(account, 'sales'))?.workgroupArn;
    await limit(account, arn);
    expect((await refusal(limit(account, arn))).name).toBe('ConflictException');
    expect((await refusal(limit(account, arn, { period: 'daily', amount: 0 }))).name).toBe('ValidationException');
    expect((await refusal(limit(account, 'arn:aws:none'))).name).toBe('ResourceNotFoundException');
  });

  it('is one of four at most, and goes with its workgroup (F-181)', async () => {
    const account = await openAccount();
    const arn = (await makeWarehouse(account, 'sales'))?.workgroupArn;
    for (const period of ['daily', 'weekly', 'monthly'] as const) await limit(account, arn, { period });
    await limit(account, arn, { breachAction: 'deactivate' });
    expect((await refusal(limit(account, arn, { breachAction: 'emit-metric' }))).name).toBe(
      'ServiceQuotaExceededException',
    );
    await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    account.later(5);
    expect((await account.serverless.send(new ListUsageLimitsCommand({}))).usageLimits).toEqual([]);
  });
});

describe('tags', () => {
  it('are no part of a namespace or workgroup, and are read and changed by ARN (F-116)', async () => {
    const account = await openAccount();
    const tags = [{ key: 'team', value: 'sales' }];
    const namespace = await makeNamespace(account, 'sales', { tags });
    expect(namespace).not.toHaveProperty('tags');
    const resourceArn = namespace?.namespaceArn;
    await account.serverless.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'cost', value: '' }] }));
    const read = () => account.serverless.send(new ListTagsForResourceCommand({ resourceArn }));
    expect((await read()).tags).toEqual([...tags, { key: 'cost', value: '' }]);
    await account.serverless.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'none'] }));
    expect((await read()).tags).toEqual([{ key: 'cost', value: '' }]);
    expect(taggedResources(account.place())).toEqual([{ arn: resourceArn, tags: { cost: '' } }]);
  });

  it('are 200 at most, and none of them is AWS’s own (F-117)', async () => {
    const account = await openAccount();
    const many = Array.from({ length: 200 }, (_, index) => ({ key: `tag-${index}`, value: 'x' }));
    const resourceArn = (await makeNamespace(account, 'sales', { tags: many }))?.namespaceArn;
    const add = (key: string) =>
      account.serverless.send(new TagResourceCommand({ resourceArn, tags: [{ key, value: 'x' }] }));
    expect((await refusal(add('one-more'))).name).toBe('TooManyTagsException');
    expect((await refusal(add('aws:own'))).name).toBe('ValidationException');
    await add('tag-7');
  });

  it('vanish with what carries them', async () => {
    const account = await openAccount();
    const resourceArn = (await makeWarehouse(account, 'sales'))?.workgroupArn;
    await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    account.later(5);
    const read = account.serverless.send(new ListTagsForResourceCommand({ resourceArn }));
    expect((await refusal(read)).name).toBe('ResourceNotFoundException');
  });
});

describe('lists', () => {
  it('come in pages of the size of the account’s settings, or of maxResults (F-115)', async () => {
    const account = await openAccount({ pageSize: 2 });
    for (const name of ['first', 'second', 'third']) await makeNamespace(account, name);
    const list = (more: { nextToken?: string | undefined; maxResults?: number }) =>
      account.serverless.send(new ListNamespacesCommand(more));
    const page = await list({});
    expect(page.namespaces).toHaveLength(2);
    expect((await list({ nextToken: page.nextToken })).namespaces?.map(({ namespaceName }) => namespaceName)).toEqual([
      'third',
    ]);
    const whole = await list({ maxResults: 3 });
    expect(whole.namespaces).toHaveLength(3);
    expect(whole.nextToken).toBeUndefined();
  });

  it('refuse tokens that were not given out (F-115)', async () => {
    const account = await openAccount();
    const nextToken = 'not-a-token';
    expect((await refusal(account.serverless.send(new ListWorkgroupsCommand({ nextToken })))).name).toBe(
      'ValidationException',
    );
    expect((await refusal(account.serverless.send(new ListUsageLimitsCommand({ nextToken })))).name).toBe(
      'InvalidPaginationException',
    );
  });
});

describe('temporary credentials', () => {
  it('are named after the caller and expire (F-190)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const get = (durationSeconds: number) =>
      account.serverless.send(new GetCredentialsCommand({ workgroupName: 'sales', durationSeconds }));
    const credentials = await get(1800);
    expect(credentials.dbUser).toMatch(/^IAMR?:.+/);
    expect(credentials.expiration?.getTime()).toBe(account.place().now + 1_800_000);
    expect((await refusal(get(899))).name).toBe('ValidationException');
  });
});

describe('a resource policy', () => {
  it('is kept as it was given, for something that exists (F-191)', async () => {
    const account = await openAccount();
    const resourceArn = (await makeWarehouse(account, 'sales'))?.workgroupArn;
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    await account.serverless.send(new PutResourcePolicyCommand({ resourceArn, policy }));
    const read = () => account.serverless.send(new GetResourcePolicyCommand({ resourceArn }));
    expect((await read()).resourcePolicy).toEqual({ resourceArn, policy });
    await account.serverless.send(new DeleteResourcePolicyCommand({ resourceArn }));
    expect((await refusal(read())).name).toBe('ResourceNotFoundException');
    const nowhere = account.serverless.send(new PutResourcePolicyCommand({ resourceArn: 'arn:aws:none', policy }));
    expect((await refusal(nowhere)).name).toBe('ResourceNotFoundException');
  });
});

describe('a saved account', () => {
  it('goes on where it stopped, from plain JSON', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales', { manageAdminPassword: true });
    await createWorkgroup(account, 'sales', { tags: [{ key: 'team', value: 'sales' }] });
    account.later(1);
    const saved = JSON.parse(JSON.stringify(await account.simulator.save()));
    const { simulator, clientConfig } = await startTestSimulator({ virtual: true, saved });
    const client = new RedshiftServerlessClient(clientConfig);
    const read = async () => (await client.send(new GetWorkgroupCommand({ workgroupName: 'sales' }))).workgroup;
    expect((await read())?.status).toBe('CREATING');
    simulator.world.skip(10 * 60_000);
    account.later(10);
    const { workgroup } = await account.serverless.send(new GetWorkgroupCommand({ workgroupName: 'sales' }));
    expect(await read()).toEqual(workgroup);
  });
});

describe('what other services see', () => {
  it('is the truth, before readers see it', async () => {
    const account = await openAccount();
    const namespace = await makeNamespace(account, 'sales', { dbName: 'airline' });
    const { workgroup } = await createWorkgroup(account, 'sales');
    const place = account.place();
    const byArn = findWorkgroup(place, workgroup?.workgroupArn ?? '');
    expect(byArn).toMatchObject({ workgroupName: 'sales', status: 'CREATING', port: 5439, baseCapacity: 8 });
    expect(byArn?.namespaceId).toBe(namespace?.namespaceId);
    expect(findNamespaceById(place, namespace?.namespaceId ?? '')).toEqual(findNamespace(place, 'sales'));
    expect(findNamespace(place, 'sales')).toMatchObject({ dbName: 'airline', workgroupName: 'sales' });
    expect(findWorkgroup(place, 'nothing')).toBeUndefined();
  });
});
