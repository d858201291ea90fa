/** The login of the clients on each consumer, and what it may do there. */
import { createHash } from 'node:crypto';
import type { DatashareConfig } from '../../config/config.ts';
import type { Json, Known, Resource } from '../../engine/resource.ts';
import { RsdsError } from '../../shared/errors.ts';
import { inWords } from '../changes.ts';
import { type ConsumerOptions, ids } from './consumer.ts';
import { identifier, literal } from './quote.ts';
import { isTrue, type SqlSession } from './session.ts';
import { type Missing, type Past, type Revision, type SqlSeen, sqlResource, statement } from './sql-resource.ts';
import { adminTarget, namespaceId } from './warehouse.ts';

/** Sessions end after an hour without a query (F-605): a pool that forgot one does not block draining. */
const sessionTimeoutSeconds = 3_600;

/** The login that clients use through the load balancer: the same on every consumer, each of which has its own (F-406). */
export function readerResource(options: ConsumerOptions, database: Resource): Resource<SqlSeen> {
  const { producer, consumer, datashare, secret, context } = options;
  return sqlResource(
    {
      id: `${consumer.warehouse.short}/reader`,
      kind: 'reader',
      title: `login ${datashare.reader} on ${consumer.warehouse.name}`,
      needs: [database, secret, producer.namespace, consumer.namespace, consumer.workgroup],
      on: consumer.warehouse.name,
      target: (known) => adminTarget(consumer, known),
      // With another producer the database is made anew, and with it the rights on it.
      wanted: (known) =>
        ids(
          [namespaceId(producer, known), namespaceId(consumer, known), known.seen(secret)?.versionId],
          [datashare.reader, datashare.consumerDatabase, String(datashare.externalSchemas), ...datashare.schemas],
        ),
      missing: (session, known, past) => missingOfReader(session, options, { known, past }),
      facts: (known) => ({
        namespace: namespaceId(consumer, known) ?? null,
        reader: datashare.reader,
        externalSchemas: datashare.externalSchemas ? datashare.schemas.map((one) => nameOf(one, datashare)) : [],
      }),
      revision: (record, known) => revisionOf(datashare, formerOf(record, namespaceId(consumer, known))),
    },
    context,
  );
}

/** What the ledger says was made before. */
interface Former {
  readonly reader?: string;
  readonly externalSchemas: readonly string[];
}

/** Nothing where it was in another namespace. */
function formerOf(record: Readonly<Record<string, Json>>, id: string | undefined): Former {
  const { reader, externalSchemas } = record;
  if (record.namespace !== id || typeof reader !== 'string') return { externalSchemas: [] };
  return { reader, externalSchemas: (externalSchemas ?? []) as string[] };
}

/** What of it is wanted no longer. */
function outdated(datashare: DatashareConfig, former: Former): Former {
  const wanted = datashare.externalSchemas ? datashare.schemas.map((schema) => nameOf(schema, datashare)) : [];
  const { reader, externalSchemas } = former;
  const renamed = reader !== undefined && reader.toLowerCase() !== datashare.reader.toLowerCase();
  return {
    ...(renamed ? { reader } : {}),
    externalSchemas: externalSchemas.filter((schema) => !wanted.includes(schema)),
  };
}

function revisionOf(datashare: DatashareConfig, former: Former): Revision | undefined {
  const { reader, externalSchemas } = outdated(datashare, former);
  const parts = [
    ...(reader === undefined ? [] : [`close the login ${reader}`]),
    ...(externalSchemas.length === 0 ? [] : [`drop the external schema ${inWords(externalSchemas)}`]),
  ];
  if (parts.length === 0) return undefined;
  return { title: inWords(parts), ...(reader === undefined ? {} : { interrupts: `clients that log in as ${reader}` }) };
}

/** The login is closed and not dropped: somebody may have given it more, which is not ours to take. */
async function closings(session: SqlSession, datashare: DatashareConfig, former: Former): Promise<Missing[]> {
  const { reader, externalSchemas } = outdated(datashare, former);
  const drops = externalSchemas.map((schema) => statement(`DROP SCHEMA IF EXISTS ${identifier(schema)}`));
  if (reader === undefined) return drops;
  const name = literal(reader.toLowerCase());
  const users = await session.query(`SELECT usename FROM pg_user WHERE usename = ${name}`, 'look at the former login');
  return [...drops, ...(users.length > 0 ? [statement(`ALTER USER ${identifier(reader)} PASSWORD DISABLE`)] : [])];
}

