/** The data plane, put together. */

import type { Place } from '../world.ts';
import { type Catalog, catalogOf, principalKey, rememberCatalog } from './catalog.ts';
import type { DataPlane, Login, Session, StatementResult } from './data-plane.ts';
import { enter, free, leave } from './engine-room.ts';
import { execute, onlyReads } from './execute.ts';
import { isReady, makeReady } from './namespaces.ts';
import { OpenSession } from './open-session.ts';
import { mayUse, scopeOf } from './scope.ts';
import { isPassword, isValid } from './statements/users.ts';
import { letGo } from './temporary.ts';
import { enterFor, runAll, type Work } from './work.ts';

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
  const userOf = (place: Place, namespaceId: string, user: string) =>
    catalogOf(place).namespaces[namespaceId]?.users[principalKey('user', user.toLowerCase())];
  return {
    open,
    connect: ({ place, login, ...options }) =>
      new OpenSession({ place, session: open(place(), login), limitMs, ...options }),
    keptPassword: (place, namespaceId, user) => {
      const found = userOf(place, namespaceId, user);
      return found && isValid(found, place.now) ? found.password : undefined;
    },
    connectionLimit: (place, namespaceId, user) => {
      const { superuser, connectionLimit } = userOf(place, namespaceId, user) ?? {};
      return superuser || !/^\d+$/.test(connectionLimit ?? '') ? undefined : Number(connectionLimit);
    },
    authenticates(place, namespaceId, user, password) {
      const found = userOf(place, namespaceId, user);
      return found !== undefined && isValid(found, place.now) && isPassword(found.password, password, found.name);
    },
    execute: async (place, session, sql) => {
      if (onlyReads(sql)) return read({ place, session, limitMs }, sql);
      const [result] = await runAll({ place, session, limitMs }, [sql], false);
      return result as StatementResult;
    },
    transaction: (place, session, sqls, onStatement) => runAll({ place, session, limitMs }, sqls, true, onStatement),
    free,
    end: (place, session, until) => letGo(place, catalogOf(place), session, until),
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

function read(work: Work, sql: string): Promise<StatementResult> {
  const { place, session } = work;
  return enterFor(work, (room, catalog) =>
    execute(room, scopeOf(place, catalog, session), sql, { transaction: false }),
  );
}
