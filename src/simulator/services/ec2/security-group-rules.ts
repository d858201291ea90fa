/** Rules of security groups: authorised, revoked, described and changed, by permission or by rule id. */
import type {
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  IpPermission,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  RevokedSecurityGroupRule,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult,
} from '@aws-sdk/client-ec2';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { permissionsOf, type RuleShape, ruleOf, sameRule, shapeOf, shapesOf, wordsFor } from './permissions.ts';
import { prefixListById } from './prefix-lists.ts';
import type { RuleRecord, SecurityGroupRecord } from './records.ts';
import { type FilterTable, listRecords, missingParameter, refuseDryRun } from './requests.ts';
import { requireGroup, rulesOf } from './security-groups.ts';
import { ec2State, idsOf, noteNetworkChange, notFound, requireRecord } from './state.ts';
import { tagsFor } from './tags.ts';
import { addRule } from './vpc-parts.ts';

/** F-239: 60 rules in and 60 out. */
const rulesMax = 60;

type Direction = 'in' | 'out';

function authorize(direction: Direction) {
  return (input: AuthorizeSecurityGroupIngressRequest, call: Call): AuthorizeSecurityGroupEgressResult => {
    const isEgress = direction === 'out';
    const group = requireGroup(call, input);
    const shapes = shapesOf(call, group, permissionsGiven(input));
    if (shapes.length === 0) throw missingParameter('ipPermissions');
    refuseRepeated(shapes, rulesOf(call, group.groupId, isEgress));
    refuseTooMany(call, [...rulesOf(call, group.groupId, isEgress), ...shapes]);
    const tags = tagsFor(input.TagSpecifications, 'security-group-rule');
    refuseDryRun(input);
    noteNetworkChange(call);
    const { groupId } = group;
    const added = shapes.map((shape) =>
      addRule(ec2State(call), idsOf(call), { ...shape, groupId, isEgress, tags: { ...tags }, visibleAt: call.now }),
    );
    return { Return: true, SecurityGroupRules: added.map((rule) => ruleOf(call, rule)) };
  };
}

/** The permissions of a request, those in the oldest form (one rule, spelled in members of the request) included. */
function permissionsGiven(input: RevokeSecurityGroupIngressRequest): readonly IpPermission[] {
  if (input.IpPermissions?.length) return input.IpPermissions;
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName: GroupName } = input;
  if (IpProtocol === undefined && CidrIp === undefined && GroupName === undefined) return [];
  const peers = CidrIp === undefined ? { UserIdGroupPairs: [{ GroupName }] } : { IpRanges: [{ CidrIp }] };
  return [{ IpProtocol: IpProtocol ?? '-1', FromPort, ToPort, ...peers }];
}

function refuseRepeated(shapes: readonly RuleShape[], present: readonly RuleShape[]): void {
  if (shapes.some((shape, index) => shapes.slice(0, index).some((earlier) => sameRule(earlier, shape)))) {
    throw new ApiError('InvalidParameterValue', 'The same permission must not appear multiple times');
  }
  const twice = shapes.find((shape) => present.some((rule) => sameRule(rule, shape)));
  if (!twice) return;
  throw new ApiError('InvalidPermission.Duplicate', `the specified rule "${wordsFor(twice)}" already exists`);
}

function refuseTooMany(place: Place, rules: readonly RuleShape[]): void {
  const weightOf = ({ peer }: RuleShape) =>
    peer.kind === 'prefix-list' ? (prefixListById(place, peer.value)?.weight ?? 1) : 1;
  if (rules.reduce((sum, rule) => sum + weightOf(rule), 0) <= rulesMax) return;
  const problem = 'The maximum number of rules per security group has been reached.';
  throw new ApiError('RulesPerSecurityGroupLimitExceeded', problem);
}

function revoke(direction: Direction) {
  return (input: RevokeSecurityGroupIngressRequest, call: Call): RevokeSecurityGroupIngressResult => {
    const group = requireGroup(call, input);
    const present = rulesOf(call, group.groupId, direction === 'out');
    const { found, unknown } = input.SecurityGroupRuleIds?.length
      ? { found: rulesById(input.SecurityGroupRuleIds, present), unknown: [] }
      : rulesByShape(call, group, permissionsGiven(input), present);
    refuseDryRun(input);
    const { rules } = ec2State(call);
    for (const rule of found) delete rules[rule.ruleId];
    noteNetworkChange(call);
    return {
      Return: true,
      UnknownIpPermissions: permissionsOf(call, unknown),
      RevokedSecurityGroupRules: found.map(revokedRule),
    };
  };
}

