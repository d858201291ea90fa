/** Rules of security groups, one peer each, so that two sets of them can be compared. */
import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import type { Direction } from '../../aws/ec2.ts';

export interface Rule {
  readonly direction: Direction;
  /** TCP port; undefined: every protocol and port. Other protocols and ranges come only from elsewhere: `other`. */
  readonly port: number | undefined;
  readonly other?: string;
  readonly peer: Peer;
}

export type Peer = { readonly cidr: string } | { readonly group: string } | { readonly prefixList: string };

/** All rules of a group as EC2 describes it, its default way out included (F-659). */
export function rulesOf(group: SecurityGroup): Rule[] {
  return [
    ...(group.IpPermissions ?? []).flatMap((permission) => flatten('ingress', permission)),
    ...(group.IpPermissionsEgress ?? []).flatMap((permission) => flatten('egress', permission)),
  ];
}

export interface RuleDifference {
  readonly missing: readonly Rule[];
  readonly surplus: readonly Rule[];
}

export function differenceOf(seen: readonly Rule[], wanted: readonly Rule[]): RuleDifference {
  const there = new Set(seen.map(describeRule));
  const needed = new Set(wanted.map(describeRule));
  return {
    missing: wanted.filter((rule) => !there.has(describeRule(rule))),
    surplus: seen.filter((rule) => !needed.has(describeRule(rule))),
  };
}

/** `in from 10.0.0.0/16 to 5439`; also what makes two rules the same. */
export function describeRule({ direction, port, other, peer }: Rule): string {
  const what = other ?? (port === undefined ? 'everything' : String(port));
  const whom = 'cidr' in peer ? peer.cidr : 'group' in peer ? peer.group : peer.prefixList;
  return direction === 'ingress' ? `in from ${whom}: ${what}` : `out to ${whom}: ${what}`;
}

/** As EC2 takes them: rules of one port together, or it refuses them as repeated. */
export function permissionsOf(rules: readonly Rule[]): IpPermission[] {
  const what = ({ port, other }: Rule) => other ?? port ?? 'everything';
  return [...new Set(rules.map(what))].map((one) => permissionOf(rules.filter((rule) => what(rule) === one)));
}

function permissionOf(some: readonly Rule[]): IpPermission {
  return {
    ...protocolOf(some[0]),
    IpRanges: some.flatMap(({ peer }) => ('cidr' in peer && !peer.cidr.includes(':') ? [{ CidrIp: peer.cidr }] : [])),
    Ipv6Ranges: some.flatMap(({ peer }) =>
      'cidr' in peer && peer.cidr.includes(':') ? [{ CidrIpv6: peer.cidr }] : [],
    ),
    UserIdGroupPairs: some.flatMap(({ peer }) => ('group' in peer ? [{ GroupId: peer.group }] : [])),
    PrefixListIds: some.flatMap(({ peer }) => ('prefixList' in peer ? [{ PrefixListId: peer.prefixList }] : [])),
  };
}

function flatten(direction: Direction, permission: IpPermission): Rule[] {
  const peers: Peer[] = [
    ...(permission.IpRanges ?? []).map(({ CidrIp = '' }) => ({ cidr: CidrIp })),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 = '' }) => ({ cidr: CidrIpv6 })),
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupId = '' }) => ({ group: GroupId })),
    ...(permission.PrefixListIds ?? []).map(({ PrefixListId = '' }) => ({ prefixList: PrefixListId })),
  ];
  return peers.map((peer) => ({ direction, ...portOf(permission), peer }));
}

function portOf({ IpProtocol, FromPort, ToPort }: IpPermission): Pick<Rule, 'port' | 'other'> {
  if (IpProtocol === '-1') return { port: undefined };
  if (IpProtocol === 'tcp' && FromPort !== undefined && FromPort === ToPort) return { port: FromPort };
  return { port: undefined, other: `${IpProtocol} ${FromPort ?? -1}-${ToPort ?? -1}` };
}

function protocolOf(rule: Rule | undefined): Pick<IpPermission, 'IpProtocol' | 'FromPort' | 'ToPort'> {
  if (rule?.other !== undefined) {
    const [, protocol, from, to] = /^(\S+) (-?\d+)-(-?\d+)$/.exec(rule.other) ?? [];
    return { IpProtocol: protocol, FromPort: Number(from), ToPort: Number(to) };
  }
  return rule?.port === undefined
    ? { IpProtocol: '-1' }
    : { IpProtocol: 'tcp', FromPort: rule.port, ToPort: rule.port };
}
