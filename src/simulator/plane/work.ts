/** Work in the one Postgres: what a session needs is there, and what it changes is changed everywhere or nowhere. */
import type { Place } from '../world.ts';
import { type Catalog, catalogOf, rememberCatalog, restoreCatalog } from './catalog.ts';
import type { Session, StatementResult } from './data-plane.ts';
import { type Room, withRoom } from './engine-room.ts';
import { execute, inLogicalNames } from './execute.ts';
import { isReady, makeReady } from './namespaces.ts';
import { scopeOf } from './scope.ts';

/** Who wants Postgres, where, and for how long at most. */
export interface Work {
  readonly place: Place;
  readonly session: Session;
  /** Real milliseconds after which a statement counts as hung. */
  readonly limitMs: number | undefined;
  /** Whose statements can be interrupted as a whole. */
  readonly owner?: object | undefined;
  /** Told when its turn has come; what it throws is what comes of the work. */
  onTurn?(): void;
}

/** Postgres for one caller, with what the world says in it; what the session needs is in the catalog by then. */
export function enterFor<T>(
  { place, session, limitMs, owner, onTurn }: Work,
  body: (room: Room, catalog: Catalog) => Promise<T>,
): Promise<T> {
  const catalog = catalogOf(place);
  const entered = async (room: Room) => {
    onTurn?.();
    if (!isReady(place, catalog, session)) {
      await allOrNothing(room, catalog, async () => {
        makeReady(place, catalog, session);
        await room.catchUp();
      });
    }
    return body(room, catalog);
  };
  return withRoom(catalog, entered, { limitMs, owner });
}

/** Runs statements, as one transaction or the only one by itself: all or none. */
export function runAll(
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
