/** How much of a sweep a run takes: all of it, or a sample that has every kind of step on both sides. */
import { seededRandom } from '../../src/shared/random.ts';
import { full, seed } from '../support/seed.ts';
import type { CrashState } from './sweep.ts';

export { full, seed };

/** Before and after every kind of step, and at least `share` of all states, chosen by the seed. */
export function sample(states: readonly CrashState[], share = 0.1): CrashState[] {
  if (full) return [...states];
  const random = seededRandom(seed);
  const shuffled = [...states]
    .map((state) => ({ state, key: random.next() }))
    .sort((one, other) => one.key - other.key)
    .map(({ state }) => state);
  const missing = new Set(states.flatMap(sidesOf));
  const chosen = new Set<CrashState>();
  // Those that have two new sides first: it takes fewer of them.
  for (const news of [2, 1]) {
    for (const state of shuffled) {
      if (sidesOf(state).filter((side) => missing.has(side)).length < news) continue;
      for (const side of sidesOf(state)) missing.delete(side);
      chosen.add(state);
    }
  }
  const wanted = Math.ceil(states.length * share);
  for (const state of shuffled) if (chosen.size < wanted) chosen.add(state);
  return states.filter((state) => chosen.has(state));
}

/** `before ec2.CreateSubnet`, `after ledger.intended`. */
export const sidesOf = ({ after, before }: CrashState): string[] => [`after ${after}`, `before ${before}`];
