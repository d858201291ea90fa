/** The datashare on the producer: the share, its schemas, its tables, and the tables to come. */

import type { DatashareConfig } from '../../config/config.ts';
import type { Json, Look, Resource } from '../../engine/resource.ts';
import { RsdsError } from '../../shared/errors.ts';
import { inWords } from '../changes.ts';
import { identifier, literal, qualified } from './quote.ts';
import { isTrue, type SqlSession } from './session.ts';
import { type Missing, type Revision, type SqlContext, type SqlSeen, sqlResource, statement } from './sql-resource.ts';
import { adminTarget, namespaceId, type SqlWarehouse } from './warehouse.ts';

export interface ShareOptions {
  readonly producer: SqlWarehouse;
  readonly datashare: DatashareConfig;
  /** The initial SQL, which makes what is shared. */
  readonly after: readonly Resource[];
  readonly context: SqlContext;
  readonly sharesOf: SharesOf;
}

/** Who may use the producer's share, read without SQL; undefined where that could not be read. */
export type SharesOf = (look: Look) => Promise<VisibleShares | undefined>;

export interface VisibleShares {
  /** Of a share by name: the consumers' namespace ids. */
  consumers(shareName: string, producerNamespaceId: string): ReadonlySet<string> | undefined;
}

export function shareResource({ producer, datashare, after, context, sharesOf }: ShareOptions): Resource<SqlSeen> {
  return sqlResource(
    {
      id: 'producer/datashare',
      kind: 'datashare',
      title: `datashare ${datashare.name}`,
      needs: [producer.namespace, producer.workgroup, ...after],
      on: producer.warehouse.name,
      target: (known) => adminTarget(producer, known),
      wanted: (known) => {
        const id = namespaceId(producer, known);
        return id === undefined ? undefined : [id, datashare.name, ...datashare.schemas, '/', ...datashare.tables];
      },
      missing: (session, known, { record }) =>
        missingOfShare(session, datashare, formerOf(record, namespaceId(producer, known))),
      facts: (known) => ({
        namespace: namespaceId(producer, known) ?? null,
        share: datashare.name,
        schemas: datashare.schemas,
        tables: datashare.tables,
      }),
      revision: (record, known) => revisionOf(datashare, formerOf(record, namespaceId(producer, known))),
      visible: async (look) => {
        const id = namespaceId(producer, look);
        const shares = await sharesOf(look);
        return shares && id !== undefined ? shares.consumers(datashare.name, id) !== undefined : undefined;
      },
    },
    context,
  );
}

/** What the ledger says was shared before. */
interface Former {
  readonly share?: string;
  readonly schemas: readonly string[];
  readonly tables: readonly string[];
}

/** Nothing where it was another namespace's. */
function formerOf(record: Readonly<Record<string, Json>>, id: string | undefined): Former {
  const { share, schemas, tables } = record as Partial<Record<'share' | 'schemas' | 'tables', Json>>;
  if (record.namespace !== id || typeof share !== 'string') return { schemas: [], tables: [] };
  return { share, schemas: (schemas ?? []) as string[], tables: (tables ?? []) as string[] };
}

/** What was shared at our wish and is to be shared no longer. What others put into the share is theirs. */
function withdrawn({ schemas, tables }: DatashareConfig, former: Former): Pick<Former, 'schemas' | 'tables'> {
  return {
    schemas: former.schemas.filter((schema) => !schemas.includes(schema)),
    tables: former.tables.filter((table) => !tables.includes(table) && !schemas.includes(schemaOf(table))),
  };
}

function revisionOf(datashare: DatashareConfig, former: Former): Revision | undefined {
  if (former.share !== undefined && former.share !== datashare.name) {
    throw new RsdsError('plan/refused', `datashare ${former.share} can't become ${datashare.name} in place`, {
      hint: `put datashare.name back to ${former.share}; the name is never seen by clients`,
    });
  }
  const { schemas, tables } = withdrawn(datashare, former);
  const names = [...schemas, ...tables];
  if (names.length === 0) return undefined;
  return { title: `no longer share ${inWords(names)}`, interrupts: `readers of ${inWords(names)}` };
}

interface ShareFacts {
  readonly exists: boolean;
  /** Schemas in the share, and whether the tables to come are included. */
  readonly schemas: ReadonlyMap<string, boolean>;
  /** `schema.table` in the share. */
  readonly tables: ReadonlySet<string>;
  /** All tables and views of the shared schemas: `schema.table`. */
  readonly local: readonly string[];
}

async function missingOfShare(
  session: SqlSession,
  datashare: DatashareConfig,
  former: Former,
): Promise<readonly Missing[]> {
  const facts = await lookAtShare(session, datashare);
  const share = identifier(datashare.name);
  const missing = [...(facts.exists ? [] : [statement(`CREATE DATASHARE ${share}`)])];
  for (const schema of datashare.schemas) missing.push(...missingOfSchema(share, schema, facts));
  for (const table of datashare.tables) missing.push(...missingOfTable(share, table, facts, datashare));
  return [...missing, ...withdrawals(share, facts, datashare, former)];
}

