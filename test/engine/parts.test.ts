import { describe, expect, it } from 'vitest';
import { pollDelayMs } from '../../src/engine/cadence.ts';
import { usualMs } from '../../src/engine/history.ts';
import { RetryBudget } from '../../src/engine/retry.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { failure } from './cloud.ts';

describe('how often we look', () => {
  it.each([
    [0, 30_000],
    [60_000, 30_000],
    [80_000, 10_000],
    [90_000, 5_000],
    [200_000, 5_000],
    [210_000, 10_000],
    [15 * 60_000, 30_000],
  ])('after %i ms of a usual 150 s: in %i ms', (age, delay) => {
    expect(pollDelayMs(age, 150_000)).toBe(delay);
  });
});

describe('what is usual', () => {
  it('is the median of the last ten of its kind', () => {
    const measured = [9_999, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((ms, at) => ({ kind: 'k.create', ms, at }));
    expect(usualMs(measured, 'k.create')).toBe(5);
    expect(usualMs(measured, 'other.create')).toBeUndefined();
  });
});

describe('how long a failure is repeated', () => {
  it('backs off, with jitter, up to its budget', () => {
    const budget = new RetryBudget(seededRandom(1));
    const delays = [0, 1_000, 2_000, 3_000, 4_000].map((at) => budget.next(failure('throttled', 'x'), at) ?? 0);
    for (const [index, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(750 * 2 ** index);
      expect(delay).toBeLessThanOrEqual(1_250 * 2 ** index);
    }
    expect(budget.next(failure('throttled', 'x'), 11 * 60_000)).toBeUndefined();
  });

  it('counts another kind of failure anew', () => {
    const budget = new RetryBudget(seededRandom(1));
    budget.next(failure('conflict', 'x'), 0);
    expect(budget.next(failure('transient', 'x'), 14 * 60_000)).toBeLessThan(1_300);
  });

  it.each(['denied', 'invalid', 'quota', 'capacity', 'expired'] as const)('does not repeat what was %s', (kind) => {
    expect(new RetryBudget(seededRandom(1)).next(failure(kind, 'x'), 0)).toBeUndefined();
  });
});
