/** Target groups: created idempotently by name, with their health check and attributes. */
import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DeleteTargetGroupOutput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { vpcCidr } from '../ec2/lookup.ts';
import { attributeList, changedAttributes, initialAttributes, targetGroupAttributes } from './attributes.ts';
import { noteHealth } from './health.ts';
import { type HealthCheckRequest, healthCheckOf } from './health-check.ts';
import type { TargetGroupRecord } from './records.ts';
import {
  arnOf,
  checkArn,
  checkName,
  elbState,
  invalidConfiguration,
  notServed,
  pageOf,
  requireLoadBalancer,
  requireTargetGroup,
  validationError,
} from './state.ts';
import { mergedTags } from './tags.ts';

/** F-304. */
const targetGroupsMax = 3000;

const protocols = ['TCP', 'UDP', 'TCP_UDP', 'TLS'];

function createTargetGroup(input: Checked<CreateTargetGroupInput>, call: Call): CreateTargetGroupOutput {
  const wanted = planOf(input, call);
  const state = elbState(call);
  const present = Object.values(state.targetGroups).find(({ name }) => name === wanted.name);
  if (present) return { TargetGroups: [targetGroupView(call, sameOrRefused(present, wanted))] };
  const tags = mergedTags({}, input.Tags);
  if (Object.keys(state.targetGroups).length >= targetGroupsMax) {
    throw new ApiError('TooManyTargetGroupsException', 'The maximum number of target groups has been reached');
  }
  const group: TargetGroupRecord = {
    ...wanted,
    arn: arnOf(call, `targetgroup/${wanted.name}/${call.world.random.hex(16)}`),
    createdAt: call.now,
    attributes: initialAttributes(targetGroupAttributes),
    tags,
    targets: [],
  };
  state.targetGroups[group.arn] = group;
  return { TargetGroups: [targetGroupView(call, group)] };
}

type TargetGroupPlan = Pick<TargetGroupRecord, 'name' | 'protocol' | 'port' | 'vpcId' | 'targetType' | 'healthCheck'>;

function planOf(input: Checked<CreateTargetGroupInput>, call: Call): TargetGroupPlan {
  const { Name: name, Protocol: protocol, Port: port, VpcId: vpcId, TargetType: targetType = 'instance' } = input;
  checkName(name, 'target group');
  if (targetType !== 'ip' && targetType !== 'instance') throw notServed(`target groups of type ${targetType}`);
  if (protocol === undefined) throw validationError('A protocol must be specified');
  if (!protocols.includes(protocol)) throw notServed(`target groups with protocol ${protocol}`);
  if (input.IpAddressType === 'ipv6') throw notServed('IPv6 target groups');
  if (port === undefined) throw validationError('A port must be specified');
  if (vpcId === undefined) throw validationError('A VPC ID must be specified');
  if (vpcCidr(call, vpcId) === undefined) throw validationError(`The VPC ID '${vpcId}' is not found`);
  return { name, protocol, port, vpcId, targetType, healthCheck: healthCheckOf(input) };
}

/** F-305. */
function sameOrRefused(present: TargetGroupRecord, wanted: TargetGroupPlan): TargetGroupRecord {
  const { name, protocol, port, vpcId, targetType, healthCheck } = present;
  if (isDeepEqual({ name, protocol, port, vpcId, targetType, healthCheck }, wanted)) return present;
  const problem = `A target group with the same name '${name}' exists, but with different settings`;
  throw new ApiError('DuplicateTargetGroupNameException', problem);
}

const isDeepEqual = (one: TargetGroupPlan, other: TargetGroupPlan) => JSON.stringify(one) === JSON.stringify(other);

/** The load balancers that forward to the group. */
export const balancersOf = (place: Place, groupArn: string): string[] => {
  const listeners = Object.values(elbState(place).listeners).filter(
    ({ targetGroupArn }) => targetGroupArn === groupArn,
  );
  return [...new Set(listeners.map(({ loadBalancerArn }) => loadBalancerArn))];
};

