/** What Python programs connect with. The password is in PGPASSWORD, which libpq reads by itself. */
import { conninfo } from './libpq.ts';
import { type ConnectionTarget, keepalive, literal, poolLifetimeSeconds, verifyMode } from './target.ts';

/** Amazon's own driver (F-974). */
export function redshiftConnector(target: ConnectionTarget): string {
  const { host, port, database, user } = target;
  return `import os
import redshift_connector

connection = redshift_connector.connect(
    host=${literal(host)},
    port=${port},
    database=${literal(database)},
    user=${literal(user)},
    password=os.environ["PGPASSWORD"],
${driverOptions(target)
  .map(([key, value]) => `    ${key}=${value},\n`)
  .join('')})`;
}

/** psycopg 3 with its pool, told what it would not guess from Redshift (F-976). */
export const psycopg = (target: ConnectionTarget): string => `from psycopg_pool import ConnectionPool

pool = ConnectionPool(
    ${literal(conninfo(target, { client_encoding: 'utf8' }))},
    kwargs={"prepare_threshold": None},
    max_lifetime=${poolLifetimeSeconds},
)`;

/** SQLAlchemy with the dialect for Amazon's driver; its parts need no quoting when they are given one by one (F-975). */
export function sqlalchemy(target: ConnectionTarget): string {
  const { host, port, database, user } = target;
  return `import os
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

engine = create_engine(
    URL.create(
        "redshift+redshift_connector",
        username=${literal(user)},
        password=os.environ["PGPASSWORD"],
        host=${literal(host)},
        port=${port},
        database=${literal(database)},
    ),
    connect_args={
${driverOptions(target)
  .map(([key, value]) => `        "${key}": ${value},\n`)
  .join('')}    },
    pool_recycle=${poolLifetimeSeconds},
    pool_pre_ping=False,
)`;
}

const driverOptions = (target: ConnectionTarget): readonly (readonly [string, string])[] => [
  ['ssl', 'True'],
  ['sslmode', literal(verifyMode(target))],
  ['tcp_keepalive', 'True'],
  ['tcp_keepalive_idle', String(keepalive.idleSeconds)],
  ['tcp_keepalive_interval', String(keepalive.intervalSeconds)],
  ['tcp_keepalive_count', String(keepalive.count)],
];
