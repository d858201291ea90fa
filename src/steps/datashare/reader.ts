/** The login of the clients on each consumer, and what it may do there. */
import { createHash } from 'node:crypto';
import type { DatashareConfig } from '../../config/config.ts';
import type { Known, Resource } from '../../engine/resource.ts';
import { type ConsumerOptions, ids } from './consumer.ts';
import { identifier, literal } from './quote.ts';
import { isTrue, type SqlSession } from './session.ts';
import { type Missing, type SqlSeen, sqlResource, statement } from './sql-resource.ts';
import { adminTarget, namespaceId } from './warehouse.ts';

/** Sessions end after an hour without a query (F-605): a pool that forgot one does not block draining. */
const sessionTimeoutSeconds = 3_600;

/** The login that clients use through the load balancer: the same on every consumer, each of which has its own (F-406). */
export function readerResource(options: ConsumerOptions, database: Resource): Resource<SqlSeen> {
  const { consumer, datashare, secret, context } = options;
  return sqlResource(
    {
      id: `${consumer.warehouse.short}/reader`,
      kind: 'reader',
      title: `login ${datashare.reader} on ${consumer.warehouse.name}`,
      needs: [database, secret, consumer.namespace, consumer.workgroup],
      on: consumer.warehouse.name,
      target: (known) => adminTarget(consumer, known),
      wanted: (known) =>
        ids(
          [namespaceId(consumer, known), known.seen(secret)?.versionId],
          [datashare.reader, datashare.consumerDatabase, String(datashare.externalSchemas), ...datashare.schemas],
        ),
      missing: (session, known, recorded) => missingOfReader(session, options, { known, recorded }),
    },
    context,
  );
}

async function missingOfReader(
  session: SqlSession,
  options: ConsumerOptions,
  { known, recorded }: { known: Known; recorded: boolean },
): Promise<readonly Missing[]> {
  const { datashare } = options;
  const reader = literal(datashare.reader.toLowerCase());
  const users = await session.query(`SELECT usename FROM pg_user WHERE usename = ${reader}`, 'look at the login');
  const exists = users.length > 0;
  const secretArn = known.seen(options.secret)?.arn ?? '';
  return [
    // No catalog shows a password, nor its hash: what was recorded is believed of a login that is there.
    ...(exists && recorded ? [] : [passwordOf(options, secretArn, exists ? 'ALTER' : 'CREATE')]),
    ...(exists ? await missingRights(session, datashare) : [useDatabase(datashare), keepOut, ...allSchemas(datashare)]),
  ];
}

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
