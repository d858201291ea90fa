/** One DynamoDB operation, on JSON as it goes over the wire (dates are seconds since the epoch). */
import type { Place } from '../../world.ts';
import type { Engine, Json } from './engine.ts';

export interface TableCall {
  readonly place: Place;
  /** The engine of the request's region. */
  readonly engine: Engine;
}

export type TableOperation = (input: Json, call: TableCall) => Promise<Json>;
