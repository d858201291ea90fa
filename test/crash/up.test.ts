/**
 * `up` dies at any of its calls and is run again: the account is as if nothing had happened, nothing is there twice,
 * nothing is left over, and the ledger is whole.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { smallProject } from './small-project.ts';
import { type Recording, record, resume } from './sweep.ts';
import { sample, seed } from './sweep-cases.ts';

describe(`a crash at any call of up (seed ${seed})`, () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await record({ verb: 'up', yaml: smallProject });
  }, 120_000);

  it('is sampled fairly: every kind of call, on both sides', () => {
    const kinds = new Set(recording.states.map(({ side, call }) => `${side} ${call}`));
    const sampled = new Set(sample(recording.states).map(({ side, call }) => `${side} ${call}`));
    expect(sampled).toEqual(kinds);
    expect(recording.states.length).toBeGreaterThan(140);
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
