/** Where test instances would stand, and what is missing there: looked up before anything is made. */
import type { RouteTable, VpcEndpoint } from '@aws-sdk/client-ec2';
import type { Aws } from '../../aws/aws.ts';
import { tagRecord } from '../../aws/tags.ts';
import { testHourDollars } from '../../model/cost.ts';
import type { Desired } from '../../model/desired.ts';
import { isOfTest } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';

export interface Place {
  readonly subnetId: string;
  readonly zone: string;
}

export interface InstanceType {
  readonly name: string;
  readonly architecture: 'arm64' | 'x86_64';
}

export interface Site {
  readonly vpcId: string;
  /** All blocks of the VPC. */
  readonly cidrs: readonly string[];
  /** One for each instance, zone after zone. */
  readonly places: readonly Place[];
  /** Types that are offered in all of these zones, the smallest first. */
  readonly types: readonly InstanceType[];
  readonly balancerGroupIds: readonly string[];
  /** Services for which the VPC has no endpoint that answers to the service's own name. */
  readonly missing: readonly string[];
  /** Groups of the endpoints that are there. */
  readonly endpointGroupIds: readonly string[];
  /** Whether the subnets have a way out, so that nothing is missing. */
  readonly leadsOut: boolean;
}

/** The smallest current types; which of them is cheaper differs by a tenth at most. */
const candidates: readonly InstanceType[] = [
  { name: 't4g.nano', architecture: 'arm64' },
  { name: 't3a.nano', architecture: 'x86_64' },
  { name: 't3.nano', architecture: 'x86_64' },
  { name: 't4g.micro', architecture: 'arm64' },
  { name: 't3.micro', architecture: 'x86_64' },
];

/** What the agent (F-740, F-741) and the script talk to. */
const servicesNeeded = ['ssm', 'ssmmessages', 'secretsmanager'] as const;

/** Reads only. Throws `connect/absent` without a load balancer, `probe/instances` where no small type can be had. */
export async function findSite(aws: Aws, desired: Desired, count: number): Promise<Site> {
  const balancer = await aws.elb.loadBalancer(desired.names.loadBalancer);
  if (!balancer?.VpcId) {
    throw new RsdsError('connect/absent', `there is no load balancer ${desired.names.loadBalancer}`, {
      hint: '`rsds up` makes it',
    });
  }
  const vpcId = balancer.VpcId;
  const zones = (balancer.AvailabilityZones ?? []).map(({ SubnetId = '', ZoneName = '' }) => ({
    subnetId: SubnetId,
    zone: ZoneName,
  }));
  const [{ places, types }, vpcs, endpoints, tables] = await Promise.all([
    choose(aws, zones, count),
    aws.ec2.describeVpcs({ 'vpc-id': [vpcId] }),
    aws.ec2.describeVpcEndpoints({ 'vpc-id': [vpcId] }),
    aws.ec2.describeRouteTables({ 'vpc-id': [vpcId] }),
  ]);
  const blocks = (vpcs[0]?.CidrBlockAssociationSet ?? []).flatMap(({ CidrBlock }) => CidrBlock ?? []);
  const leadsOut = places.every(({ subnetId }) => hasWayOut(tables, subnetId));
  const standing = leadsOut ? [] : usable(endpoints, desired);
  const { region } = desired.config;
  const has = (service: string) =>
    standing.some(({ ServiceName = '' }) => ServiceName === serviceName(region, service));
  return {
    vpcId,
    cidrs: blocks.length > 0 ? blocks : [vpcs[0]?.CidrBlock ?? ''],
    places,
    types,
    balancerGroupIds: balancer.SecurityGroups ?? [],
    missing: leadsOut ? [] : servicesNeeded.filter((service) => !has(service)),
    endpointGroupIds: [
      ...new Set(standing.flatMap(({ Groups = [] }) => Groups.flatMap(({ GroupId }) => GroupId ?? []))),
    ],
    leadsOut,
  };
}

export const serviceName = (region: string, service: string): string => `com.amazonaws.${region}.${service}`;

/**
 * Round-robin over the load balancer's zones. A type that is offered in all of them, or else the zones where one is
 * (F-283).
 */
async function choose(aws: Aws, zones: readonly Place[], count: number): Promise<Pick<Site, 'places' | 'types'>> {
  const offered = await aws.ec2.typeOfferings(candidates.map(({ name }) => name));
  const isOffered = ({ name }: InstanceType, { zone }: Place) =>
    offered.some(({ InstanceType: type, Location }) => type === name && Location === zone);
  const reach = candidates.map((type) => zones.filter((zone) => isOffered(type, zone)));
  const widest = Math.max(...reach.map((some) => some.length));
  const chosen = reach.find((some) => some.length === widest) ?? [];
  if (chosen.length === 0) {
    const names = candidates.map(({ name }) => name).join(', ');
    throw new RsdsError(
      'probe/instances',
      `none of ${names} is offered in ${zones.map(({ zone }) => zone).join(', ')}`,
      {
        hint: 'test from this machine instead',
      },
    );
  }
  return {
    places: Array.from({ length: count }, (_, n) => chosen[n % chosen.length] as Place),
    types: candidates.filter((type) => chosen.every((zone) => isOffered(type, zone))),
  };
}

/** With private DNS, or nobody would find them under the service's own name (F-747). Those of earlier tests go. */
const usable = (endpoints: readonly VpcEndpoint[], { config }: Desired) =>
  endpoints.filter(
    ({ VpcEndpointType, PrivateDnsEnabled, State, Tags }) =>
      VpcEndpointType === 'Interface' &&
      PrivateDnsEnabled &&
      /^(available|pending)$/i.test(State ?? '') &&
      !isOfTest(config, tagRecord(Tags)),
  );

/**
 * Whether a subnet's routes lead to the internet for an instance without a public address: an internet gateway does
 * not, and an endpoint made beside another way out could take that way from others in the VPC.
 */
export function hasWayOut(tables: readonly RouteTable[], subnetId: string): boolean {
  const own = tables.find(({ Associations }) => Associations?.some((one) => one.SubnetId === subnetId));
  const table = own ?? tables.find(({ Associations }) => Associations?.some(({ Main }) => Main));
  const everywhere = table?.Routes?.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );
  return everywhere !== undefined && !everywhere.GatewayId?.startsWith('igw-');
}

/** Dollars an hour, for as long as the test lasts; undefined where no price is known. */
export const hourDollars = (site: Site, region: string): number | undefined =>
  testHourDollars(region, {
    type: site.types[0]?.name ?? '',
    instances: site.places.length,
    endpoints: site.missing.length,
  });
