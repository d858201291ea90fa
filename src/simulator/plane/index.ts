/** The data plane, put together. */

import type { Place } from '../world.ts';
import { catalogOf, principalKey, rememberCatalog, restoreCatalog } from './catalog.ts';
import type { DataPlane, Login, Session, StatementResult } from './data-plane.ts';
import { enter, leave, type Room, withRoom } from './engine-room.ts';
import { execute, onlyReads } from './execute.ts';
import { addPrincipal, namespaceFor } from './namespaces.ts';
import { mayUse, scopeOf } from './scope.ts';
import { SqlError } from './sql-error.ts';
import { isPassword } from './statements/users.ts';

export type { DataPlane, Login, Session, StatementResult } from './data-plane.ts';
export { SqlError } from './sql-error.ts';

/** A data plane for one simulator. It starts Postgres with the first statement that needs it. */
export function createDataPlane(): DataPlane {
  const self = {};
  enter(self);
  return {
    open,
    authenticates(place, namespaceId, user, password) {
      const found = namespaceFor(place, catalogOf(place), namespaceId).users[principalKey('user', user.toLowerCase())];
      return found !== undefined && isPassword(found.password, password, found.name);
    },
    execute: async (place, session, sql) => {
      const [result] = onlyReads(sql) ? [await read(place, session, sql)] : await runAll(place, session, [sql], false);
      return result as StatementResult;
    },
    transaction: (place, session, sqls, onStatement) => runAll(place, session, sqls, true, onStatement),
    close: () => leave(self),
  };
}

function open(place: Place, { namespaceId, database, user, make = false }: Login): Session {
  const catalog = catalogOf(place);
  const namespace = namespaceFor(place, catalog, namespaceId);
  const name = user.toLowerCase();
  if (!namespace.users[principalKey('user', name)]) {
    if (!make) throw new SqlError('28000', `user "${name}" does not exist`, { severity: 'FATAL' });
    addPrincipal(catalog, namespace, name, 'user');
  }
  const wanted = namespace.databases[database.toLowerCase()];
  if (!wanted) throw new SqlError('3D000', `database "${database}" does not exist`, { severity: 'FATAL' });
  const session = { namespaceId, database: wanted.name, user: name, settings: new Map<string, string>() };
  mayUse(scopeOf(place, catalog, session), wanted);
  return session;
}

function read(place: Place, session: Session, sql: string): Promise<StatementResult> {
  const catalog = catalogOf(place);
  return withRoom(catalog, (room) => execute(room, scopeOf(place, catalog, session), sql, { transaction: false }));
}

/** All or nothing: in Postgres, in the journal and in the catalog. */
function runAll(
  place: Place,
  session: Session,
  sqls: readonly string[],
  transaction: boolean,
  onStatement?: (index: number) => void,
): Promise<StatementResult[]> {
  const catalog = catalogOf(place);
  return withRoom(catalog, async (room: Room) => {
    const earlier = rememberCatalog(catalog);
    try {
      return await room.atomically(async () => {
        const results: StatementResult[] = [];
        for (const [index, sql] of sqls.entries()) {
          onStatement?.(index);
          results.push(await execute(room, scopeOf(place, catalog, session), sql, { transaction }));
        }
        return results;
      });
    } catch (error) {
      restoreCatalog(catalog, earlier);
      throw error;
    }
  });
}
