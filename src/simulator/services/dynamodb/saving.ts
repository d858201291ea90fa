/** Saving and loading what the engines hold. The tables' records are part of the world and saved with it. */
import type { Engine, Json } from './engine.ts';

interface SavedTable {
  readonly definition: Json;
  readonly items: readonly unknown[];
}

/** By region. */
export type SavedTables = Readonly<Record<string, readonly SavedTable[]>>;

export async function saveTables(engines: ReadonlyMap<string, Promise<Engine>>): Promise<SavedTables> {
  const saved: Record<string, SavedTable[]> = {};
  for (const [region, opening] of engines) {
    const engine = await opening;
    saved[region] = await engine.inTurn(() => tablesIn(engine));
  }
  return saved;
}

async function tablesIn(engine: Engine): Promise<SavedTable[]> {
  const tables: SavedTable[] = [];
  for (const name of await namesIn(engine)) {
    const { Table: table } = await engine.call('DescribeTable', { TableName: name });
    tables.push({ definition: definitionOf(table as Json), items: await itemsIn(engine, name) });
  }
  return tables;
}

async function namesIn(engine: Engine): Promise<string[]> {
  const names: string[] = [];
  for (let after: unknown; ; ) {
    const page = await engine.call('ListTables', { ExclusiveStartTableName: after });
    names.push(...(page.TableNames as string[]));
    after = page.LastEvaluatedTableName;
    if (after === undefined) return names;
  }
}

async function itemsIn(engine: Engine, name: string): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let after: unknown; ; ) {
    const page = await engine.call('Scan', { TableName: name, ExclusiveStartKey: after });
    items.push(...(page.Items as unknown[]));
    after = page.LastEvaluatedKey;
    if (after === undefined) return items;
  }
}

// From a description back to what CreateTable takes: billing doesn't matter to the engine.
function definitionOf(table: Json): Json {
  const keys = (index: Json) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
  });
  const indexes = (list: unknown) => (Array.isArray(list) ? (list as Json[]).map(keys) : undefined);
  return {
    TableName: table.TableName,
    AttributeDefinitions: table.AttributeDefinitions,
    KeySchema: table.KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    LocalSecondaryIndexes: indexes(table.LocalSecondaryIndexes),
    GlobalSecondaryIndexes: indexes(table.GlobalSecondaryIndexes),
  };
}

export async function restoreTables(saved: SavedTables, engineOf: (region: string) => Promise<Engine>): Promise<void> {
  for (const [region, tables] of Object.entries(saved)) {
    const engine = await engineOf(region);
    for (const { definition, items } of tables) {
      await engine.createTable(definition);
      for (const item of items) await engine.call('PutItem', { TableName: definition.TableName, Item: item });
    }
  }
}
