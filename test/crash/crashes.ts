/** The sweep as a test: dies between any two steps of a verb, is run again, and must end as if nothing had happened. */
import { beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../support/seed.ts';
import { type Recording, resume } from './sweep.ts';
import { kindsOf, sample } from './sweep-cases.ts';

export interface Crashes {
  readonly title: string;
  /** So many states there are at least: fewer would mean that the recording misses steps. */
  readonly atLeast: number;
  record(): Promise<Recording>;
}

export function describeCrashes({ title, atLeast, record }: Crashes): void {
  describe(`a crash anywhere in ${title} (seed ${seed})`, () => {
    let recording: Recording;
    beforeAll(async () => {
      recording = await record();
    }, 180_000);

    it('is sampled fairly: every kind of call and of ledger write', () => {
      const { states } = recording;
      const sampled = sample(states);
      expect(new Set(sampled.flatMap(kindsOf))).toEqual(new Set(states.flatMap(kindsOf)));
      expect(states.length).toBeGreaterThan(atLeast);
      console.log(`${title}: ${sampled.length} of ${states.length} states, seed ${seed}`);
    });

    it('ends where an undisturbed run would have ended', { timeout: 1_500_000 }, async () => {
      const wrong: string[] = [];
      for (const state of sample(recording.states)) wrong.push(...(await resume(recording, state)));
      expect(wrong).toEqual([]);
    });
  });
}
