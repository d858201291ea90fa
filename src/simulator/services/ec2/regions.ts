/** Regions, zones and the account's oldest limits: read-only. */
import type {
  AvailabilityZone,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
} from '@aws-sdk/client-ec2';
import { ApiError, type Call } from '../../service.ts';
import { type FilterTable, listPage } from './requests.ts';
import { defaultVpcId } from './state.ts';
import { localZonesOf, regionNames, type Zone, zonesOf } from './zones.ts';

const zoneFilters: FilterTable<Zone & { tags?: Record<string, string> }> = {
  'group-name': (zone) => zone.group,
  'opt-in-status': (zone) => zone.optInStatus,
  'region-name': (zone) => zone.region,
  state: () => 'available',
  'zone-id': (zone) => zone.id,
  'zone-name': (zone) => zone.name,
  'zone-type': (zone) => zone.type,
};

function describeAvailabilityZones(
  input: DescribeAvailabilityZonesRequest,
  call: Call,
): DescribeAvailabilityZonesResult {
  const others = input.AllAvailabilityZones ? localZonesOf(call.region) : [];
  const zones = [...zonesOf(call.region), ...others];
  const named = chosenZones(zones, input.ZoneNames, (zone) => zone.name);
  const chosen = chosenZones(named, input.ZoneIds, (zone) => zone.id);
  const { items } = listPage(input, chosen, zoneFilters);
  return { AvailabilityZones: items.map(zoneOf) };
}

function chosenZones(
  zones: readonly Zone[],
  wanted: string[] | undefined,
  key: (zone: Zone) => string,
): readonly Zone[] {
  if (!wanted?.length) return zones;
  const missing = wanted.find((name) => !zones.some((zone) => key(zone) === name));
  if (missing) throw new ApiError('InvalidParameterValue', `Invalid availability zone: [${missing}]`);
  return zones.filter((zone) => wanted.includes(key(zone)));
}

const zoneOf = (zone: Zone): AvailabilityZone => ({
  ZoneName: zone.name,
  ZoneId: zone.id,
  RegionName: zone.region,
  GroupName: zone.group,
  NetworkBorderGroup: zone.type === 'local-zone' ? zone.group : zone.region,
  ZoneType: zone.type,
  OptInStatus: zone.optInStatus,
  State: 'available',
  Messages: [],
});

interface RegionRow {
  readonly name: string;
  readonly tags?: Record<string, string>;
}

const regionFilters: FilterTable<RegionRow> = {
  endpoint: (region) => `ec2.${region.name}.amazonaws.com`,
  'opt-in-status': () => 'opt-in-not-required',
  'region-name': (region) => region.name,
};

function describeRegions(input: DescribeRegionsRequest): DescribeRegionsResult {
  const unknown = input.RegionNames?.find((name) => !regionNames.includes(name));
  if (unknown) throw new ApiError('InvalidParameterValue', `Invalid region provided: [${unknown}]`);
  const wanted = regionNames.filter((name) => !input.RegionNames?.length || input.RegionNames.includes(name));
  const { items } = listPage(
    input,
    wanted.map((name) => ({ name })),
    regionFilters,
  );
  return {
    Regions: items.map(({ name }) => ({
      RegionName: name,
      Endpoint: `ec2.${name}.amazonaws.com`,
      OptInStatus: 'opt-in-not-required',
    })),
  };
}

function describeAccountAttributes(
  input: DescribeAccountAttributesRequest,
  call: Call,
): DescribeAccountAttributesResult {
  const values: Record<string, string[]> = {
    'supported-platforms': ['VPC'],
    'default-vpc': [defaultVpcId(call) ?? 'none'],
    'max-instances': ['20'],
    'vpc-max-security-groups-per-interface': ['5'],
    'max-elastic-ips': ['5'],
    'vpc-max-elastic-ips': ['5'],
  };
  const wanted: readonly string[] = input.AttributeNames?.length ? input.AttributeNames : Object.keys(values);
  return {
    AccountAttributes: wanted.map((name) => ({
      AttributeName: name,
      AttributeValues: (values[name] ?? []).map((value) => ({ AttributeValue: value })),
    })),
  };
}

export const regionOperations = {
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeRegions: describeRegions,
  DescribeAccountAttributes: describeAccountAttributes,
};
