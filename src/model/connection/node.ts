/** node-postgres. */
import { type ConnectionTarget, keepalive, literal, poolLifetimeSeconds } from './target.ts';

/** A pool; the password is read from PGPASSWORD by the library itself (F-977). */
export function node(target: ConnectionTarget): string {
  const { host, port, database, user } = target;
  return `import pg from 'pg';

const pool = new pg.Pool({
  host: ${literal(host)},
  port: ${port},
  database: ${literal(database)},
  user: ${literal(user)},
  ssl: ${tls[target.certificate]},
  keepAlive: true,
  keepAliveInitialDelayMillis: ${keepalive.idleSeconds * 1_000},
  maxLifetimeSeconds: ${poolLifetimeSeconds},
});
// Without it, an idle connection that ends takes the process with it.
pool.on('error', (error) => console.error(error.message));`;
}

/** Node has the authorities itself; behind the load balancer all but the name is checked. */
const tls: Readonly<Record<ConnectionTarget['certificate'], string>> = {
  host: 'true',
  another: '{ checkServerIdentity: () => undefined }',
  simulator: '{ rejectUnauthorized: false }',
};
