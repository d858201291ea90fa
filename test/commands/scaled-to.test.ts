/** What `scale` makes of what is typed. */
import { describe, expect, test } from 'vitest';
import { scaledTo } from '../../src/commands/environment/scaled-to.ts';
import { desire } from '../../src/model/desired.ts';
import { testConfig } from '../support/step-world.ts';

const from = (count: number, without: readonly number[] = []) =>
  desire({ ...testConfig, consumers: { ...testConfig.consumers, count, without } });
const wish = (consumers: number | undefined, ...remove: string[]) => ({ consumers, remove });

describe('scale', () => {
  test.each([
    ['a number', from(3), wish(5), { count: 5, without: [] }],
    ['a number keeps who was left out before', from(2, [2]), wish(4), { count: 4, without: [2] }],
    [
      'one to remove is left out, and one fewer is wanted',
      from(3),
      wish(undefined, 'consumer-2'),
      { count: 2, without: [2] },
    ],
    ['a whole name', from(3), wish(undefined, 'airline-dev-consumer-1'), { count: 2, without: [1] }],
    ['several', from(4, [2]), wish(undefined, 'consumer-5', 'consumer-1'), { count: 2, without: [1, 2, 5] }],
    ['one to remove and another in its place', from(3), wish(3, 'consumer-2'), { count: 3, without: [2] }],
    [
      'one that is gone already changes nothing more',
      from(2, [2]),
      wish(undefined, 'consumer-2'),
      { count: 2, without: [2] },
    ],
  ] as const)('%s', (_what, desired, wanted, expected) => {
    expect(scaledTo(desired, wanted)).toEqual(expected);
  });

  test.each(['consumer-4', 'producer', 'consumer-02', 'airline-prod-consumer-1', '2'])(
    '%s is none of the consumers',
    (name) => {
      expect(() => scaledTo(from(3), wish(undefined, name))).toThrow(
        expect.objectContaining({ code: 'usage/invalid', hint: 'there are consumer-1, consumer-2, consumer-3' }),
      );
    },
  );
});
