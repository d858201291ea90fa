/** Listeners: one a port, each forwarding to a target group that no other load balancer uses. */
import type {
  Action,
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  DeleteListenerOutput,
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  DescribeListenersInput,
  DescribeListenersOutput,
  Listener,
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { attributeList, changedAttributes, initialAttributes, listenerAttributes } from './attributes.ts';
import { noteHealth } from './health.ts';
import type { ListenerRecord, LoadBalancerRecord, TargetGroupRecord } from './records.ts';
import {
  arnOf,
  elbState,
  invalidConfiguration,
  notServed,
  pageOf,
  requireListener,
  requireLoadBalancer,
  requireTargetGroup,
  validationError,
} from './state.ts';
import { mergedTags } from './tags.ts';
import { balancersOf } from './target-groups.ts';

/** F-304. */
const listenersPerBalancerMax = 50;

const protocols = ['TCP', 'UDP', 'TCP_UDP'];

function createListener(input: Checked<CreateListenerInput>, call: Call): CreateListenerOutput {
  const balancer = requireLoadBalancer(call, input.LoadBalancerArn);
  const { Port: port, Protocol: protocol } = input;
  if (port === undefined) throw validationError('A listener port must be specified');
  if (protocol === undefined) throw validationError('A listener protocol must be specified');
  checkProtocol(protocol);
  const group = targetGroupOf(call, input.DefaultActions);
  const others = Object.values(elbState(call).listeners).filter((one) => one.loadBalancerArn === balancer.arn);
  const present = others.find((listener) => listener.port === port);
  if (present) return { Listeners: [listenerView(sameOrRefused(present, { protocol, group }))] };
  checkForward(call, balancer, group, protocol);
  const tags = mergedTags({}, input.Tags);
  if (others.length >= listenersPerBalancerMax) {
    throw new ApiError('TooManyListenersException', 'The maximum number of listeners has been reached');
  }
  noteHealth(call);
  return { Listeners: [listenerView(addListener(call, balancer, { protocol, port, group, tags }))] };
}

function addListener(
  call: Call,
  balancer: LoadBalancerRecord,
  plan: { protocol: string; port: number; group: TargetGroupRecord; tags: Record<string, string> },
): ListenerRecord {
  const listener: ListenerRecord = {
    arn: arnOf(call, `listener/net/${balancer.name}/${balancer.id}/${call.world.random.hex(16)}`),
    loadBalancerArn: balancer.arn,
    createdAt: call.now,
    protocol: plan.protocol,
    port: plan.port,
    targetGroupArn: plan.group.arn,
    attachedAt: call.now,
    attributes: initialAttributes(listenerAttributes),
    tags: plan.tags,
  };
  elbState(call).listeners[listener.arn] = listener;
  return listener;
}

/** F-305. */
function sameOrRefused(
  present: ListenerRecord,
  wanted: { protocol: string; group: TargetGroupRecord },
): ListenerRecord {
  if (present.protocol === wanted.protocol && present.targetGroupArn === wanted.group.arn) return present;
  throw duplicate(present.loadBalancerArn);
}

const duplicate = (loadBalancerArn: string) =>
  new ApiError(
    'DuplicateListenerException',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );

function checkProtocol(protocol: string): void {
  if (protocol === 'TLS') throw notServed('TLS listeners');
  if (!protocols.includes(protocol)) {
    const problem = `Listeners of network load balancers support the protocols ${protocols.join(', ')} and TLS, not ${protocol}`;
    throw new ApiError('UnsupportedProtocolException', problem);
  }
}

/** The one target group to which the actions forward, named in either of the two ways. */
function targetGroupOf(place: Place, actions: readonly Checked<Action>[]): TargetGroupRecord {
  const [action] = actions;
  if (!action) throw validationError('A default action must be specified');
  if (actions.length > 1 || action.Type !== 'forward') {
    const problem = 'Listeners of network load balancers have one default action, of type forward';
    throw new ApiError('InvalidLoadBalancerActionException', problem);
  }
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  if (groups.length > 1) throw notServed('listeners that forward to several target groups');
  const arn = action.TargetGroupArn ?? groups[0]?.TargetGroupArn;
  if (arn === undefined) throw validationError('A target group ARN must be specified');
  return requireTargetGroup(place, arn);
}

/** F-308: the group speaks the listener's protocol, lies in the same VPC, and belongs to no other load balancer. */
function checkForward(place: Place, balancer: LoadBalancerRecord, group: TargetGroupRecord, protocol: string): void {
  if (group.protocol !== protocol) {
    const problem = `The protocol of target group '${group.arn}' (${group.protocol}) does not fit a ${protocol} listener`;
    throw new ApiError('IncompatibleProtocolsException', problem);
  }
  if (group.vpcId !== balancer.vpcId) {
    throw invalidConfiguration(`Target group '${group.arn}' is not in the load balancer's VPC '${balancer.vpcId}'`);
  }
  if (balancersOf(place, group.arn).some((arn) => arn !== balancer.arn)) {
    const problem = `The following target groups cannot be associated with more than one load balancer: ${group.arn}`;
    throw new ApiError('TargetGroupAssociationLimitException', problem);
  }
}

const listenerView = (listener: ListenerRecord): Listener => ({
  ListenerArn: listener.arn,
  LoadBalancerArn: listener.loadBalancerArn,
  Port: listener.port,
  Protocol: listener.protocol as Listener['Protocol'],
  DefaultActions: [
    {
      Type: 'forward',
      TargetGroupArn: listener.targetGroupArn,
      Order: 1,
      ForwardConfig: { TargetGroups: [{ TargetGroupArn: listener.targetGroupArn }] },
    },
  ],
});

function describeListeners(input: DescribeListenersInput, call: Call): DescribeListenersOutput {
  const { ListenerArns: arns = [], LoadBalancerArn: balancer } = input;
  if (arns.length > 0) return { Listeners: arns.map((arn) => listenerView(requireListener(call, arn))) };
  if (balancer === undefined) throw validationError('A load balancer ARN or listener ARNs must be specified');
  requireLoadBalancer(call, balancer);
  const listeners = Object.values(elbState(call).listeners).filter((one) => one.loadBalancerArn === balancer);
  const page = pageOf(call, listeners, input);
  return { Listeners: page.items.map(listenerView), NextMarker: page.nextToken };
}

function modifyListener(input: Checked<ModifyListenerInput>, call: Call): ModifyListenerOutput {
  const listener = requireListener(call, input.ListenerArn);
  const balancer = requireLoadBalancer(call, listener.loadBalancerArn);
  const { Port: port = listener.port, Protocol: protocol = listener.protocol } = input;
  checkProtocol(protocol);
  const actions = input.DefaultActions;
  const group = actions ? targetGroupOf(call, actions) : requireTargetGroup(call, listener.targetGroupArn);
  const others = Object.values(elbState(call).listeners).filter((other) => other !== listener);
  if (others.some((other) => other.loadBalancerArn === balancer.arn && other.port === port)) {
    throw duplicate(balancer.arn);
  }
  checkForward(call, balancer, group, protocol);
  noteHealth(call);
  if (group.arn !== listener.targetGroupArn) listener.attachedAt = call.now;
  listener.port = port;
  listener.protocol = protocol;
  listener.targetGroupArn = group.arn;
  return { Listeners: [listenerView(listener)] };
}

function deleteListener(input: Checked<DeleteListenerInput>, call: Call): DeleteListenerOutput {
  const listener = requireListener(call, input.ListenerArn);
  delete elbState(call).listeners[listener.arn];
  return {};
}

function describeAttributes(
  input: Checked<DescribeListenerAttributesInput>,
  call: Call,
): DescribeListenerAttributesOutput {
  return { Attributes: attributeList(requireListener(call, input.ListenerArn).attributes) };
}

function modifyAttributes(input: Checked<ModifyListenerAttributesInput>, call: Call): ModifyListenerAttributesOutput {
  const listener = requireListener(call, input.ListenerArn);
  listener.attributes = changedAttributes(listener.attributes, input.Attributes, listenerAttributes);
  return { Attributes: attributeList(listener.attributes) };
}

export const listenerOperations = {
  CreateListener: createListener,
  DescribeListeners: describeListeners,
  ModifyListener: modifyListener,
  DeleteListener: deleteListener,
  DescribeListenerAttributes: describeAttributes,
  ModifyListenerAttributes: modifyAttributes,
};
