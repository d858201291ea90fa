/** Warehouses on a data plane alone: a world without a network, its time moved by hand, SQL without the Data API. */
import { afterAll, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../src/shared/clock.ts';
import { createDataPlane, type Session, type StatementResult } from '../../../src/simulator/plane/index.ts';
import { SqlError } from '../../../src/simulator/plane/sql-error.ts';
import { service } from '../../../src/simulator/services/redshift-serverless/index.ts';
import { findNamespace } from '../../../src/simulator/services/redshift-serverless/lookup.ts';
import { type Place, World, type WorldSnapshot } from '../../../src/simulator/world.ts';

// All planes of a process share one Postgres; somebody who stays keeps it from starting anew for each test.
const stayer = createDataPlane();
afterAll(() => stayer.close());

export type Value = string | null;

export interface Who {
  readonly user?: string;
  readonly database?: string;
}

/** One namespace, as its administrator unless `who` says otherwise. */
export interface Warehouse {
  readonly id: string;
  session(who?: Who): Session;
  /** Runs one statement after the other, each by itself; answers the last one's result. */
  run(sql: string | readonly string[], who?: Who): Promise<StatementResult>;
  /** The rows of a query. */
  rows(sql: string, who?: Who): Promise<(readonly Value[])[]>;
  /** The first column of the first row. */
  value(sql: string, who?: Who): Promise<Value | undefined>;
  /** Runs statements as one transaction. */
  transaction(sqls: readonly string[], who?: Who): Promise<StatementResult[]>;
}

export interface Warehouses {
  readonly world: World;
  warehouse(name: string): Warehouse;
  deleteNamespace(name: string): void;
  later(seconds: number): void;
}

/** A world whose plane is closed with the running test; `saved` goes on from an earlier one. */
export function openWarehouses(options: { saved?: WorldSnapshot; limitMs?: number } = {}): Warehouses {
  const world = new World(new VirtualClock(), {}, options.saved);
  for (const [kind, handler] of Object.entries(service.events ?? {})) world.handle(kind, handler);
  const plane = createDataPlane(options.limitMs === undefined ? {} : { limitMs: options.limitMs });
  onTestFinished(() => plane.close());
  const place = () => world.place('us-east-1');
  return {
    world,
    deleteNamespace: (name) => {
      callServerless(place(), 'DeleteNamespace', { namespaceName: name });
      world.skip(600_000);
    },
    later: (seconds) => world.skip(seconds * 1000),
    warehouse: (name) => {
      const id = namespaceId(place(), name);
      const session = ({ user = 'admin', database = 'dev' }: Who = {}) =>
        plane.open(place(), { namespaceId: id, database, user });
      const within = <T>(who: Who | undefined, body: (own: Session) => Promise<T>) => {
        const own = session(who);
        return body(own).finally(() => plane.end(place(), own));
      };
      const run: Warehouse['run'] = async (sql, who) => {
        let last: StatementResult = { tag: '', fields: [], rows: [] };
        for (const one of [sql].flat()) last = await within(who, (own) => plane.execute(place(), own, one));
        return last;
      };
      return {
        id,
        session,
        run,
        rows: async (sql, who) => [...(await run(sql, who)).rows],
        value: async (sql, who) => (await run(sql, who)).rows[0]?.[0],
        transaction: (sqls, who) => within(who, (own) => plane.transaction(place(), own, sqls)),
      };
    },
  };
}

/** The namespace of that name, made when it is new. */
function namespaceId(place: Place, name: string): string {
  const found = findNamespace(place, name);
  if (found) return found.namespaceId;
  callServerless(place, 'CreateNamespace', { namespaceName: name });
  place.world.skip(120_000);
  return findNamespace(place, name)?.namespaceId ?? '';
}

/** Runs an operation of the serverless service without the wire. */
function callServerless(place: Place, operation: 'CreateNamespace' | 'DeleteNamespace', input: object): void {
  const principal = { arn: 'arn:aws:iam::123456789012:root', userId: '123456789012', accessKeyId: 'AKIASIMULATED' };
  const call = { ...place, service: service.name, operation, requestId: 'request', principal };
  const serve = service.operations[operation] as unknown as (input: object, call: object) => unknown;
  serve(input, { ...call, state: (slot: never) => place.world.state(slot, place.region) });
}

/** What the warehouse answered instead of a result: SQLSTATE and text. */
export async function refusal(work: Promise<unknown> | (() => unknown)): Promise<{ code: string; message: string }> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { code: error.code, message: error.message };
  }
  throw new Error('the warehouse did what it should have refused');
}