/** Tables before their schema; one whose tables are still shared one by one stays. */
function withdrawals(share: string, facts: ShareFacts, datashare: DatashareConfig, former: Former): Missing[] {
  const { schemas, tables } = withdrawn(datashare, former);
  const gone = tables.filter((table) => facts.tables.has(table) && !schemas.includes(schemaOf(table)));
  const left = [...datashare.schemas, ...datashare.tables.map(schemaOf)];
  const emptied = gone.map(schemaOf).filter((schema) => !left.includes(schema));
  return [
    ...gone.map((table) => statement(`ALTER DATASHARE ${share} REMOVE TABLE ${qualified(table)}`)),
    ...[...new Set([...schemas, ...emptied])]
      .filter((schema) => facts.schemas.has(schema))
      .flatMap((schema) => withdrawnSchema(share, schema, facts, datashare)),
  ];
}

function withdrawnSchema(share: string, schema: string, facts: ShareFacts, { tables }: DatashareConfig): Missing[] {
  const name = identifier(schema);
  const kept = tables.filter((table) => schemaOf(table) === schema);
  if (kept.length === 0) {
    return [
      statement(`ALTER DATASHARE ${share} REMOVE ALL TABLES IN SCHEMA ${name}`),
      statement(`ALTER DATASHARE ${share} REMOVE SCHEMA ${name}`),
    ];
  }
  const others = [...facts.tables].filter((table) => schemaOf(table) === schema && !kept.includes(table));
  return [
    ...(facts.schemas.get(schema) === true
      ? [statement(`ALTER DATASHARE ${share} SET INCLUDENEW = FALSE FOR SCHEMA ${name}`)]
      : []),
    ...others.map((table) => statement(`ALTER DATASHARE ${share} REMOVE TABLE ${qualified(table)}`)),
  ];
}

const schemaOf = (table: string) => table.split('.')[0] ?? '';

/** In this order: ADD ALL TABLES before INCLUDENEW would lose the tables made in between (F-419). */
function missingOfSchema(share: string, schema: string, facts: ShareFacts): Missing[] {
  const name = identifier(schema);
  const steps: Missing[] = [];
  if (!facts.schemas.has(schema)) steps.push(statement(`ALTER DATASHARE ${share} ADD SCHEMA ${name}`));
  if (facts.schemas.get(schema) !== true)
    steps.push(statement(`ALTER DATASHARE ${share} SET INCLUDENEW = TRUE FOR SCHEMA ${name}`));
  const unshared = facts.local.some((table) => table.startsWith(`${schema}.`) && !facts.tables.has(table));
  if (unshared || !facts.schemas.has(schema))
    steps.push(statement(`ALTER DATASHARE ${share} ADD ALL TABLES IN SCHEMA ${name}`));
  return steps;
}

function missingOfTable(
  share: string,
  table: string,
  facts: ShareFacts,
  { schemas, tables }: DatashareConfig,
): Missing[] {
  const schema = schemaOf(table);
  if (facts.tables.has(table) || schemas.includes(schema)) return [];
  const first = tables.find((other) => other.startsWith(`${schema}.`)) === table;
  const add = statement(`ALTER DATASHARE ${share} ADD TABLE ${qualified(table)}`);
  const addSchema = statement(`ALTER DATASHARE ${share} ADD SCHEMA ${identifier(schema)}`);
  return first && !facts.schemas.has(schema) ? [addSchema, add] : [add];
}

async function lookAtShare(session: SqlSession, datashare: DatashareConfig): Promise<ShareFacts> {
  const share = literal(datashare.name);
  const wanted = [...new Set([...datashare.schemas, ...datashare.tables.map(schemaOf)])];
  const shares = await session.query(
    `SELECT share_name FROM svv_datashares WHERE share_type = 'OUTBOUND' AND share_name = ${share}`,
    'look at the datashare',
  );
  const objects = await session.query(
    `SELECT object_type, object_name, include_new FROM svv_datashare_objects WHERE share_type = 'OUTBOUND' AND share_name = ${share}`,
    'look at what the datashare holds',
  );
  const schemas = await session.query(
    `SELECT nspname FROM pg_namespace WHERE nspname IN (${wanted.map(literal).join(', ')})`,
    'look at the schemas',
  );
  const local = await session.query(
    `SELECT table_schema, table_name FROM svv_tables WHERE table_schema IN (${wanted.map(literal).join(', ')})`,
    'look at the tables of the shared schemas',
  );
  refuseMissingSchemas(
    wanted,
    schemas.map(([name]) => String(name)),
    session,
  );
  const isSchema = ([type]: readonly unknown[]) => String(type).toLowerCase() === 'schema';
  return {
    exists: shares.length > 0,
    schemas: new Map(objects.filter(isSchema).map(([, name, includeNew]) => [String(name), isTrue(includeNew)])),
    tables: new Set(objects.filter((row) => !isSchema(row)).map(([, name]) => String(name))),
    local: local.map(([schema, table]) => `${schema}.${table}`),
  };
}

function refuseMissingSchemas(wanted: readonly string[], there: readonly string[], session: SqlSession): void {
  const absent = wanted.filter((schema) => !there.includes(schema));
  if (absent.length === 0) return;
  throw new RsdsError(
    'sql/failed',
    `the schema ${absent.join(', ')} is to be shared and does not exist in ${session.target.database} on ${session.target.workgroup}`,
    {
      hint: 'make it with initSql, or take it out of datashare.schemas',
    },
  );
}
