/** What the simulated EC2 remembers: plain JSON, one table per kind of resource, keyed by id. */

/** What every taggable resource has. Reads don't see a record before `visibleAt` (F-201). */
export interface ResourceRecord {
  readonly visibleAt: number;
  tags: Record<string, string>;
}

export interface VpcRecord extends ResourceRecord {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly cidrAssociationId: string;
  readonly dhcpOptionsId: string;
  readonly isDefault: boolean;
  readonly instanceTenancy: 'default' | 'dedicated';
  enableDnsSupport: boolean;
  enableDnsHostnames: boolean;
  enableNetworkAddressUsageMetrics: boolean;
}

export interface SubnetRecord extends ResourceRecord {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly defaultForAz: boolean;
  readonly aclAssociationId: string;
  mapPublicIpOnLaunch: boolean;
  enableResourceNameDnsARecordOnLaunch: boolean;
}

export interface RouteRecord {
  readonly destinationCidrBlock?: string | undefined;
  readonly destinationPrefixListId?: string | undefined;
  readonly gatewayId?: string | undefined;
  readonly networkInterfaceId?: string | undefined;
  readonly origin: 'CreateRouteTable' | 'CreateRoute';
}

export interface RouteTableAssociation {
  readonly associationId: string;
  readonly subnetId: string | undefined;
  readonly main: boolean;
}

export interface RouteTableRecord extends ResourceRecord {
  readonly routeTableId: string;
  readonly vpcId: string;
  routes: RouteRecord[];
  associations: RouteTableAssociation[];
}

export interface SecurityGroupRecord extends ResourceRecord {
  readonly groupId: string;
  readonly groupName: string;
  readonly vpcId: string;
  readonly description: string;
}

export interface RuleRecord extends ResourceRecord {
  readonly ruleId: string;
  readonly groupId: string;
  readonly isEgress: boolean;
  /** `-1`, `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number. */
  readonly protocol: string;
  /** -1 when the protocol is `-1`. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly peer: RulePeer;
  description: string | undefined;
}

export type RulePeer =
  | { readonly kind: 'ipv4'; readonly value: string }
  | { readonly kind: 'ipv6'; readonly value: string }
  | { readonly kind: 'prefix-list'; readonly value: string }
  | { readonly kind: 'group'; readonly value: string };

export interface NetworkAclRecord extends ResourceRecord {
  readonly networkAclId: string;
  readonly vpcId: string;
}

export interface InterfaceRecord extends ResourceRecord {
  readonly networkInterfaceId: string;
  readonly attachmentId: string | undefined;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly privateIpAddress: string;
  readonly macAddress: string;
  readonly description: string;
  /** Who made it: `amazon-elb`, a service's account, or the account's own id. */
  readonly requesterId: string;
  readonly requesterManaged: boolean;
  readonly interfaceType: string;
  readonly createdAt: number;
  /** The instance whose first interface it is. */
  readonly instanceId?: string | undefined;
  groupIds: string[];
  /** The TCP port on which something answers behind this interface. */
  listeningPort: number | undefined;
  /** Its owner is gone; the interface itself stays until the event that removes it. */
  lingering: boolean;
}

export interface VpcEndpointRecord extends ResourceRecord {
  readonly vpcEndpointId: string;
  readonly vpcId: string;
  readonly serviceName: string;
  readonly type: 'Gateway' | 'Interface';
  readonly requesterManaged: boolean;
  readonly requesterId: string | undefined;
  readonly createdAt: number;
  state: 'pending' | 'available' | 'deleting';
  policyDocument: string;
  privateDnsEnabled: boolean;
  routeTableIds: string[];
  subnetIds: string[];
  groupIds: string[];
}

export type InstanceStateName = 'pending' | 'running' | 'shutting-down' | 'terminated';

export interface InstanceRecord extends ResourceRecord {
  readonly instanceId: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly networkInterfaceId: string;
  readonly privateIpAddress: string;
  readonly macAddress: string;
  readonly groupIds: readonly string[];
  readonly profileArn: string | undefined;
  readonly clientToken: string | undefined;
  readonly launchedAt: number;
  readonly metadata: InstanceMetadata;
  readonly volume: VolumeInfo;
  state: InstanceStateName;
  runningAt: number | undefined;
  terminatedAt: number | undefined;
}

export interface InstanceMetadata {
  readonly httpTokens: 'optional' | 'required';
  readonly hopLimit: number;
  readonly enabled: boolean;
}

/** The root volume. */
export interface VolumeInfo {
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly encrypted: boolean;
  readonly deleteOnTermination: boolean;
}

export interface InternetGatewayRecord extends ResourceRecord {
  readonly internetGatewayId: string;
  vpcId: string | undefined;
}

/** What a request with a ClientToken made, so that its repetition answers the same (F-204). */
export interface TokenRecord {
  readonly fingerprint: string;
  readonly resourceId: string;
}

export interface Ec2State {
  readonly vpcs: Record<string, VpcRecord>;
  readonly subnets: Record<string, SubnetRecord>;
  readonly routeTables: Record<string, RouteTableRecord>;
  readonly securityGroups: Record<string, SecurityGroupRecord>;
  readonly rules: Record<string, RuleRecord>;
  readonly networkAcls: Record<string, NetworkAclRecord>;
  readonly interfaces: Record<string, InterfaceRecord>;
  readonly vpcEndpoints: Record<string, VpcEndpointRecord>;
  readonly internetGateways: Record<string, InternetGatewayRecord>;
  readonly instances: Record<string, InstanceRecord>;
  readonly tokens: Record<string, TokenRecord>;
  /** The default VPC of the region has been laid out. */
  seeded: boolean;
  /** When an interface, a group or a rule last changed: what decides whether packets pass. */
  networkChangedAt: number;
}
