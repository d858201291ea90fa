import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { startDynamo } from './account.ts';

const TableName = 'locks';
const Key = { id: { S: 'dev' } };
const lock = (owner: string) => ({ ...Key, owner: { S: owner } });

const acquire = (owner: string) =>
  new PutItemCommand({
    TableName,
    Item: lock(owner),
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

async function startWithTable() {
  const account = await startDynamo();
  await account.createTable(TableName);
  return account;
}

describe('a conditional write', () => {
  test('raced by fifty has one winner, and 49 who are told who it is (F-567)', async () => {
    const { dynamo } = await startWithTable();
    const owners = Array.from({ length: 50 }, (_, n) => `owner-${n}`);
    const outcomes = await Promise.allSettled(owners.map((owner) => dynamo.send(acquire(owner))));
    const winners = owners.filter((_, n) => outcomes[n]?.status === 'fulfilled');
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(winners).toHaveLength(1);
    expect(refusals).toHaveLength(49);
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(ConditionalCheckFailedException);
      expect(refusal.Item).toEqual(lock(winners[0] ?? ''));
    }
  });

  test('shows the item only when asked, and none where there is none', async () => {
    const { dynamo } = await startWithTable();
    await dynamo.send(acquire('a'));
    const silent = new PutItemCommand({
      TableName,
      Item: lock('b'),
      ConditionExpression: 'attribute_not_exists(id)',
    });
    const error = await dynamo.send(silent).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ConditionalCheckFailedException', message: 'The conditional request failed' });
    expect(error.Item).toBeUndefined();
    const absent = new DeleteItemCommand({
      TableName,
      Key: { id: { S: 'absent' } },
      ConditionExpression: 'attribute_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect((await dynamo.send(absent).catch((reason) => reason)).Item).toBeUndefined();
  });

  test.each([
    ['UpdateItem', UpdateItemCommand, { UpdateExpression: 'SET #o = :me' }],
    ['DeleteItem', DeleteItemCommand, {}],
  ])('by %s shows the item, too (F-567)', async (_, Command, more) => {
    const { dynamo } = await startWithTable();
    await dynamo.send(acquire('a'));
    const write = new Command({
      TableName,
      Key,
      ConditionExpression: '#o = :me',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':me': { S: 'b' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...more,
    });
    const error = await dynamo.send(write as UpdateItemCommand).catch((reason) => reason);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error.Item).toEqual(lock('a'));
  });
});

test('a counter counts, and what it was comes back', async () => {
  const { dynamo } = await startWithTable();
  const add = new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: 'ADD fence :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ReturnValues: 'ALL_NEW',
  });
  await dynamo.send(add);
  expect((await dynamo.send(add)).Attributes).toEqual({ ...Key, fence: { N: '2' } });
});

test('items are read one by one, by key, all together and in batches', async () => {
  const { dynamo } = await startWithTable();
  const requests = ['a', 'b'].map((id) => ({ PutRequest: { Item: { id: { S: id } } } }));
  await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  expect((await dynamo.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }))).Item).toBeDefined();
  expect((await dynamo.send(new ScanCommand({ TableName }))).Count).toBe(2);
  const query = new QueryCommand({
    TableName,
    KeyConditionExpression: 'id = :b',
    ExpressionAttributeValues: { ':b': { S: 'b' } },
  });
  expect((await dynamo.send(query)).Items).toEqual([{ id: { S: 'b' } }]);
  const Keys = [{ id: { S: 'a' } }, { id: { S: 'c' } }];
  const batch = await dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
  expect(batch.Responses?.[TableName]).toEqual([{ id: { S: 'a' } }]);
});

test('a table that is not there holds no items', async () => {
  const { dynamo } = await startDynamo();
  await expect(dynamo.send(new GetItemCommand({ TableName: 'nowhere', Key }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('an expression that cannot be read is a ValidationException', async () => {
  const { dynamo } = await startWithTable();
  const put = new PutItemCommand({ TableName, Item: lock('a'), ConditionExpression: 'attribute_not_exists(' });
  await expect(dynamo.send(put)).rejects.toMatchObject({
    name: 'ValidationException',
    message: /Invalid ConditionExpression/,
  });
});
