/** `down` dies at any of its calls and is run again: the account is as empty as after an undisturbed run. */
import { beforeAll, describe, expect, it } from 'vitest';
import { smallProject } from './small-project.ts';
import { type Recording, record, resume } from './sweep.ts';
import { sample, seed } from './sweep-cases.ts';

describe(`a crash at any call of down (seed ${seed})`, () => {
  let recording: Recording;
  beforeAll(async () => {
    const built = await record({ verb: 'up', yaml: smallProject });
    recording = await record({ verb: 'down', yaml: smallProject, from: built.end });
  }, 120_000);

  it('is sampled fairly: every kind of call, on both sides', () => {
    const kinds = new Set(recording.states.map(({ side, call }) => `${side} ${call}`));
    const sampled = new Set(sample(recording.states).map(({ side, call }) => `${side} ${call}`));
    expect(sampled).toEqual(kinds);
    expect(recording.states.length).toBeGreaterThan(60);
  });

  it('ends with nothing left', { timeout: 1_500_000 }, async () => {
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
