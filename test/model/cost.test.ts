import { describe, expect, it } from 'vitest';
import { costLines, costOf, formatDollars, lookDollars, lookPrice, testHourDollars } from '../../src/model/cost.ts';
import { config, minimal } from '../config/faults.ts';

describe('the cost of an environment', () => {
  it('that is idle is some 41 dollars a month by default', async () => {
    const { idle, idleMonthlyDollars } = costOf(await config(minimal()));
    expect(idle.map(({ what, count }) => `${count} ${what}`)).toEqual([
      '1 load balancer',
      '3 endpoint',
      '5 secret',
      '1 key',
    ]);
    expect(idleMonthlyDollars).toBeCloseTo(41.325, 3);
  });

  it('at work is the RPUs of all bases times the price of an hour', async () => {
    const { busyHourlyDollars, mostHourlyDollars } = costOf(
      await config(minimal('consumers: { count: 2, maxCapacity: 64 }\n')),
    );
    expect(busyHourlyDollars).toBeCloseTo(3 * 32 * 0.375);
    expect(mostHourlyDollars).toBeCloseTo((256 + 2 * 64) * 0.375);
  });

  it('has no upper bound where a warehouse has none', async () => {
    const unbounded = await config(minimal('consumers: { maxCapacity: none }\n'));
    expect(costOf(unbounded).mostHourlyDollars).toBeUndefined();
    expect(costLines(unbounded)[1]).toContain('at most without limit');
  });

  it('says when the price of another region stands in', async () => {
    expect(costLines(await config('project: airline\nregion: ap-northeast-1\n'))[1]).toContain(
      'the price of us-east-1',
    );
    expect(costLines(await config(minimal()))[1]).not.toContain('the price of');
  });

  it('of one look at a sleeping warehouse is a minute of its base', () => {
    expect(lookDollars('us-east-1', 32)).toBeCloseTo(0.2);
    expect(lookPrice('us-east-1', 32, 32, 32, 32)).toBe('wakes 4 warehouses, about $0.80');
  });

  it('is written with cents only where they matter', () => {
    expect([0, 0.004, 0.2, 9.994, 41.325, 24_883.2].map(formatDollars)).toEqual([
      '$0.00',
      '< $0.01',
      '$0.20',
      '$9.99',
      '$41',
      '$24,883',
    ]);
  });
});

describe('the cost of test instances', () => {
  it('is that of the instances and of the endpoints made for them, by the hour (F-749)', () => {
    const test = { type: 't4g.nano', instances: 2, endpoints: 3 };
    expect(testHourDollars('us-east-1', test)).toBeCloseTo(0.0384);
    expect(testHourDollars('us-east-1', { ...test, endpoints: 0 })).toBeCloseTo(0.0084);
  });

  it('is not told where nobody knows it', () => {
    expect(testHourDollars('eu-west-1', { type: 't4g.nano', instances: 1, endpoints: 3 })).toBeUndefined();
    expect(testHourDollars('us-east-1', { type: 't9.nano', instances: 1, endpoints: 3 })).toBeUndefined();
  });
});