function rulesById(ids: readonly string[], present: readonly RuleRecord[]): RuleRecord[] {
  return ids.map((id) => {
    const rule = present.find((candidate) => candidate.ruleId === id);
    if (!rule) throw notFound('rules', [id]);
    return rule;
  });
}

/** F-229: outside the default VPC a rule that isn't there fails the whole call; inside, it is only reported. */
function rulesByShape(
  place: Place,
  group: SecurityGroupRecord,
  permissions: readonly IpPermission[],
  present: readonly RuleRecord[],
) {
  const shapes = shapesOf(place, group, permissions);
  if (shapes.length === 0) throw missingParameter('ipPermissions');
  const found = present.filter((rule) => shapes.some((shape) => sameRule(shape, rule)));
  const unknown = shapes.filter((shape) => !present.some((rule) => sameRule(shape, rule)));
  if (unknown.length > 0 && !ec2State(place).vpcs[group.vpcId]?.isDefault) {
    const problem = 'The specified rule does not exist in this security group.';
    throw new ApiError('InvalidPermission.NotFound', problem);
  }
  return { found, unknown };
}

const revokedRule = (rule: RuleRecord): RevokedSecurityGroupRule => ({
  SecurityGroupRuleId: rule.ruleId,
  GroupId: rule.groupId,
  IsEgress: rule.isEgress,
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort,
  ToPort: rule.toPort,
  CidrIpv4: rule.peer.kind === 'ipv4' ? rule.peer.value : undefined,
  CidrIpv6: rule.peer.kind === 'ipv6' ? rule.peer.value : undefined,
  PrefixListId: rule.peer.kind === 'prefix-list' ? rule.peer.value : undefined,
  ReferencedGroupId: rule.peer.kind === 'group' ? rule.peer.value : undefined,
  Description: rule.description,
});

const filters: FilterTable<RuleRecord> = {
  'group-id': (rule) => rule.groupId,
  'security-group-rule-id': (rule) => rule.ruleId,
};

function describeRules(input: DescribeSecurityGroupRulesRequest, call: Call): DescribeSecurityGroupRulesResult {
  const page = listRecords(call, 'rules', { ...input, ids: input.SecurityGroupRuleIds }, filters);
  return { SecurityGroupRules: page.items.map((rule) => ruleOf(call, rule)), NextToken: page.nextToken };
}

/** A changed rule keeps its id and tags. */
function modifyRules(input: ModifySecurityGroupRulesRequest, call: Call): ModifySecurityGroupRulesResult {
  const group = requireGroup(call, input);
  const changed = (input.SecurityGroupRules ?? []).map((update) => {
    const rule = requireRecord(call, 'rules', update.SecurityGroupRuleId ?? '');
    if (rule.groupId !== group.groupId) throw notFound('rules', [rule.ruleId]);
    const shape = shapeOf(call, group, update.SecurityGroupRule ?? {});
    const others = rulesOf(call, group.groupId, rule.isEgress).filter((other) => other !== rule);
    refuseRepeated([shape], others);
    return { ...rule, ...shape };
  });
  refuseDryRun(input);
  const { rules } = ec2State(call);
  for (const rule of changed) rules[rule.ruleId] = rule;
  noteNetworkChange(call);
  return { Return: true };
}

function updateDescriptions(direction: Direction) {
  return (
    input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
    call: Call,
  ): UpdateSecurityGroupRuleDescriptionsIngressResult => {
    const group = requireGroup(call, input);
    const present = rulesOf(call, group.groupId, direction === 'out');
    const byId = (input.SecurityGroupRuleDescriptions ?? []).flatMap((given) =>
      rulesById([given.SecurityGroupRuleId ?? ''], present).map((rule) => ({ rule, text: given.Description })),
    );
    const byShape = shapesOf(call, group, input.IpPermissions ?? []).map((shape) => {
      const rule = present.find((candidate) => sameRule(candidate, shape));
      const problem = 'The specified rule does not exist in this security group.';
      if (!rule) throw new ApiError('InvalidPermission.NotFound', problem);
      return { rule, text: shape.description };
    });
    refuseDryRun(input);
    for (const { rule, text } of [...byId, ...byShape]) rule.description = text;
    return { Return: true };
  };
}

export const securityGroupRuleOperations = {
  AuthorizeSecurityGroupIngress: authorize('in'),
  AuthorizeSecurityGroupEgress: authorize('out'),
  RevokeSecurityGroupIngress: revoke('in'),
  RevokeSecurityGroupEgress: revoke('out'),
  DescribeSecurityGroupRules: describeRules,
  ModifySecurityGroupRules: modifyRules,
  UpdateSecurityGroupRuleDescriptionsIngress: updateDescriptions('in'),
  UpdateSecurityGroupRuleDescriptionsEgress: updateDescriptions('out'),
};
