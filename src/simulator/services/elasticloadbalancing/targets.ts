/** Targets: registered by address, their zone found in the VPC, drained when they leave. */
import type {
  DeregisterTargetsInput,
  DeregisterTargetsOutput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  RegisterTargetsOutput,
  TargetDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { addressIn, parseAddress } from '../ec2/cidr.ts';
import { subnetAt, vpcCidr } from '../ec2/lookup.ts';
import { zonesOf } from '../ec2/zones.ts';
import { checkedPort, dropDrained, healthOf, isCrossZone, notRegistered } from './health.ts';
import type { TargetGroupRecord, TargetRecord } from './records.ts';
import { elbState, requireTargetGroup } from './state.ts';
import { balancersOf } from './target-groups.ts';

/** F-304. */
const targetsPerGroupMax = 1000;
const targetsPerCrossZoneBalancerMax = 500;

/** F-350: the ranges from which targets outside the VPC may come. */
const outsideRanges = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];

const invalidTarget = (problem: string) => new ApiError('InvalidTargetException', problem);

function registerTargets(input: Checked<RegisterTargetsInput>, call: Call): RegisterTargetsOutput {
  const group = requireTargetGroup(call, input.TargetGroupArn);
  dropDrained(call, group);
  const places = input.Targets.map((target) => placeOf(call, group, target));
  const added = places.filter((place) => !find(group, place));
  refuseTooMany(call, group, added.length);
  for (const place of places) {
    const present = find(group, place);
    if (present === undefined) group.targets.push(newTarget(call, place));
    else if (present.deregisteredAt !== undefined) Object.assign(present, newTarget(call, place));
  }
  for (const target of group.targets) healthOf(call, group, target);
  return {};
}

type TargetPlace = Pick<TargetRecord, 'address' | 'port' | 'zone'>;

function newTarget(place: Place, where: TargetPlace): TargetRecord {
  return {
    ...where,
    registeredAt: place.now,
    registerMs: place.world.draw('target.register'),
    phase: place.world.random.next(),
    deregisteredAt: undefined,
    path: undefined,
  };
}

const find = (group: TargetGroupRecord, { address, port }: Pick<TargetPlace, 'address' | 'port'>) =>
  group.targets.find((target) => target.address === address && target.port === port);

/** F-350: inside the VPC the zone is found; outside it must be told, and the address be a private one. */
function placeOf(place: Place, group: TargetGroupRecord, target: Checked<TargetDescription>): TargetPlace {
  const { Id: address, Port: port = group.port, AvailabilityZone: given } = target;
  if (group.targetType !== 'ip')
    throw invalidTarget(`The following targets are not registered instances: '${address}'`);
  if (parseAddress(address) === undefined) throw invalidTarget(`'${address}' is not a valid IPv4 address`);
  if (addressIn(address, vpcCidr(place, group.vpcId) ?? '')) {
    return { address, port, zone: zoneInVpc(place, group, address, given) };
  }
  if (!outsideRanges.some((range) => addressIn(address, range))) {
    throw invalidTarget(`The IP address '${address}' is not within a range that targets may come from`);
  }
  if (given === undefined) {
    throw invalidTarget(`You must specify an Availability Zone, or 'all', for '${address}', which is outside the VPC`);
  }
  checkZone(place, given, ['all']);
  return { address, port, zone: given };
}

function zoneInVpc(place: Place, group: TargetGroupRecord, address: string, given: string | undefined): string {
  const found = subnetAt(place, group.vpcId, address)?.availabilityZone;
  if (found === undefined) {
    throw invalidTarget(`The IP address '${address}' is not within any subnet of VPC '${group.vpcId}'`);
  }
  if (given !== undefined && given !== found) {
    throw invalidTarget(`The Availability Zone '${given}' is not the one of '${address}', which is '${found}'`);
  }
  return found;
}

function checkZone(place: Place, zone: string, others: readonly string[]): void {
  if (others.includes(zone) || zonesOf(place.region).some(({ name }) => name === zone)) return;
  throw invalidTarget(`The Availability Zone '${zone}' is not valid`);
}

function refuseTooMany(place: Place, group: TargetGroupRecord, added: number): void {
  const tooMany = new ApiError('TooManyTargetsException', 'The maximum number of targets has been reached');
  if (group.targets.length + added > targetsPerGroupMax) throw tooMany;
  const { loadBalancers, targetGroups } = elbState(place);
  for (const arn of balancersOf(place, group.arn)) {
    const balancer = loadBalancers[arn];
    if (!balancer || !isCrossZone(balancer, group)) continue;
    const groups = Object.values(targetGroups).filter((other) => balancersOf(place, other.arn).includes(arn));
    const present = groups.reduce((sum, other) => sum + other.targets.length, 0);
    if (present + added > targetsPerCrossZoneBalancerMax) throw tooMany;
  }
}

/** F-341: what is not in use leaves at once, an absent target is fine. */
function deregisterTargets(input: Checked<DeregisterTargetsInput>, call: Call): DeregisterTargetsOutput {
  const group = requireTargetGroup(call, input.TargetGroupArn);
  dropDrained(call, group);
  for (const { Id: address, Port: port = group.port } of input.Targets) {
    if (parseAddress(address) === undefined) throw invalidTarget(`'${address}' is not a valid IPv4 address`);
    const target = find(group, { address, port });
    if (!target || target.deregisteredAt !== undefined) continue;
    if (healthOf(call, group, target).State === 'unused') {
      group.targets = group.targets.filter((other) => other !== target);
    } else {
      target.deregisteredAt = call.now;
    }
  }
  dropDrained(call, group);
  return {};
}

function describeTargetHealth(input: Checked<DescribeTargetHealthInput>, call: Call): DescribeTargetHealthOutput {
  const group = requireTargetGroup(call, input.TargetGroupArn);
  dropDrained(call, group);
  const asked = input.Targets?.length ? input.Targets.map((target) => askedFor(group, target)) : group.targets;
  return { TargetHealthDescriptions: asked.map((target) => describe(call, group, target)) };
}

function askedFor(group: TargetGroupRecord, target: Checked<TargetDescription>): TargetRecord | TargetPlace {
  const { Id: address, Port: port = group.port } = target;
  if (parseAddress(address) === undefined) throw invalidTarget(`'${address}' is not a valid IPv4 address`);
  return find(group, { address, port }) ?? { address, port, zone: '' };
}

function describe(call: Call, group: TargetGroupRecord, target: TargetRecord | TargetPlace): TargetHealthDescription {
  const where = { Id: target.address, Port: target.port };
  if (!('registeredAt' in target)) return { Target: where, TargetHealth: notRegistered };
  return {
    Target: { ...where, AvailabilityZone: target.zone },
    HealthCheckPort: String(checkedPort(group, target)),
    TargetHealth: healthOf(call, group, target),
  };
}

export const targetOperations = {
  RegisterTargets: registerTargets,
  DeregisterTargets: deregisterTargets,
  DescribeTargetHealth: describeTargetHealth,
};
