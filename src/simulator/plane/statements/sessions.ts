/** Ending sessions: `SELECT pg_terminate_backend(…)`, one or several in a statement (F-444). */
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { sessionTable } from '../session-table.ts';
import { SqlError } from '../sql-error.ts';
import type { StatementKind } from './statement.ts';

const terminate = 'pg_terminate_backend';

export const sessions: StatementKind = (reader, scope) => {
  if (!reader.take('select', terminate)) return undefined;
  const pids = [pidOf(reader)];
  while (reader.take(',')) {
    reader.expect(terminate);
    pids.push(pidOf(reader));
  }
  reader.end();
  const ended = pids.map((pid) => endSession(scope, pid));
  return { tag: 'SELECT 1', rows: { columns: pids.map(() => terminate), values: [ended] } };
};

function pidOf(reader: Reader): number {
  reader.expect('(');
  const pid = reader.number();
  reader.expect(')');
  return pid;
}

/** A user may end its own, a superuser any session of its warehouse; what is not there is a warning, not an error. */
function endSession({ place, namespace, user }: Scope, pid: number): string {
  const found = sessionTable(place.world).get(pid);
  if (found?.namespaceId !== namespace.id) return '0';
  if (!user.superuser && found.user !== user.name)
    throw new SqlError('42501', 'must be superuser to terminate other server processes');
  found.end(new SqlError('57P01', 'terminating connection due to administrator command', { severity: 'FATAL' }));
  return '1';
}
