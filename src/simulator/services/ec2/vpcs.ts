/** VPCs: their one block, their three attributes, and what must go before they can. */
import type {
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  ModifyVpcAttributeRequest,
  Vpc,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { formatCidr, parseCidr } from './cidr.ts';
import type { Ec2State, VpcRecord } from './records.ts';
import { type FilterTable, listRecords, missingParameter, refuseDryRun } from './requests.ts';
import { ec2State, idsOf, requireRecord, visibleFrom } from './state.ts';
import { tagList, tagsFor } from './tags.ts';
import { addVpc } from './vpc-parts.ts';

/** F-251: the default VPC counts, too. */
const vpcsMax = 5;

function createVpc(input: Checked<CreateVpcRequest>, call: Call): CreateVpcResult {
  const state = ec2State(call);
  const cidrBlock = checkBlock(input.CidrBlock);
  const tags = tagsFor(input.TagSpecifications, 'vpc');
  if (Object.keys(state.vpcs).length >= vpcsMax) {
    throw new ApiError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
  }
  refuseDryRun(input);
  const instanceTenancy = input.InstanceTenancy === 'dedicated' ? 'dedicated' : 'default';
  const plan = { cidrBlock, instanceTenancy, isDefault: false, tags, visibleAt: visibleFrom(call) } as const;
  const vpc = addVpc(state, idsOf(call), plan);
  // F-215: the answer to the creation says pending; whoever sees the VPC in a read sees it available.
  return { Vpc: { ...vpcOf(call, vpc), State: 'pending' } };
}

/** F-214: a VPC is a /16 to a /28. */
function checkBlock(text: string | undefined): string {
  if (text === undefined) throw missingParameter('cidrBlock');
  const cidr = parseCidr(text);
  if (!cidr) {
    const problem = `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  if (cidr.prefix < 16 || cidr.prefix > 28) throw new ApiError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`);
  return formatCidr(cidr);
}

const vpcOf = (place: Place, vpc: VpcRecord): Vpc => ({
  VpcId: vpc.vpcId,
  OwnerId: place.account,
  State: 'available',
  CidrBlock: vpc.cidrBlock,
  CidrBlockAssociationSet: [
    { AssociationId: vpc.cidrAssociationId, CidrBlock: vpc.cidrBlock, CidrBlockState: { State: 'associated' } },
  ],
  DhcpOptionsId: vpc.dhcpOptionsId,
  InstanceTenancy: vpc.instanceTenancy,
  IsDefault: vpc.isDefault,
  Tags: tagList(vpc.tags),
});

const filtersOf = (place: Place): FilterTable<VpcRecord> => ({
  'vpc-id': (vpc) => vpc.vpcId,
  cidr: (vpc) => vpc.cidrBlock,
  'cidr-block-association.cidr-block': (vpc) => vpc.cidrBlock,
  'cidr-block-association.association-id': (vpc) => vpc.cidrAssociationId,
  'cidr-block-association.state': () => 'associated',
  'dhcp-options-id': (vpc) => vpc.dhcpOptionsId,
  'is-default': (vpc) => vpc.isDefault,
  isDefault: (vpc) => vpc.isDefault,
  'owner-id': () => place.account,
  state: () => 'available',
});

function describeVpcs(input: Checked<DescribeVpcsRequest>, call: Call): DescribeVpcsResult {
  const page = listRecords(call, 'vpcs', { ...input, ids: input.VpcIds }, filtersOf(call));
  return { Vpcs: page.items.map((vpc) => vpcOf(call, vpc)), NextToken: page.nextToken };
}

const attributes = {
  EnableDnsSupport: 'enableDnsSupport',
  EnableDnsHostnames: 'enableDnsHostnames',
  EnableNetworkAddressUsageMetrics: 'enableNetworkAddressUsageMetrics',
} as const;

/** F-212: one attribute a call. */
function modifyVpcAttribute(input: Checked<ModifyVpcAttributeRequest>, call: Call): Record<string, never> {
  const vpc = requireRecord(call, 'vpcs', input.VpcId);
  const names = Object.keys(attributes) as (keyof typeof attributes)[];
  const given = names.filter((name) => input[name] !== undefined);
  if (given.length === 0) throw new ApiError('MissingParameter', 'No attributes specified.');
  if (given.length > 1) {
    throw new ApiError(
      'InvalidParameterCombination',
      `Fields for multiple attribute types specified: ${given.join(', ')}`,
    );
  }
  for (const name of given) vpc[attributes[name]] = input[name]?.Value ?? false;
  return {};
}

function describeVpcAttribute(input: Checked<DescribeVpcAttributeRequest>, call: Call): DescribeVpcAttributeResult {
  const vpc = requireRecord(call, 'vpcs', input.VpcId);
  refuseDryRun(input);
  const { VpcId: _id, Attribute: attribute } = input;
  if (attribute === 'enableDnsHostnames') {
    return { VpcId: vpc.vpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
  }
  if (attribute === 'enableDnsSupport') {
    return { VpcId: vpc.vpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
  }
  if (attribute === 'enableNetworkAddressUsageMetrics') {
    const value = vpc.enableNetworkAddressUsageMetrics;
    return { VpcId: vpc.vpcId, EnableNetworkAddressUsageMetrics: { Value: value } };
  }
  throw new ApiError(
    'InvalidParameterValue',
    `Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`,
  );
}

/** F-216: default group, main route table and default network ACL go with the VPC; everything else is in the way. */
function deleteVpc(input: Checked<DeleteVpcRequest>, call: Call): Record<string, never> {
  const state = ec2State(call);
  const { vpcId } = requireRecord(call, 'vpcs', input.VpcId);
  if (hasDependencies(state, vpcId)) {
    throw new ApiError('DependencyViolation', `The vpc '${vpcId}' has dependencies and cannot be deleted.`);
  }
  refuseDryRun(input);
  const groups = Object.values(state.securityGroups).filter((group) => group.vpcId === vpcId);
  for (const { groupId } of groups) removeWhere(state.rules, (rule) => rule.groupId === groupId);
  for (const table of [state.securityGroups, state.routeTables, state.networkAcls, state.vpcs]) {
    removeWhere<{ vpcId: string }>(table, (record) => record.vpcId === vpcId);
  }
  return {};
}

function hasDependencies(state: Ec2State, vpcId: string): boolean {
  const inVpc = (record: { vpcId: string | undefined }) => record.vpcId === vpcId;
  return (
    Object.values(state.subnets).some(inVpc) ||
    Object.values(state.interfaces).some(inVpc) ||
    Object.values(state.vpcEndpoints).some(inVpc) ||
    Object.values(state.internetGateways).some(inVpc) ||
    Object.values(state.securityGroups).some((group) => inVpc(group) && group.groupName !== 'default') ||
    Object.values(state.routeTables).some((table) => inVpc(table) && !table.associations.some((one) => one.main))
  );
}

function removeWhere<T>(table: Record<string, T>, matches: (record: T) => boolean): void {
  for (const [id, record] of Object.entries(table)) if (matches(record)) delete table[id];
}

export const vpcOperations = {
  CreateVpc: createVpc,
  DescribeVpcs: describeVpcs,
  ModifyVpcAttribute: modifyVpcAttribute,
  DescribeVpcAttribute: describeVpcAttribute,
  DeleteVpc: deleteVpc,
};
