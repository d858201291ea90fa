import {
  CreateRouteTableCommand,
  CreateVpcEndpointCommand,
  type CreateVpcEndpointCommandInput,
  DeleteRouteCommand,
  DeleteVpcEndpointsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeVpcEndpointsCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createInterface } from '../../../src/simulator/services/ec2/interfaces.ts';
import {
  createManagedVpcEndpoint,
  deleteManagedVpcEndpoint,
} from '../../../src/simulator/services/ec2/vpc-endpoints.ts';
import { createSubnet, createVpc, failure, filter, type Network, refusal, startNetwork } from './network.ts';

const s3 = 'com.amazonaws.us-east-1.s3';
const ssm = 'com.amazonaws.us-east-1.ssm';

async function startVpc() {
  const network = await startNetwork();
  const VpcId = await createVpc(network);
  const { RouteTable } = await network.ec2.send(new CreateRouteTableCommand({ VpcId }));
  network.settle();
  return { network, ec2: network.ec2, VpcId, tableId: RouteTable!.RouteTableId! };
}

async function create({ ec2, settle }: Network, input: CreateVpcEndpointCommandInput) {
  const { VpcEndpoint } = await ec2.send(new CreateVpcEndpointCommand(input));
  settle();
  return VpcEndpoint!;
}

const describeOne = async ({ ec2 }: Network, id: string) =>
  (await ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }))).VpcEndpoints![0]!;

const routesOf = async ({ ec2 }: Network, tableId: string) =>
  (await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [tableId] }))).RouteTables![0]!.Routes!;

describe('a gateway endpoint', () => {
  test('adds its prefix list to its route tables, and takes it away again (F-252)', async () => {
    const { network, ec2, VpcId, tableId } = await startVpc();
    const endpoint = await create(network, { VpcId, ServiceName: s3, RouteTableIds: [tableId] });
    const id = endpoint.VpcEndpointId!;
    expect(endpoint).toMatchObject({ State: 'available', VpcEndpointType: 'Gateway' });
    const [, route] = await routesOf(network, tableId);
    expect(route).toMatchObject({ GatewayId: id, State: 'active' });
    const byHand = { RouteTableId: tableId, DestinationPrefixListId: route!.DestinationPrefixListId! };
    expect(await failure(ec2.send(new DeleteRouteCommand(byHand)))).toBe('InvalidParameterValue');

    await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, RemoveRouteTableIds: [tableId] }));
    expect(await routesOf(network, tableId)).toHaveLength(1);
    await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, AddRouteTableIds: [tableId] }));
    await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    expect(await routesOf(network, tableId)).toHaveLength(1);
    expect((await describeOne(network, id)).State).toBe('deleting');
    network.pass(61);
    expect(await failure(describeOne(network, id))).toBe('InvalidVpcEndpointId.NotFound');
  });

  test('is the only one of its service in a route table', async () => {
    const { network, VpcId, tableId } = await startVpc();
    const input = { VpcId, ServiceName: s3, RouteTableIds: [tableId] };
    await create(network, input);
    const error = await refusal(create(network, input));
    expect(error?.name).toBe('RouteAlreadyExists');
    expect(error?.message).toContain(`route table ${tableId} already has a route with destination-prefix-list-id pl-`);
  });

  test('is made once per client token (F-204)', async () => {
    const { network, VpcId, tableId } = await startVpc();
    const input = { VpcId, ServiceName: s3, RouteTableIds: [tableId], ClientToken: 'once' };
    const first = await create(network, input);
    expect((await create(network, input)).VpcEndpointId).toBe(first.VpcEndpointId);
    expect(await failure(create(network, { ...input, RouteTableIds: [] }))).toBe('IdempotentParameterMismatch');
  });

  test.each<[Partial<CreateVpcEndpointCommandInput>, string]>([
    [{ ServiceName: 'com.amazonaws.us-east-1.nonsense' }, 'InvalidServiceName'],
    [{ ServiceName: 'com.amazonaws.eu-west-1.s3' }, 'InvalidServiceName'],
    [{ PolicyDocument: '{' }, 'InvalidPolicyDocument'],
    [{ SubnetIds: ['subnet-0123456789abcdef0'] }, 'InvalidParameter'],
    [{ RouteTableIds: ['rtb-0123456789abcdef0'] }, 'InvalidRouteTableID.NotFound'],
  ])('with %j is refused with %s', async (given, code) => {
    const { network, VpcId } = await startVpc();
    expect(await failure(create(network, { VpcId, ServiceName: s3, ...given }))).toBe(code);
  });
});

