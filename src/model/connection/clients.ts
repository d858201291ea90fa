/** What is pasted into each client, and what has to be set beside it. */
import { dbt } from './dbt.ts';
import { jdbc } from './jdbc.ts';
import { psql } from './libpq.ts';
import type { ClientName } from './names.ts';
import { node } from './node.ts';
import { odbc } from './odbc.ts';
import { psycopg, redshiftConnector, sqlalchemy } from './python.ts';
import { authorities, type ConnectionTarget, poolLifetimeSeconds } from './target.ts';

export interface Client {
  /** What is to be pasted. */
  readonly text: (target: ConnectionTarget) => string;
  /** Whether it speaks authentication type 13, which Redshift asks for where a password is kept as sha256 (F-606). */
  readonly speaksSha256: boolean;
  /** What has to be set elsewhere than in the text. */
  readonly notes: (target: ConnectionTarget) => readonly string[];
}

/** Where a driver only switches keepalives on (F-979). */
const systemKeepalives =
  "keepalives come as often as the system says, on Linux after two hours: set net.ipv4.tcp_keepalive_time to 60 on the clients' machines";

/** F-974. */
const newerDriver =
  'a redshift_connector of before summer 2025 does not know the three options behind tcp_keepalive: leave them out';

const file = `sslrootcert=${authorities.file}, which is ${authorities.url}`;

function libpqNotes({ certificate }: ConnectionTarget): readonly string[] {
  if (certificate === 'simulator') return [];
  return certificate === 'host'
    ? [`a libpq before 16 has no sslrootcert=system: ${file}`]
    : [`to have the certificate's authority checked: sslmode=verify-ca ${file}`];
}

/** Amazon's drivers bring the authorities along, and can't be told to trust any other certificate as easily. */
const verifying = ({ certificate }: ConnectionTarget): readonly string[] =>
  certificate === 'simulator' ? ["this driver refuses the simulator's certificate, which no authority has signed"] : [];

/** All of them, by name. */
export const clients: Readonly<Record<ClientName, Client>> = {
  psql: { text: psql, speaksSha256: false, notes: libpqNotes },
  jdbc: {
    text: jdbc,
    speaksSha256: true,
    notes: (target) => [
      'give the password as the property `password`, not in the URL',
      `pools: maxLifetime ${poolLifetimeSeconds * 1_000}, keepaliveTime 0 and no connectionTestQuery (HikariCP), testOnBorrow=false and testWhileIdle=false (Tomcat, DBCP)`,
      systemKeepalives,
      ...verifying(target),
    ],
  },
  odbc: {
    text: odbc,
    speaksSha256: true,
    notes: (target) => ['the application adds PWD=…; to it', ...verifying(target)],
  },
  'redshift-connector': {
    text: redshiftConnector,
    speaksSha256: true,
    notes: (target) => [newerDriver, ...verifying(target)],
  },
  psycopg: { text: psycopg, speaksSha256: false, notes: libpqNotes },
  sqlalchemy: {
    text: sqlalchemy,
    speaksSha256: true,
    notes: (target) => [
      newerDriver,
      'without sslmode the dialect checks the name, too (verify-full)',
      ...verifying(target),
    ],
  },
  node: { text: node, speaksSha256: false, notes: () => [] },
  dbt: {
    text: dbt,
    speaksSha256: true,
    notes: (target) => [
      'a dbt-redshift of before summer 2025 does not know tcp_keepalive: leave the line out',
      systemKeepalives,
      ...verifying(target),
    ],
  },
};
