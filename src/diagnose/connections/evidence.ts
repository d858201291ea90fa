/** What connections are judged by: what came of them, what the control plane shows, and what the reader met by the Data API. */
import type { Attempt, Layer, ProbeError } from '../../probe/plan.ts';
import type { Finding } from '../finding.ts';
import type { Examined, Observations } from '../observations.ts';
import type { Unread } from '../reading.ts';
import { ifRead } from '../reading.ts';
import { namespaceOf, wantedConsumers } from '../selectors.ts';

/** What the reader met on one consumer, without any network path: nothing, an error of the warehouse, or no answer of AWS. */
export type ReaderLook =
  | { readonly tableSql: string | undefined }
  | { readonly error: ProbeError }
  | { readonly unread: Unread };

export interface Evidence {
  readonly seen: Observations;
  /** What `diagnose` says. */
  readonly control: readonly Finding[];
  /** Of all connections that were tried. */
  readonly attempts: readonly Attempt[];
  /** From where: `this machine`. */
  readonly vantage: string;
  /** By short name, of the consumers that were asked. */
  readonly readers: ReadonlyMap<string, ReaderLook>;
}

/** A consumer with what it answered. */
export interface Share {
  readonly short: string;
  readonly count: number;
}

/** The short name of the consumer whose namespace it is; undefined: it is none of ours. */
export function consumerOf(seen: Observations, namespaceId: string): string | undefined {
  const owner = (examined: Examined) => ifRead(namespaceOf(seen, examined.warehouse))?.id === namespaceId;
  const found = seen.examined.find((one) => one.warehouse.role === 'consumer' && owner(one));
  return found?.warehouse.short ?? seen.latecomers?.get(namespaceId);
}

export const nameOf = (seen: Observations, namespaceId: string): string =>
  consumerOf(seen, namespaceId) ?? `namespace ${namespaceId}`;

/** How many connections each wanted consumer answered, in their order; others that answered come last. */
export function sharesOf(seen: Observations, attempts: readonly Attempt[]): Share[] {
  const counts = new Map(wantedConsumers(seen).map(({ warehouse }) => [warehouse.short, 0]));
  for (const { namespaceId } of attempts) {
    if (namespaceId === undefined) continue;
    const short = nameOf(seen, namespaceId);
    counts.set(short, (counts.get(short) ?? 0) + 1);
  }
  return [...counts].map(([short, count]) => ({ short, count }));
}

/** Connections that ended alike: at the same layer, with the same code, on the same consumer where that is known. */
export interface Failures {
  readonly layer: Layer;
  readonly error: ProbeError;
  readonly short: string | undefined;
  readonly count: number;
}

export function failuresOf(seen: Observations, attempts: readonly Attempt[]): Failures[] {
  const groups = new Map<string, Failures>();
  for (const { failed, namespaceId } of attempts) {
    if (!failed) continue;
    const short = namespaceId === undefined ? undefined : nameOf(seen, namespaceId);
    const key = [failed.layer, failed.error.code, short].join();
    groups.set(key, { ...failed, short, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}
