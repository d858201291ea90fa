import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetResourcesCommand,
  type GetResourcesCommandInput,
  GetTagKeysCommand,
  GetTagValuesCommand,
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { CreateSecretCommand, SecretsManagerClient, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { startTestSimulator } from '../../support/simulator.ts';

const lag = 20_000;

async function startWithResources() {
  const { clientConfig, simulator } = await startTestSimulator();
  const client = new ResourceGroupsTaggingAPIClient(clientConfig);
  const kms = new KMSClient(clientConfig);
  const secrets = new SecretsManagerClient(clientConfig);
  const Tags = [
    { TagKey: 'rsds:project', TagValue: 'airline' },
    { TagKey: 'rsds:environment', TagValue: 'dev' },
  ];
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({ Tags }));
  await kms.send(new CreateKeyCommand({}));
  const tag = (Value: string) => [{ Key: 'rsds:project', Value }];
  const ours = await secrets.send(new CreateSecretCommand({ Name: 'ours', Tags: tag('airline') }));
  const other = await secrets.send(new CreateSecretCommand({ Name: 'other', Tags: tag('railway') }));
  const find = async (input: GetResourcesCommandInput) => {
    const { ResourceTagMappingList: found } = await client.send(new GetResourcesCommand(input));
    return (found ?? []).map((one) => one.ResourceARN);
  };
  const world = simulator.world;
  return { client, secrets, find, world, key: key?.Arn, ours: ours.ARN, other: other.ARN };
}

test('new resources are found after a while (F-591)', async () => {
  const { find, key, other, ours, world } = await startWithResources();
  expect(await find({})).toEqual([]);
  world.skip(lag);
  expect((await find({})).sort()).toEqual([key, ours, other].sort());
});

test('resources are found by all filters, each by any of its values, and by type', async () => {
  const { find, key, other, ours, world } = await startWithResources();
  world.skip(lag);
  const project = (...Values: string[]) => ({ Key: 'rsds:project', Values });
  expect((await find({ TagFilters: [project('airline')] })).sort()).toEqual([key, ours].sort());
  expect(await find({ TagFilters: [project('airline'), { Key: 'rsds:environment', Values: ['dev'] }] })).toEqual([key]);
  expect(await find({ TagFilters: [{ Key: 'rsds:environment' }] })).toEqual([key]);
  expect(await find({ TagFilters: [project('railway', 'none')] })).toEqual([other]);
  expect(await find({ ResourceTypeFilters: ['kms:key'] })).toEqual([key]);
  expect((await find({ ResourceTypeFilters: ['secretsmanager'] })).sort()).toEqual([ours, other].sort());
  expect(await find({ ResourceARNList: [ours ?? ''] })).toEqual([ours]);
});

test('a list of ARNs goes with no other filter', async () => {
  const { find } = await startWithResources();
  await expect(find({ ResourceARNList: ['arn:aws:kms:x'], ResourceTypeFilters: ['kms'] })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('pages end with an empty token (F-592)', async () => {
  const { client, world } = await startWithResources();
  world.skip(lag);
  const pages: (string | undefined)[] = [];
  let count = 0;
  for await (const page of paginateGetResources({ client, pageSize: 2 }, {})) {
    pages.push(page.PaginationToken);
    count += page.ResourceTagMappingList?.length ?? 0;
  }
  expect(count).toBe(3);
  expect(pages).toHaveLength(2);
  expect(pages.at(-1)).toBe('');
});

test('keys and values of tags are listed', async () => {
  const { client, world } = await startWithResources();
  world.skip(lag);
  const { TagKeys: keys } = await client.send(new GetTagKeysCommand({}));
  expect(keys).toEqual(['rsds:environment', 'rsds:project']);
  const { TagValues: values } = await client.send(new GetTagValuesCommand({ Key: 'rsds:project' }));
  expect(values).toEqual(['airline', 'railway']);
});

test('roles of IAM are not found, however they are tagged (F-590)', async () => {
  const { clientConfig, simulator } = await startTestSimulator();
  const iam = new IAMClient(clientConfig);
  const Statement = [{ Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const AssumeRolePolicyDocument = JSON.stringify({ Statement });
  const Tags = [{ Key: 'rsds:project', Value: 'airline' }];
  await iam.send(new CreateRoleCommand({ RoleName: 'loader', AssumeRolePolicyDocument, Tags }));
  simulator.world.skip(lag);
  const found = await new ResourceGroupsTaggingAPIClient(clientConfig).send(new GetResourcesCommand({}));
  expect(found.ResourceTagMappingList).toEqual([]);
});

test('a changed tag is found under its new value', async () => {
  const { find, ours, secrets, world } = await startWithResources();
  world.skip(lag);
  const Tags = [{ Key: 'rsds:project', Value: 'harbour' }];
  await secrets.send(new TagResourceCommand({ SecretId: ours, Tags }));
  expect(await find({ TagFilters: [{ Key: 'rsds:project', Values: ['harbour'] }] })).toEqual([ours]);
});
