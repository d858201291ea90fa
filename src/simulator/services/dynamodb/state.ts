/** What the shim remembers of a region's tables, beside the items, which the engine holds. */
import type { Place, Slot } from '../../world.ts';
import type { TaggedResource } from '../tagging/registry.ts';
import type { Json } from './engine.ts';

export interface TableTag {
  readonly key: string;
  readonly value: string;
}

export interface TableRecord {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  /** From when on DescribeTable and ListTables see it. F-561 */
  readonly visibleAt: number;
  /** Keys, indexes and billing, as CreateTable got them and UpdateTable changed them. */
  definition: Json;
  /** What the table is going through, until when; afterwards it is ACTIVE, or gone. */
  change: { readonly status: 'CREATING' | 'UPDATING' | 'DELETING'; readonly until: number };
  deletionProtection: boolean;
  kmsKeyArn: string | undefined;
  tableClass: string | undefined;
  tags: TableTag[];
  timeToLive: { readonly attribute: string; readonly enabled: boolean; readonly settledAt: number } | undefined;
  /** Backups can't be touched before. F-565 */
  backupsAt: number;
  pointInTime: { readonly since: number; readonly days: number } | undefined;
}

export interface TablesState {
  tables: Record<string, TableRecord>;
}

export const tablesSlot: Slot<TablesState> = { name: 'dynamodb', scope: 'region', initial: () => ({ tables: {} }) };

export type TableStatus = 'CREATING' | 'UPDATING' | 'DELETING' | 'ACTIVE';

/** Where a table stands now. */
export const statusOf = (table: TableRecord, now: number): TableStatus =>
  table.change.status === 'DELETING' || now < table.change.until ? table.change.status : 'ACTIVE';

/** The region's tables; those whose deletion has ended are forgotten on the way. */
export function tablesOf(place: Place): Record<string, TableRecord> {
  const { tables } = place.world.state(tablesSlot, place.region);
  for (const table of Object.values(tables)) {
    if (table.change.status === 'DELETING' && place.now >= table.change.until) delete tables[table.name];
  }
  return tables;
}

/** The region's tables with their tags, for those who look across services. */
export const taggedResources = (place: Place): TaggedResource[] =>
  Object.values(tablesOf(place)).map(({ arn, createdAt, tags }) => ({ arn, tags, since: createdAt }));
