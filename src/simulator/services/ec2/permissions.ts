/** Between the two ways in which EC2 speaks of a group's rules: permissions with many peers, and single rules. */
import type { IpPermission, SecurityGroupRule, SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { formatCidr, parseCidr } from './cidr.ts';
import { requirePrefixList } from './prefix-lists.ts';
import type { RulePeer, RuleRecord, SecurityGroupRecord } from './records.ts';
import { arnOf } from './requests.ts';
import { ec2State } from './state.ts';
import { tagList } from './tags.ts';

/** A rule without identity: what two rules that mean the same share, and its description. */
export type RuleShape = Pick<RuleRecord, 'protocol' | 'fromPort' | 'toPort' | 'peer' | 'description'>;

export const sameRule = (one: RuleShape, other: RuleShape): boolean =>
  one.protocol === other.protocol &&
  one.fromPort === other.fromPort &&
  one.toPort === other.toPort &&
  one.peer.kind === other.peer.kind &&
  one.peer.value === other.peer.value;

/**
 * The single rules that permissions stand for.
 * Errors: `InvalidParameterValue` for ports and blocks, `InvalidGroup.NotFound`, `InvalidPrefixListID.NotFound`.
 */
export function shapesOf(place: Place, group: SecurityGroupRecord, permissions: readonly IpPermission[]): RuleShape[] {
  return permissions.flatMap((permission) => {
    const { protocol, fromPort, toPort } = portsOf(permission.IpProtocol, permission.FromPort, permission.ToPort);
    const peers = peersOf(place, group, permission);
    if (peers.length === 0) throw new ApiError('MissingParameter', 'The request must contain a source or destination');
    return peers.map((peer) => ({ protocol, fromPort, toPort, ...peer }));
  });
}

function peersOf(place: Place, group: SecurityGroupRecord, permission: IpPermission) {
  return [
    ...(permission.IpRanges ?? []).map((range) => ({ peer: ipv4(range.CidrIp), description: range.Description })),
    ...(permission.Ipv6Ranges ?? []).map((range) => ({ peer: ipv6(range.CidrIpv6), description: range.Description })),
    ...(permission.PrefixListIds ?? []).map((list) => ({
      peer: prefixList(place, list.PrefixListId ?? ''),
      description: list.Description,
    })),
    ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
      peer: groupPeer(place, group, pair.GroupId ?? pair.GroupName ?? ''),
      description: pair.Description,
    })),
  ];
}

/** The shape of a rule given singly, as ModifySecurityGroupRules does. */
export function shapeOf(place: Place, group: SecurityGroupRecord, rule: SecurityGroupRuleRequest): RuleShape {
  const ports = portsOf(rule.IpProtocol, rule.FromPort, rule.ToPort);
  const description = rule.Description;
  if (rule.CidrIpv4) return { ...ports, description, peer: ipv4(rule.CidrIpv4) };
  if (rule.CidrIpv6) return { ...ports, description, peer: ipv6(rule.CidrIpv6) };
  if (rule.PrefixListId) return { ...ports, description, peer: prefixList(place, rule.PrefixListId) };
  return { ...ports, description, peer: groupPeer(place, group, rule.ReferencedGroupId ?? '') };
}

const protocolNames: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6', all: '-1' };

