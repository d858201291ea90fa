/** Regions and their availability zones, as an account sees them (F-210, F-211). */

export interface Zone {
  readonly name: string;
  readonly id: string;
  readonly region: string;
  readonly group: string;
  readonly type: 'availability-zone' | 'local-zone';
  readonly optInStatus: 'opt-in-not-required' | 'not-opted-in';
}

/** Region → the prefix of its zone ids. */
const zoneIdPrefixes: Readonly<Record<string, string>> = {
  'us-east-1': 'use1',
  'us-east-2': 'use2',
  'us-west-1': 'usw1',
  'us-west-2': 'usw2',
  'ca-central-1': 'cac1',
  'sa-east-1': 'sae1',
  'eu-west-1': 'euw1',
  'eu-west-2': 'euw2',
  'eu-west-3': 'euw3',
  'eu-central-1': 'euc1',
  'eu-north-1': 'eun1',
  'ap-south-1': 'aps1',
  'ap-northeast-1': 'apne1',
  'ap-northeast-2': 'apne2',
  'ap-northeast-3': 'apne3',
  'ap-southeast-1': 'apse1',
  'ap-southeast-2': 'apse2',
};

/**
 * Numbers of the zone ids in the order of the zone names a, b, c, …: names map to ids differently in each account, so
 * they never run in step here either.
 */
const zoneNumbers: Readonly<Record<string, readonly number[]>> = {
  'us-east-1': [6, 1, 2, 4, 3, 5],
  'us-west-1': [3, 1],
};

const otherZoneNumbers = [2, 3, 1];

export const regionNames: readonly string[] = Object.keys(zoneIdPrefixes).sort();

/** The zones of type availability-zone, by name. */
export function zonesOf(region: string): readonly Zone[] {
  const prefix = zoneIdPrefixes[region] ?? region.replaceAll(/[^a-z0-9]/g, '');
  return (zoneNumbers[region] ?? otherZoneNumbers).map((number, index) => ({
    name: `${region}${String.fromCharCode(97 + index)}`,
    id: `${prefix}-az${number}`,
    region,
    group: `${region}-zg-1`,
    type: 'availability-zone',
    optInStatus: 'opt-in-not-required',
  }));
}

/** Zones that only AllAvailabilityZones shows: a local zone to which the account has not opted in. */
export function localZonesOf(region: string): readonly Zone[] {
  if (region !== 'us-east-1') return [];
  return [
    {
      name: 'us-east-1-bos-1a',
      id: 'use1-bos1-az1',
      region,
      group: 'us-east-1-bos-1',
      type: 'local-zone',
      optInStatus: 'not-opted-in',
    },
  ];
}
