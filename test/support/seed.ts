/** How much a test with a seed tries, and from which seed on. */
import { systemRandom } from '../../src/shared/random.ts';

/** `RSDS_FULL=1` (`npm run test:full`) tries all there is. */
export const full = process.env.RSDS_FULL === '1';

/** Printed with every failure; `RSDS_SEED` repeats it. */
export const seed = Number(process.env.RSDS_SEED ?? Math.floor(systemRandom.next() * 1_000_000));