/** F-234: TCP and UDP need both ports; every other protocol but ICMP has none. */
function portsOf(given: string | undefined, from: number | undefined, to: number | undefined) {
  if (given === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter ipProtocol');
  const name = given.toLowerCase();
  const protocol = protocolNames[name] ?? name;
  if (!/^(-1|tcp|udp|icmp|icmpv6|\d{1,3})$/.test(protocol)) {
    throw new ApiError('InvalidParameterValue', `Invalid value '${given}' for IP protocol. Unknown protocol.`);
  }
  if (protocol === 'tcp' || protocol === 'udp') return { protocol, ...portRange(from, to) };
  if (protocol.startsWith('icmp')) return { protocol, fromPort: from ?? -1, toPort: to ?? -1 };
  return { protocol, fromPort: -1, toPort: -1 };
}

function portRange(from: number | undefined, to: number | undefined) {
  const refuse = (problem: string) => new ApiError('InvalidParameterValue', problem);
  if (from === undefined || to === undefined) {
    throw refuse('Invalid value for portRange. Must specify both from and to ports with TCP/UDP.');
  }
  for (const port of [from, to]) if (port < 0 || port > 65535) throw refuse(`Invalid value for port: ${port}`);
  if (from > to) throw refuse(`Invalid TCP/UDP port range (${from}:${to})`);
  return { fromPort: from, toPort: to };
}

/** F-235: EC2 clears the host bits of a block. */
function ipv4(text = ''): RulePeer {
  const cidr = parseCidr(text);
  if (!cidr) throw new ApiError('InvalidParameterValue', `CIDR block ${text} is malformed`);
  return { kind: 'ipv4', value: formatCidr(cidr) };
}

function ipv6(text = ''): RulePeer {
  if (/^[0-9a-f:.]*:[0-9a-f:.]*\/\d{1,3}$/i.test(text)) return { kind: 'ipv6', value: text.toLowerCase() };
  throw new ApiError('InvalidParameterValue', `CIDR block ${text} is malformed`);
}

const prefixList = (place: Place, id: string): RulePeer => ({
  kind: 'prefix-list',
  value: requirePrefixList(place, id).prefixListId,
});

function groupPeer(place: Place, group: SecurityGroupRecord, idOrName: string): RulePeer {
  const groups = Object.values(ec2State(place).securityGroups);
  const other = groups.find((candidate) => candidate.groupId === idOrName || isNamed(candidate, group.vpcId, idOrName));
  if (!other) throw new ApiError('InvalidGroup.NotFound', `The security group '${idOrName}' does not exist`);
  if (other.vpcId !== group.vpcId) {
    throw new ApiError('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
  }
  return { kind: 'group', value: other.groupId };
}

const isNamed = (group: SecurityGroupRecord, vpcId: string, name: string) =>
  group.vpcId === vpcId && group.groupName === name;

/** How the text of an error names a rule. */
export function wordsFor(rule: RuleShape): string {
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase();
  const ports = rule.fromPort < 0 ? '' : `, from port: ${rule.fromPort}, to port: ${rule.toPort}`;
  return `peer: ${rule.peer.value}, ${protocol}${ports}, ALLOW`;
}

/** Rules gathered as DescribeSecurityGroups shows them: one permission for each protocol and port range. */
export function permissionsOf(place: Place, rules: readonly RuleShape[]): IpPermission[] {
  const grouped = new Map<string, RuleShape[]>();
  for (const rule of rules) {
    const key = `${rule.protocol}/${rule.fromPort}/${rule.toPort}`;
    grouped.set(key, [...(grouped.get(key) ?? []), rule]);
  }
  return [...grouped.values()].map((alike) => permissionOf(place, alike));
}

function permissionOf(place: Place, rules: readonly RuleShape[]): IpPermission {
  const [first] = rules;
  const withPorts = first !== undefined && first.protocol !== '-1';
  const peers = <K extends RulePeer['kind']>(kind: K) => rules.filter((rule) => rule.peer.kind === kind);
  return {
    IpProtocol: first?.protocol,
    ...(withPorts && { FromPort: first.fromPort, ToPort: first.toPort }),
    IpRanges: peers('ipv4').map(({ peer, description: Description }) => ({ CidrIp: peer.value, Description })),
    Ipv6Ranges: peers('ipv6').map(({ peer, description: Description }) => ({ CidrIpv6: peer.value, Description })),
    PrefixListIds: peers('prefix-list').map(({ peer, description: Description }) => ({
      PrefixListId: peer.value,
      Description,
    })),
    UserIdGroupPairs: peers('group').map(({ peer, description: Description }) => ({
      GroupId: peer.value,
      UserId: place.account,
      Description,
    })),
  };
}

/** One rule, as DescribeSecurityGroupRules shows it. */
export function ruleOf(place: Place, rule: RuleRecord): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.ruleId,
    SecurityGroupRuleArn: arnOf(place, 'security-group-rule', rule.ruleId),
    GroupId: rule.groupId,
    GroupOwnerId: place.account,
    IsEgress: rule.isEgress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...peerMembers(place, rule.peer),
    Description: rule.description,
    Tags: tagList(rule.tags),
  };
}

function peerMembers(place: Place, peer: RulePeer): Partial<SecurityGroupRule> {
  switch (peer.kind) {
    case 'ipv4':
      return { CidrIpv4: peer.value };
    case 'ipv6':
      return { CidrIpv6: peer.value };
    case 'prefix-list':
      return { PrefixListId: peer.value };
    case 'group':
      return { ReferencedGroupInfo: { GroupId: peer.value, UserId: place.account } };
  }
}