describe('an interface endpoint', () => {
  async function startInterface() {
    const started = await startVpc();
    const { network, VpcId } = started;
    const SubnetIds = [await createSubnet(network, VpcId, '10.0.0.0/24', 'us-east-1a')];
    await network.ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    return { ...started, input: { VpcId, ServiceName: ssm, VpcEndpointType: 'Interface' as const, SubnetIds } };
  }

  test('is pending, then available; its interfaces outlive it (F-240)', async () => {
    const { network, ec2, input } = await startInterface();
    const id = (await create(network, input)).VpcEndpointId!;
    expect((await describeOne(network, id)).State).toBe('pending');
    network.pass(41);
    const endpoint = await describeOne(network, id);
    expect(endpoint).toMatchObject({ State: 'available', PrivateDnsEnabled: true, RequesterManaged: false });
    const Filters = [filter('description', `VPC Endpoint Interface ${id}`)];
    const interfaces = async () =>
      (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces;
    expect((await interfaces())?.map((one) => one.NetworkInterfaceId)).toEqual(endpoint.NetworkInterfaceIds);
    await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    expect(await interfaces()).toHaveLength(1);
    network.pass(181);
    expect(await interfaces()).toEqual([]);
  });

  test('needs both DNS attributes for private DNS, and its name for itself (F-255)', async () => {
    const { network, ec2, VpcId, input } = await startInterface();
    await create(network, input);
    expect(await failure(create(network, input))).toBe('InvalidParameter');
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: false } }));
    const other = { ...input, ServiceName: 'com.amazonaws.us-east-1.sts' };
    expect(await failure(create(network, other))).toBe('InvalidParameter');
    expect(await failure(create(network, { ...other, PrivateDnsEnabled: false }))).toBeUndefined();
  });

  test('refuses two subnets of one zone, and route tables (F-254)', async () => {
    const { network, VpcId, tableId, input } = await startInterface();
    const twin = await createSubnet(network, VpcId, '10.0.1.0/24', 'us-east-1a');
    const SubnetIds = [...input.SubnetIds, twin];
    expect(await failure(create(network, { ...input, SubnetIds }))).toBe('DuplicateSubnetsInSameZone');
    expect(await failure(create(network, { ...input, RouteTableIds: [tableId] }))).toBe('InvalidParameter');
  });

  test('can move to other subnets', async () => {
    const { network, ec2, VpcId, input } = await startInterface();
    const VpcEndpointId = (await create(network, input)).VpcEndpointId!;
    const next = await createSubnet(network, VpcId, '10.0.1.0/24', 'us-east-1b');
    const change = { VpcEndpointId, AddSubnetIds: [next], RemoveSubnetIds: input.SubnetIds };
    await ec2.send(new ModifyVpcEndpointCommand(change));
    const endpoint = await describeOne(network, VpcEndpointId);
    expect(endpoint.SubnetIds).toEqual([next]);
    expect(endpoint.NetworkInterfaceIds).toHaveLength(1);
  });
});

describe('an endpoint that a service manages', () => {
  test('is seen with its interfaces and cannot be touched (F-253)', async () => {
    const { network, ec2, VpcId } = await startVpc();
    const subnetId = await createSubnet(network, VpcId);
    const spec = { vpcId: VpcId, subnetIds: [subnetId], groupIds: [], requesterId: 'redshift' };
    const { vpcEndpointId } = createManagedVpcEndpoint(network.place(), spec);
    const description = `VPC Endpoint Interface ${vpcEndpointId}`;
    const made = createInterface(network.place(), { subnetId, groupIds: [], description, requesterId: 'redshift' });
    expect(await describeOne(network, vpcEndpointId)).toMatchObject({
      RequesterManaged: true,
      NetworkInterfaceIds: [made.networkInterfaceId],
    });
    const { Unsuccessful } = await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [vpcEndpointId] }));
    expect(Unsuccessful?.[0]?.Error?.Message).toContain('not allowed for requester-managed VPC endpoints');
    const change = new ModifyVpcEndpointCommand({ VpcEndpointId: vpcEndpointId, ResetPolicy: true });
    expect(await failure(ec2.send(change))).toBe('InvalidParameter');
    deleteManagedVpcEndpoint(network.place(), vpcEndpointId);
    expect(await failure(describeOne(network, vpcEndpointId))).toBe('InvalidVpcEndpointId.NotFound');
  });

  test('counts among the fifty of the VPC (F-250)', async () => {
    const { network, VpcId } = await startVpc();
    const spec = { vpcId: VpcId, subnetIds: [], groupIds: [], requesterId: 'redshift' };
    for (let made = 1; made <= 50; made++) createManagedVpcEndpoint(network.place(), spec);
    expect(() => createManagedVpcEndpoint(network.place(), spec)).toThrow('The maximum number of VPC endpoints');
    const own = { VpcId, ServiceName: ssm, VpcEndpointType: 'Interface' as const, PrivateDnsEnabled: false };
    expect(await failure(create(network, own))).toBe('VpcEndpointLimitExceeded');
  });
});
