/**
 * Network interfaces as other services use them: each takes an address of its subnet, carries groups, and keeps both
 * until it is really gone, which for the interfaces of deleted balancers and endpoints is a while later (F-240).
 */
import { ApiError } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { addressIn, cidrSize, formatAddress, parseAddress, parseCidr } from './cidr.ts';
import type { InterfaceRecord, SubnetRecord } from './records.ts';
import { ec2State, idsOf, noteNetworkChange } from './state.ts';

export interface InterfaceSpec {
  readonly subnetId: string;
  /** Empty for a load balancer without groups: nothing is filtered then. */
  readonly groupIds: readonly string[];
  readonly description: string;
  readonly requesterId: string;
  /** `interface` unless given, e.g. `network_load_balancer`, `vpc_endpoint`. */
  readonly interfaceType?: string;
  /** The TCP port on which something answers behind it. */
  readonly listeningPort?: number;
  /** Any free address unless given. */
  readonly privateIpAddress?: string;
  /** The instance that it is the first interface of. */
  readonly instanceId?: string;
}

export interface InterfaceInfo {
  readonly networkInterfaceId: string;
  readonly privateIpAddress: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly groupIds: readonly string[];
  readonly listeningPort: number | undefined;
}

/** F-214: the first four addresses of a subnet and its last are AWS's own. */
const reservedAtStart = 4;
const reservedAddresses = 5;

/**
 * Makes an interface with a free address of the subnet.
 * Errors: `InvalidSubnetID.NotFound`, `InvalidGroup.NotFound`, `InsufficientFreeAddressesInSubnet`.
 */
export function createInterface(place: Place, spec: InterfaceSpec): InterfaceInfo {
  const state = ec2State(place);
  const subnet = state.subnets[spec.subnetId];
  if (!subnet) throw new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${spec.subnetId}' does not exist`);
  checkGroups(place, spec.groupIds);
  if (spec.privateIpAddress !== undefined) checkAddress(place, subnet, spec.privateIpAddress);
  const record = makeRecord(place, subnet, spec);
  state.interfaces[record.networkInterfaceId] = record;
  noteNetworkChange(place);
  return infoOf(record);
}

function makeRecord(place: Place, subnet: SubnetRecord, spec: InterfaceSpec): InterfaceRecord {
  const newId = idsOf(place);
  const foreign = spec.requesterId !== place.account;
  return {
    networkInterfaceId: newId('eni'),
    attachmentId: foreign || spec.instanceId !== undefined ? newId('eni-attach') : undefined,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: spec.privateIpAddress ?? pickAddress(place, subnet),
    macAddress: `0a:${(place.world.random.hex(10).match(/../g) ?? []).join(':')}`,
    description: spec.description,
    requesterId: spec.requesterId,
    requesterManaged: foreign,
    interfaceType: spec.interfaceType ?? 'interface',
    createdAt: place.now,
    instanceId: spec.instanceId,
    groupIds: [...spec.groupIds],
    listeningPort: spec.listeningPort,
    lingering: false,
    // Interfaces made by a service are there when the service names them.
    visibleAt: place.now,
    tags: {},
  };
}

/** Changes groups or the port that answers. A missing interface is an error of the simulator, not of a caller. */
export function updateInterface(
  place: Place,
  id: string,
  change: { readonly groupIds?: readonly string[]; readonly listeningPort?: number | undefined },
): void {
  const record = ec2State(place).interfaces[id];
  if (!record)
    throw new ApiError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
  if (change.groupIds) {
    checkGroups(place, change.groupIds);
    record.groupIds = [...change.groupIds];
  }
  if ('listeningPort' in change) record.listeningPort = change.listeningPort;
  noteNetworkChange(place);
}

/** Removes an interface, or leaves it behind, silent but in the way, for `lingerMs`. An absent one is fine. */
export function deleteInterface(place: Place, id: string, lingerMs = 0): void {
  const state = ec2State(place);
  const record = state.interfaces[id];
  if (!record) return;
  noteNetworkChange(place);
  if (lingerMs <= 0) {
    delete state.interfaces[id];
    return;
  }
  record.lingering = true;
  record.listeningPort = undefined;
  place.world.schedule(place, lingerMs, interfaceGone, { networkInterfaceId: id });
}

