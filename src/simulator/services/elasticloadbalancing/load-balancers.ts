/** Network load balancers: created idempotently by name, provisioning for a while, then active. */
import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  DeleteLoadBalancerInput,
  DeleteLoadBalancerOutput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { initialAttributes, loadBalancerAttributes } from './attributes.ts';
import type { LoadBalancerRecord } from './records.ts';
import {
  arnOf,
  checkArn,
  checkName,
  elbState,
  notServed,
  pageOf,
  requireLoadBalancer,
  validationError,
} from './state.ts';
import { mergedTags } from './tags.ts';
import { checkGroups, checkRoom, closeZone, openZone, type WantedZone, wantedZones, zoneView } from './zones.ts';

/** F-304. */
const loadBalancersMax = 50;

function createLoadBalancer(input: Checked<CreateLoadBalancerInput>, call: Call): CreateLoadBalancerOutput {
  if (input.Type !== 'network') throw notServed(`load balancers of type ${input.Type ?? 'application'}`);
  if (input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4') throw notServed('IPv6 load balancers');
  checkName(input.Name, 'load balancer');
  if (/^internal-/i.test(input.Name)) {
    throw validationError(`The load balancer name '${input.Name}' cannot begin with 'internal-'`);
  }
  const zones = wantedZones(call, input);
  const scheme = input.Scheme ?? 'internet-facing';
  const tags = mergedTags({}, input.Tags);
  const present = Object.values(elbState(call).loadBalancers).find(({ name }) => name === input.Name);
  const balancer = present
    ? sameOrRefused(present, { zones, scheme, groups: input.SecurityGroups ?? [] })
    : addLoadBalancer(call, input, { zones, scheme, tags });
  return { LoadBalancers: [loadBalancerView(call, balancer)] };
}

/** F-305: the same request again answers with what is there; another one under the same name is refused. */
function sameOrRefused(
  present: LoadBalancerRecord,
  wanted: { zones: readonly WantedZone[]; scheme: string; groups: readonly string[] },
): LoadBalancerRecord {
  const same =
    present.scheme === wanted.scheme &&
    sameSet(
      present.zones.map((zone) => zone.subnetId),
      wanted.zones.map((zone) => zone.subnetId),
    ) &&
    sameSet(present.securityGroups, wanted.groups);
  if (same) return present;
  const problem = `A load balancer with the same name '${present.name}' exists, but with different settings`;
  throw new ApiError('DuplicateLoadBalancerNameException', problem);
}

const sameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((item) => other.includes(item));

function addLoadBalancer(
  call: Call,
  input: Checked<CreateLoadBalancerInput>,
  plan: { zones: readonly WantedZone[]; scheme: LoadBalancerRecord['scheme']; tags: Record<string, string> },
): LoadBalancerRecord {
  const { loadBalancers } = elbState(call);
  const vpcId = plan.zones[0]?.vpcId ?? '';
  const securityGroups = [...(input.SecurityGroups ?? [])];
  checkGroups(call, securityGroups, vpcId);
  checkRoom(call, plan.zones, plan.scheme);
  if (Object.keys(loadBalancers).length >= loadBalancersMax) {
    throw new ApiError('TooManyLoadBalancersException', 'The maximum number of load balancers has been reached');
  }
  const { Name: name } = input;
  const id = call.world.random.hex(16);
  const balancer: LoadBalancerRecord = {
    arn: arnOf(call, `loadbalancer/net/${name}/${id}`),
    name,
    id,
    scheme: plan.scheme,
    vpcId,
    createdAt: call.now,
    activeAt: undefined,
    zones: plan.zones.map((zone) => openZone(call, { name, id, securityGroups }, zone)),
    securityGroups,
    enforceOnPrivateLink: securityGroups.length > 0 ? 'on' : undefined,
    attributes: initialAttributes(loadBalancerAttributes),
    tags: plan.tags,
  };
  loadBalancers[balancer.arn] = balancer;
  call.world.schedule(call, call.world.draw('load-balancer.create'), balancerActive, { arn: balancer.arn });
  return balancer;
}

const balancerActive = 'elasticloadbalancing/load-balancer-active';

export const loadBalancerEvents: Readonly<Record<string, EventHandler>> = {
  [balancerActive]: (place, payload) => {
    const balancer = elbState(place).loadBalancers[String(payload.arn)];
    if (balancer) balancer.activeAt = place.now;
  },
};

/** F-306: the hosted zones of network load balancers; the first stands in where a region is not listed. */
const hostedZones: Readonly<Record<string, string>> = {
  'us-east-1': 'Z26RNL4JYFTOTI',
  'us-east-2': 'ZLMOA37VPKANP',
  'us-west-1': 'Z24FKFUX50B4VW',
  'us-west-2': 'Z18D5FSROUN65G',
  'eu-west-1': 'Z2IFOLAFXWLO4F',
  'eu-central-1': 'Z3F0SRJ5LGBH90',
};

export const dnsNameOf = (place: Place, balancer: LoadBalancerRecord): string =>
  `${balancer.name}-${balancer.id}.elb.${place.region}.amazonaws.com`;

function loadBalancerView(place: Place, balancer: LoadBalancerRecord): LoadBalancer {
  return {
    LoadBalancerArn: balancer.arn,
    LoadBalancerName: balancer.name,
    DNSName: dnsNameOf(place, balancer),
    CanonicalHostedZoneId: hostedZones[place.region] ?? hostedZones['us-east-1'],
    CreatedTime: new Date(balancer.createdAt),
    Scheme: balancer.scheme,
    Type: 'network',
    IpAddressType: 'ipv4',
    VpcId: balancer.vpcId,
    State: { Code: balancer.activeAt === undefined ? 'provisioning' : 'active' },
    AvailabilityZones: balancer.zones.map(zoneView),
    // F-323: absent, not empty, where it was created without.
    SecurityGroups: balancer.securityGroups.length > 0 ? balancer.securityGroups : undefined,
    EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: balancer.enforceOnPrivateLink,
    EnablePrefixForIpv6SourceNat: 'off',
  };
}

function describeLoadBalancers(input: DescribeLoadBalancersInput, call: Call): DescribeLoadBalancersOutput {
  const all = Object.values(elbState(call).loadBalancers);
  const { LoadBalancerArns: arns = [], Names: names = [] } = input;
  if (arns.length > 0 && names.length > 0) {
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time');
  }
  if (arns.length > 0) return { LoadBalancers: byArn(call, arns).map((one) => loadBalancerView(call, one)) };
  if (names.length > 0) return { LoadBalancers: byName(all, names).map((one) => loadBalancerView(call, one)) };
  const page = pageOf(call, all, input);
  return { LoadBalancers: page.items.map((one) => loadBalancerView(call, one)), NextMarker: page.nextToken };
}

const byArn = (place: Place, arns: readonly string[]) => arns.map((arn) => requireLoadBalancer(place, arn));

function byName(all: readonly LoadBalancerRecord[], names: readonly string[]): LoadBalancerRecord[] {
  const missing = names.filter((name) => !all.some((balancer) => balancer.name === name));
  if (missing.length > 0) {
    throw new ApiError('LoadBalancerNotFoundException', `Load balancers '[${missing.join(', ')}]' not found`);
  }
  return all.filter((balancer) => names.includes(balancer.name));
}

/** F-307: an absent one is gone already; listeners go with it, target groups stay. */
function deleteLoadBalancer(input: Checked<DeleteLoadBalancerInput>, call: Call): DeleteLoadBalancerOutput {
  const state = elbState(call);
  const { LoadBalancerArn: arn } = input;
  checkArn(arn, 'loadbalancer', 'load balancer');
  const balancer = state.loadBalancers[arn];
  if (!balancer) return {};
  if (balancer.attributes['deletion_protection.enabled'] === 'true') {
    const problem = `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`;
    throw new ApiError('OperationNotPermittedException', problem);
  }
  for (const listener of Object.values(state.listeners)) {
    if (listener.loadBalancerArn === arn) delete state.listeners[listener.arn];
  }
  for (const zone of balancer.zones) closeZone(call, zone);
  delete state.loadBalancers[arn];
  call.world.unschedule(balancerActive, (payload) => payload.arn === arn);
  return {};
}

export const loadBalancerOperations = {
  CreateLoadBalancer: createLoadBalancer,
  DescribeLoadBalancers: describeLoadBalancers,
  DeleteLoadBalancer: deleteLoadBalancer,
};
