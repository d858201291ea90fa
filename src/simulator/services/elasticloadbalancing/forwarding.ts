/** Where a load balancer sends a connection, and what becomes of it afterwards. */
import { outages } from '../../outages.ts';
import type { Place } from '../../world.ts';
import { interfaceAt } from '../ec2/interfaces.ts';
import { dropDrained, healthOf, isCrossZone, nodesFor, reaches } from './health.ts';
import { dnsNameOf } from './load-balancers.ts';
import type { BalancerZone, ListenerRecord, LoadBalancerRecord, TargetGroupRecord, TargetRecord } from './records.ts';
import { elbState } from './state.ts';

/** What clients connect to. */
export interface FrontDoor {
  readonly listenerArn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly port: number;
  readonly groupIds: readonly string[];
  readonly zones: readonly string[];
  /** F-682, in ms. */
  readonly idleTimeoutMs: number;
}

/** The listeners of load balancers that have come up. */
export function frontDoors(place: Place): FrontDoor[] {
  const { listeners, loadBalancers } = elbState(place);
  return Object.values(listeners).flatMap((listener) => {
    const balancer = loadBalancers[listener.loadBalancerArn];
    if (balancer?.activeAt === undefined) return [];
    return [
      {
        listenerArn: listener.arn,
        name: balancer.name,
        dnsName: dnsNameOf(place, balancer),
        port: listener.port,
        groupIds: balancer.securityGroups,
        zones: balancer.zones.map(({ zoneName }) => zoneName),
        idleTimeoutMs: Number(listener.attributes['tcp.idle_timeout.seconds']) * 1000,
      },
    ];
  });
}

export interface Destination {
  readonly targetGroupArn: string;
  readonly address: string;
  readonly port: number;
}

/** A target that was deregistered a while ago, and goes on getting connections from nodes that have not heard of it. */
export interface Leaving extends Destination {
  readonly zone: string;
  readonly at: number;
}

/** A client that has just connected. */
export interface Caller {
  /** The connection's hash, in [0, 1). */
  readonly flow: number;
  /** Its address. */
  readonly source: string | undefined;
  /** The interface of the node at which it has come; undefined: any node's that the DNS name stands for. */
  readonly nodeInterfaceId?: string | undefined;
}

/** F-691: for so long new connections may still reach a deregistered target. */
export const stragglersMs = 120_000;

/**
 * The target of a new connection: by the hash of the connection, among the healthy ones of the zone or, with
 * cross-zone, of all; where none is healthy, among all of them (F-900). Undefined where there is no target at all.
 * `leaving`: targets that left lately.
 */
export function destinationOf(
  place: Place,
  listenerArn: string,
  { flow, source, nodeInterfaceId }: Caller,
  leaving: readonly Leaving[],
): Destination | undefined {
  const way = wayOf(place, listenerArn);
  if (!way) return undefined;
  const { balancer, group } = way;
  const met = balancer.zones.find(({ networkInterfaceId }) => networkInterfaceId === nodeInterfaceId);
  const node = met ?? nodeFor(place, way, flow);
  const late = leaving.filter(
    (target) =>
      target.targetGroupArn === group.arn &&
      place.now < target.at + hashOf(node?.address, target.address) * stragglersMs,
  );
  const reachable = group.targets.filter(
    (target) => node === undefined || nodesFor(balancer, group, target).includes(node),
  );
  const healthy = reachable.filter((target) => healthOf(place, group, target).State === 'healthy');
  const open = reachable.filter((target) => /^(initial|unhealthy)/.test(healthOf(place, group, target).State ?? ''));
  // F-721: with stickiness the address decides, whichever node it came to.
  const share = isOn(group, 'stickiness.enabled') ? hashOf(group.arn, source) : flow;
  const chosen = pick([...(healthy.length > 0 ? healthy : open), ...late], share);
  return chosen && { targetGroupArn: group.arn, address: chosen.address, port: chosen.port };
}

interface Way {
  readonly balancer: LoadBalancerRecord;
  readonly listener: ListenerRecord;
  readonly group: TargetGroupRecord;
}

function wayOf(place: Place, listenerArn: string): Way | undefined {
  const { listeners, loadBalancers, targetGroups } = elbState(place);
  const listener = listeners[listenerArn];
  const balancer = listener && loadBalancers[listener.loadBalancerArn];
  const group = listener && targetGroups[listener.targetGroupArn];
  if (group) dropDrained(place, group);
  return listener && balancer && group && { listener, balancer, group };
}

/** The node that a client's connection comes to. */
const nodeFor = (place: Place, way: Way, flow: number): BalancerZone | undefined =>
  // Another part of the hash than the one that chooses the target.
  pick(nodesInDns(place, way), (flow * 7919) % 1);