function targetGroupView(place: Place, group: TargetGroupRecord): TargetGroup {
  const { healthCheck } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol as TargetGroup['Protocol'],
    Port: group.port,
    VpcId: group.vpcId,
    TargetType: group.targetType,
    IpAddressType: 'ipv4',
    LoadBalancerArns: balancersOf(place, group.arn),
    HealthCheckEnabled: healthCheck.enabled,
    HealthCheckProtocol: healthCheck.protocol as TargetGroup['HealthCheckProtocol'],
    HealthCheckPort: healthCheck.port,
    HealthCheckPath: healthCheck.path,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
  };
}

function describeTargetGroups(input: DescribeTargetGroupsInput, call: Call): DescribeTargetGroupsOutput {
  const all = Object.values(elbState(call).targetGroups);
  const view = (group: TargetGroupRecord) => targetGroupView(call, group);
  const { TargetGroupArns: arns = [], Names: names = [], LoadBalancerArn: balancer } = input;
  if ([arns.length > 0, names.length > 0, balancer !== undefined].filter(Boolean).length > 1) {
    throw validationError('Only one of load balancer ARN, target group ARNs or target group names can be specified');
  }
  if (arns.length > 0) return { TargetGroups: arns.map((arn) => view(requireTargetGroup(call, arn))) };
  if (names.length > 0) return { TargetGroups: byName(all, names).map(view) };
  if (balancer !== undefined) requireLoadBalancer(call, balancer);
  const used = all.filter((group) => balancer === undefined || balancersOf(call, group.arn).includes(balancer));
  const page = pageOf(call, used, input);
  return { TargetGroups: page.items.map(view), NextMarker: page.nextToken };
}

function byName(all: readonly TargetGroupRecord[], names: readonly string[]): TargetGroupRecord[] {
  if (names.some((name) => !all.some((group) => group.name === name))) {
    throw new ApiError('TargetGroupNotFoundException', 'One or more target groups not found');
  }
  return all.filter((group) => names.includes(group.name));
}

function modifyTargetGroup(input: Checked<ModifyTargetGroupInput>, call: Call): ModifyTargetGroupOutput {
  const group = requireTargetGroup(call, input.TargetGroupArn);
  const request: HealthCheckRequest = input;
  const changed = healthCheckOf(request, group.healthCheck);
  noteHealth(call);
  group.healthCheck = changed;
  return { TargetGroups: [targetGroupView(call, group)] };
}

function describeAttributes(
  input: Checked<DescribeTargetGroupAttributesInput>,
  call: Call,
): DescribeTargetGroupAttributesOutput {
  return { Attributes: attributeList(requireTargetGroup(call, input.TargetGroupArn).attributes) };
}

function modifyAttributes(
  input: Checked<ModifyTargetGroupAttributesInput>,
  call: Call,
): ModifyTargetGroupAttributesOutput {
  const group = requireTargetGroup(call, input.TargetGroupArn);
  const changed = changedAttributes(group.attributes, input.Attributes, targetGroupAttributes);
  const drains = changed['target_health_state.unhealthy.draining_interval_seconds'] !== '0';
  if (drains && changed['target_health_state.unhealthy.connection_termination.enabled'] === 'true') {
    // F-312: a draining interval makes sense only where connections are not cut.
    throw invalidConfiguration(
      `'target_health_state.unhealthy.draining_interval_seconds' can only be set when 'target_health_state.unhealthy.connection_termination.enabled' is false`,
    );
  }
  noteHealth(call);
  group.attributes = changed;
  return { Attributes: attributeList(changed) };
}

/** F-307: an absent one is gone already; one that a listener forwards to stays. */
function deleteTargetGroup(input: Checked<DeleteTargetGroupInput>, call: Call): DeleteTargetGroupOutput {
  const { TargetGroupArn: arn } = input;
  checkArn(arn, 'targetgroup', 'target group');
  if (balancersOf(call, arn).length > 0) {
    const problem = `Target group '${arn}' is currently in use by a listener or a rule`;
    throw new ApiError('ResourceInUseException', problem);
  }
  delete elbState(call).targetGroups[arn];
  return {};
}

export const targetGroupOperations = {
  CreateTargetGroup: createTargetGroup,
  DescribeTargetGroups: describeTargetGroups,
  ModifyTargetGroup: modifyTargetGroup,
  DescribeTargetGroupAttributes: describeAttributes,
  ModifyTargetGroupAttributes: modifyAttributes,
  DeleteTargetGroup: deleteTargetGroup,
};
