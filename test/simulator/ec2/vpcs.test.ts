import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createGroup, createSubnet, createVpc, failure, filter, refusal, startNetwork } from './network.ts';

describe('a VPC', () => {
  test('is pending in the answer to its creation, unseen for a moment, then available (F-201, F-215)', async () => {
    const { ec2, settle } = await startNetwork();
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const look = () => ec2.send(new DescribeVpcsCommand({ VpcIds: [Vpc!.VpcId!] }));
    const list = () => ec2.send(new DescribeVpcsCommand({ Filters: [filter('cidr', '10.0.0.0/16')] }));
    expect(Vpc?.State).toBe('pending');
    expect(await failure(look())).toBe('InvalidVpcID.NotFound');
    expect((await list()).Vpcs).toEqual([]);
    settle();
    expect((await look()).Vpcs?.[0]).toMatchObject({ State: 'available', IsDefault: false, CidrBlock: '10.0.0.0/16' });
  });

  test('has an id of seventeen hexadecimal digits (F-200)', async () => {
    const network = await startNetwork();
    expect(await createVpc(network)).toMatch(/^vpc-0[0-9a-f]{16}$/);
  });

  test.each([
    ['10.0.0.0/8', 'InvalidVpc.Range'],
    ['10.0.0.0/29', 'InvalidVpc.Range'],
    ['10.0.0/16', 'InvalidParameterValue'],
  ])('of %s is refused with %s (F-214)', async (CidrBlock, code) => {
    const { ec2 } = await startNetwork();
    expect(await failure(ec2.send(new CreateVpcCommand({ CidrBlock })))).toBe(code);
  });

  test('brings main route table, default group and default network ACL, and takes them along', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const vpcId = await createVpc(network);
    const Filters = [filter('vpc-id', vpcId)];
    const main = [...Filters, filter('association.main', 'true')];
    const tables = await ec2.send(new DescribeRouteTablesCommand({ Filters: main }));
    const groups = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [...Filters, filter('group-name', 'default')] }),
    );
    const acls = await ec2.send(new DescribeNetworkAclsCommand({ Filters: [...Filters, filter('default', 'true')] }));
    expect(tables.RouteTables?.[0]?.Routes).toMatchObject([
      { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' },
    ]);
    expect(groups.SecurityGroups).toHaveLength(1);
    expect(acls.NetworkAcls?.[0]?.Entries).toHaveLength(4);

    await ec2.send(new DeleteVpcCommand({ VpcId: vpcId }));
    expect(await failure(ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] })))).toBe('InvalidVpcID.NotFound');
    expect((await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables).toEqual([]);
    expect((await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups).toEqual([]);
  });

  test('has DNS support on and host names off, and changes one attribute a call (F-212)', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const VpcId = await createVpc(network);
    const read = async () => {
      const support = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsSupport' }));
      const names = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }));
      return [support.EnableDnsSupport?.Value, names.EnableDnsHostnames?.Value];
    };
    expect(await read()).toEqual([true, false]);
    const on = { Value: true };
    const both = new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: on, EnableDnsSupport: { Value: false } });
    expect(await failure(ec2.send(both))).toBe('InvalidParameterCombination');
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: on }));
    expect(await read()).toEqual([true, true]);
  });

  test('with a subnet, a group or a gateway in it stays (F-216)', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const [withSubnet, withGroup, withGateway] = [
      await createVpc(network),
      await createVpc(network),
      await createVpc(network),
    ];
    await createSubnet(network, withSubnet);
    await createGroup(network, withGroup, 'mine');
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    network.settle();
    const { InternetGatewayId } = InternetGateway!;
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: withGateway, InternetGatewayId }));
    for (const VpcId of [withSubnet, withGroup, withGateway]) {
      const error = await refusal(ec2.send(new DeleteVpcCommand({ VpcId })));
      expect(error?.name).toBe('DependencyViolation');
      expect(error?.message).toBe(`The vpc '${VpcId}' has dependencies and cannot be deleted.`);
    }
  });

  test('is refused when there are five, the default one included (F-251)', async () => {
    const network = await startNetwork();
    for (let made = 1; made <= 4; made++) await createVpc(network);
    const fifth = network.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    expect(await failure(fifth)).toBe('VpcLimitExceeded');
  });

  test('that would be made is only announced on a dry run (F-203)', async () => {
    const { ec2, settle } = await startNetwork();
    const error = await refusal(ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', DryRun: true })));
    settle();
    expect(error?.name).toBe('DryRunOperation');
    expect((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode).toBe(412);
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
  });

  test('is there by default, with a subnet in each zone and a way out (F-213)', async () => {
    const { ec2 } = await startNetwork();
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [filter('is-default', 'true')] }));
    expect(Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true }]);
    const { RouteTables } = await ec2.send(
      new DescribeRouteTablesCommand({ Filters: [filter('vpc-id', Vpcs![0]!.VpcId!)] }),
    );
    expect(RouteTables?.[0]?.Routes?.map((route) => route.DestinationCidrBlock)).toEqual([
      '172.31.0.0/16',
      '0.0.0.0/0',
    ]);
  });
});
