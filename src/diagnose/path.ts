/**
 * The way of a connection through security groups: clients → load balancer → endpoint. Rules are judged by what they
 * let through, not by whether they are the ones that rsds makes. Pure.
 *
 * The load balancer's health checks take the second half of that way: they obey the outbound rules of its groups and
 * the inbound rules of the endpoint's (F-661).
 */
import { type Cidr, contains, parseCidr } from '../model/addresses.ts';
import { describeRule, type Rule } from '../steps/vpc/rules.ts';
import type { BalancerView, EndpointView, GroupView, NetworkView } from './observations.ts';

/** A rule that is missing: where, and what it would say. */
export interface Gap {
  readonly group: string;
  readonly rule: string;
}

export interface Wanted {
  readonly direction: Rule['direction'];
  readonly port: number;
  /** Any one of these groups, or all of these blocks, on the other side. */
  readonly groups: readonly string[];
  readonly cidrs: readonly string[];
}

/** Whether one rule lets the traffic through; blocks count only together. */
function letsThrough(rule: Rule, wanted: Wanted): boolean {
  if (rule.direction !== wanted.direction || !coversPort(rule, wanted.port)) return false;
  return 'group' in rule.peer && wanted.groups.includes(rule.peer.group);
}

/** Whether the rules, together, let the traffic through. */
export function allows(rules: readonly Rule[], wanted: Wanted): boolean {
  if (rules.some((rule) => letsThrough(rule, wanted))) return true;
  const open = rules.filter((rule) => rule.direction === wanted.direction && coversPort(rule, wanted.port));
  const blocks = open.flatMap(({ peer }) => ('cidr' in peer ? (parseCidr(peer.cidr) ?? []) : []));
  return wanted.cidrs.length > 0 && wanted.cidrs.every((cidr) => isCovered(parseCidr(cidr), blocks));
}

/** Blocks that only together cover another are rare enough to be left out: two halves count as not covering. */
const isCovered = (cidr: Cidr | undefined, blocks: readonly Cidr[]) =>
  cidr !== undefined && blocks.some((block) => contains(block, cidr));

/** Whether a rule is about that TCP port; its `other` is `tcp 5430-5440`, or another protocol. */
export function coversPort({ port, other }: Rule, wanted: number): boolean {
  if (other === undefined) return port === undefined || port === wanted;
  const [, protocol, from, to] = /^(\S+) (-?\d+)-(-?\d+)$/.exec(other) ?? [];
  return protocol === 'tcp' && Number(from) <= wanted && wanted <= Number(to);
}

const rulesOf = (groups: readonly GroupView[], ids: readonly string[]) =>
  groups.filter(({ id }) => ids.includes(id)).flatMap(({ rules }) => rules);

/** Which of the clients' blocks the groups `ids` don't let in on `port`. */
export function clientGaps(
  groups: readonly GroupView[],
  { ids, cidrs, port }: { ids: readonly string[]; cidrs: readonly string[]; port: number },
): Gap[] {
  const rules = rulesOf(groups, ids);
  return cidrs
    .filter((cidr) => !allows(rules, { direction: 'ingress', port, groups: [], cidrs: [cidr] }))
    .map((cidr) => ({
      group: nameOf(groups, ids),
      rule: describeRule({ direction: 'ingress', port, peer: { cidr } }),
    }));
}

export interface Hop {
  readonly groups: readonly GroupView[];
  readonly network: NetworkView;
  readonly balancer: BalancerView;
  readonly endpoint: EndpointView;
  readonly port: number;
}

/** What keeps the load balancer, and its health checks, from an endpoint. */
export function endpointGaps({ groups, network, balancer, endpoint, port }: Hop): Gap[] {
  const out: Wanted = {
    direction: 'egress',
    port,
    groups: endpoint.groupIds,
    cidrs: endpoint.addresses.map((address) => `${address}/32`),
  };
  const into: Wanted = {
    direction: 'ingress',
    port,
    groups: balancer.groupIds,
    cidrs: network.subnets
      .filter(({ id }) => balancer.zones.some(({ subnetId }) => subnetId === id))
      .map(({ cidr }) => cidr),
  };
  return [
    ...(allows(rulesOf(groups, balancer.groupIds), out) ? [] : [gap(groups, balancer.groupIds, out)]),
    ...(allows(rulesOf(groups, endpoint.groupIds), into) ? [] : [gap(groups, endpoint.groupIds, into)]),
  ];
}

function gap(groups: readonly GroupView[], ids: readonly string[], { direction, port, groups: peers }: Wanted): Gap {
  const peer = nameOf(groups, peers);
  return { group: nameOf(groups, ids), rule: describeRule({ direction, port, peer: { group: peer } }) };
}

const nameOf = (groups: readonly GroupView[], ids: readonly string[]): string =>
  ids.map((id) => groups.find((group) => group.id === id)?.name ?? id).join(', ') || 'no group';

/** `airline-dev-endpoint lacks "in from airline-dev-nlb: 5439"`. */
export const describeGap = ({ group, rule }: Gap) => `${group} lacks "${rule}"`;
