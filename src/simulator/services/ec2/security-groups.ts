/** Security groups: unique names in a VPC, and what keeps one from being deleted. */
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { permissionsOf } from './permissions.ts';
import type { RuleRecord, SecurityGroupRecord } from './records.ts';
import { arnOf, type FilterTable, listRecords, missingParameter, refuseDryRun } from './requests.ts';
import { defaultVpcId, ec2State, idsOf, noteNetworkChange, requireRecord, visibleFrom } from './state.ts';
import { tagList, tagsFor } from './tags.ts';
import { addAllowAllEgress } from './vpc-parts.ts';

/** F-251. */
const groupsPerRegionMax = 2500;

/** F-236: at most 255 of these characters. */
const allowedText = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

function createSecurityGroup(input: CreateSecurityGroupRequest, call: Call): CreateSecurityGroupResult {
  const state = ec2State(call);
  const { GroupName: name = '', Description: description = '' } = input;
  checkTexts(name, description);
  const vpcId = input.VpcId ?? defaultVpcId(call) ?? '';
  requireRecord(call, 'vpcs', vpcId);
  refuseDuplicate(call, vpcId, name);
  const tags = tagsFor(input.TagSpecifications, 'security-group');
  if (Object.keys(state.securityGroups).length >= groupsPerRegionMax) {
    throw new ApiError('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.');
  }
  refuseDryRun(input);
  const groupId = idsOf(call)('sg');
  const visibleAt = visibleFrom(call);
  state.securityGroups[groupId] = { groupId, groupName: name, vpcId, description, tags, visibleAt };
  addAllowAllEgress(state, idsOf(call), groupId, call.now);
  return { GroupId: groupId, SecurityGroupArn: arnOf(call, 'security-group', groupId), Tags: tagList(tags) };
}

function checkTexts(name: string, description: string): void {
  const refuse = (problem: string) => new ApiError('InvalidParameterValue', problem);
  const set = 'Valid ones are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';
  if (name === '') throw missingParameter('GroupName');
  if (description === '') throw missingParameter('GroupDescription');
  if (name.startsWith('sg-')) {
    throw refuse(`Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`);
  }
  if (name === 'default') throw refuse('Cannot use reserved security group name: default');
  if (!allowedText.test(name)) throw refuse(`Value (${name}) for parameter GroupName is invalid. ${set}`);
  if (!allowedText.test(description)) {
    throw refuse(`Value (${description}) for parameter GroupDescription is invalid. ${set}`);
  }
}

/** F-237: names are compared without case. */
function refuseDuplicate(place: Place, vpcId: string, name: string): void {
  const groups = Object.values(ec2State(place).securityGroups);
  const sameName = (group: SecurityGroupRecord) => group.groupName.toLowerCase() === name.toLowerCase();
  if (!groups.some((group) => group.vpcId === vpcId && sameName(group))) return;
  throw new ApiError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
}

/** The rules of a group in one direction. */
export const rulesOf = (place: Place, groupId: string, isEgress: boolean): RuleRecord[] =>
  Object.values(ec2State(place).rules).filter((rule) => rule.groupId === groupId && rule.isEgress === isEgress);

const groupOf = (place: Place, group: SecurityGroupRecord): SecurityGroup => ({
  GroupId: group.groupId,
  SecurityGroupArn: arnOf(place, 'security-group', group.groupId),
  GroupName: group.groupName,
  Description: group.description,
  VpcId: group.vpcId,
  OwnerId: place.account,
  IpPermissions: permissionsOf(place, rulesOf(place, group.groupId, false)),
  IpPermissionsEgress: permissionsOf(place, rulesOf(place, group.groupId, true)),
  Tags: tagList(group.tags),
});

