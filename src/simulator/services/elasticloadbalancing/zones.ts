/** The subnets of a load balancer: one a zone, an interface with an address in each. */
import type { AvailabilityZone, SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { createInterface, deleteInterface, freeAddresses } from '../ec2/interfaces.ts';
import { findSecurityGroup, findSubnet, hasInternetGateway, type SubnetInfo } from '../ec2/lookup.ts';
import type { BalancerZone, LoadBalancerRecord } from './records.ts';
import { invalidConfiguration, validationError } from './state.ts';

/** A subnet that was asked for, and the address in it if one was. */
export interface WantedZone extends SubnetInfo {
  readonly address: string | undefined;
}

/** F-320: what each subnet needs to have free, unless the caller chooses the address. */
const freeAddressesMin = 8;

export interface SubnetRequest {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined;
}

/**
 * The subnets that a request names.
 * Errors: `SubnetNotFound`, `InvalidConfigurationRequest` for two of one zone or of different VPCs.
 */
export function wantedZones(place: Place, request: SubnetRequest): WantedZone[] {
  const { Subnets: ids, SubnetMappings: mappings } = request;
  if (ids?.length && mappings?.length)
    throw validationError('You can specify either subnets or subnet mappings, not both');
  const given = mappings?.length ? mappings : (ids ?? []).map((SubnetId) => ({ SubnetId }));
  if (given.length === 0) throw validationError('You must specify subnets or subnet mappings');
  const zones = given.map((mapping) => zoneOf(place, mapping));
  const vpcId = zones[0]?.vpcId;
  if (zones.some((zone) => zone.vpcId !== vpcId)) {
    throw invalidConfiguration(`All subnets must belong to the same VPC: '${vpcId}'`);
  }
  if (new Set(zones.map((zone) => zone.availabilityZone)).size < zones.length) {
    const problem = 'A load balancer cannot be attached to multiple subnets in the same Availability Zone';
    throw invalidConfiguration(problem);
  }
  return zones;
}

function zoneOf(place: Place, mapping: SubnetMapping): WantedZone {
  const id = mapping.SubnetId ?? '';
  const subnet = findSubnet(place, id);
  if (!subnet) throw new ApiError('SubnetNotFoundException', `The subnet ID '${id}' does not exist`);
  if (mapping.AllocationId !== undefined) {
    throw new ApiError('AllocationIdNotFoundException', `Allocation '${mapping.AllocationId}' not found`);
  }
  return { ...subnet, address: mapping.PrivateIPv4Address };
}

/** Errors: `InvalidSubnet` where too few addresses are free, or the internet can't be reached and must be. */
export function checkRoom(place: Place, zones: readonly WantedZone[], scheme: LoadBalancerRecord['scheme']): void {
  for (const { subnetId, vpcId, address } of zones) {
    if (scheme === 'internet-facing' && !hasInternetGateway(place, vpcId)) {
      throw new ApiError('InvalidSubnetException', `VPC ${vpcId} has no internet gateway`);
    }
    if (address === undefined && freeAddresses(place, subnetId) < freeAddressesMin) {
      const problem = `Not enough IP space available in ${subnetId}. ELB requires at least ${freeAddressesMin} free IP addresses in each subnet.`;
      throw new ApiError('InvalidSubnetException', problem);
    }
  }
}

/** Errors: `InvalidSecurityGroup` for groups that are not there or belong to another VPC. */
export function checkGroups(place: Place, groupIds: readonly string[], vpcId: string): void {
  const wrong = groupIds.find((id) => findSecurityGroup(place, id)?.vpcId !== vpcId);
  if (wrong) {
    const problem = `One or more security groups are invalid: '${wrong}' is not in VPC '${vpcId}'`;
    throw new ApiError('InvalidSecurityGroupException', problem);
  }
}

/** F-321: how the interfaces of a load balancer are described, also after its deletion. */
export const interfaceDescription = (balancer: Pick<LoadBalancerRecord, 'name' | 'id'>): string =>
  `ELB net/${balancer.name}/${balancer.id}`;

export function openZone(
  place: Place,
  balancer: Pick<LoadBalancerRecord, 'name' | 'id' | 'securityGroups'>,
  zone: WantedZone,
): BalancerZone {
  const made = createInterface(place, {
    subnetId: zone.subnetId,
    groupIds: balancer.securityGroups,
    description: interfaceDescription(balancer),
    requesterId: 'amazon-elb',
    interfaceType: 'network_load_balancer',
    ...(zone.address !== undefined && { privateIpAddress: zone.address }),
  });
  return {
    zoneName: zone.availabilityZone,
    subnetId: zone.subnetId,
    networkInterfaceId: made.networkInterfaceId,
    address: made.privateIpAddress,
    chosen: zone.address !== undefined,
  };
}

/** F-322: the interface stays in the way for a while. */
export function closeZone(place: Place, zone: BalancerZone): void {
  deleteInterface(place, zone.networkInterfaceId, place.world.draw('network-interface.linger'));
}

export const zoneView = (zone: BalancerZone): AvailabilityZone => ({
  ZoneName: zone.zoneName,
  SubnetId: zone.subnetId,
  LoadBalancerAddresses: zone.chosen ? [{ PrivateIPv4Address: zone.address }] : [],
});
