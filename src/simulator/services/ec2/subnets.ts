/** Subnets: a block of the VPC in one zone, with an exact count of its free addresses. */
import type {
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  ModifySubnetAttributeRequest,
  Subnet,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { cidrContains, cidrsOverlap, formatCidr, parseCidr } from './cidr.ts';
import { freeAddresses } from './interfaces.ts';
import type { SubnetRecord, VpcRecord } from './records.ts';
import { arnOf, type FilterTable, listRecords, missingParameter, refuseDryRun } from './requests.ts';
import { ec2State, idsOf, requireRecord, visibleFrom } from './state.ts';
import { tagList, tagsFor } from './tags.ts';
import { addSubnet } from './vpc-parts.ts';
import { type Zone, zonesOf } from './zones.ts';

/** F-251. */
const subnetsPerVpcMax = 200;

function createSubnet(input: Checked<CreateSubnetRequest>, call: Call): CreateSubnetResult {
  const vpc = requireRecord(call, 'vpcs', input.VpcId);
  const cidrBlock = checkBlock(call, vpc, input.CidrBlock);
  const zone = chooseZone(call, input);
  const tags = tagsFor(input.TagSpecifications, 'subnet');
  if (subnetsOf(call, vpc.vpcId).length >= subnetsPerVpcMax) {
    throw new ApiError('SubnetLimitExceeded', 'The maximum number of subnets has been reached.');
  }
  refuseDryRun(input);
  const subnet = addSubnet(ec2State(call), idsOf(call), {
    vpcId: vpc.vpcId,
    cidrBlock,
    availabilityZone: zone.name,
    availabilityZoneId: zone.id,
    defaultForAz: false,
    mapPublicIpOnLaunch: false,
    tags,
    visibleAt: visibleFrom(call),
  });
  return { Subnet: subnetOf(call, subnet) };
}

/** F-217: a subnet is a /16 to a /28 inside its VPC and overlaps no other. */
function checkBlock(place: Place, vpc: VpcRecord, text: string | undefined): string {
  if (text === undefined) throw missingParameter('cidrBlock');
  const cidr = parseCidr(text);
  const outer = parseCidr(vpc.cidrBlock);
  if (!cidr) {
    const problem = `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  if (cidr.prefix < 16 || cidr.prefix > 28 || !outer || !cidrContains(outer, cidr)) {
    throw new ApiError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`);
  }
  const others = subnetsOf(place, vpc.vpcId).map((subnet) => parseCidr(subnet.cidrBlock));
  if (others.some((other) => other && cidrsOverlap(other, cidr))) {
    throw new ApiError('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`);
  }
  return formatCidr(cidr);
}

const subnetsOf = (place: Place, vpcId: string) =>
  Object.values(ec2State(place).subnets).filter((subnet) => subnet.vpcId === vpcId);

function chooseZone(place: Place, input: Checked<CreateSubnetRequest>): Zone {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  const zones = zonesOf(place.region);
  if (name !== undefined && id !== undefined) {
    const problem = 'The parameters AvailabilityZone and AvailabilityZoneId cannot be used together';
    throw new ApiError('InvalidParameterCombination', problem);
  }
  const wanted = zones.find((zone) => zone.name === name || zone.id === id);
  if (wanted) return wanted;
  const anyZone = zones[Math.floor(place.world.random.next() * zones.length)];
  if (name === undefined && id === undefined && anyZone) return anyZone;
  const known = zones.map((zone) => (name === undefined ? zone.id : zone.name)).join(', ');
  const parameter = name === undefined ? 'availabilityZoneId' : 'availabilityZone';
  const problem = `Value (${name ?? id}) for parameter ${parameter} is invalid. Subnets can currently only be created in the following availability zones: ${known}.`;
  throw new ApiError('InvalidParameterValue', problem);
}

const subnetOf = (place: Place, subnet: SubnetRecord): Subnet => ({
  SubnetId: subnet.subnetId,
  SubnetArn: arnOf(place, 'subnet', subnet.subnetId),
  VpcId: subnet.vpcId,
  OwnerId: place.account,
  State: 'available',
  CidrBlock: subnet.cidrBlock,
  AvailableIpAddressCount: freeAddresses(place, subnet.subnetId),
  AvailabilityZone: subnet.availabilityZone,
  AvailabilityZoneId: subnet.availabilityZoneId,
  DefaultForAz: subnet.defaultForAz,
  MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
  MapCustomerOwnedIpOnLaunch: false,
  AssignIpv6AddressOnCreation: false,
  EnableDns64: false,
  Ipv6Native: false,
  Ipv6CidrBlockAssociationSet: [],
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: 'ip-name',
    EnableResourceNameDnsARecord: subnet.enableResourceNameDnsARecordOnLaunch,
    EnableResourceNameDnsAAAARecord: false,
  },
  Tags: tagList(subnet.tags),
});

