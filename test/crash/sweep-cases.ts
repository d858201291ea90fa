/** How much of a sweep a run takes: all of it, or a sample that has every kind of call on both sides. */
import { seededRandom, systemRandom } from '../../src/shared/random.ts';
import type { CrashState } from './sweep.ts';

/** `RSDS_FULL=1` (`npm run test:full`) sweeps whole. */
export const full = process.env.RSDS_FULL === '1';

/** Printed with every failure; `RSDS_SEED` repeats a sample. */
export const seed = Number(process.env.RSDS_SEED ?? Math.floor(systemRandom.next() * 1_000_000));

/** One state of each kind of call and side, and at least `share` of all, chosen by the seed. */
export function sample(states: readonly CrashState[], share = 0.1): CrashState[] {
  if (full) return [...states];
  const random = seededRandom(seed);
  const shuffled = [...states]
    .map((state) => ({ state, key: random.next() }))
    .sort((one, other) => one.key - other.key);
  const kinds = new Set<string>();
  const wanted = Math.ceil(states.length * share);
  const chosen = new Set<CrashState>();
  for (const { state } of shuffled) {
    const kind = `${state.side} ${state.call}`;
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    chosen.add(state);
  }
  for (const { state } of shuffled) if (chosen.size < wanted) chosen.add(state);
  return states.filter((state) => chosen.has(state));
}
