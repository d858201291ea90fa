/** The capacities that Redshift Serverless offers, in RPUs (F-820). */

export const baseCapacityText = '4, 8 to 512 in steps of 8, or 512 to 1024 in steps of 32';
export const maxCapacityText = '4, 8 to 512 in steps of 8, or 512 to 5632 in steps of 32';

const largestBase = 1024;
const largestMax = 5632;

const onGrid = (rpus: number, largest: number): boolean =>
  rpus === 4 || (rpus >= 8 && rpus <= 512 && rpus % 8 === 0) || (rpus > 512 && rpus <= largest && rpus % 32 === 0);

export const isBaseCapacity = (rpus: number): boolean => onGrid(rpus, largestBase);
export const isMaxCapacity = (rpus: number): boolean => onGrid(rpus, largestMax);

/** The capacities just below and above one that is not offered. */
export function nearestCapacities(rpus: number, kind: 'base' | 'max'): readonly number[] {
  const largest = kind === 'base' ? largestBase : largestMax;
  const offered = Array.from({ length: largest }, (_, index) => index + 1).filter((each) => onGrid(each, largest));
  const below = offered.filter((each) => each < rpus).at(-1);
  const above = offered.find((each) => each > rpus);
  return [below, above].filter((each) => each !== undefined);
}

/** Regions that offer a base of 4 RPUs (F-821). */
export const smallestBaseRegions: ReadonlySet<string> = new Set([
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'eu-west-1',
  'eu-north-1',
]);

/** Regions that offer a base above 512 RPUs; AWS's pages disagree about the last two (F-822). */
export const largestBaseRegions: ReadonlySet<string> = new Set([
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'eu-west-2',
]);
