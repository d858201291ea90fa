/** The VPC of the environment, the subnets in use, and the security groups in it. Reads only. */
import type { SecurityGroup, Subnet, Vpc } from '@aws-sdk/client-ec2';
import type { Aws } from '../../aws/aws.ts';
import { tagRecord } from '../../aws/tags.ts';
import type { LedgerDocument } from '../../ledger/ledger.ts';
import type { Desired } from '../../model/desired.ts';
import { isOurs, ownTagKeys } from '../../model/tags.ts';
import { rulesOf } from '../../steps/vpc/rules.ts';
import type { GroupView, NetworkView, SubnetView } from '../observations.ts';
import { mapped, onward, type Reading, read } from '../reading.ts';

export interface NetworkParts {
  readonly network: Reading<NetworkView | undefined>;
  readonly groups: Reading<readonly (GroupView & { readonly ours: boolean })[]>;
}

export interface NetworkQuestion {
  readonly aws: Aws;
  readonly desired: Desired;
  readonly ledger: LedgerDocument;
  /** Subnets in which something of ours stands: they tell which ones of an existing VPC are used. */
  readonly inUse: readonly string[];
}

export async function observeNetwork(question: NetworkQuestion): Promise<NetworkParts> {
  const vpc = await read(() => findVpc(question));
  const [subnets, groups] = await Promise.all([
    onward(vpc, async (found) => found && question.aws.ec2.describeSubnets({ 'vpc-id': [found.VpcId ?? ''] })),
    onward(vpc, async (found) =>
      found ? question.aws.ec2.describeSecurityGroups({ 'vpc-id': [found.VpcId ?? ''] }) : [],
    ),
  ]);
  const found = 'value' in vpc ? vpc.value : undefined;
  return {
    network: mapped(subnets, (all) => found && all && networkView(question, found, all)),
    groups: mapped(groups, (all) => all.map((group) => groupView(question, group))),
  };
}

/** Ours by its recorded id or its tag; an existing one as the configuration names it. */
async function findVpc({ aws, desired, ledger }: NetworkQuestion): Promise<Vpc | undefined> {
  const { project, environment, network } = desired.config;
  const choice = network.vpc;
  if ('id' in choice) return (await aws.ec2.describeVpcs({ 'vpc-id': [choice.id] }))[0];
  if ('name' in choice) return (await aws.ec2.describeVpcs({ 'tag:Name': [choice.name] }))[0];
  const ours = await aws.ec2.describeVpcs({
    [`tag:${ownTagKeys.project}`]: [project],
    [`tag:${ownTagKeys.environment}`]: [environment],
  });
  const recorded = ledger.resources['vpc/vpc']?.data.id;
  const tagged = ours.find(({ Tags }) => tagRecord(Tags)[ownTagKeys.resource] === 'vpc/vpc');
  return ours.find(({ VpcId }) => VpcId === recorded) ?? tagged;
}

function networkView(question: NetworkQuestion, vpc: Vpc, subnets: readonly Subnet[]): NetworkView {
  return {
    vpcId: vpc.VpcId ?? '',
    cidr: vpc.CidrBlock ?? '',
    subnets: usedSubnets(question, subnets).map(subnetView),
  };
}

function usedSubnets({ desired, inUse }: NetworkQuestion, subnets: readonly Subnet[]): readonly Subnet[] {
  const { config } = desired;
  const { vpc, subnetIds } = config.network;
  if ('create' in vpc) return subnets.filter(({ Tags }) => isOurs(config, tagRecord(Tags)));
  const ids = subnetIds ?? inUse;
  return ids.length === 0 ? subnets : subnets.filter(({ SubnetId = '' }) => ids.includes(SubnetId));
}

const subnetView = (subnet: Subnet): SubnetView => ({
  id: subnet.SubnetId ?? '',
  zone: subnet.AvailabilityZone ?? '',
  cidr: subnet.CidrBlock ?? '',
  freeAddresses: subnet.AvailableIpAddressCount ?? 0,
});

const groupView = ({ desired }: NetworkQuestion, group: SecurityGroup) => ({
  id: group.GroupId ?? '',
  name: group.GroupName ?? '',
  rules: rulesOf(group),
  ours: isOurs(desired.config, tagRecord(group.Tags)),
});