function filtersOf(place: Place): FilterTable<SecurityGroupRecord> {
  const ruleFilters = (prefix: string, isEgress: boolean): FilterTable<SecurityGroupRecord> => {
    const read = (member: (rule: RuleRecord) => string | number | undefined) => (group: SecurityGroupRecord) =>
      rulesOf(place, group.groupId, isEgress).map(member);
    const peer = (kind: RuleRecord['peer']['kind']) =>
      read((rule) => (rule.peer.kind === kind ? rule.peer.value : undefined));
    return {
      [`${prefix}.cidr`]: peer('ipv4'),
      [`${prefix}.ipv6-cidr`]: peer('ipv6'),
      [`${prefix}.group-id`]: peer('group'),
      [`${prefix}.prefix-list-id`]: peer('prefix-list'),
      [`${prefix}.protocol`]: read((rule) => rule.protocol),
      [`${prefix}.from-port`]: read((rule) => rule.fromPort),
      [`${prefix}.to-port`]: read((rule) => rule.toPort),
    };
  };
  return {
    'group-id': (group) => group.groupId,
    'group-name': (group) => group.groupName,
    description: (group) => group.description,
    'owner-id': () => place.account,
    'vpc-id': (group) => group.vpcId,
    ...ruleFilters('ip-permission', false),
    ...ruleFilters('egress.ip-permission', true),
  };
}

function describeSecurityGroups(input: DescribeSecurityGroupsRequest, call: Call): DescribeSecurityGroupsResult {
  const byName = (input.GroupNames ?? []).map((name) => defaultVpcGroup(call, name).groupId);
  const ids = [...(input.GroupIds ?? []), ...byName];
  const page = listRecords(call, 'securityGroups', { ...input, ids }, filtersOf(call));
  return { SecurityGroups: page.items.map((group) => groupOf(call, group)), NextToken: page.nextToken };
}

/** F-238: a group can be named instead of numbered only in the default VPC. */
export function defaultVpcGroup(place: Place, name: string): SecurityGroupRecord {
  const vpcId = defaultVpcId(place);
  const groups = Object.values(ec2State(place).securityGroups);
  const group = groups.find((candidate) => candidate.vpcId === vpcId && candidate.groupName === name);
  if (group) return group;
  const problem = `The security group '${name}' does not exist in default VPC '${vpcId ?? 'none'}'`;
  throw new ApiError('InvalidGroup.NotFound', problem);
}

/** The group that a request means by id or, in the default VPC, by name. */
export function requireGroup(
  place: Place,
  input: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): SecurityGroupRecord {
  if (input.GroupId !== undefined) return requireRecord(place, 'securityGroups', input.GroupId);
  if (input.GroupName !== undefined) return defaultVpcGroup(place, input.GroupName);
  throw missingParameter('groupId');
}

/** F-216: interfaces that carry the group, and rules of other groups that name it, keep it. */
function deleteSecurityGroup(input: DeleteSecurityGroupRequest, call: Call): DeleteSecurityGroupResult {
  const state = ec2State(call);
  const { groupId, groupName } = requireGroup(call, input);
  if (groupName === 'default') {
    const problem = `the specified group: "${groupId}" name: "${groupName}" cannot be deleted by a user`;
    throw new ApiError('CannotDelete', problem);
  }
  const carried = Object.values(state.interfaces).some((record) => record.groupIds.includes(groupId));
  const rules = Object.values(state.rules);
  const named = rules.some((rule) => rule.groupId !== groupId && rule.peer.value === groupId);
  if (carried || named) throw new ApiError('DependencyViolation', `resource ${groupId} has a dependent object`);
  refuseDryRun(input);
  for (const rule of rules) if (rule.groupId === groupId) delete state.rules[rule.ruleId];
  delete state.securityGroups[groupId];
  noteNetworkChange(call);
  return { Return: true, GroupId: groupId };
}

export const securityGroupOperations = {
  CreateSecurityGroup: createSecurityGroup,
  DescribeSecurityGroups: describeSecurityGroups,
  DeleteSecurityGroup: deleteSecurityGroup,
};
