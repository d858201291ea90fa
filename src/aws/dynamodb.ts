import {
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
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  UpdateTimeToLiveCommand,
  type UpdateTimeToLiveCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { CallOptions, Connection } from './connection.ts';
import { orAbsent } from './paging.ts';

/** A failed condition is a `ServiceError` of kind `conflict`; the item that was there is on its `cause.Item`. */
export function dynamodb(connection: Connection) {
  const send = connection.open('dynamodb', 'DynamoDB', (config) => new DynamoDBClient(config));
  return {
    /** Undefined when there is no such table. */
    describeTable: async (TableName: string) => (await orAbsent(send(new DescribeTableCommand({ TableName }))))?.Table,
    createTable: (input: CreateTableCommandInput) => send(new CreateTableCommand(input)),
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
    scan: (input: ScanCommandInput) => send(new ScanCommand(input)),
  };
}

export type DynamoDb = ReturnType<typeof dynamodb>;