const interfaceGone = 'ec2/interface-gone';

export const interfaceEvents: Readonly<Record<string, EventHandler>> = {
  [interfaceGone]: (place, payload) => deleteInterface(place, String(payload.networkInterfaceId)),
};

/** The interface that has this address in the VPC. */
export function interfaceAt(place: Place, vpcId: string, address: string): InterfaceInfo | undefined {
  const record = Object.values(ec2State(place).interfaces).find(
    (candidate) => candidate.vpcId === vpcId && candidate.privateIpAddress === address,
  );
  return record && infoOf(record);
}

export function interfaceById(place: Place, id: string): InterfaceInfo | undefined {
  const record = ec2State(place).interfaces[id];
  return record && infoOf(record);
}

/** How many addresses of the subnet are free; 0 for a subnet that is not there. Exact, as AvailableIpAddressCount. */
export function freeAddresses(place: Place, subnetId: string): number {
  const state = ec2State(place);
  const subnet = state.subnets[subnetId];
  if (!subnet) return 0;
  const used = Object.values(state.interfaces).filter((record) => record.subnetId === subnetId).length;
  return sizeOf(subnet) - reservedAddresses - used;
}

function sizeOf(subnet: SubnetRecord): number {
  const cidr = parseCidr(subnet.cidrBlock);
  return cidr ? cidrSize(cidr) : 0;
}

/** Starts at a random host and goes on to the next free one, so that any address of the subnet may come up. */
function pickAddress(place: Place, subnet: SubnetRecord): string {
  if (freeAddresses(place, subnet.subnetId) <= 0) {
    const problem = `The specified subnet does not have enough free addresses to satisfy the request.`;
    throw new ApiError('InsufficientFreeAddressesInSubnet', problem);
  }
  const state = ec2State(place);
  const used = new Set(
    Object.values(state.interfaces)
      .filter((record) => record.subnetId === subnet.subnetId)
      .map((record) => record.privateIpAddress),
  );
  const first = (parseCidr(subnet.cidrBlock)?.first ?? 0) + reservedAtStart;
  const hosts = sizeOf(subnet) - reservedAddresses;
  let host = Math.floor(place.world.random.next() * hosts);
  while (used.has(formatAddress(first + host))) host = (host + 1) % hosts;
  return formatAddress(first + host);
}

function checkAddress(place: Place, subnet: SubnetRecord, address: string): void {
  const refuse = (code: string, problem: string) => new ApiError(code, problem);
  if (!addressIn(address, subnet.cidrBlock)) {
    throw refuse('InvalidParameterValue', `Address ${address} does not fall within the subnet's address range`);
  }
  const host = (parseAddress(address) ?? 0) - (parseCidr(subnet.cidrBlock)?.first ?? 0);
  if (host < reservedAtStart || host === sizeOf(subnet) - 1) {
    throw refuse('InvalidParameterValue', `Address ${address} is in subnet's reserved address range`);
  }
  if (interfaceAt(place, subnet.vpcId, address))
    throw refuse('InvalidIPAddress.InUse', `Address ${address} is in use.`);
}

function checkGroups(place: Place, groupIds: readonly string[]): void {
  const groups = ec2State(place).securityGroups;
  const missing = groupIds.find((id) => !groups[id]);
  if (missing) throw new ApiError('InvalidGroup.NotFound', `The security group '${missing}' does not exist`);
}

const infoOf = (record: InterfaceRecord): InterfaceInfo => ({
  networkInterfaceId: record.networkInterfaceId,
  privateIpAddress: record.privateIpAddress,
  subnetId: record.subnetId,
  vpcId: record.vpcId,
  availabilityZone: record.availabilityZone,
  groupIds: [...record.groupIds],
  listeningPort: record.listeningPort,
});
