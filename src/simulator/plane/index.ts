/** The data plane, put together. */

import type { Place } from '../world.ts';
import { catalogOf, principalKey, rememberCatalog, restoreCatalog } from './catalog.ts';
import type { DataPlane, Login, Session, StatementResult } from './data-plane.ts';
import { enter, leave, type Room, withRoom } from './engine-room.ts';
import { execute, inLogicalNames, makesTemporary, onlyReads } from './execute.ts';
import { addPrincipal, namespaceFor } from './namespaces.ts';
import { mayUse, scopeOf } from './scope.ts';
import { SqlError } from './sql-error.ts';
import { isPassword } from './statements/users.ts';

export type { DataPlane, Login, Session, StatementResult } from './data-plane.ts';
export { SqlError } from './sql-error.ts';

export interface DataPlaneOptions {
  /** Real milliseconds after which a statement counts as hung and is ended; a minute. */
  readonly limitMs?: number;
}

/** A data plane for one simulator. It starts Postgres with the first statement that needs it. */
export function createDataPlane({ limitMs }: DataPlaneOptions = {}): DataPlane {
  const self = {};
  enter(self);
  return {
    open,
    authenticates(place, namespaceId, user, password) {
      const found = namespaceFor(place, catalogOf(place), namespaceId).users[principalKey('user', user.toLowerCase())];
      return found !== undefined && isPassword(found.password, password, found.name);
    },
    execute: async (place, session, sql) => {
      if (onlyReads(sql)) return read({ place, session, limitMs }, sql);
      const [result] = await runAll({ place, session, limitMs }, [sql], false);
      return result as StatementResult;
    },
    transaction: (place, session, sqls, onStatement) => runAll({ place, session, limitMs }, sqls, true, onStatement),
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

interface Work {
  readonly place: Place;
  readonly session: Session;
  readonly limitMs: number | undefined;
}

function read({ place, session, limitMs }: Work, sql: string): Promise<StatementResult> {
  const catalog = catalogOf(place);
  const body = (room: Room) => execute(room, scopeOf(place, catalog, session), sql, { transaction: false });
  return withRoom(catalog, body, limitMs);
}

/** All or nothing: in Postgres, in the journal and in the catalog. */
function runAll(
  { place, session, limitMs }: Work,
  sqls: readonly string[],
  transaction: boolean,
  onStatement?: (index: number) => void,
): Promise<StatementResult[]> {
  const catalog = catalogOf(place);
  const body = async (room: Room) => {
    const earlier = rememberCatalog(catalog);
    try {
      return await room.atomically(async () => {
        const results: StatementResult[] = [];
        for (const [index, sql] of sqls.entries()) {
          onStatement?.(index);
          results.push(await execute(room, scopeOf(place, catalog, session), sql, { transaction }));
        }
        // Gap: a session that is kept loses its temporary tables, too; all sessions share one in Postgres.
        if (sqls.some(makesTemporary)) await room.change({ as: '', sql: 'DISCARD TEMP' });
        return results;
      });
    } catch (error) {
      restoreCatalog(catalog, earlier);
      // What the statement dropped has its name again.
      throw inLogicalNames(catalog, error);
    }
  };
  return withRoom(catalog, body, limitMs);
}
