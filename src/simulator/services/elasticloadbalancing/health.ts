/**
 * How targets stand with the health checks of their load balancer, computed when somebody looks.
 *
 * H1. No timer and no tick: checks fall on a grid (first check, then one an interval), so that how a target stands
 *     follows from what its checks have met since when. A change of the path is noticed at the next look and dated back
 *     to the last change in the network, or to the look before.
 * H2. A new target is healthy after its first successful check (F-340); one that was unhealthy needs the threshold.
 */
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import { outages } from '../../outages.ts';
import type { Place } from '../../world.ts';
import { type InterfaceInfo, interfaceAt } from '../ec2/interfaces.ts';
import { mayConnect, networkChangedAt } from '../ec2/lookup.ts';
import { workgroupBehind } from '../redshift-serverless/doors.ts';
import type {
  BalancerZone,
  LoadBalancerRecord,
  Probe,
  TargetGroupRecord,
  TargetPath,
  TargetRecord,
} from './records.ts';
import { elbState } from './state.ts';

/** Takes down how every target stands now, before something changes that its path depends on. */
export function noteHealth(place: Place): void {
  for (const group of Object.values(elbState(place).targetGroups)) {
    for (const target of group.targets) healthOf(place, group, target);
  }
}

/** Drops the targets whose deregistration is complete. */
export function dropDrained(place: Place, group: TargetGroupRecord): void {
  group.targets = group.targets.filter((target) => drainedAt(group, target) > place.now);
}

/** F-341: a deregistered target is draining for the group's delay, then gone. */
function drainedAt(group: TargetGroupRecord, target: TargetRecord): number {
  if (target.deregisteredAt === undefined) return Number.POSITIVE_INFINITY;
  return target.deregisteredAt + Number(group.attributes['deregistration_delay.timeout_seconds']) * 1000;
}

export const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

const draining: TargetHealth = {
  State: 'draining',
  Reason: 'Target.DeregistrationInProgress',
  Description: 'Target deregistration is in progress',
};

const registering: TargetHealth = {
  State: 'initial',
  Reason: 'Elb.RegistrationInProgress',
  Description: 'Target registration is in progress',
};

const checking: TargetHealth = {
  State: 'initial',
  Reason: 'Elb.InitialHealthChecking',
  Description: 'Initial health checks in progress',
};

const notInUse = (Description: string): TargetHealth => ({ State: 'unused', Reason: 'Target.NotInUse', Description });

/** How a registered target stands now. */
export function healthOf(place: Place, group: TargetGroupRecord, target: TargetRecord): TargetHealth {
  if (target.deregisteredAt !== undefined) return draining;
  const use = useOf(place, group);
  if (!use) return notInUse('Target group is not configured to receive traffic from the load balancer');
  const { balancer, attachedAt } = use;
  if (!nodesFor(balancer, group, target).length) {
    return notInUse('Target is in an Availability Zone that is not enabled for the load balancer');
  }
  if (balancer.activeAt === undefined) return registering;
  const start = Math.max(target.registeredAt, attachedAt, balancer.activeAt);
  target.path = followedPath(place, { group, target, balancer, start });
  if (place.now < start + target.registerMs) return registering;
  return healthAfter(place, group, target, target.path);
}

/** The load balancer that forwards to the group, and since when. F-308 allows one. */
function useOf(place: Place, group: TargetGroupRecord) {
  const { listeners, loadBalancers } = elbState(place);
  const using = Object.values(listeners).filter((listener) => listener.targetGroupArn === group.arn);
  const balancer = loadBalancers[using[0]?.loadBalancerArn ?? ''];
  return balancer && { balancer, attachedAt: Math.min(...using.map((listener) => listener.attachedAt)) };
}

/** What is out of order answers nobody. */
function isOut(place: Place, { availabilityZone, networkInterfaceId }: InterfaceInfo): boolean {
  const { workgroups, zones } = outages(place);
  if (workgroups.length === 0 && zones.length === 0) return false;
  return zones.includes(availabilityZone) || workgroups.includes(workgroupBehind(place, networkInterfaceId) ?? '');
}

/** F-342: with cross-zone on every node checks the target, otherwise the one of its zone. */
export function nodesFor(
  balancer: LoadBalancerRecord,
  group: TargetGroupRecord,
  target: Pick<TargetRecord, 'zone'>,
): readonly BalancerZone[] {
  if (target.zone === 'all') return balancer.zones;
  const own = balancer.zones.filter((zone) => zone.zoneName === target.zone);
  return own.length > 0 && isCrossZone(balancer, group) ? balancer.zones : own;
}

/** Whether connections go to targets of other zones, too: the group's own word, or the load balancer's. */
export function isCrossZone(balancer: LoadBalancerRecord, group: TargetGroupRecord): boolean {
  const key = 'load_balancing.cross_zone.enabled';
  const own = group.attributes[key];
  return (own === 'true' || own === 'false' ? own : balancer.attributes[key]) === 'true';
}

