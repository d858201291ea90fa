/** A table as DescribeTable shows it. */
import type { Place } from '../../world.ts';
import type { Json } from './engine.ts';
import { statusOf, type TableRecord } from './state.ts';

export const seconds = (ms: number) => ms / 1000;

export function describeTable(table: TableRecord, place: Place): Json {
  const { definition } = table;
  return {
    TableName: table.name,
    TableArn: table.arn,
    TableId: table.id,
    TableStatus: statusOf(table, place.now),
    CreationDateTime: seconds(table.createdAt),
    AttributeDefinitions: definition.AttributeDefinitions,
    KeySchema: definition.KeySchema,
    ...billing(table),
    // AWS counts every six hours or so; nobody relies on it.
    TableSizeBytes: 0,
    ItemCount: 0,
    LocalSecondaryIndexes: indexes(definition.LocalSecondaryIndexes, table),
    GlobalSecondaryIndexes: indexes(definition.GlobalSecondaryIndexes, table),
    TableClassSummary: table.tableClass && { TableClass: table.tableClass },
    SSEDescription: table.kmsKeyArn && { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.kmsKeyArn },
    DeletionProtectionEnabled: table.deletionProtection,
  };
}

function billing({ createdAt, definition }: TableRecord): Json {
  const { BillingMode: mode, ProvisionedThroughput: throughput } = definition;
  const units = (throughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }) as Json;
  const provisioned = { NumberOfDecreasesToday: 0, ...units };
  if (mode !== 'PAY_PER_REQUEST') return { ProvisionedThroughput: provisioned };
  const summary = { BillingMode: mode, LastUpdateToPayPerRequestDateTime: seconds(createdAt) };
  return { ProvisionedThroughput: provisioned, BillingModeSummary: summary };
}

function indexes(definitions: unknown, table: TableRecord): Json[] | undefined {
  if (!Array.isArray(definitions)) return undefined;
  return (definitions as Json[]).map((index) => ({
    ...index,
    IndexArn: `${table.arn}/index/${String(index.IndexName)}`,
    IndexStatus: 'ACTIVE',
    IndexSizeBytes: 0,
    ItemCount: 0,
  }));
}
