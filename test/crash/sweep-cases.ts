/** How much of a sweep a run takes: all of it, or a sample that has every kind of step, before it or after. */
import { seededRandom } from '../../src/shared/random.ts';
import { full, seed } from '../support/seed.ts';
import type { CrashState } from './sweep.ts';

export { full, seed };

/** Before or after every kind of step, and at least `share` of all states, chosen by the seed. */
export function sample(states: readonly CrashState[], share = 0.1): CrashState[] {
  if (full) return [...states];
  const random = seededRandom(seed);
  const shuffled = [...states]
    .map((state) => ({ state, key: random.next() }))
    .sort((one, other) => one.key - other.key)
    .map(({ state }) => state);
  const missing = new Set(states.flatMap(kindsOf));
  const chosen = new Set<CrashState>();
  // Those between two new kinds first: it takes fewer of them.
  for (const news of [2, 1]) {
    for (const state of shuffled) {
      if (kindsOf(state).filter((kind) => missing.has(kind)).length < news) continue;
      for (const kind of kindsOf(state)) missing.delete(kind);
      chosen.add(state);
    }
  }
  const wanted = Math.ceil(states.length * share);
  for (const state of shuffled) if (chosen.size < wanted) chosen.add(state);
  return states.filter((state) => chosen.has(state));
}

/** The steps between which it lies: `ec2.CreateSubnet`, `ledger.intended`. */
export const kindsOf = ({ after, before }: CrashState): string[] => [...new Set([after, before])];
