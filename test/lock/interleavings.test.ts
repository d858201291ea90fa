/**
 * Interleavings of the lock protocol, by seed: requests and answers lost, late, doubled and out of order; machines
 * stopped, asleep, with a wall clock that jumps, killed. `npm run test:full` plays ten thousand, `npm test` a tenth.
 * RSDS_SEED=N plays N first.
 */
import { expect, test } from 'vitest';
import { full, seed } from '../crash/sweep-cases.ts';
import { interleave, type Outcome } from './model/interleaving.ts';

const count = full ? 10_000 : 1_000;

const inWords = ({ seed: failing, broken, trace }: Outcome) =>
  [`RSDS_SEED=${failing} repeats this:`, ...broken, ...trace].join('\n');

test(`${count} interleavings from seed ${seed}: one holder at a time, and somebody always gets on`, async () => {
  const total = { leases: 0, takeovers: 0, calls: 0 };
  for (let index = 0; index < count; index++) {
    const outcome = await interleave(seed + index);
    expect(outcome.broken, inWords(outcome)).toEqual([]);
    total.leases += outcome.leases;
    total.takeovers += outcome.takeovers;
    total.calls += outcome.calls;
  }
  // Otherwise there would be nothing that could break.
  expect(total.leases).toBeGreaterThan(2 * count);
  expect(total.takeovers).toBeGreaterThan(count / 4);
  expect(total.calls).toBeGreaterThan(2 * count);
}, 120_000);

test('a seed gives the same interleaving each time', async () => {
  expect(await interleave(seed)).toEqual(await interleave(seed));
});
