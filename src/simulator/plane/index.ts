/** The data plane, put together. */

import type { Place } from '../world.ts';
import { type Catalog, catalogOf, principalKey, rememberCatalog, restoreCatalog } from './catalog.ts';
import type { DataPlane, Login, Session, StatementResult } from './data-plane.ts';
import { enter, leave, type Room, withRoom } from './engine-room.ts';
import { execute, inLogicalNames, makesTemporary, onlyReads } from './execute.ts';
import { isReady, makeReady } from './namespaces.ts';
import { mayUse, scopeOf } from './scope.ts';
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
      const found = catalogOf(place).namespaces[namespaceId]?.users[principalKey('user', user.toLowerCase())];
      return found !== undefined && isPassword(found.password, password, found.name);
    },
    execute: async (place, session, sql) => {
      if (onlyReads(sql)) return read({ place, session, limitMs }, sql);
      const [result] = await runAll({ place, session, limitMs }, [sql], false);
      return result as StatementResult;
    },
    transaction: (place, session, sqls, onStatement) => runAll({ place, session, limitMs }, sqls, true, onStatement),
    close: async () => leave(self),
  };
}

/** Changes nothing: what the login needs is made in the catalog by whoever has Postgres for himself (`readied`). */
function open(place: Place, login: Login): Session {
  const [user, database] = [login.user.toLowerCase(), login.database.toLowerCase()];
  const session = { ...login, user, database, settings: new Map<string, string>() };
  const catalog = catalogOf(place);
  const scope = scopeOf(place, isReady(place, catalog, session) ? catalog : draft(place, catalog, session), session);
  mayUse(scope, scope.database);
  return session;
}

/** The catalog as it will be when the session's first statement has run. */
function draft(place: Place, catalog: Catalog, session: Session): Catalog {
  const copy = { ...rememberCatalog(catalog), journal: [] };
  makeReady(place, copy, session);
  return copy;
}

interface Work {
  readonly place: Place;
  readonly session: Session;
  readonly limitMs: number | undefined;
}

/** Postgres for one caller, with what the world says in it; what the session needs is in the catalog by then. */
function enterFor<T>(
  { place, session, limitMs }: Work,
  body: (room: Room, catalog: Catalog) => Promise<T>,
): Promise<T> {
  const catalog = catalogOf(place);
  const entered = async (room: Room) => {
    if (!isReady(place, catalog, session)) {
      await allOrNothing(room, catalog, async () => {
        makeReady(place, catalog, session);
        await room.catchUp();
      });
    }
    return body(room, catalog);
  };
  return withRoom(catalog, entered, limitMs);
}

function read(work: Work, sql: string): Promise<StatementResult> {
  const { place, session } = work;
  return enterFor(work, (room, catalog) =>
    execute(room, scopeOf(place, catalog, session), sql, { transaction: false }),
  );
}

function runAll(
  work: Work,
  sqls: readonly string[],
  transaction: boolean,
  onStatement?: (index: number) => void,
): Promise<StatementResult[]> {
  const { place, session } = work;
  return enterFor(work, (room, catalog) =>
    allOrNothing(room, catalog, async () => {
      const results: StatementResult[] = [];
      for (const [index, sql] of sqls.entries()) {
        onStatement?.(index);
        results.push(await execute(room, scopeOf(place, catalog, session), sql, { transaction }));
      }
      // Gap: a session that is kept loses its temporary tables, too; all sessions share one in Postgres.
      if (sqls.some(makesTemporary)) await room.change({ as: '', sql: 'DISCARD TEMP' });
      return results;
    }),
  );
}

/** In Postgres, in the journal and in the catalog. */
async function allOrNothing<T>(room: Room, catalog: Catalog, body: () => Promise<T>): Promise<T> {
  const earlier = rememberCatalog(catalog);
  try {
    return await room.atomically(body);
  } catch (error) {
    restoreCatalog(catalog, earlier);
    // What the statement dropped has its name again.
    throw inLogicalNames(catalog, error);
  }
}
