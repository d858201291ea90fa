/**
 * Colour is decided once per stream, here, because the libraries disagree: chalk ignores NO_COLOR, listr2 ignores
 * FORCE_COLOR=0, ora writes escapes into a redirected stderr. Order: --no-color, a non-empty NO_COLOR, FORCE_COLOR,
 * then a terminal that is neither dumb nor CI's.
 */
import { Chalk, type ChalkInstance, type ColorSupportLevel } from 'chalk';

type Environment = Readonly<Record<string, string | undefined>>;

/** chalk's level for a stream: 0 none, 1 sixteen colours, 2 256, 3 true colour. */
export function colourLevel(
  stream: { readonly isTTY?: boolean | undefined },
  wanted: boolean,
  environment: Environment,
): ColorSupportLevel {
  if (!wanted || environment.NO_COLOR) return 0;
  const forced = forcedLevel(environment.FORCE_COLOR ?? environment.CLICOLOR_FORCE);
  if (forced !== undefined) return forced;
  if (!stream.isTTY || environment.TERM === 'dumb' || isCi(environment)) return 0;
  if (/truecolor|24bit/.test(environment.COLORTERM ?? '')) return 3;
  return /256/.test(environment.TERM ?? '') ? 2 : 1;
}

function forcedLevel(value: string | undefined): ColorSupportLevel | undefined {
  if (value === undefined) return undefined;
  if (value === '0' || value === 'false') return 0;
  return value === '2' ? 2 : value === '3' ? 3 : 1;
}

/** Whether a CI service runs us: no animation and no colour there unless forced. */
export const isCi = (environment: Environment): boolean =>
  !['', '0', 'false', undefined].includes(environment.CI?.toLowerCase());

export type Paint = ChalkInstance;

/** The pen for one stream. */
export const paintFor = (level: ColorSupportLevel): Paint => new Chalk({ level });
