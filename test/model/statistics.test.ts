import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { bucketBound, chiSquare, countOf, mergedBuckets, percentile, upperGamma } from '../../src/model/statistics.ts';
import { seed } from '../support/seed.ts';

const check = (property: fc.IRawProperty<unknown>) => fc.assert(property as fc.IProperty<unknown>, { seed });

const latencies = fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 1, maxLength: 200 });

const bucketed = (all: readonly number[]) => mergedBuckets(all.map((ms) => ({ [bucketBound(ms)]: 1 })));

describe('latencies in buckets', () => {
  it('are told at most 5 %, or the rest of a ms, too high and never too low', () => {
    check(
      fc.property(fc.integer({ min: 0, max: 600_000 }), (ms) => {
        const bound = bucketBound(ms);
        expect(bound).toBeGreaterThanOrEqual(ms);
        expect(bound).toBeLessThanOrEqual(Math.ceil(Math.max(1, ms) * 1.05));
        expect(bucketBound(bound)).toBeGreaterThanOrEqual(bound);
      }),
    );
  });

  it('give the percentile of the latencies themselves, to within a bucket', () => {
    check(
      fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const sorted = [...all].sort((one, other) => one - other);
        const true_ = sorted[Math.max(1, Math.ceil(share * all.length)) - 1] ?? 0;
        expect(percentile(bucketed(all), share)).toBe(bucketBound(true_));
      }),
    );
  });

  it('lose none when they are put together', () => {
    check(
      fc.property(latencies, latencies, (some, others) => {
        expect(countOf(mergedBuckets([bucketed(some), bucketed(others)]))).toBe(some.length + others.length);
      }),
    );
  });

  it('have no percentile where there are none', () => {
    expect(percentile({}, 0.5)).toBeUndefined();
  });
});

describe('chi-square', () => {
  // From the tables of every textbook.
  it.each([
    [1, 3.841, 0.05],
    [1, 6.635, 0.01],
    [2, 5.991, 0.05],
    [2, 13.816, 0.001],
    [5, 11.07, 0.05],
    [9, 27.877, 0.001],
    [23, 35.172, 0.05],
    [30, 59.703, 0.001],
    [100, 124.342, 0.05],
  ])('with %d degrees of freedom, %f is exceeded with a chance of %f', (degrees, statistic, p) => {
    expect(upperGamma(degrees / 2, statistic / 2)).toBeCloseTo(p, 4);
  });

  it('with two degrees of freedom falls exponentially', () => {
    check(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (x) => {
        expect(upperGamma(1, x)).toBeCloseTo(Math.exp(-x), 10);
      }),
    );
  });

  it('grows less likely the larger it is, and stays a chance', () => {
    const positive = fc.double({ min: 0.5, max: 60, noNaN: true });
    check(
      fc.property(positive, positive, positive, (a, x, more) => {
        const [here, beyond] = [upperGamma(a, x), upperGamma(a, x + more)];
        expect(here).toBeLessThanOrEqual(1);
        expect(beyond).toBeGreaterThanOrEqual(0);
        expect(beyond).toBeLessThanOrEqual(here + 1e-12);
      }),
    );
  });

  it('does not ask in which order the counts are', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 2, maxLength: 24 });
    check(
      fc.property(counts, (all) => {
        const reversed = chiSquare([...all].reverse());
        expect(reversed.statistic).toBeCloseTo(chiSquare(all).statistic, 9);
        expect(chiSquare(all).p).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test.each([
    { counts: [30, 30], statistic: 0, p: 1 },
    { counts: [45, 15], statistic: 15, p: 0.000_107_5 },
    { counts: [60, 0], statistic: 60, p: 9.5e-15 },
    { counts: [20, 22, 18], statistic: 0.4, p: 0.818_73 },
    { counts: [7], statistic: 0, p: 1 },
    { counts: [], statistic: 0, p: 1 },
    { counts: [0, 0], statistic: 0, p: 1 },
  ])('of $counts is $statistic', ({ counts, statistic, p }) => {
    const found = chiSquare(counts);
    expect(found.statistic).toBeCloseTo(statistic, 9);
    expect(Math.abs(found.p - p)).toBeLessThan(p / 1_000 + 1e-17);
  });
});
