/** How an instance looks to a caller, and by what it is found. */
import type { Instance, InstanceNetworkInterface } from '@aws-sdk/client-ec2';
import type { Place } from '../../world.ts';
import { rootDevice } from './images.ts';
import type { InstanceRecord, InstanceStateName } from './records.ts';
import type { FilterTable } from './requests.ts';
import { ec2State } from './state.ts';
import { tagList } from './tags.ts';

const codes: Readonly<Record<InstanceStateName, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
};

export const stateOf = (Name: InstanceStateName) => ({ Code: codes[Name], Name });

export function instanceOf(place: Place, record: InstanceRecord): Instance {
  const gone = record.state === 'terminated';
  return {
    InstanceId: record.instanceId,
    ImageId: record.imageId,
    InstanceType: record.instanceType as Instance['InstanceType'],
    Architecture: record.architecture,
    AmiLaunchIndex: record.launchIndex,
    ClientToken: record.clientToken,
    LaunchTime: new Date(record.launchedAt),
    Placement: { AvailabilityZone: record.availabilityZone, Tenancy: 'default', GroupName: '' },
    State: stateOf(record.state),
    StateTransitionReason: record.terminatedAt === undefined ? '' : 'User initiated',
    Monitoring: { State: 'disabled' },
    EbsOptimized: false,
    EnaSupport: true,
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceName: rootDevice,
    RootDeviceType: 'ebs',
    MetadataOptions: {
      State: 'applied',
      HttpTokens: record.metadata.httpTokens,
      HttpPutResponseHopLimit: record.metadata.hopLimit,
      HttpEndpoint: record.metadata.enabled ? 'enabled' : 'disabled',
    },
    Tags: tagList(record.tags),
    ...profileOf(record),
    ...(gone ? withoutNetwork : networkOf(place, record)),
  };
}

function profileOf({ profileArn, instanceId }: InstanceRecord): Pick<Instance, 'IamInstanceProfile'> {
  if (profileArn === undefined) return {};
  return { IamInstanceProfile: { Arn: profileArn, Id: `AIPA${instanceId.slice(2, 19).toUpperCase()}` } };
}

/** F-285: of a terminated instance nothing is left but its description. */
const withoutNetwork = { BlockDeviceMappings: [], NetworkInterfaces: [], SecurityGroups: [] };

function networkOf(place: Place, record: InstanceRecord) {
  const face = interfaceOf(place, record);
  const { volumeId, deleteOnTermination } = record.volume;
  const Ebs = {
    VolumeId: volumeId,
    DeleteOnTermination: deleteOnTermination,
    Status: 'attached' as const,
    AttachTime: new Date(record.launchedAt),
  };
  return {
    VpcId: record.vpcId,
    SubnetId: record.subnetId,
    PrivateIpAddress: record.privateIpAddress,
    PrivateDnsName: face.PrivateDnsName,
    PublicDnsName: '',
    SourceDestCheck: true,
    SecurityGroups: face.Groups,
    NetworkInterfaces: [face],
    BlockDeviceMappings: [{ DeviceName: rootDevice, Ebs }],
  };
}

function interfaceOf(place: Place, record: InstanceRecord): InstanceNetworkInterface {
  const { interfaces, securityGroups } = ec2State(place);
  const groupIds = interfaces[record.networkInterfaceId]?.groupIds ?? record.groupIds;
  return {
    NetworkInterfaceId: record.networkInterfaceId,
    PrivateIpAddress: record.privateIpAddress,
    PrivateDnsName: `ip-${record.privateIpAddress.replaceAll('.', '-')}.ec2.internal`,
    MacAddress: record.macAddress,
    SubnetId: record.subnetId,
    VpcId: record.vpcId,
    OwnerId: place.account,
    Status: 'in-use',
    Groups: groupIds.map((id) => ({ GroupId: id, GroupName: securityGroups[id]?.groupName })),
    Attachment: { DeviceIndex: 0, DeleteOnTermination: true, Status: 'attached' },
  };
}

export const filtersOf = (place: Place): FilterTable<InstanceRecord> => ({
  architecture: ({ architecture }) => architecture,
  'availability-zone': ({ availabilityZone }) => availabilityZone,
  'client-token': ({ clientToken }) => clientToken,
  'iam-instance-profile.arn': ({ profileArn }) => profileArn,
  'image-id': ({ imageId }) => imageId,
  'instance-id': ({ instanceId }) => instanceId,
  'instance-state-code': ({ state }) => codes[state],
  'instance-state-name': ({ state }) => state,
  'instance-type': ({ instanceType }) => instanceType,
  'instance.group-id': ({ groupIds }) => groupIds,
  'metadata-options.http-tokens': ({ metadata }) => metadata.httpTokens,
  'network-interface.network-interface-id': ({ networkInterfaceId }) => networkInterfaceId,
  'owner-id': () => place.account,
  'private-ip-address': ({ privateIpAddress }) => privateIpAddress,
  'reservation-id': ({ reservationId }) => reservationId,
  'subnet-id': ({ subnetId }) => subnetId,
  'vpc-id': ({ vpcId }) => vpcId,
});
