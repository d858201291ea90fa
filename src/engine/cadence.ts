/** How often to look while AWS is at something: seldom at first, often around the time it is usually done. */

const minute = 60_000;

/** Without history and without a resource's own figure. */
export const defaultUsualMs = 150_000;

/** The second of two settled reads comes this long after the first. */
export const confirmAfterMs = 5_000;

/**
 * How long to wait until the next poll of something that has been waited for for `ageMs` and usually takes `usualMs`.
 * Every 30 s until 60 % of the usual time, every 5 s until 140 %, then 10 s, after a quarter of an hour 30 s.
 */
export function pollDelayMs(ageMs: number, usualMs: number): number {
  const busyFrom = 0.6 * usualMs;
  if (ageMs < busyFrom) return Math.max(1_000, Math.min(30_000, busyFrom - ageMs));
  if (ageMs < 1.4 * usualMs) return 5_000;
  return ageMs < 15 * minute ? 10_000 : 30_000;
}
