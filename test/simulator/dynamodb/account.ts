/** A simulator on virtual time with a DynamoDB client whose every call is tracked, and a table to work on. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { onTestFinished } from 'vitest';
import { VirtualClock } from '../../../src/shared/clock.ts';
import { type SavedSimulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { clientConfigOf } from '../../support/simulator.ts';

export const tableInput = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
});

export async function startDynamo(saved?: SavedSimulator) {
  const clock = new VirtualClock();
  const simulator = await startSimulator({ clock, saved });
  onTestFinished(() => simulator.close());
  const dynamo = clientOf(simulator.url, 'us-east-1', clock);
  const createTable = async (name: string, more: Partial<CreateTableCommandInput> = {}) => {
    await dynamo.send(new CreateTableCommand({ ...tableInput(name), ...more }));
    await clock.sleep(10_000);
  };
  const describe = async (name: string) => (await dynamo.send(new DescribeTableCommand({ TableName: name }))).Table;
  return { clock, simulator, dynamo, createTable, describe };
}

export function clientOf(url: string, region: string, clock: VirtualClock): DynamoDBClient {
  const client = new DynamoDBClient({ ...clientConfigOf(url), region });
  client.middlewareStack.add((next) => (args) => clock.track(next(args)), { step: 'initialize' });
  return client;
}
