/** The reader on one consumer by the Data API: past load balancer and network, with the password that clients have. */
import type { ReaderLook } from '../../diagnose/connections/evidence.ts';
import { read } from '../../diagnose/reading.ts';
import type { Warehouse } from '../../model/desired.ts';
import { RsdsError } from '../../shared/errors.ts';
import { identifier, literal } from '../../steps/datashare/quote.ts';
import { lookingIo, SqlSession } from '../../steps/datashare/session.ts';
import type { Bench } from './bench.ts';

/** A warehouse that sleeps has woken by then many times over (F-457). */
const mostMs = 5 * 60_000;

/** Logs in, finds a shared table and reads it. Wakes the consumer. */
export async function lookAsReader(bench: Pick<Bench, 'here' | 'target'>, warehouse: Warehouse): Promise<ReaderLook> {
  const { aws, context } = bench.here;
  const { database, secret: secretArn } = bench.target;
  const target = { workgroup: warehouse.name, database, secretArn };
  const session = new SqlSession(target, aws.data, lookingIo(context.clock, context.signal, mostMs));
  try {
    const looked = await read(() => readShared(session, database));
    return 'value' in looked ? { tableSql: looked.value } : { unread: looked.unread };
  } catch (error) {
    if (!(error instanceof RsdsError) || error.code !== 'sql/failed') throw error;
    return { error: { code: '', message: reasonOf(error, warehouse.name) } };
  }
}

async function readShared(session: SqlSession, database: string): Promise<string | undefined> {
  const tables = await session.query(
    `SELECT schema_name, table_name FROM svv_redshift_tables WHERE database_name = ${literal(database.toLowerCase())} ORDER BY 1, 2 LIMIT 1`,
    'look for a shared table',
  );
  const [first] = tables;
  if (!first) return undefined;
  const sql = `SELECT 1 FROM ${[database, String(first[0]), String(first[1])].map(identifier).join('.')} LIMIT 1`;
  await session.query(sql, 'read a shared table');
  return sql;
}

/** What the warehouse said, without the words around it. */
const reasonOf = ({ message }: RsdsError, workgroup: string) => {
  const begin = message.indexOf(` on ${workgroup}: `);
  return begin < 0 ? message : message.slice(begin + ` on ${workgroup}: `.length);
};
