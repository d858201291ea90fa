/** What the ledger's record of a resource tells a run, and what a run tells the ledger in the end. */
import type { LedgerEvent, LedgerRecord } from '../ledger/ledger.ts';
import type { Goal, Resource } from './resource.ts';

/** So long after it was begun a change would have shown, and AWS would be done with it. */
const openMs = 15 * 60_000;

/** Whether a create was intended and its outcome is not known, and not so long ago that it would long have shown. */
export function isOpenCreate(record: LedgerRecord | undefined, now: number): boolean {
  if (record?.change?.action !== 'create') return false;
  return (record.state === 'intended' || record.state === 'applied') && now - record.change.at < openMs;
}

/**
 * Whether AWS may still be at what an earlier run began, although it looks settled: a workgroup is AVAILABLE for some
 * seconds before the last part of its creation, and one look cannot tell (F-111). A run that failed meanwhile, for
 * whatever reason, left it to AWS as one that was killed did.
 */
export function maySettleAgain(
  { settledReads = 1 }: Pick<Resource, 'settledReads'>,
  record: LedgerRecord | undefined,
  now: number,
): boolean {
  if (settledReads === 1 || record?.change === undefined) return false;
  return record.state !== 'settled' && record.state !== 'removed' && now - record.change.at < openMs;
}

/** What the ledger gets when a resource has come to its goal. */
export function outcomeOf(
  resource: Resource,
  { goal, seen, at }: { goal: Goal; seen: unknown; at: number },
): Extract<LedgerEvent, { type: 'settled' | 'removed' }> {
  const { id, kind } = resource;
  if (goal === 'absent') return { type: 'removed', id, at };
  const data = seen === undefined ? {} : (resource.remember?.(seen) ?? {});
  return { type: 'settled', id, kind, data, at };
}
