import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  ListTagsOfResourceCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  type UpdateTimeToLiveCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { CallOptions, Connection } from './connection.ts';
import { allPages, orAbsent } from './paging.ts';
import { type Tags, tagRecord } from './tags.ts';

/** A failed condition is a `ServiceError` of kind `conflict`; the item that was there is on its `cause.Item`. */
export function dynamodb(connection: Connection) {
  const send = connection.open('dynamodb', 'DynamoDB', (config) => new DynamoDBClient(config));
  return {
    /** Undefined when there is no such table. */
    describeTable: async (TableName: string) => (await orAbsent(send(new DescribeTableCommand({ TableName }))))?.Table,
    createTable: (input: CreateTableCommandInput) => send(new CreateTableCommand(input)),
    async tags(ResourceArn: string): Promise<Tags> {
      const tags = await allPages(async (NextToken) => {
        const page = await send(new ListTagsOfResourceCommand({ ResourceArn, NextToken }));
        return { items: page.Tags, next: page.NextToken };
      });
      return tagRecord(tags);
    },
    /** Takes its protection from a table, which is UPDATING then and can't be deleted before it is ACTIVE (F-560). */
    allowDeletion: (TableName: string) => send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false })),
    deleteTable: (TableName: string) => send(new DeleteTableCommand({ TableName })),
    updateTimeToLive: (input: UpdateTimeToLiveCommandInput) => send(new UpdateTimeToLiveCommand(input)),
    /** Whether the table can be restored to any point of the last days. */
    async pointInTimeRecovery(TableName: string): Promise<boolean> {
      const { ContinuousBackupsDescription: backups } = await send(new DescribeContinuousBackupsCommand({ TableName }));
      return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
    },
    enablePointInTimeRecovery: (TableName: string) =>
      send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
    getItem: (input: GetItemCommandInput, options?: CallOptions) => send(new GetItemCommand(input), options),
    putItem: (input: PutItemCommandInput, options?: CallOptions) => send(new PutItemCommand(input), options),
    updateItem: (input: UpdateItemCommandInput, options?: CallOptions) => send(new UpdateItemCommand(input), options),
    deleteItem: (input: DeleteItemCommandInput, options?: CallOptions) => send(new DeleteItemCommand(input), options),
    query: (input: QueryCommandInput) => send(new QueryCommand(input)),
    /** Every item that fits, over all pages. */
    async scanAll(input: ScanCommandInput): Promise<Record<string, AttributeValue>[]> {
      const items: Record<string, AttributeValue>[] = [];
      let start = input.ExclusiveStartKey;
      do {
        const page = await send(new ScanCommand({ ...input, ExclusiveStartKey: start }));
        items.push(...(page.Items ?? []));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return items;
    },
  };
}

export type DynamoDb = ReturnType<typeof dynamodb>;
