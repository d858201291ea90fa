/**
 * The sessions that clients hold open, in each simulated account: what the monitoring views show and
 * pg_terminate_backend ends. They belong to this process: a saved world has none.
 */
import type { World } from '../world.ts';
import type { SqlError } from './sql-error.ts';

export interface ShownStatement {
  readonly queryId: number;
  readonly text: string;
  /** World time, ms. */
  readonly startedAt: number;
  /** World time, ms; undefined while it runs. */
  endedAt?: number | undefined;
  failed?: boolean;
}

export interface LiveSession {
  readonly pid: number;
  readonly namespaceId: string;
  readonly database: string;
  readonly user: string;
  /** World time, ms. */
  readonly startedAt: number;
  /** What it is at (waiting for its turn in Postgres counts, too), or was at last. */
  statement: ShownStatement | undefined;
  /** Ends the session; its client is told why. */
  end(why: SqlError): void;
}

const tables = new WeakMap<World, Map<number, LiveSession>>();

/** The sessions of an account, by `pg_backend_pid()`. */
export function sessionTable(world: World): Map<number, LiveSession> {
  const known = tables.get(world) ?? new Map<number, LiveSession>();
  tables.set(world, known);
  return known;
}

/** Those of one warehouse. */
export const sessionsOf = (world: World, namespaceId: string): LiveSession[] =>
  [...sessionTable(world).values()].filter((session) => session.namespaceId === namespaceId);
