import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteTableCommand,
  type CreateRouteTableCommandInput,
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateTagsCommand,
  CreateVpcCommand,
  type CreateVpcCommandInput,
  CreateVpcEndpointCommand,
  type CreateVpcEndpointCommandInput,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeNetworkInterfacesCommand,
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  type Filter,
  type IpPermission,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  type ModifyVpcEndpointCommandInput,
  ReplaceRouteTableAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { classify } from './classify.ts';
import type { Connection } from './connection.ts';
import { allPages } from './paging.ts';
import { type Tags, tagList } from './tags.ts';

export type Direction = 'ingress' | 'egress';
export type DnsAttribute = 'enableDnsSupport' | 'enableDnsHostnames';

const where = (filters: Readonly<Record<string, readonly string[]>>): Filter[] =>
  Object.entries(filters).map(([Name, Values]) => ({ Name, Values: [...Values] }));

export function ec2(connection: Connection) {
  const send = connection.open('ec2', 'EC2', (config) => new EC2Client(config));
  return {
    // --- reads: all pages; `filters` by EC2's filter names, e.g. `{ 'vpc-id': ['vpc-1'] }` -------------------------

    describeVpcs: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeVpcsCommand({ Filters: where(filters), NextToken })).then(({ Vpcs, NextToken: next }) => ({
          items: Vpcs,
          next,
        })),
      ),
    /** Undefined when the VPC is not there. */
    async vpcAttribute(VpcId: string, Attribute: DnsAttribute): Promise<boolean> {
      const answer = await send(new DescribeVpcAttributeCommand({ VpcId, Attribute }));
      const value = Attribute === 'enableDnsSupport' ? answer.EnableDnsSupport : answer.EnableDnsHostnames;
      return value?.Value ?? false;
    },
    describeSubnets: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeSubnetsCommand({ Filters: where(filters), NextToken })).then(
          ({ Subnets, NextToken: next }) => ({ items: Subnets, next }),
        ),
      ),
    describeRouteTables: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeRouteTablesCommand({ Filters: where(filters), NextToken })).then(
          ({ RouteTables, NextToken: next }) => ({ items: RouteTables, next }),
        ),
      ),
    describeSecurityGroups: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeSecurityGroupsCommand({ Filters: where(filters), NextToken })).then(
          ({ SecurityGroups, NextToken: next }) => ({ items: SecurityGroups, next }),
        ),
      ),
    describeVpcEndpoints: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeVpcEndpointsCommand({ Filters: where(filters), NextToken })).then(
          ({ VpcEndpoints, NextToken: next }) => ({ items: VpcEndpoints, next }),
        ),
      ),
    describeNetworkInterfaces: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeNetworkInterfacesCommand({ Filters: where(filters), NextToken })).then(
          ({ NetworkInterfaces, NextToken: next }) => ({ items: NetworkInterfaces, next }),
        ),
      ),
    describeInstances: (filters: Readonly<Record<string, readonly string[]>> = {}) =>
      allPages((NextToken) =>
        send(new DescribeInstancesCommand({ Filters: where(filters), NextToken })).then(
          ({ Reservations, NextToken: next }) => ({
            items: Reservations?.flatMap(({ Instances = [] }) => Instances),
            next,
          }),
        ),
      ),
    /** Which of the types are offered where: `Location` is a zone's name. */
    typeOfferings: (types: readonly string[]) =>
      allPages((NextToken) =>
        send(
          new DescribeInstanceTypeOfferingsCommand({
            LocationType: 'availability-zone',
            Filters: where({ 'instance-type': types }),
            NextToken,
          }),
        ).then(({ InstanceTypeOfferings, NextToken: next }) => ({ items: InstanceTypeOfferings, next })),
      ),
    /** Zones of the region that are available and of type availability-zone. */
    async describeZones() {
      const answer = await send(
        new DescribeAvailabilityZonesCommand({
          Filters: where({ 'zone-type': ['availability-zone'], state: ['available'] }),
        }),
      );
      return answer.AvailabilityZones ?? [];
    },
    /** The id of an AWS service's prefix list, e.g. of `com.amazonaws.us-east-1.s3`. */
    async prefixListId(name: string): Promise<string | undefined> {
      const answer = await send(new DescribePrefixListsCommand({ Filters: where({ 'prefix-list-name': [name] }) }));
      return answer.PrefixLists?.[0]?.PrefixListId;
    },

    // --- changes ---------------------------------------------------------------------------------------------------

    createVpc: (input: Omit<CreateVpcCommandInput, 'TagSpecifications'>, tags: Tags) =>
      send(new CreateVpcCommand({ ...input, TagSpecifications: [{ ResourceType: 'vpc', Tags: tagList(tags) }] })),
    setVpcAttribute: (VpcId: string, attribute: DnsAttribute, Value: boolean) =>
      send(
        new ModifyVpcAttributeCommand({
          VpcId,
          ...(attribute === 'enableDnsSupport' ? { EnableDnsSupport: { Value } } : { EnableDnsHostnames: { Value } }),
        }),
      ),
    deleteVpc: (VpcId: string) => send(new DeleteVpcCommand({ VpcId })),
    createSubnet: (input: Omit<CreateSubnetCommandInput, 'TagSpecifications'>, tags: Tags) =>
      send(new CreateSubnetCommand({ ...input, TagSpecifications: [{ ResourceType: 'subnet', Tags: tagList(tags) }] })),
    deleteSubnet: (SubnetId: string) => send(new DeleteSubnetCommand({ SubnetId })),
    createRouteTable: (input: Omit<CreateRouteTableCommandInput, 'TagSpecifications'>, tags: Tags) =>
      send(
        new CreateRouteTableCommand({
          ...input,
          TagSpecifications: [{ ResourceType: 'route-table', Tags: tagList(tags) }],
        }),
      ),
    associateRouteTable: (RouteTableId: string, SubnetId: string) =>
      send(new AssociateRouteTableCommand({ RouteTableId, SubnetId })),
    replaceRouteTable: (AssociationId: string, RouteTableId: string) =>
      send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId })),
    disassociateRouteTable: (AssociationId: string) => send(new DisassociateRouteTableCommand({ AssociationId })),
    deleteRouteTable: (RouteTableId: string) => send(new DeleteRouteTableCommand({ RouteTableId })),
    createSecurityGroup: (input: Omit<CreateSecurityGroupCommandInput, 'TagSpecifications'>, tags: Tags) =>
      send(
        new CreateSecurityGroupCommand({
          ...input,
          TagSpecifications: [{ ResourceType: 'security-group', Tags: tagList(tags) }],
        }),
      ),
    authorize: (direction: Direction, GroupId: string, IpPermissions: IpPermission[]) =>
      direction === 'ingress'
        ? send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
        : send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions })),
    revoke: (direction: Direction, GroupId: string, IpPermissions: IpPermission[]) =>
      direction === 'ingress'
        ? send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
        : send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions })),
    deleteSecurityGroup: (GroupId: string) => send(new DeleteSecurityGroupCommand({ GroupId })),
    createVpcEndpoint: (input: Omit<CreateVpcEndpointCommandInput, 'TagSpecifications'>, tags: Tags) =>
      send(
        new CreateVpcEndpointCommand({
          ...input,
          TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: tagList(tags) }],
        }),
      ),
    modifyVpcEndpoint: (input: ModifyVpcEndpointCommandInput) => send(new ModifyVpcEndpointCommand(input)),
    /** EC2 answers 200 and lists what it did not delete; that is thrown here (F-651). */
    async deleteVpcEndpoint(VpcEndpointId: string): Promise<void> {
      const answer = await send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }));
      const refused = answer.Unsuccessful?.[0]?.Error;
      if (!refused) return;
      const error = Object.assign(new Error(refused.Message), { name: refused.Code ?? 'Error' });
      throw classify(error, { service: 'ec2', operation: 'DeleteVpcEndpoints', region: connection.region });
    },
    /** The tags are the instance's, its volume's and its interface's. */
    runInstances: (input: Omit<RunInstancesCommandInput, 'TagSpecifications'>, tags: Tags) =>
      send(
        new RunInstancesCommand({
          ...input,
          TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
            ResourceType,
            Tags: tagList(tags),
          })),
        }),
      ),
    terminateInstances: (ids: readonly string[]) => send(new TerminateInstancesCommand({ InstanceIds: [...ids] })),
    createTags: (id: string, tags: Tags) => send(new CreateTagsCommand({ Resources: [id], Tags: tagList(tags) })),
  };
}

export type Ec2 = ReturnType<typeof ec2>;
