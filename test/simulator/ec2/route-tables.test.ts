import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DeleteInternetGatewayCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  ReplaceRouteTableAssociationCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createSubnet, createVpc, failure, filter, type Network, startNetwork } from './network.ts';

async function createTable({ ec2, settle }: Network, VpcId: string): Promise<string> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  settle();
  return RouteTable!.RouteTableId!;
}

async function startTable() {
  const network = await startNetwork();
  const vpcId = await createVpc(network);
  const RouteTableId = await createTable(network, vpcId);
  return { network, ec2: network.ec2, vpcId, RouteTableId };
}

async function createGateway({ ec2, settle }: Network): Promise<string> {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  settle();
  return InternetGateway!.InternetGatewayId!;
}

describe('a route table', () => {
  test('is made once per client token, and refuses the token with other parameters (F-204)', async () => {
    const network = await startNetwork();
    const [VpcId, other] = [await createVpc(network), await createVpc(network)];
    const make = (id: string) => network.ec2.send(new CreateRouteTableCommand({ VpcId: id, ClientToken: 'once' }));
    const first = await make(VpcId);
    expect((await make(VpcId)).RouteTable?.RouteTableId).toBe(first.RouteTable?.RouteTableId);
    expect(await failure(make(other))).toBe('IdempotentParameterMismatch');
  });

  test('belongs to a subnet until it is taken off, and stays meanwhile (F-216, F-220)', async () => {
    const { network, ec2, vpcId, RouteTableId } = await startTable();
    const SubnetId = await createSubnet(network, vpcId);
    const associate = (id: string) => ec2.send(new AssociateRouteTableCommand({ RouteTableId: id, SubnetId }));
    const { AssociationId } = await associate(RouteTableId);
    expect((await associate(RouteTableId)).AssociationId).toBe(AssociationId);
    expect(await failure(associate(await createTable(network, vpcId)))).toBe('Resource.AlreadyAssociated');
    const Filters = [filter('association.subnet-id', SubnetId)];
    const found = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    expect(found.RouteTables?.map((table) => table.RouteTableId)).toEqual([RouteTableId]);

    const remove = () => ec2.send(new DeleteRouteTableCommand({ RouteTableId }));
    expect(await failure(remove())).toBe('DependencyViolation');
    await ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
    await remove();
    expect(await failure(remove())).toBe('InvalidRouteTableID.NotFound');
  });

  test('can replace another one, also as the main one', async () => {
    const { ec2, vpcId, RouteTableId } = await startTable();
    const main = async () => {
      const Filters = [filter('vpc-id', vpcId), filter('association.main', 'true')];
      return (await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables![0]!;
    };
    const before = await main();
    const AssociationId = before.Associations![0]!.RouteTableAssociationId!;
    expect(await failure(ec2.send(new DisassociateRouteTableCommand({ AssociationId })))).toBe('InvalidParameterValue');
    await ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId }));
    expect((await main()).RouteTableId).toBe(RouteTableId);
  });
});

describe('a route', () => {
  test('leads to an attached gateway, turns into a black hole without it, and can be deleted', async () => {
    const { network, ec2, vpcId, RouteTableId } = await startTable();
    const GatewayId = await createGateway(network);
    const world = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' };
    const create = () => ec2.send(new CreateRouteCommand({ ...world, GatewayId }));
    expect(await failure(create())).toBe('InvalidParameterValue');
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: GatewayId }));
    await create();
    expect(await failure(create())).toBe('RouteAlreadyExists');
    const state = async () =>
      (await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }))).RouteTables?.[0]?.Routes?.[1]
        ?.State;
    expect(await state()).toBe('active');
    await ec2.send(new DetachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: GatewayId }));
    expect(await state()).toBe('blackhole');
    await ec2.send(new DeleteRouteCommand(world));
    expect(await failure(ec2.send(new DeleteRouteCommand(world)))).toBe('InvalidRoute.NotFound');
  });

  test('of the VPC itself stays', async () => {
    const { ec2, RouteTableId } = await startTable();
    const command = new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16' });
    expect(await failure(ec2.send(command))).toBe('InvalidParameterValue');
  });
});

describe('an internet gateway', () => {
  test('goes only when it is detached', async () => {
    const { network, ec2, vpcId: VpcId } = await startTable();
    const InternetGatewayId = await createGateway(network);
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    const Filters = [filter('attachment.vpc-id', VpcId)];
    const found = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }));
    expect(found.InternetGateways?.[0]?.Attachments).toEqual([{ VpcId, State: 'available' }]);
    const remove = () => ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    expect(await failure(remove())).toBe('DependencyViolation');
    await ec2.send(new DetachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    await remove();
    expect(await failure(remove())).toBe('InvalidInternetGatewayID.NotFound');
  });

  test('is the only kind of gateway there is', async () => {
    const { ec2 } = await startTable();
    expect((await ec2.send(new DescribeNatGatewaysCommand({}))).NatGateways).toEqual([]);
  });
});
