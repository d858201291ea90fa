/** Instance types, and where they are offered: the small burstable ones. */
import type {
  DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypeOfferingsResult,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
  InstanceTypeOffering,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import { type FilterTable, listPage } from './requests.ts';
import { zonesOf } from './zones.ts';

interface TypeInfo {
  readonly name: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly current: boolean;
}

const type = (name: string, architecture: TypeInfo['architecture'], vcpus: number, memoryMiB: number): TypeInfo => ({
  ...{ name, architecture, vcpus, memoryMiB, current: !name.startsWith('t2.') },
});

const types: readonly TypeInfo[] = [
  type('t2.nano', 'x86_64', 1, 512),
  type('t2.micro', 'x86_64', 1, 1024),
  type('t3.nano', 'x86_64', 2, 512),
  type('t3.micro', 'x86_64', 2, 1024),
  type('t3a.nano', 'x86_64', 2, 512),
  type('t3a.micro', 'x86_64', 2, 1024),
  type('t4g.nano', 'arm64', 2, 512),
  type('t4g.micro', 'arm64', 2, 1024),
];

/** F-283: the oldest zone of us-east-1 has none of the newer types. */
const oldZones: readonly string[] = ['use1-az3'];

/** Whether the type can be had in the zone (by its name). */
export function isOffered(region: string, name: string, zoneName: string): boolean {
  const known = types.find((one) => one.name === name);
  const zone = zonesOf(region).find((one) => one.name === zoneName);
  return known !== undefined && zone !== undefined && (!known.current || !oldZones.includes(zone.id));
}

/** Errors: `InvalidParameterValue` for a type that is not known. */
export function requireType(name: string): TypeInfo {
  const found = types.find((one) => one.name === name);
  if (found) return found;
  throw new ApiError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
}

type Row = InstanceTypeOffering & { tags?: Record<string, string> };

const offeringFilters: FilterTable<Row> = {
  'instance-type': ({ InstanceType: name }) => name,
  location: ({ Location }) => Location,
};

function describeOfferings(
  input: Checked<DescribeInstanceTypeOfferingsRequest>,
  { region }: Call,
): DescribeInstanceTypeOfferingsResult {
  const { LocationType = 'region' } = input;
  const page = listPage(input, offeringsBy(LocationType, region), offeringFilters);
  return { InstanceTypeOfferings: page.items, NextToken: page.nextToken };
}

function offeringsBy(kind: string, region: string): Row[] {
  const row = (InstanceType: string, Location: string) => ({ InstanceType, Location, LocationType: kind }) as Row;
  if (kind === 'region') return types.map(({ name }) => row(name, region));
  const location = (zone: { name: string; id: string }) => (kind === 'availability-zone-id' ? zone.id : zone.name);
  return zonesOf(region).flatMap((zone) =>
    types.filter(({ name }) => isOffered(region, name, zone.name)).map(({ name }) => row(name, location(zone))),
  );
}

type InfoRow = TypeInfo & { tags?: Record<string, string> };

const typeFilters: FilterTable<InfoRow> = {
  'burstable-performance-supported': () => true,
  'current-generation': ({ current }) => current,
  'instance-type': ({ name }) => name,
  'processor-info.supported-architecture': ({ architecture }) => architecture,
};

/** F-281: a type that is asked for by name and not there refuses the whole call. */
function describeTypes(input: Checked<DescribeInstanceTypesRequest>): DescribeInstanceTypesResult {
  const named = input.InstanceTypes ?? [];
  const unknown = named.filter((name) => !types.some((one) => one.name === name));
  if (unknown.length > 0) {
    const problem = `The following supplied instance types do not exist: [${unknown.join(', ')}]`;
    throw new ApiError('InvalidInstanceType', problem);
  }
  const chosen = types.filter(({ name }) => named.length === 0 || named.includes(name as never));
  const page = listPage(input, chosen, typeFilters);
  return { InstanceTypes: page.items.map(infoOf), NextToken: page.nextToken };
}

const infoOf = ({ name, architecture, vcpus, memoryMiB, current }: TypeInfo): InstanceTypeInfo => ({
  InstanceType: name as InstanceTypeInfo['InstanceType'],
  CurrentGeneration: current,
  BurstablePerformanceSupported: true,
  Hypervisor: current ? 'nitro' : 'xen',
  ProcessorInfo: { SupportedArchitectures: [architecture] },
  VCpuInfo: { DefaultVCpus: vcpus },
  MemoryInfo: { SizeInMiB: memoryMiB },
  SupportedRootDeviceTypes: ['ebs'],
  SupportedVirtualizationTypes: ['hvm'],
});

export const instanceTypeOperations = {
  DescribeInstanceTypeOfferings: describeOfferings,
  DescribeInstanceTypes: describeTypes,
};
