/** The consumers' side: the grant on the producer, then the database, and the look that admits it to the balancer. */
import type { DatashareConfig } from '../../config/config.ts';
import type { Resource } from '../../engine/resource.ts';
import { RsdsError } from '../../shared/errors.ts';
import { identifier, literal, namespaceLiteral } from './quote.ts';
import type { SqlSession } from './session.ts';
import type { SharesOf } from './share.ts';
import { type Missing, type SqlContext, type SqlSeen, sqlResource, statement } from './sql-resource.ts';
import { adminTarget, namespaceId, type SqlWarehouse } from './warehouse.ts';

/** The reader's secret, as its resource observes it. */
export interface ReaderSecret {
  readonly arn?: string | undefined;
  readonly versionId?: string | undefined;
}

export interface ConsumerOptions {
  readonly producer: SqlWarehouse;
  readonly consumer: SqlWarehouse;
  readonly datashare: DatashareConfig;
  readonly share: Resource;
  readonly secret: Resource<ReaderSecret>;
  readonly context: SqlContext;
  readonly sharesOf: SharesOf;
  /** The reader's password, read when it is needed and kept nowhere. */
  readerPassword(arn: string): Promise<string>;
}

/** A grant may take some seconds to show on the consumer (F-421). */
const inboundWithin = { everyMs: 2_000, timeoutMs: 3 * 60_000 };

/** USAGE on the share for the consumer's namespace; runs on the producer. */
export function grantResource({
  producer,
  consumer,
  datashare,
  share,
  context,
  sharesOf,
}: ConsumerOptions): Resource<SqlSeen> {
  const { short } = consumer.warehouse;
  return sqlResource(
    {
      id: `${short}/grant`,
      kind: 'grant',
      title: `grant of ${datashare.name} to ${consumer.warehouse.name}`,
      needs: [producer.namespace, producer.workgroup, share, consumer.namespace],
      on: producer.warehouse.name,
      target: (known) => adminTarget(producer, known),
      wanted: (known) => ids([namespaceId(producer, known), namespaceId(consumer, known)], [datashare.name]),
      missing: async (session, known) => {
        const id = namespaceId(consumer, known) ?? '';
        return (await isGranted(session, datashare.name, id)) ? [] : [grant(datashare.name, id)];
      },
      visible: async (look) => {
        const [producerId, consumerId] = [namespaceId(producer, look), namespaceId(consumer, look)];
        const shares = await sharesOf(look);
        if (!shares || producerId === undefined || consumerId === undefined) return undefined;
        return shares.consumers(datashare.name, producerId)?.has(consumerId) ?? false;
      },
      remove: {
        title: `REVOKE USAGE ON DATASHARE ${datashare.name} from ${consumer.warehouse.name}`,
        run: (session, known) => revoke(session, datashare.name, namespaceId(consumer, known)),
      },
    },
    context,
  );
}

async function isGranted(session: SqlSession, share: string, id: string): Promise<boolean> {
  const sql = `SELECT consumer_namespace FROM svv_datashare_consumers WHERE share_name = ${literal(share)} AND consumer_namespace = ${namespaceLiteral(id)}`;
  return (await session.query(sql, 'look at the grants of the datashare')).length > 0;
}

const grant = (share: string, id: string) =>
  statement(`GRANT USAGE ON DATASHARE ${identifier(share)} TO NAMESPACE ${namespaceLiteral(id)}`);

async function revoke(session: SqlSession, share: string, id: string | undefined): Promise<void> {
  if (id === undefined || !(await isGranted(session, share, id))) return;
  const sql = `REVOKE USAGE ON DATASHARE ${identifier(share)} FROM NAMESPACE ${namespaceLiteral(id)}`;
  await session.run(sql, sql);
}

/** The shared database on the consumer. */
export function databaseResource(options: ConsumerOptions, granted: Resource): Resource<SqlSeen> {
  const { producer, consumer, datashare, context } = options;
  return sqlResource(
    {
      id: `${consumer.warehouse.short}/database`,
      kind: 'shared-database',
      title: `database ${datashare.consumerDatabase} on ${consumer.warehouse.name}`,
      needs: [granted, producer.namespace, consumer.namespace, consumer.workgroup],
      on: consumer.warehouse.name,
      target: (known) => adminTarget(consumer, known),
      wanted: (known) =>
        ids([namespaceId(producer, known), namespaceId(consumer, known)], [datashare.name, datashare.consumerDatabase]),
      missing: async (session, known) => {
        const producerId = namespaceId(producer, known) ?? '';
        const there = await databaseOf(session, datashare, producerId);
        if (there?.toLowerCase() === datashare.consumerDatabase.toLowerCase()) return [];
        const former = there === undefined ? [] : [statement(`DROP DATABASE ${identifier(there)}`)];
        return [...former, createDatabase(datashare, producerId)];
      },
      facts: (known) => ({ namespace: namespaceId(consumer, known) ?? null, database: datashare.consumerDatabase }),
      revision: ({ namespace, database }, known) => {
        const { consumerDatabase } = datashare;
        const renamed = typeof database === 'string' && database.toLowerCase() !== consumerDatabase.toLowerCase();
        if (!renamed || namespace !== namespaceId(consumer, known)) return undefined;
        return { title: `${database} becomes ${consumerDatabase}`, interrupts: `clients of the database ${database}` };
      },
    },
    context,
  );
}

/** The consumer's database that is made from our share, not from a former one of the same name; a share has one (F-422). */
async function databaseOf(
  session: SqlSession,
  { name }: DatashareConfig,
  producerId: string,
): Promise<string | undefined> {
  const sql = `SELECT consumer_database FROM svv_datashares WHERE share_type = 'INBOUND' AND share_name = ${literal(name)} AND producer_namespace = ${namespaceLiteral(producerId)}`;
  const rows = await session.query(sql, 'look at the shared database');
  const [database] = rows.map(([name]) => String(name ?? '')).filter(Boolean);
  return database;
}