/** The nodes that are in the load balancer's DNS name (F-342): those with somebody to send to, or all of them. */
function nodesInDns(place: Place, { balancer, group }: Way): readonly BalancerZone[] {
  const { zones: out } = outages(place);
  const up = balancer.zones.filter(({ zoneName }) => !out.includes(zoneName));
  const isServed = (zone: BalancerZone) =>
    group.targets.some(
      (target) =>
        nodesFor(balancer, group, target).includes(zone) && healthOf(place, group, target).State === 'healthy',
    );
  const served = isCrossZone(balancer, group) ? up : up.filter(isServed);
  return served.length > 0 ? served : up;
}

const pick = <T>(from: readonly T[], share: number): T | undefined => from[Math.floor(share * from.length)];

/** A number in [0, 1) that stays the same for the same texts. */
export function hashOf(...texts: readonly (string | number | undefined)[]): number {
  let hash = 2166136261;
  for (const char of texts.join(' ')) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return (hash >>> 0) / 2 ** 32;
}

/** Whether packets of the load balancer reach a target, and something answers there. */
export function meets(
  place: Place,
  listenerArn: string,
  { address, port }: Destination,
): 'open' | 'refused' | 'timeout' {
  const way = wayOf(place, listenerArn);
  const there = way && interfaceAt(place, way.group.vpcId, address);
  if (!way || !there || outages(place).zones.includes(there.availabilityZone)) return 'timeout';
  const { balancer } = way;
  if (!balancer.zones.some((node) => reaches(place, balancer, node.address, there, port))) return 'timeout';
  return there.listeningPort === port ? 'open' : 'refused';
}

/** The network interface that a target's address belongs to. */
export function interfaceOfTarget(place: Place, listenerArn: string, { address }: Destination): string | undefined {
  const way = wayOf(place, listenerArn);
  return way && interfaceAt(place, way.group.vpcId, address)?.networkInterfaceId;
}

/** What a connection that stands has to expect: `cut` where AWS ends it (F-341, F-681). */
export function fateOf(
  place: Place,
  listenerArn: string,
  { targetGroupArn, address, port }: Destination,
): 'kept' | 'cut' {
  const way = wayOf(place, listenerArn);
  const group = elbState(place).targetGroups[targetGroupArn];
  if (!way || !group) return 'cut';
  dropDrained(place, group);
  const target = group.targets.find((one) => one.address === address && one.port === port);
  if (!target) return isOn(group, 'deregistration_delay.connection_termination.enabled') ? 'cut' : 'kept';
  if (target.deregisteredAt !== undefined) return 'kept';
  const unhealthy = healthOf(place, group, target).State === 'unhealthy';
  return unhealthy && isOn(group, 'target_health_state.unhealthy.connection_termination.enabled') ? 'cut' : 'kept';
}

const isOn = ({ attributes }: TargetGroupRecord, key: string) => attributes[key] === 'true';

/** The targets that are being deregistered now. */
export function leavingTargets(place: Place): Leaving[] {
  return Object.values(elbState(place).targetGroups).flatMap((group) =>
    group.targets.flatMap(({ address, port, zone, deregisteredAt: at }: TargetRecord) =>
      at === undefined ? [] : [{ targetGroupArn: group.arn, address, port, zone, at }],
    ),
  );
}

/** The addresses behind a load balancer's DNS name; undefined where there is none of that name. */
export function nodesOf(place: Place, dnsName: string): string[] | undefined {
  const { listeners, loadBalancers } = elbState(place);
  const found = Object.values(loadBalancers).find((one) => dnsNameOf(place, one).toLowerCase() === dnsName);
  const listener = Object.values(listeners).find(({ loadBalancerArn }) => loadBalancerArn === found?.arn);
  const way = listener && wayOf(place, listener.arn);
  const nodes = way ? nodesInDns(place, way) : found?.zones;
  return nodes?.map(({ address }) => address);
}

/** The listener that answers at a port of one of its nodes, and whether the node's zone is up. */
export function listenerAt(
  place: Place,
  networkInterfaceId: string,
  port: number,
): { readonly listenerArn: string; readonly up: boolean } | 'no listener' | undefined {
  const { listeners, loadBalancers } = elbState(place);
  const isNode = (zone: BalancerZone) => zone.networkInterfaceId === networkInterfaceId;
  const balancer = Object.values(loadBalancers).find((one) => one.zones.some(isNode));
  if (!balancer) return undefined;
  const listener = Object.values(listeners).find((one) => one.loadBalancerArn === balancer.arn && one.port === port);
  if (!listener || balancer.activeAt === undefined) return 'no listener';
  const zone = balancer.zones.find(isNode)?.zoneName ?? '';
  return { listenerArn: listener.arn, up: !outages(place).zones.includes(zone) };
}
