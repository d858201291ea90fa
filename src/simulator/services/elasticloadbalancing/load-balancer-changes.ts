/** Load balancers after their creation: attributes, groups, subnets, capacity. */
import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
  SetSubnetsInput,
  SetSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import { updateInterface } from '../ec2/interfaces.ts';
import { attributeList, changedAttributes, loadBalancerAttributes } from './attributes.ts';
import { noteHealth } from './health.ts';
import { invalidConfiguration, requireLoadBalancer } from './state.ts';
import { checkGroups, checkRoom, closeZone, openZone, wantedZones, zoneView } from './zones.ts';

function describeAttributes(
  input: Checked<DescribeLoadBalancerAttributesInput>,
  call: Call,
): DescribeLoadBalancerAttributesOutput {
  return { Attributes: attributeList(requireLoadBalancer(call, input.LoadBalancerArn).attributes) };
}

function modifyAttributes(
  input: Checked<ModifyLoadBalancerAttributesInput>,
  call: Call,
): ModifyLoadBalancerAttributesOutput {
  const balancer = requireLoadBalancer(call, input.LoadBalancerArn);
  noteHealth(call);
  const changed = changedAttributes(balancer.attributes, input.Attributes, loadBalancerAttributes);
  const secondary = 'secondary_ips.auto_assigned.per_subnet';
  // F-311: once given, secondary addresses stay.
  if (Number(changed[secondary]) < Number(balancer.attributes[secondary])) {
    throw invalidConfiguration(`The value of attribute '${secondary}' cannot be decreased`);
  }
  balancer.attributes = changed;
  return { Attributes: attributeList(changed) };
}

/** F-323: what was created without groups never gets any; what has some keeps at least one. */
function setSecurityGroups(input: Checked<SetSecurityGroupsInput>, call: Call): SetSecurityGroupsOutput {
  const balancer = requireLoadBalancer(call, input.LoadBalancerArn);
  const { SecurityGroups: groups, EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforce } = input;
  if (balancer.securityGroups.length === 0) {
    throw invalidConfiguration(
      `Security groups cannot be set on load balancer '${balancer.arn}' because it was created without security groups`,
    );
  }
  if (groups.length === 0) throw invalidConfiguration('At least one security group must be specified');
  checkGroups(call, groups, balancer.vpcId);
  noteHealth(call);
  balancer.securityGroups = [...groups];
  balancer.enforceOnPrivateLink = enforce ?? balancer.enforceOnPrivateLink;
  for (const zone of balancer.zones) updateInterface(call, zone.networkInterfaceId, { groupIds: groups });
  return {
    SecurityGroupIds: balancer.securityGroups,
    EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: balancer.enforceOnPrivateLink === 'off' ? 'off' : 'on',
  };
}

/** The subnets named replace those there were; a zone that stays keeps its address. */
function setSubnets(input: Checked<SetSubnetsInput>, call: Call): SetSubnetsOutput {
  const balancer = requireLoadBalancer(call, input.LoadBalancerArn);
  const wanted = wantedZones(call, input);
  if (wanted.some((zone) => zone.vpcId !== balancer.vpcId)) {
    throw invalidConfiguration(`All subnets must belong to the same VPC: '${balancer.vpcId}'`);
  }
  const kept = balancer.zones.filter((zone) => wanted.some(({ subnetId }) => subnetId === zone.subnetId));
  const added = wanted.filter((zone) => !kept.some(({ subnetId }) => subnetId === zone.subnetId));
  checkRoom(call, added, balancer.scheme);
  noteHealth(call);
  for (const zone of balancer.zones) if (!kept.includes(zone)) closeZone(call, zone);
  balancer.zones = [...kept, ...added.map((zone) => openZone(call, balancer, zone))];
  return { AvailabilityZones: balancer.zones.map(zoneView), IpAddressType: 'ipv4' };
}

/** Nobody reserves capacity here; Terraform's provider asks all the same. */
function describeCapacityReservation(
  input: Checked<DescribeCapacityReservationInput>,
  call: Call,
): DescribeCapacityReservationOutput {
  requireLoadBalancer(call, input.LoadBalancerArn);
  return { DecreaseRequestsRemaining: 2, CapacityReservationState: [] };
}

export const loadBalancerChangeOperations = {
  DescribeLoadBalancerAttributes: describeAttributes,
  ModifyLoadBalancerAttributes: modifyAttributes,
  SetSecurityGroups: setSecurityGroups,
  SetSubnets: setSubnets,
  DescribeCapacityReservation: describeCapacityReservation,
};