/** Not in a transaction, and only once the grant shows here (F-421, F-426). */
function createDatabase({ name, consumerDatabase }: DatashareConfig, producerId: string): Missing {
  const title = `CREATE DATABASE ${identifier(consumerDatabase)} FROM DATASHARE ${identifier(name)}`;
  return {
    title,
    run: async (session, io) => {
      await io.until(
        `the datashare ${name} on ${session.target.workgroup}`,
        () => inbound(session, name, producerId),
        inboundWithin,
      );
      await dropShell(session, consumerDatabase);
      await session.run(`${title} OF NAMESPACE ${namespaceLiteral(producerId)}`, title);
    },
  };
}

async function inbound(session: SqlSession, share: string, producerId: string): Promise<true | undefined> {
  const sql = `SELECT share_name FROM svv_datashares WHERE share_type = 'INBOUND' AND share_name = ${literal(share)} AND producer_namespace = ${namespaceLiteral(producerId)}`;
  return (await session.query(sql, 'look for the datashare')).length > 0 ? true : undefined;
}

/** A database of that name that no share stands behind: the empty shell of one that was dropped (F-424). */
async function dropShell(session: SqlSession, database: string): Promise<void> {
  const sql = `SELECT database_type FROM svv_redshift_databases WHERE database_name = ${literal(database.toLowerCase())}`;
  const [row] = await session.query(sql, 'look at the databases');
  if (!row) return;
  if (String(row[0]).toLowerCase() !== 'shared') {
    throw new RsdsError('sql/failed', `${session.target.workgroup} has a local database ${database} already`, {
      hint: 'choose another datashare.consumerDatabase',
    });
  }
  await refuseShared(session, database);
  const drop = `DROP DATABASE ${identifier(database)}`;
  await session.run(drop, drop);
}

async function refuseShared(session: SqlSession, database: string): Promise<void> {
  const sql = `SELECT share_name FROM svv_datashares WHERE share_type = 'INBOUND' AND consumer_database = ${literal(database.toLowerCase())}`;
  const [row] = await session.query(sql, 'look at what stands behind the database');
  if (!row) return;
  throw new RsdsError(
    'sql/failed',
    `the database ${database} on ${session.target.workgroup} is made from another datashare, ${String(row[0])}`,
    { hint: `choose another datashare.consumerDatabase, or run DROP DATABASE ${identifier(database)} there` },
  );
}

/** Proof that the shared database answers, as the login that clients use; only then is the consumer admitted. */
export function checkResource(options: ConsumerOptions, reader: Resource): Resource<SqlSeen> {
  const { producer, consumer, datashare, secret, context } = options;
  return sqlResource(
    {
      id: `${consumer.warehouse.short}/check`,
      kind: 'check',
      title: `shared data on ${consumer.warehouse.name}`,
      needs: [reader, secret, producer.namespace, consumer.namespace, consumer.workgroup],
      on: consumer.warehouse.name,
      target: (known) => {
        const admin = adminTarget(consumer, known);
        const secretArn = known.seen(secret)?.arn;
        return admin && secretArn !== undefined ? { ...admin, secretArn } : undefined;
      },
      // A workgroup that was made anew is admitted anew.
      wanted: (known) =>
        ids(
          [
            namespaceId(producer, known),
            namespaceId(consumer, known),
            known.seen(consumer.workgroup)?.workgroupArn,
            known.seen(secret)?.versionId,
          ],
          [datashare.consumerDatabase],
        ),
      missing: async (session) => ((await answers(session, datashare)) ? [] : [readAgain(datashare)]),
    },
    context,
  );
}

/** Reading is the look itself; where it fails, it is done once more as a change, whose error then counts. */
async function answers(session: SqlSession, datashare: DatashareConfig): Promise<boolean> {
  try {
    await readShared(session, datashare);
    return true;
  } catch (error) {
    if (error instanceof RsdsError && error.code === 'sql/failed') return false;
    throw error;
  }
}

const readAgain = (datashare: DatashareConfig): Missing => ({
  title: `read ${datashare.consumerDatabase} as ${datashare.reader}`,
  run: (session) => readShared(session, datashare),
});

/** Reads a shared table as the login; where none is shared yet, looks whether the shared schemas are there. */
async function readShared(session: SqlSession, { consumerDatabase, schemas }: DatashareConfig): Promise<void> {
  const database = literal(consumerDatabase.toLowerCase());
  const tables = await session.query(
    `SELECT schema_name, table_name FROM svv_redshift_tables WHERE database_name = ${database} ORDER BY 1, 2 LIMIT 1`,
    'look at the shared tables',
  );
  const [first] = tables;
  if (first) {
    const name = [consumerDatabase, String(first[0]), String(first[1])].map(identifier).join('.');
    await session.query(`SELECT 1 FROM ${name} LIMIT 1`, `read ${name}`);
    return;
  }
  const shared = await session.query(
    `SELECT schema_name FROM svv_redshift_schemas WHERE database_name = ${database}`,
    'look at the shared schemas',
  );
  const names = shared.map(([name]) => String(name));
  const absent = schemas.filter((schema) => !names.includes(schema));
  if (absent.length > 0)
    throw new RsdsError(
      'sql/failed',
      `${session.target.workgroup} does not see the shared schema ${absent.join(', ')}`,
    );
}

/** The parts of a digest; undefined as soon as an id is not known. */
export function ids(parts: readonly (string | undefined)[], more: readonly string[]): readonly string[] | undefined {
  return parts.includes(undefined) ? undefined : [...(parts as string[]), ...more];
}
