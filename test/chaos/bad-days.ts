/** Bad days as a test: so many seeds, a part of them through all verbs. Each seed can be repeated by itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import { full, seed } from '../support/seed.ts';
import { drill, type Outcome, steps, undisturbed } from './chaos.ts';

/** Altogether; the two files share them, so that two workers do. */
const seeds = full ? 200 : 20;
/** Every so manieth goes on through `scale` and `down`. */
const longEvery = full ? 4 : 10;

export function describeBadDays(half: 0 | 1): void {
  const chosen = Array.from({ length: seeds / 2 }, (_, index) => seed + 2 * index + half);
  describe(`AWS on its worst day (RSDS_SEED=${seed})`, () => {
    let expected: readonly unknown[];
    beforeAll(async () => {
      expected = await undisturbed();
    }, 120_000);

    it('every run converges, or stops with a coded error and converges in peace', { timeout: 1_500_000 }, async () => {
      const wrong: string[] = [];
      const outcomes: Outcome[] = [];
      for (const [index, one] of chosen.entries()) {
        const taken = await drill(one, index % longEvery === 0 ? steps.length : 1, expected);
        outcomes.push(...taken);
        wrong.push(...taken.flatMap(({ verb, wrong: what }) => what.map((text) => `seed ${one}, ${verb}: ${text}`)));
      }
      console.log(summary(outcomes));
      expect(wrong).toEqual([]);
      // A run that ends at once has been through nothing.
      expect(sum(outcomes, ({ struck }) => struck) / outcomes.length).toBeGreaterThan(50);
    });
  });
}

const sum = <T>(list: readonly T[], of: (one: T) => number) => list.reduce((total, one) => total + of(one), 0);

function summary(outcomes: readonly Outcome[]): string {
  const stopped = outcomes.flatMap(({ stoppedWith }) => stoppedWith ?? []);
  const codes = [...new Set(stopped)].map((code) => `${stopped.filter((one) => one === code).length} ${code}`);
  const struck = sum(outcomes, (one) => one.struck);
  return `seed ${seed}: ${outcomes.length} runs under ${struck} faults, ${outcomes.length - stopped.length} converged under fire, stopped: ${codes.join(', ') || 'none'}`;
}
