/** The sweep as a test: dies at any call of a verb, is run again, and must end as if nothing had happened. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Recording, resume } from './sweep.ts';
import { sample, seed } from './sweep-cases.ts';

export interface Crashes {
  readonly verb: string;
  /** So many states there are at least: fewer would mean that the recording misses calls. */
  readonly atLeast: number;
  record(): Promise<Recording>;
}

export function describeCrashes({ verb, atLeast, record }: Crashes): void {
  describe(`a crash at any call of ${verb} (seed ${seed})`, () => {
    let recording: Recording;
    beforeAll(async () => {
      recording = await record();
    }, 120_000);

    it('is sampled fairly: every kind of call, on both sides', () => {
      const kinds = new Set(recording.states.map(({ side, call }) => `${side} ${call}`));
      const sampled = new Set(sample(recording.states).map(({ side, call }) => `${side} ${call}`));
      expect(sampled).toEqual(kinds);
      expect(recording.states.length).toBeGreaterThan(atLeast);
    });

    it('ends where an undisturbed run would have ended', { timeout: 1_500_000 }, async () => {
      const failed: string[] = [];
      for (const state of sample(recording.states)) {
        const { ran, world } = await resume(recording, state);
        if (ran.exitCode !== 0) failed.push(`${state.name}: exit ${ran.exitCode}: ${ran.error?.message}`);
        else if (JSON.stringify(world) !== JSON.stringify(recording.expected))
          failed.push(`${state.name}: another world`);
      }
      expect(failed).toEqual([]);
    });
  });
}