async function missingOfReader(
  session: SqlSession,
  options: ConsumerOptions,
  { known, past }: { known: Known; past: Past },
): Promise<readonly Missing[]> {
  const { datashare, consumer } = options;
  const reader = literal(datashare.reader.toLowerCase());
  const users = await session.query(`SELECT usename FROM pg_user WHERE usename = ${reader}`, 'look at the login');
  const exists = users.length > 0;
  const secretArn = known.seen(options.secret)?.arn ?? '';
  const believed = exists && past.recorded && (await letsIn(session, secretArn));
  return [
    ...(believed ? [] : [passwordOf(options, secretArn, exists ? 'ALTER' : 'CREATE')]),
    ...(exists ? await missingRights(session, datashare) : [useDatabase(datashare), keepOut, ...allSchemas(datashare)]),
    ...(await closings(session, datashare, formerOf(past.record, namespaceId(consumer, known)))),
  ];
}

/** No catalog shows a password, nor its hash: whether it is the secret's shows only when it is used. */
async function letsIn(session: SqlSession, secretArn: string): Promise<boolean> {
  if (secretArn === '') return true;
  try {
    await session.as(secretArn).query('SELECT 1', 'look whether the login has the password of the secret');
    return true;
  } catch (error) {
    // F-722. Whatever else keeps it out is no matter of its password.
    if (error instanceof RsdsError && error.code === 'sql/failed') return !wrongPassword.test(error.message);
    throw error;
  }
}

const wrongPassword = /password authentication failed/i;

function passwordOf({ datashare, readerPassword }: ConsumerOptions, secretArn: string, verb: string): Missing {
  return {
    title: `${verb} USER ${identifier(datashare.reader)}`,
    run: async (at) => {
      const hash = md5Password(await readerPassword(secretArn), datashare.reader);
      await at.run(
        `${verb} USER ${identifier(datashare.reader)} PASSWORD ${literal(hash)} SESSION TIMEOUT ${sessionTimeoutSeconds}`,
        `${verb} USER ${datashare.reader}`,
      );
    },
  };
}

const useDatabase = ({ consumerDatabase, reader }: DatashareConfig) =>
  statement(`GRANT USAGE ON DATABASE ${identifier(consumerDatabase)} TO ${identifier(reader)}`);

/** Else a reader's own tables would differ from consumer to consumer (F-405). */
const keepOut = statement('REVOKE CREATE ON SCHEMA public FROM PUBLIC');

const allSchemas = ({ schemas, externalSchemas, ...datashare }: DatashareConfig) =>
  externalSchemas ? schemas.flatMap((schema) => externalSchema(schema, datashare)) : [];

const nameOf = (schema: string, { consumerDatabase }: Pick<DatashareConfig, 'consumerDatabase'>) =>
  `${consumerDatabase}_${schema}`;

/** A shared schema as a local one, for tools that list only those (F-604). */
function externalSchema(schema: string, datashare: Pick<DatashareConfig, 'consumerDatabase' | 'reader'>): Missing[] {
  const name = identifier(nameOf(schema, datashare));
  const source = `REDSHIFT DATABASE ${literal(datashare.consumerDatabase)} SCHEMA ${literal(schema)}`;
  return [
    statement(`CREATE EXTERNAL SCHEMA IF NOT EXISTS ${name} FROM ${source}`),
    statement(`GRANT USAGE ON SCHEMA ${name} TO ${identifier(datashare.reader)}`),
  ];
}

/** Of a login that is there. */
async function missingRights(session: SqlSession, datashare: DatashareConfig): Promise<Missing[]> {
  const { consumerDatabase, schemas, externalSchemas } = datashare;
  const reader = literal(datashare.reader.toLowerCase());
  const usage = await session.query(
    `SELECT database_name FROM svv_database_privileges WHERE database_name = ${literal(consumerDatabase.toLowerCase())} AND identity_name = ${reader} AND privilege_type = 'USAGE'`,
    'look at the rights on the shared database',
  );
  const creates = await session.query(
    `SELECT has_schema_privilege(${reader}, 'public', 'CREATE')`,
    'look at the rights on the schema public',
  );
  return [
    ...(usage.length > 0 ? [] : [useDatabase(datashare)]),
    ...(isTrue(creates[0]?.[0]) ? [keepOut] : []),
    ...(externalSchemas ? await missingSchemas(session, { ...datashare, schemas }) : []),
  ];
}

async function missingSchemas(session: SqlSession, datashare: DatashareConfig): Promise<Missing[]> {
  const wanted = datashare.schemas.map((schema) => ({ schema, name: nameOf(schema, datashare).toLowerCase() }));
  const there = await session.query(
    `SELECT schemaname FROM svv_external_schemas WHERE schemaname IN (${wanted.map(({ name }) => literal(name)).join(', ')})`,
    'look at the schemas of the shared database',
  );
  const found = new Set(there.map(([name]) => String(name)));
  return wanted.filter(({ name }) => !found.has(name)).flatMap(({ schema }) => externalSchema(schema, datashare));
}

/** The form that Redshift and its drivers take: 'md5' and the digest of password and user name (F-407, F-606). */
export const md5Password = (password: string, user: string) =>
  `md5${createHash('md5').update(`${password}${user}`).digest('hex')}`;
