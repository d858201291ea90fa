import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { clientConfigOf } from '../../support/simulator.ts';
import { clientOf, startDynamo, tableInput } from './account.ts';

const TableName = 'locks';
const Key = { id: { S: 'x' } };

describe('a new table', () => {
  test('is not seen at first, then CREATING without items, then ACTIVE (F-560, F-561, F-562)', async () => {
    const { clock, describe, dynamo } = await startDynamo();
    const { TableDescription: made } = await dynamo.send(new CreateTableCommand(tableInput(TableName)));
    expect(made).toMatchObject({
      TableStatus: 'CREATING',
      TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/locks',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
    await expect(describe(TableName)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await clock.sleep(3_000);
    expect((await describe(TableName))?.TableStatus).toBe('CREATING');
    await expect(dynamo.send(new GetItemCommand({ TableName, Key }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(dynamo.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await clock.sleep(7_000);
    expect((await describe(TableName))?.TableStatus).toBe('ACTIVE');
    expect((await dynamo.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
  });

  test('is the only one of its name in its region', async () => {
    const { clock, createTable, dynamo, simulator } = await startDynamo();
    await createTable(TableName);
    await expect(dynamo.send(new CreateTableCommand(tableInput(TableName)))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Table already exists: locks',
    });
    const elsewhere = clientOf(simulator.url, 'eu-west-1', clock);
    const { TableDescription: other } = await elsewhere.send(new CreateTableCommand(tableInput(TableName)));
    expect(other?.TableArn).toBe('arn:aws:dynamodb:eu-west-1:123456789012:table/locks');
  });

  test.each([
    ['throughput beside PAY_PER_REQUEST', { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }],
    ['no throughput with PROVISIONED', { BillingMode: 'PROVISIONED' as const }],
    ['a key without its definition', { AttributeDefinitions: [] }],
    ['a short name', { TableName: 'ab' }],
    ['a tag of AWS', { Tags: [{ Key: 'aws:x', Value: '' }] }],
    ['a key that is not there', { SSESpecification: { Enabled: true, KMSMasterKeyId: 'alias/none' } }],
  ])('is refused with %s', async (_, more) => {
    const { dynamo } = await startDynamo();
    await expect(dynamo.send(new CreateTableCommand({ ...tableInput(TableName), ...more }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('keeps its tags, its encryption and its protection from the start (F-563)', async () => {
    const { clock, createTable, describe, dynamo, simulator } = await startDynamo();
    const kms = new KMSClient(clientConfigOf(simulator.url));
    const { KeyMetadata: key } = await clock.track(kms.send(new CreateKeyCommand({})));
    await createTable(TableName, {
      Tags: [{ Key: 'rsds:project', Value: 'airline' }],
      SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key?.Arn },
      DeletionProtectionEnabled: true,
    });
    const table = await describe(TableName);
    expect(table).toMatchObject({
      DeletionProtectionEnabled: true,
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key?.Arn },
    });
    const ResourceArn = table?.TableArn;
    const { Tags: tags } = await dynamo.send(new ListTagsOfResourceCommand({ ResourceArn }));
    expect(tags).toEqual([{ Key: 'rsds:project', Value: 'airline' }]);
  });
});

test('deletion protection refuses DeleteTable until UpdateTable takes it off', async () => {
  const { clock, createTable, describe, dynamo } = await startDynamo();
  await createTable(TableName, { DeletionProtectionEnabled: true });
  const remove = () => dynamo.send(new DeleteTableCommand({ TableName }));
  await expect(remove()).rejects.toMatchObject({ name: 'ValidationException', message: /protected against deletion/ });
  await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  expect((await describe(TableName))?.TableStatus).toBe('UPDATING');
  await expect(remove()).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await clock.sleep(5_000);
  expect((await remove()).TableDescription?.TableStatus).toBe('DELETING');
});

test('a deleted table keeps its name for a while, and comes back empty (F-560)', async () => {
  const { clock, createTable, describe, dynamo } = await startDynamo();
  await createTable(TableName);
  await dynamo.send(new PutItemCommand({ TableName, Item: Key }));
  await dynamo.send(new DeleteTableCommand({ TableName }));
  expect((await describe(TableName))?.TableStatus).toBe('DELETING');
  await expect(dynamo.send(new CreateTableCommand(tableInput(TableName)))).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: /is being deleted/,
  });
  await expect(dynamo.send(new ScanCommand({ TableName }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await clock.sleep(10_000);
  await expect(describe(TableName)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await createTable(TableName);
  expect((await dynamo.send(new ScanCommand({ TableName }))).Count).toBe(0);
});

test('tables are listed by name, page by page', async () => {
  const { createTable, dynamo } = await startDynamo();
  for (const name of ['t-c', 't-a', 't-b']) await createTable(name);
  const first = await dynamo.send(new ListTablesCommand({ Limit: 2 }));
  expect(first).toMatchObject({ TableNames: ['t-a', 't-b'], LastEvaluatedTableName: 't-b' });
  const rest = await dynamo.send(new ListTablesCommand({ ExclusiveStartTableName: 't-b' }));
  expect(rest.TableNames).toEqual(['t-c']);
});

test('a table is found by its ARN, too', async () => {
  const { createTable, describe, dynamo } = await startDynamo();
  await createTable(TableName);
  const arn = (await describe(TableName))?.TableArn ?? '';
  expect((await describe(arn))?.TableName).toBe(TableName);
  await dynamo.send(new PutItemCommand({ TableName: arn, Item: Key }));
  expect((await dynamo.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Key);
});

test('tags are merged and removed by key, and come ten a page (F-564)', async () => {
  const { createTable, describe, dynamo } = await startDynamo();
  await createTable(TableName);
  const ResourceArn = (await describe(TableName))?.TableArn;
  const Tags = Array.from({ length: 12 }, (_, n) => ({ Key: `k${n}`, Value: 'v' }));
  await dynamo.send(new TagResourceCommand({ ResourceArn, Tags }));
  await dynamo.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'k0', Value: 'new' }] }));
  await dynamo.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['k1'] }));
  const first = await dynamo.send(new ListTagsOfResourceCommand({ ResourceArn }));
  const second = await dynamo.send(new ListTagsOfResourceCommand({ ResourceArn, NextToken: first.NextToken }));
  expect(first.Tags).toHaveLength(10);
  expect(second.Tags).toEqual([{ Key: 'k0', Value: 'new' }]);
});

test('time to live is switched on once, and takes a while (F-566)', async () => {
  const { clock, createTable, dynamo } = await startDynamo();
  await createTable(TableName);
  const status = async () =>
    (await dynamo.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription?.TimeToLiveStatus;
  const change = (Enabled: boolean) =>
    dynamo.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expires', Enabled } }),
    );
  expect(await status()).toBe('DISABLED');
  await expect(change(false)).rejects.toMatchObject({ message: 'TimeToLive is already disabled' });
  await change(true);
  expect(await status()).toBe('ENABLING');
  await expect(change(false)).rejects.toMatchObject({ message: /modified multiple times/ });
  await clock.sleep(900_000);
  expect(await status()).toBe('ENABLED');
  await expect(change(true)).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
});

test('backups are unavailable just after creation, then switched on (F-565)', async () => {
  const { clock, dynamo } = await startDynamo();
  await dynamo.send(new CreateTableCommand(tableInput(TableName)));
  const enable = (days?: number) =>
    dynamo.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: days },
      }),
    );
  const seen = new Set<string>();
  for (let tries = 0; tries < 100; tries++) {
    const outcome = await enable().catch((error: Error) => error);
    if (!(outcome instanceof Error)) break;
    seen.add(outcome.name);
    await clock.sleep(250);
  }
  expect(seen).toContain('ContinuousBackupsUnavailableException');
  await expect(enable(36)).rejects.toMatchObject({ name: 'ValidationException' });
  const { ContinuousBackupsDescription: backups } = await dynamo.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  expect(backups).toMatchObject({
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
  });
});

test('billing changes to provisioned only with throughput', async () => {
  const { clock, createTable, describe, dynamo } = await startDynamo();
  await createTable(TableName);
  const update = (more: object) =>
    dynamo.send(new UpdateTableCommand({ TableName, BillingMode: 'PROVISIONED', ...more }));
  await expect(update({})).rejects.toMatchObject({ name: 'ValidationException' });
  await update({ ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 2 } });
  await clock.sleep(5_000);
  const table = await describe(TableName);
  expect(table?.ProvisionedThroughput).toMatchObject({ ReadCapacityUnits: 3, WriteCapacityUnits: 2 });
  expect(table?.BillingModeSummary).toBeUndefined();
});

test('tables and items outlive the simulator that is saved', async () => {
  const before = await startDynamo();
  await before.createTable(TableName, { Tags: [{ Key: 'a', Value: '1' }] });
  for (let n = 0; n < 3; n++) {
    const Item = { id: { S: `${n}` }, blob: { B: Uint8Array.of(n) }, fence: { N: `${n}` } };
    await before.dynamo.send(new PutItemCommand({ TableName, Item }));
  }
  const saved = JSON.parse(JSON.stringify(await before.simulator.save()));
  const after = await startDynamo(saved);
  expect((await after.describe(TableName))?.TableStatus).toBe('ACTIVE');
  const { Items: items } = await after.dynamo.send(new ScanCommand({ TableName }));
  expect(items?.map((item) => item.fence?.N).sort()).toEqual(['0', '1', '2']);
  await expect(after.dynamo.send(new DescribeTableCommand({ TableName: 'other' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('secondary indexes are described, answer queries, and outlive the simulator, too', async () => {
  const GlobalSecondaryIndexes = [
    {
      IndexName: 'by-owner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    },
  ];
  const AttributeDefinitions = ['id', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const before = await startDynamo();
  await before.createTable(TableName, { AttributeDefinitions, GlobalSecondaryIndexes });
  const Item = { id: { S: 'dev' }, owner: { S: 'me' } };
  await before.dynamo.send(new PutItemCommand({ TableName, Item }));
  const after = await startDynamo(await before.simulator.save());
  const mine = new QueryCommand({
    ...{ TableName, IndexName: 'by-owner', KeyConditionExpression: '#o = :me' },
    ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':me': { S: 'me' } },
  });
  for (const { describe, dynamo } of [before, after]) {
    expect((await describe(TableName))?.GlobalSecondaryIndexes).toMatchObject([
      { IndexName: 'by-owner', IndexStatus: 'ACTIVE' },
    ]);
    expect((await dynamo.send(mine)).Items).toEqual([Item]);
  }
});

test('what is not simulated says so', async () => {
  const { dynamo } = await startDynamo();
  await expect(dynamo.send(new TransactWriteItemsCommand({ TransactItems: [] }))).rejects.toMatchObject({
    message: 'the simulator does not serve dynamodb TransactWriteItems',
    $metadata: { httpStatusCode: 501 },
  });
});
