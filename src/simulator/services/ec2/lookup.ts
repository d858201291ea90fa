/** What other simulated services ask of the network: who is where, and whether packets pass. */
import type { Place } from '../../world.ts';
import { addressIn } from './cidr.ts';
import { prefixListById } from './prefix-lists.ts';
import type { RuleRecord } from './records.ts';
import { ec2State } from './state.ts';

export interface SubnetInfo {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
}

export function findSubnet(place: Place, id: string): SubnetInfo | undefined {
  const subnet = ec2State(place).subnets[id];
  if (!subnet) return undefined;
  const { subnetId, vpcId, cidrBlock, availabilityZone, availabilityZoneId } = subnet;
  return { subnetId, vpcId, cidrBlock, availabilityZone, availabilityZoneId };
}

export function findSecurityGroup(
  place: Place,
  id: string,
): { groupId: string; groupName: string; vpcId: string } | undefined {
  const group = ec2State(place).securityGroups[id];
  return group && { groupId: group.groupId, groupName: group.groupName, vpcId: group.vpcId };
}

/** The id of the VPC's default group; empty when there is no such VPC. */
export function defaultSecurityGroup(place: Place, vpcId: string): string {
  const groups = Object.values(ec2State(place).securityGroups);
  return groups.find((group) => group.vpcId === vpcId && group.groupName === 'default')?.groupId ?? '';
}

export function vpcCidr(place: Place, vpcId: string): string | undefined {
  return ec2State(place).vpcs[vpcId]?.cidrBlock;
}

/** Whether the VPC has a way to the internet. */
export function hasInternetGateway(place: Place, vpcId: string): boolean {
  return Object.values(ec2State(place).internetGateways).some((gateway) => gateway.vpcId === vpcId);
}

/** When an interface, a group or a rule last changed (ms since the epoch): `mayConnect` has not changed since. */
export const networkChangedAt = (place: Place): number => ec2State(place).networkChangedAt;

/** One side of a connection: an address and the groups around it. No groups: nothing filters there. */
export interface Side {
  readonly groupIds: readonly string[];
  readonly address: string;
}

/**
 * Whether packets from one side reach the other on a TCP port: egress of the source's groups and ingress of the
 * destination's (F-232). Answers always pass, for groups are stateful.
 */
export function mayConnect(place: Place, from: Side, to: Side, port: number): boolean {
  return allows(place, from, to, { isEgress: true, port }) && allows(place, to, from, { isEgress: false, port });
}

/**
 * Whether the groups let clients in on a TCP port from anywhere outside: by a rule that names addresses. No groups:
 * nothing filters there.
 */
export function admitsClients(place: Place, groupIds: readonly string[], port: number): boolean {
  if (groupIds.length === 0) return true;
  return Object.values(ec2State(place).rules).some(
    (rule) => !rule.isEgress && groupIds.includes(rule.groupId) && coversPort(rule, port) && rule.peer.kind === 'ipv4',
  );
}

function allows(place: Place, own: Side, other: Side, what: { isEgress: boolean; port: number }): boolean {
  if (own.groupIds.length === 0) return true;
  return Object.values(ec2State(place).rules).some(
    (rule) =>
      rule.isEgress === what.isEgress &&
      own.groupIds.includes(rule.groupId) &&
      coversPort(rule, what.port) &&
      coversPeer(place, rule, other),
  );
}

const coversPort = (rule: RuleRecord, port: number) =>
  rule.protocol === '-1' || (rule.protocol === 'tcp' && rule.fromPort <= port && port <= rule.toPort);

function coversPeer(place: Place, rule: RuleRecord, other: Side): boolean {
  const { kind, value } = rule.peer;
  switch (kind) {
    case 'ipv4':
      return addressIn(other.address, value);
    case 'group':
      return other.groupIds.includes(value);
    case 'prefix-list':
      return prefixListById(place, value)?.cidrs.some((cidr) => addressIn(other.address, cidr)) ?? false;
    case 'ipv6':
      return false;
  }
}

/** The subnet of the VPC in which an address lies. */
export function subnetAt(place: Place, vpcId: string, address: string): SubnetInfo | undefined {
  const subnets = Object.values(ec2State(place).subnets);
  return subnets.find((subnet) => subnet.vpcId === vpcId && addressIn(address, subnet.cidrBlock));
}
