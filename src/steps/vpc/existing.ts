/** An existing VPC and the subnets to use in it. Reads only: nothing of it is ever changed. */
import type { Subnet, Vpc } from '@aws-sdk/client-ec2';
import type { Aws } from '../../aws/aws.ts';
import type { VpcChoice } from '../../config/config.ts';
import { addressDemand } from '../../model/addresses.ts';
import type { Desired } from '../../model/desired.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { FoundNetwork } from './network.ts';

export type { FoundNetwork } from './network.ts';

/** Undefined where a VPC of our own is wanted. Throws `preflight/network` for a VPC or subnets that don't fit. */
export async function findNetwork(aws: Aws, desired: Desired): Promise<FoundNetwork | undefined> {
  const { network } = desired.config;
  if ('create' in network.vpc) return undefined;
  const vpc = await findVpc(aws, network.vpc);
  const subnets = await aws.ec2.describeSubnets({ 'vpc-id': [vpc.VpcId ?? ''] });
  const chosen = network.subnetIds ? named(network.subnetIds, subnets, vpc) : await choose(aws, vpc, subnets, desired);
  return {
    vpcId: vpc.VpcId ?? '',
    cidr: vpc.CidrBlock ?? '',
    subnets: chosen.map(({ SubnetId = '', AvailabilityZoneId = '' }) => ({
      subnetId: SubnetId,
      zoneId: AvailabilityZoneId,
    })),
  };
}

async function findVpc(aws: Aws, choice: Exclude<VpcChoice, { create: true }>): Promise<Vpc> {
  const [what, filters] =
    'id' in choice ? [choice.id, { 'vpc-id': [choice.id] }] : [`named "${choice.name}"`, { 'tag:Name': [choice.name] }];
  const found = await aws.ec2.describeVpcs(filters);
  const [vpc] = found;
  if (vpc && found.length === 1) return vpc;
  const ids = found.map(({ VpcId }) => VpcId).join(', ');
  throw new RsdsError('preflight/network', found.length === 0 ? `there is no VPC ${what}` : `${ids} are all ${what}`, {
    hint:
      found.length === 0
        ? 'look with `aws ec2 describe-vpcs`, or set network.vpc: create'
        : 'give network.vpc: { id: vpc-… }',
  });
}

function named(ids: readonly string[], subnets: readonly Subnet[], { VpcId }: Vpc): Subnet[] {
  return ids.map((id) => {
    const found = subnets.find(({ SubnetId }) => SubnetId === id);
    if (found) return found;
    throw new RsdsError('preflight/network', `${id} is not a subnet of ${VpcId}`, {
      hint: `give subnets of ${VpcId} in network.subnetIds: ${subnets.map(({ SubnetId }) => SubnetId).join(', ')}`,
    });
  });
}

/**
 * Private subnets first, one a zone, the one with the most free addresses. What stands already keeps its subnets: they
 * are in the choice as long as they are the roomiest of their zones, and named explicitly otherwise.
 */
async function choose(aws: Aws, vpc: Vpc, subnets: readonly Subnet[], desired: Desired): Promise<Subnet[]> {
  const standing = await subnetsInUse(aws, desired);
  const inUse = standing.flatMap((id) => subnets.find(({ SubnetId }) => SubnetId === id) ?? []);
  if (inUse.length > 0) return inUse;
  const needed = addressNeed(desired);
  const candidates = subnets.filter(
    ({ State, AvailableIpAddressCount = 0 }) => State === 'available' && AvailableIpAddressCount >= needed,
  );
  const isPublic = await publicSubnets(aws, vpc);
  const best = [...candidates].sort(
    (one, other) =>
      Number(isPublic(one)) - Number(isPublic(other)) ||
      (other.AvailableIpAddressCount ?? 0) - (one.AvailableIpAddressCount ?? 0) ||
      (one.SubnetId ?? '').localeCompare(other.SubnetId ?? ''),
  );
  const byZone = new Map<string, Subnet>();
  for (const subnet of best) {
    const zone = subnet.AvailabilityZoneId ?? '';
    if (!byZone.has(zone)) byZone.set(zone, subnet);
  }
  const chosen = [...byZone.values()].slice(0, 3);
  const zonesMin = desired.config.network.enhancedVpcRouting ? 3 : 2;
  if (chosen.length >= zonesMin) return chosen;
  throw new RsdsError(
    'preflight/network',
    `${vpc.VpcId} has subnets with ${needed} free addresses in ${chosen.length} zones, ${zonesMin} are needed`,
    { hint: 'name subnets in network.subnetIds, or make room in the VPC' },
  );
}

/** Free addresses change with every workgroup: what was chosen once must be chosen again. */
async function subnetsInUse(aws: Aws, { producer }: Desired): Promise<readonly string[]> {
  const workgroup = await aws.serverless.getWorkgroup(producer.name);
  return workgroup?.subnetIds ?? [];
}

const addressNeed = ({ config, producer, consumers, workloads }: Desired) =>
  addressDemand(
    [producer, ...consumers, ...workloads].map(({ baseCapacity }) => baseCapacity),
    consumers.length,
    config.network.enhancedVpcRouting,
  ).total;

/** A subnet is public when its route table, or the main one, leads to an internet gateway. */
async function publicSubnets(aws: Aws, { VpcId = '' }: Vpc): Promise<(subnet: Subnet) => boolean> {
  const tables = await aws.ec2.describeRouteTables({ 'vpc-id': [VpcId] });
  const leadsOut = (table: (typeof tables)[number] | undefined) =>
    table?.Routes?.some(({ GatewayId }) => GatewayId?.startsWith('igw-')) ?? false;
  const main = tables.find(({ Associations }) => Associations?.some(({ Main }) => Main));
  return ({ SubnetId }) =>
    leadsOut(tables.find(({ Associations }) => Associations?.some((one) => one.SubnetId === SubnetId)) ?? main);
}
