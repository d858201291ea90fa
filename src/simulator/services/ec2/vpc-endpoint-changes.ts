/** VPC endpoints looked at and changed after their creation. */
import type {
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult,
  ModifyVpcEndpointRequest,
  ModifyVpcEndpointResult,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { deleteInterface, updateInterface } from './interfaces.ts';
import type { VpcEndpointRecord } from './records.ts';
import { type FilterTable, listRecords, refuseDryRun } from './requests.ts';
import { requireRecord } from './state.ts';
import { checkPrivateDns, checkRouteTables, checkSubnets } from './vpc-endpoint-checks.ts';
import { endpointOf, openPolicy, parsePolicy } from './vpc-endpoint-views.ts';
import { addEndpointInterface, interfacesOf } from './vpc-endpoints.ts';

const filtersOf = (place: Place): FilterTable<VpcEndpointRecord> => ({
  'vpc-endpoint-id': (endpoint) => endpoint.vpcEndpointId,
  'vpc-endpoint-type': (endpoint) => endpoint.type,
  'vpc-endpoint-state': (endpoint) => endpoint.state,
  'vpc-id': (endpoint) => endpoint.vpcId,
  'service-name': (endpoint) => endpoint.serviceName,
  'service-region': () => place.region,
  'ip-address-type': () => 'ipv4',
});

function describeVpcEndpoints(input: Checked<DescribeVpcEndpointsRequest>, call: Call): DescribeVpcEndpointsResult {
  const page = listRecords(call, 'vpcEndpoints', { ...input, ids: input.VpcEndpointIds }, filtersOf(call));
  return { VpcEndpoints: page.items.map((endpoint) => endpointOf(call, endpoint)), NextToken: page.nextToken };
}

function modifyVpcEndpoint(input: Checked<ModifyVpcEndpointRequest>, call: Call): ModifyVpcEndpointResult {
  const endpoint = requireRecord(call, 'vpcEndpoints', input.VpcEndpointId);
  if (endpoint.requesterManaged) {
    const problem = `Operation is not allowed for requester-managed VPC endpoints for the service ${endpoint.serviceName}.`;
    throw new ApiError('InvalidParameter', problem);
  }
  checkChange(call, endpoint, input);
  const given = input.PolicyDocument === undefined ? endpoint.policyDocument : parsePolicy(input.PolicyDocument);
  refuseDryRun(input);
  endpoint.policyDocument = input.ResetPolicy ? openPolicy : given;
  endpoint.privateDnsEnabled = input.PrivateDnsEnabled ?? endpoint.privateDnsEnabled;
  endpoint.routeTableIds = changed(endpoint.routeTableIds, input.AddRouteTableIds, input.RemoveRouteTableIds);
  endpoint.groupIds = changed(endpoint.groupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds);
  moveInterfaces(call, endpoint, input);
  return { Return: true };
}

const changed = (ids: readonly string[], added: readonly string[] = [], removed: readonly string[] = []) => [
  ...new Set([...ids.filter((id) => !removed.includes(id)), ...added]),
];

function checkChange(place: Place, endpoint: VpcEndpointRecord, input: Checked<ModifyVpcEndpointRequest>): void {
  const addedTables = (input.AddRouteTableIds ?? []).filter((id) => !endpoint.routeTableIds.includes(id));
  if (addedTables.length > 0 && endpoint.type !== 'Gateway') {
    throw new ApiError('InvalidParameter', 'Route table IDs are only supported for Gateway type VPC Endpoint.');
  }
  checkRouteTables(place, endpoint, addedTables);
  if (endpoint.type === 'Interface') {
    checkSubnets(place, endpoint.vpcId, changed(endpoint.subnetIds, input.AddSubnetIds, input.RemoveSubnetIds));
  }
  for (const id of input.AddSecurityGroupIds ?? []) requireRecord(place, 'securityGroups', id);
  const groups = changed(endpoint.groupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds);
  if (endpoint.type === 'Interface' && groups.length === 0) {
    throw new ApiError('InvalidParameter', 'An interface VPC endpoint must have at least one security group.');
  }
  if (input.PrivateDnsEnabled && !endpoint.privateDnsEnabled) {
    checkPrivateDns(place, endpoint.vpcId, endpoint.serviceName);
  }
}

function moveInterfaces(place: Place, endpoint: VpcEndpointRecord, input: Checked<ModifyVpcEndpointRequest>): void {
  if (endpoint.type !== 'Interface') return;
  const before = endpoint.subnetIds;
  endpoint.subnetIds = changed(before, input.AddSubnetIds, input.RemoveSubnetIds);
  for (const record of interfacesOf(place, endpoint.vpcEndpointId)) {
    if (endpoint.subnetIds.includes(record.subnetId)) {
      updateInterface(place, record.networkInterfaceId, { groupIds: endpoint.groupIds });
    } else {
      deleteInterface(place, record.networkInterfaceId, place.world.draw('network-interface.linger'));
    }
  }
  for (const id of endpoint.subnetIds) if (!before.includes(id)) addEndpointInterface(place, endpoint, id);
}

export const vpcEndpointChangeOperations = {
  DescribeVpcEndpoints: describeVpcEndpoints,
  ModifyVpcEndpoint: modifyVpcEndpoint,
};
