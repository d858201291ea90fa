/** Which region, and whether anybody else says otherwise. */
import type { Reading } from './reading.ts';

export interface RegionSources {
  /** `--region`. */
  readonly flag: string | undefined;
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly profile: string | undefined;
}

/** The first of `--region`, file, AWS_REGION, AWS_DEFAULT_REGION and profile; undefined (and a fault) where all are silent. */
export function resolveRegion(
  sources: RegionSources,
  reading: Reading,
  notice: (text: string) => void,
): string | undefined {
  const candidates = [
    { from: '--region', region: sources.flag },
    { from: 'rsds.yaml', region: sources.file },
    { from: 'AWS_REGION', region: sources.environment.AWS_REGION },
    { from: 'AWS_DEFAULT_REGION', region: sources.environment.AWS_DEFAULT_REGION },
    { from: 'the profile', region: sources.profile },
  ].flatMap(({ from, region }) => (region === undefined || region === '' ? [] : [{ from, region }]));
  const chosen = candidates[0];
  if (chosen === undefined) {
    const hint = 'Pass --region, set region in rsds.yaml, or set AWS_REGION.';
    reading.fault('config/region', { path: 'region', place: undefined }, 'is not set anywhere', hint);
    return undefined;
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(chosen.region)) {
    const message = `is ${JSON.stringify(chosen.region)} from ${chosen.from}, must be an AWS region such as us-east-1`;
    reading.fault('config/region', { path: 'region', place: undefined }, message);
    return undefined;
  }
  const others = candidates.filter(({ from, region }) => from !== 'the profile' && region !== chosen.region);
  if (others.length > 0) {
    const said = others.map(({ from, region }) => `${from} says ${region}`).join(', ');
    notice(`region ${chosen.region} from ${chosen.from}; ${said}`);
  }
  return chosen.region;
}
