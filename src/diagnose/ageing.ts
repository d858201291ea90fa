/**
 * How long something is in a passing status, judged from when a run saw it enter: never from its creation date, by which
 * everything older than half an hour would look stuck. Pure.
 */
import { defaultUsualMs } from '../engine/cadence.ts';
import { measureKind, usualMs } from '../engine/history.ts';
import { formatDuration } from '../shared/clock.ts';
import type { Observations } from './observations.ts';

const minute = 60_000;
/** Longer than this is unusual (F-902). */
export const suspiciousMs = 10 * minute;
/** Longer than this it will hardly end by itself (F-902). */
export const stuckMs = 30 * minute;

export interface Age {
  /** How long the status has been seen, ms; undefined: no run saw it enter. */
  readonly seenMs: number | undefined;
  /** How long it takes as a rule, ms: from this ledger's own history where it has one. */
  readonly usualMs: number;
  /** Whether the last run asked for what AWS is at: if not, AWS began it by itself. */
  readonly ours: boolean;
}

export function ageOf({ ledger, now }: Observations, id: string, kind: string, status: string): Age {
  const record = ledger.resources[id];
  const last = record?.transitions.at(-1);
  const action = record?.change?.action ?? 'create';
  return {
    seenMs: last?.status === status ? Math.max(0, now - last.at) : undefined,
    usualMs: usualMs(ledger.measured, measureKind(kind, action)) ?? (kind === 'workgroup' ? 210_000 : defaultUsualMs),
    ours: record?.state === 'intended' || record?.state === 'applied' || record?.state === 'failed',
  };
}

/** `for 4m 10s, usually 3m 30s`. */
export function describeAge({ seenMs, usualMs: usual }: Age): string {
  if (seenMs === undefined) return 'since when is not known: no run of rsds saw it begin';
  const since = seenMs < 1_000 ? 'since a moment ago' : `for ${formatDuration(seenMs)}`;
  return `${since}, usually ${formatDuration(usual)}`;
}
