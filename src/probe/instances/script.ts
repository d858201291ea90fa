/** The script that instances run, and the command line of it: one file, with its order as an argument. */
import { readFileSync } from 'node:fs';
import type { ProbePlan } from '../plan.ts';

const marker = 'END_OF_PROBE';

/** F-742, with room for what is around the report. */
const longest = 23_500;

/** Upper bounds of latencies in ms: each about a quarter more than the one before. */
export const latencyBounds: readonly number[] = [
  ...[1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8],
  ...[10, 12.5, 16, 20, 25, 32, 40, 50, 63, 80],
  ...[100, 125, 160, 200, 250, 320, 400, 500, 630, 800],
  ...[1_000, 1_250, 1_600, 2_000, 2_500, 3_200, 4_000, 5_000, 6_300, 8_000],
  ...[10_000, 16_000, 25_000, 40_000, 63_000, 100_000, 1_000_000],
];

export const probeFile = new URL('./probe.py', import.meta.url);

/** Nothing of the plan is secret: it names the secret only. */
export const orderOf = (plan: ProbePlan, region: string): string =>
  Buffer.from(JSON.stringify({ plan, region, longest, latencyBounds })).toString('base64');

/** The lines of a shell script that carries out `plan`. */
export const commandsFor = (plan: ProbePlan, region: string): string[] => [
  `exec python3 - ${orderOf(plan, region)} <<'${marker}'`,
  readFileSync(probeFile, 'utf8').trimEnd(),
  marker,
];
