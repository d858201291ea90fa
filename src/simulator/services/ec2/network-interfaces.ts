/** Network interfaces as a caller sees them: those of services, and plain ones of the caller's own. */
import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  NetworkInterface,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { createInterface, deleteInterface } from './interfaces.ts';
import { defaultSecurityGroup } from './lookup.ts';
import type { InterfaceRecord } from './records.ts';
import { type FilterTable, listRecords, refuseDryRun } from './requests.ts';
import { ec2State, requireRecord } from './state.ts';
import { tagList, tagsFor } from './tags.ts';

/** F-241: the interfaces of services are attached to something that belongs to `amazon-aws`. */
function instanceOwnerOf(place: Place, record: InterfaceRecord): string | undefined {
  if (record.attachmentId === undefined) return undefined;
  return record.instanceId === undefined ? 'amazon-aws' : place.account;
}

const privateName = (record: InterfaceRecord) => `ip-${record.privateIpAddress.replaceAll('.', '-')}.ec2.internal`;

const statusOf = (record: InterfaceRecord) => (record.attachmentId === undefined ? 'available' : 'in-use');

function interfaceOf(place: Place, record: InterfaceRecord): NetworkInterface {
  const groups = ec2State(place).securityGroups;
  return {
    NetworkInterfaceId: record.networkInterfaceId,
    SubnetId: record.subnetId,
    VpcId: record.vpcId,
    AvailabilityZone: record.availabilityZone,
    AvailabilityZoneId: ec2State(place).subnets[record.subnetId]?.availabilityZoneId,
    Description: record.description,
    OwnerId: place.account,
    RequesterId: record.requesterId,
    RequesterManaged: record.requesterManaged,
    InterfaceType: record.interfaceType as NetworkInterface['InterfaceType'],
    Status: statusOf(record),
    MacAddress: record.macAddress,
    PrivateIpAddress: record.privateIpAddress,
    PrivateDnsName: privateName(record),
    PrivateIpAddresses: [
      { PrivateIpAddress: record.privateIpAddress, Primary: true, PrivateDnsName: privateName(record) },
    ],
    Ipv6Addresses: [],
    SourceDestCheck: !record.requesterManaged,
    Groups: record.groupIds.map((id) => ({ GroupId: id, GroupName: groups[id]?.groupName })),
    Attachment: attachmentOf(place, record),
    TagSet: tagList(record.tags),
  };
}

function attachmentOf(place: Place, record: InterfaceRecord): NetworkInterface['Attachment'] {
  if (record.attachmentId === undefined) return undefined;
  return {
    AttachmentId: record.attachmentId,
    AttachTime: new Date(record.createdAt),
    DeleteOnTermination: goesWithInstance(record),
    DeviceIndex: deviceIndexOf(record),
    InstanceId: record.instanceId,
    InstanceOwnerId: instanceOwnerOf(place, record),
    Status: 'attached',
  };
}

const goesWithInstance = (record: InterfaceRecord) => record.instanceId !== undefined;
const deviceIndexOf = (record: InterfaceRecord) => (record.instanceId === undefined ? 1 : 0);

const filtersOf = (place: Place): FilterTable<InterfaceRecord> => ({
  'addresses.primary': () => true,
  'addresses.private-ip-address': (record) => record.privateIpAddress,
  'attachment.attachment-id': (record) => record.attachmentId,
  'attachment.delete-on-termination': (record) => record.attachmentId && goesWithInstance(record),
  'attachment.device-index': (record) => record.attachmentId && deviceIndexOf(record),
  'attachment.instance-id': (record) => record.instanceId,
  'attachment.instance-owner-id': (record) => instanceOwnerOf(place, record),
  'attachment.status': (record) => (record.attachmentId === undefined ? undefined : 'attached'),
  'availability-zone': (record) => record.availabilityZone,
  description: (record) => record.description,
  'group-id': (record) => record.groupIds,
  'group-name': (record) => record.groupIds.map((id) => ec2State(place).securityGroups[id]?.groupName),
  'interface-type': (record) => record.interfaceType,
  'mac-address': (record) => record.macAddress,
  'network-interface-id': (record) => record.networkInterfaceId,
  'owner-id': () => place.account,
  'private-dns-name': privateName,
  'private-ip-address': (record) => record.privateIpAddress,
  'requester-id': (record) => record.requesterId,
  'requester-managed': (record) => record.requesterManaged,
  'source-dest-check': (record) => !record.requesterManaged,
  status: statusOf,
  'subnet-id': (record) => record.subnetId,
  'vpc-id': (record) => record.vpcId,
});

function describeNetworkInterfaces(
  input: Checked<DescribeNetworkInterfacesRequest>,
  call: Call,
): DescribeNetworkInterfacesResult {
  const page = listRecords(call, 'interfaces', { ...input, ids: input.NetworkInterfaceIds }, filtersOf(call));
  return { NetworkInterfaces: page.items.map((record) => interfaceOf(call, record)), NextToken: page.nextToken };
}

function createNetworkInterface(
  input: Checked<CreateNetworkInterfaceRequest>,
  call: Call,
): CreateNetworkInterfaceResult {
  const subnet = requireRecord(call, 'subnets', input.SubnetId);
  const groupIds = input.Groups?.length ? input.Groups : [defaultSecurityGroup(call, subnet.vpcId)];
  for (const id of groupIds) requireRecord(call, 'securityGroups', id);
  const tags = tagsFor(input.TagSpecifications, 'network-interface');
  refuseDryRun(input);
  const { networkInterfaceId } = createInterface(call, {
    subnetId: subnet.subnetId,
    groupIds,
    description: input.Description ?? '',
    requesterId: call.account,
  });
  const record = requireRecord(call, 'interfaces', networkInterfaceId);
  record.tags = tags;
  return { NetworkInterface: interfaceOf(call, record), ClientToken: input.ClientToken };
}

/** F-242: what a service made, only the service removes. */
function deleteNetworkInterface(input: Checked<DeleteNetworkInterfaceRequest>, call: Call): Record<string, never> {
  const record = requireRecord(call, 'interfaces', input.NetworkInterfaceId);
  if (record.attachmentId !== undefined) {
    const problem = `Network interface '${record.networkInterfaceId}' is currently in use.`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  refuseDryRun(input);
  deleteInterface(call, record.networkInterfaceId);
  return {};
}

export const networkInterfaceOperations = {
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  CreateNetworkInterface: createNetworkInterface,
  DeleteNetworkInterface: deleteNetworkInterface,
};
