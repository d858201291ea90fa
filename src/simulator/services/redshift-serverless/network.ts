/** Subnets, zones, groups and free addresses: what the network must offer before a workgroup or endpoint is made. */
import type { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { freeAddresses } from '../ec2/interfaces.ts';
import { defaultSecurityGroup, findSecurityGroup, findSubnet, type SubnetInfo } from '../ec2/lookup.ts';
import { invalid } from './errors.ts';

export interface SubnetChoice {
  readonly vpcId: string;
  readonly subnets: readonly SubnetInfo[];
  readonly subnetIds: string[];
}

/** The subnets, each there and all of one VPC. */
export function checkedSubnets(place: Place, subnetIds: readonly string[] = []): SubnetChoice {
  const subnets = [...new Set(subnetIds)].map((id) => {
    const subnet = findSubnet(place, id);
    if (!subnet) throw invalid(`The subnet ${id} does not exist.`);
    return subnet;
  });
  const [vpcId, otherVpcId] = new Set(subnets.map((subnet) => subnet.vpcId));
  if (vpcId === undefined) throw invalid('Specify subnets: there is no default VPC in this account and Region.');
  if (otherVpcId !== undefined) throw invalid('All subnets must be in the same VPC.');
  return { vpcId, subnets, subnetIds: subnets.map(({ subnetId }) => subnetId) };
}

/** The groups, or the VPC's default group when none are named (F-122). All must be of that VPC (F-123). */
export function checkedGroups(place: Place, vpcId: string, groupIds: readonly string[] | undefined): string[] {
  if (!groupIds || groupIds.length === 0) return [defaultSecurityGroup(place, vpcId)];
  for (const id of groupIds) {
    if (findSecurityGroup(place, id)?.vpcId === vpcId) continue;
    throw invalid(`VPC Security group ${id} does not exist in VPC ${vpcId}`);
  }
  return [...new Set(groupIds)];
}

/** F-120: two subnets in two zones; three in three with enhanced VPC routing. */
export function checkZones(subnets: readonly SubnetInfo[], enhancedVpcRouting: boolean): void {
  const least = enhancedVpcRouting ? 3 : 2;
  const zones = new Set(subnets.map(({ availabilityZoneId }) => availabilityZoneId));
  if (subnets.length >= least && zones.size >= least) return;
  throw invalid(
    `Specify at least ${least} subnets in ${least} different Availability Zones${enhancedVpcRouting ? ' when enhanced VPC routing is on' : ''}.`,
  );
}

/** F-121: the free addresses per subnet, by base RPUs rounded up to the next row, that enhanced VPC routing needs. */
const neededAtCreation: readonly (readonly [rpus: number, addresses: number])[] = [
  [8, 9],
  [32, 13],
  [64, 21],
  [128, 37],
  [256, 69],
  [512, 133],
  [1024, 261],
];
const neededAtUpdate: readonly (readonly [rpus: number, addresses: number])[] = [
  [16, 10],
  [32, 13],
  [64, 16],
  [128, 28],
  [256, 52],
  [512, 100],
  [1024, 197],
];
const neededWithoutRouting = 3;

export interface AddressNeed {
  readonly enhancedVpcRouting: boolean;
  /** -1 counts as the default. */
  readonly baseCapacity: number;
  readonly at: 'creation' | 'update';
}

/** Refuses when one of the subnets has too few free addresses (F-121). */
export function checkAddresses(place: Place, subnetIds: readonly string[], need: AddressNeed): void {
  const least = addressesNeeded(need);
  const short = subnetIds.filter((id) => freeAddresses(place, id) < least);
  if (short.length > 0) throw tooFewAddresses(short, least);
}

export const tooFewAddresses = (subnetIds: readonly string[], least: number): ApiError =>
  invalid(
    `Insufficient free IP addresses found in subnets: [${subnetIds.join(', ')}]. Each subnet needs at least ${least}.`,
  );

function addressesNeeded({ enhancedVpcRouting, baseCapacity, at }: AddressNeed): number {
  if (!enhancedVpcRouting) return neededWithoutRouting;
  const rpus = sizeFor(baseCapacity);
  const rows = at === 'creation' ? neededAtCreation : neededAtUpdate;
  return rows.find(([upTo]) => rpus <= upTo)?.[1] ?? Number.POSITIVE_INFINITY;
}

/**
 * How many interfaces of compute nodes a workgroup keeps per subnet with enhanced VPC routing: one per 8 RPUs and one
 * for the leader. AWS's table is twice that and 3, room for the new nodes beside the old ones (F-121, Assumption).
 */
export const nodesPerSubnet = (baseCapacity: number): number => Math.ceil(sizeFor(baseCapacity) / 8) + 1;

const sizeFor = (baseCapacity: number) => (baseCapacity === -1 ? 128 : baseCapacity);