const filtersOf = (place: Place): FilterTable<SubnetRecord> => ({
  'subnet-id': (subnet) => subnet.subnetId,
  'subnet-arn': (subnet) => arnOf(place, 'subnet', subnet.subnetId),
  'vpc-id': (subnet) => subnet.vpcId,
  'availability-zone': (subnet) => subnet.availabilityZone,
  availabilityZone: (subnet) => subnet.availabilityZone,
  'availability-zone-id': (subnet) => subnet.availabilityZoneId,
  availabilityZoneId: (subnet) => subnet.availabilityZoneId,
  'available-ip-address-count': (subnet) => freeAddresses(place, subnet.subnetId),
  cidr: (subnet) => subnet.cidrBlock,
  'cidr-block': (subnet) => subnet.cidrBlock,
  cidrBlock: (subnet) => subnet.cidrBlock,
  'default-for-az': (subnet) => subnet.defaultForAz,
  defaultForAz: (subnet) => subnet.defaultForAz,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
  'ipv6-native': () => false,
  'owner-id': () => place.account,
  state: () => 'available',
});

function describeSubnets(input: Checked<DescribeSubnetsRequest>, call: Call): DescribeSubnetsResult {
  const page = listRecords(call, 'subnets', { ...input, ids: input.SubnetIds }, filtersOf(call));
  return { Subnets: page.items.map((subnet) => subnetOf(call, subnet)), NextToken: page.nextToken };
}

function modifySubnetAttribute(input: Checked<ModifySubnetAttributeRequest>, call: Call): Record<string, never> {
  const subnet = requireRecord(call, 'subnets', input.SubnetId);
  const { MapPublicIpOnLaunch: publicIp, EnableResourceNameDnsARecordOnLaunch: nameRecord } = input;
  if (publicIp) subnet.mapPublicIpOnLaunch = publicIp.Value ?? false;
  if (nameRecord) subnet.enableResourceNameDnsARecordOnLaunch = nameRecord.Value ?? false;
  return {};
}

/** F-216: whatever has an address in the subnet keeps it, interfaces that linger included. */
function deleteSubnet(input: Checked<DeleteSubnetRequest>, call: Call): Record<string, never> {
  const state = ec2State(call);
  const { subnetId } = requireRecord(call, 'subnets', input.SubnetId);
  if (Object.values(state.interfaces).some((record) => record.subnetId === subnetId)) {
    throw new ApiError('DependencyViolation', `The subnet '${subnetId}' has dependencies and cannot be deleted.`);
  }
  refuseDryRun(input);
  for (const table of Object.values(state.routeTables)) {
    table.associations = table.associations.filter((association) => association.subnetId !== subnetId);
  }
  delete state.subnets[subnetId];
  return {};
}

export const subnetOperations = {
  CreateSubnet: createSubnet,
  DescribeSubnets: describeSubnets,
  ModifySubnetAttribute: modifySubnetAttribute,
  DeleteSubnet: deleteSubnet,
};
