import { expect, it } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';

it('time that runs faster is still told in whole milliseconds', () => {
  const clock = new RealClock(33.3);
  clock.align(Date.UTC(2026, 0, 5));
  for (let round = 0; round < 100; round++) {
    expect([clock.now(), clock.elapsed()].every(Number.isInteger)).toBe(true);
  }
});
