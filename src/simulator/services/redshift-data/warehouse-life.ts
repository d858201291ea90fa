/** A warehouse at work: it wakes up, is paid for, and CloudWatch sees it. One that runs nothing shows nothing. */
import type { Place } from '../../world.ts';
import { putMetric } from '../monitoring/index.ts';
import type { WarehouseInfo } from '../redshift-serverless/lookup.ts';
import { type DataApi, warehouseLives } from './state.ts';

/** A warehouse that ran nothing for so long has gone to sleep; AWS promises no figure (F-457). */
const asleepAfterMs = 5 * 60_000;
/** Each waking is paid for at least as long (F-458). */
const billedMsMin = 60_000;

/** How long a statement that is sent now waits until the warehouse is awake, in ms. */
export function wakingMs(place: Place, { workgroupName }: Pick<WarehouseInfo, 'workgroupName'>): number {
  const awakeUntil = warehouseLives(place)[workgroupName]?.awakeUntil ?? Number.NEGATIVE_INFINITY;
  return place.now - awakeUntil > asleepAfterMs ? place.world.draw('warehouse.resume') : 0;
}

export interface Work {
  readonly database: string;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Connections that were opened for it; those of clients are counted as long as they are open. */
  readonly connections: number;
}

/** Puts down that a warehouse worked: until when it is awake and paid for, and what CloudWatch is told (F-458). */
export function putDown(place: Place, warehouse: WarehouseInfo, work: Work): void {
  const { workgroupName: Workgroup, baseCapacity } = warehouse;
  const { database: Database, startedAt, endsAt, succeeded, failed, connections } = work;
  const billedMs = keepAwake(warehouseLives(place), Workgroup, startedAt, endsAt);
  const at = endsAt;
  const point = (name: string, dimensions: Record<string, string>, value: number, unit = 'Count') =>
    putMetric(place, { namespace: 'AWS/Redshift-Serverless', name, dimensions, value, unit, at });
  if (connections > 0) {
    point('DatabaseConnections', { Workgroup }, connections);
    point('DatabaseConnections', { Database, Workgroup }, connections);
  }
  point('QueriesRunning', { Workgroup, QueryType }, 1);
  if (succeeded > 0) point('QueriesSucceeded', { Workgroup, QueryType }, succeeded);
  if (failed > 0) point('QueriesFailed', { Workgroup, QueryType }, failed);
  point('ComputeSeconds', { Workgroup }, (billedMs / 1_000) * Math.max(4, baseCapacity), 'Seconds');
}

/** Gap: what kind of statement ran isn't told apart; nobody here asks for it. */
const QueryType = 'SELECT';

/** What comes to be paid for by work between two times, in ms. */
function keepAwake(warehouses: DataApi['warehouses'], workgroup: string, startedAt: number, endsAt: number): number {
  const known = warehouses[workgroup] ?? { awakeUntil: 0, billedUntil: 0 };
  const paid = known.billedUntil > startedAt;
  const from = paid ? known.billedUntil : startedAt;
  const billedUntil = Math.max(from, endsAt, paid ? 0 : startedAt + billedMsMin);
  warehouses[workgroup] = { awakeUntil: Math.max(known.awakeUntil, endsAt), billedUntil };
  return billedUntil - from;
}
