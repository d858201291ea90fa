/** How a VPC endpoint looks to a caller, and its policy. */
import type { VpcEndpoint } from '@aws-sdk/client-ec2';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { VpcEndpointRecord } from './records.ts';
import { ec2State } from './state.ts';
import { tagList } from './tags.ts';

/** F-256: the policy of an endpoint for which none is given. */
export const openPolicy = JSON.stringify({
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
});

/** The policy to keep. Errors: `InvalidPolicyDocument`. */
export function parsePolicy(document: string | undefined): string {
  if (document === undefined || document === '') return openPolicy;
  try {
    JSON.parse(document);
    return document;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new ApiError('InvalidPolicyDocument', `Policy document is not valid JSON: ${reason}`);
  }
}

export function endpointOf(place: Place, endpoint: VpcEndpointRecord): VpcEndpoint {
  const isGateway = endpoint.type === 'Gateway';
  return {
    VpcEndpointId: endpoint.vpcEndpointId,
    VpcEndpointType: endpoint.type,
    VpcId: endpoint.vpcId,
    OwnerId: place.account,
    ServiceName: endpoint.serviceName,
    ServiceRegion: place.region,
    // The model's enum is capitalised; the service answers in lower case, and that is what clients compare with.
    State: endpoint.state as unknown as VpcEndpoint['State'],
    PolicyDocument: endpoint.policyDocument,
    RequesterManaged: endpoint.requesterManaged,
    CreationTimestamp: new Date(endpoint.createdAt),
    RouteTableIds: endpoint.routeTableIds,
    SubnetIds: endpoint.subnetIds,
    Groups: groupsOf(place, endpoint),
    NetworkInterfaceIds: interfaceIdsOf(place, endpoint),
    PrivateDnsEnabled: endpoint.privateDnsEnabled,
    IpAddressType: 'ipv4',
    DnsOptions: { DnsRecordIpType: isGateway ? 'service-defined' : 'ipv4' },
    DnsEntries: isGateway ? [] : dnsEntriesOf(place, endpoint),
    Tags: tagList(endpoint.tags),
  };
}

function groupsOf(place: Place, endpoint: VpcEndpointRecord) {
  const { securityGroups } = ec2State(place);
  return endpoint.groupIds.map((id) => ({ GroupId: id, GroupName: securityGroups[id]?.groupName }));
}

function interfaceIdsOf(place: Place, endpoint: VpcEndpointRecord): string[] {
  return Object.values(ec2State(place).interfaces)
    .filter((record) => !record.lingering && record.description.endsWith(` ${endpoint.vpcEndpointId}`))
    .map((record) => record.networkInterfaceId);
}

function dnsEntriesOf(place: Place, endpoint: VpcEndpointRecord) {
  const service = endpoint.serviceName.split('.').at(-1);
  const own = `${endpoint.vpcEndpointId}-${endpoint.vpcEndpointId.slice(-8)}.${service}.${place.region}.vpce.amazonaws.com`;
  const names = endpoint.privateDnsEnabled ? [own, `${service}.${place.region}.amazonaws.com`] : [own];
  return names.map((DnsName) => ({ DnsName, HostedZoneId: 'Z7HUB22UULQXV' }));
}
