/** Whose a warehouse of the account is by its name, and when one of others is in the way of making ours. Pure. */
import type { Desired } from './desired.ts';

/** `consumer-2` of `airline-dev-consumer-2`; undefined for a name that can't be of the environment with that prefix. */
export const shortOf = (name: string, prefix: string): string | undefined =>
  name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : undefined;

/** 2 of `consumer-2`; undefined for anything else. */
export function consumerNumber(short: string): number | undefined {
  const number = /^consumer-([1-9]\d*)$/.exec(short)?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * Whether a warehouse of that name is the environment's. The prefix alone does not tell: warehouses of the project
 * `airline-dev` begin as those of the environment `dev` of `airline` do. Consumers of any number count, since one may
 * have been left by a run whose ledger is lost. `recorded`: the ids of what the ledger knows, e.g. `etl/workgroup`.
 */
export function isOwnWarehouse(name: string, desired: Desired, recorded: readonly string[]): boolean {
  const short = shortOf(name, desired.names.prefix);
  if (short === undefined) return false;
  const wanted = [desired.producer, ...desired.consumers, ...desired.workloads].some((one) => one.short === short);
  return wanted || consumerNumber(short) !== undefined || recorded.includes(`${short}/workgroup`);
}

/** An older workgroup in MODIFYING is being patched or resized, not created (F-150). */
const youngMs = 30 * 60_000;

export interface UnsettledWorkgroup {
  readonly status: string;
  /** ms since the epoch. */
  readonly createdAt: number;
}

/** Whether making another workgroup beside it could leave either in MODIFYING for good (F-150). `now`: AWS's time. */
export const isInTheWay = ({ status, createdAt }: UnsettledWorkgroup, now: number): boolean =>
  status === 'CREATING' || (status === 'MODIFYING' && now - createdAt < youngMs);

/** Longer than the creation of a workgroup takes. */
const freshMs = 10 * 60_000;

/** Whether it is AVAILABLE, but so new that it may be about to be MODIFYING once more (F-111). `now`: AWS's time. */
export const isFresh = ({ status, createdAt }: UnsettledWorkgroup, now: number): boolean =>
  status === 'AVAILABLE' && now - createdAt < freshMs;