interface CheckedTarget {
  readonly group: TargetGroupRecord;
  readonly target: TargetRecord;
  readonly balancer: LoadBalancerRecord;
  readonly start: number;
}

/** F-343: no answer where groups drop the packet or nobody has the address; a refusal where nothing listens. */
function probe(place: Place, { group, target, balancer }: CheckedTarget): Probe {
  const port = checkedPort(group, target);
  const there = interfaceAt(place, group.vpcId, target.address);
  if (!there || isOut(place, there)) return 'timeout';
  const { zones: zonesOut } = outages(place);
  const nodes = nodesFor(balancer, group, target).filter(({ zoneName }) => !zonesOut.includes(zoneName));
  const passes = nodes.every((node) => reaches(place, balancer, node.address, there, port));
  if (!passes) return 'timeout';
  return there.listeningPort === port && group.healthCheck.protocol === 'TCP' ? 'open' : 'refused';
}

/** Whether what a node of the load balancer sends reaches an interface. */
export const reaches = (place: Place, from: LoadBalancerRecord, address: string, to: InterfaceInfo, port: number) =>
  mayConnect(
    place,
    { groupIds: from.securityGroups, address },
    { groupIds: to.groupIds, address: to.privateIpAddress },
    port,
  );

/** The port that the checks of a target go to. */
export const checkedPort = (group: TargetGroupRecord, target: Pick<TargetRecord, 'port'>): number =>
  group.healthCheck.port === 'traffic-port' ? target.port : Number(group.healthCheck.port);

function followedPath(place: Place, checked: CheckedTarget): TargetPath {
  const { group, target, start } = checked;
  const found = probe(place, checked);
  const known = target.path;
  if (known === undefined || known.start !== start) {
    return { start, probe: found, since: start, standing: 'initial', unhealthySince: undefined };
  }
  if (known.probe === found) return known;
  const since = Math.min(Math.max(networkChangedAt(place), known.since), place.now);
  const standing = standingAt(since, group, target, known);
  const unhealthySince = standing === 'unhealthy' ? unhealthyFrom(group, target, known) : undefined;
  return { start, probe: found, since, standing, unhealthySince };
}

/** When a target that is unhealthy became so. */
const unhealthyFrom = (group: TargetGroupRecord, target: TargetRecord, path: TargetPath): number =>
  path.standing === 'unhealthy' ? (path.unhealthySince ?? path.since) : turnsAt(group, target, path);

/** The first check of a target at or after a moment. */
function nextCheck(moment: number, group: TargetGroupRecord, target: TargetRecord, start: number): number {
  const interval = group.healthCheck.intervalSeconds * 1000;
  const first = start + target.registerMs + target.phase * interval;
  return moment <= first ? first : first + Math.ceil((moment - first) / interval) * interval;
}

/** When the checks since the last change of the path turn the target over; never, if they confirm how it stood. */
function turnsAt(group: TargetGroupRecord, target: TargetRecord, path: TargetPath): number {
  const { intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold } = group.healthCheck;
  const check = nextCheck(path.since, group, target, path.start);
  const after = (checks: number) => check + (checks - 1) * intervalSeconds * 1000;
  if (path.probe === 'open') {
    if (path.standing === 'healthy') return Number.POSITIVE_INFINITY;
    return after(path.standing === 'initial' ? 1 : healthyThreshold);
  }
  if (path.standing === 'unhealthy') return Number.POSITIVE_INFINITY;
  return after(unhealthyThreshold) + (path.probe === 'timeout' ? timeoutSeconds * 1000 : 0);
}

function standingAt(moment: number, group: TargetGroupRecord, target: TargetRecord, path: TargetPath) {
  if (moment < turnsAt(group, target, path)) return path.standing;
  return path.probe === 'open' ? 'healthy' : 'unhealthy';
}

function healthAfter(place: Place, group: TargetGroupRecord, target: TargetRecord, path: TargetPath): TargetHealth {
  const standing = standingAt(place.now, group, target, path);
  if (standing === 'initial') return checking;
  if (standing === 'healthy') return { State: 'healthy' };
  const drainMs = Number(group.attributes['target_health_state.unhealthy.draining_interval_seconds']) * 1000;
  // F-344: for this long connections are kept though the target is unhealthy.
  const isDraining = place.now < unhealthyFrom(group, target, path) + drainMs;
  return { State: isDraining ? 'unhealthy.draining' : 'unhealthy', ...failure(path) };
}

// An unhealthy target whose path is open again has been failing its checks until now.
const failure = (path: TargetPath): Pick<TargetHealth, 'Reason' | 'Description'> =>
  path.probe === 'timeout'
    ? { Reason: 'Target.Timeout', Description: 'Request timed out' }
    : { Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' };
