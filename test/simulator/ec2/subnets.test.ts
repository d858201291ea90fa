import {
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createInterface, deleteInterface, freeAddresses } from '../../../src/simulator/services/ec2/interfaces.ts';
import { createSubnet, createVpc, failure, filter, type Network, startNetwork } from './network.ts';

const available = async ({ ec2 }: Network, id: string) =>
  (await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] }))).Subnets?.[0]?.AvailableIpAddressCount;

const occupy = (network: Network, subnetId: string) =>
  createInterface(network.place(), { subnetId, groupIds: [], description: 'test', requesterId: 'amazon-elb' });

describe('a subnet', () => {
  test.each([
    ['10.1.0.0/24', 'InvalidSubnet.Range'],
    ['10.0.0.0/15', 'InvalidSubnet.Range'],
    ['10.0.0.0/29', 'InvalidSubnet.Range'],
    ['10.0.0.128/25', 'InvalidSubnet.Conflict'],
    ['nonsense', 'InvalidParameterValue'],
  ])('of %s beside 10.0.0.0/24 is refused with %s (F-217)', async (CidrBlock, code) => {
    const network = await startNetwork();
    const VpcId = await createVpc(network);
    await createSubnet(network, VpcId, '10.0.0.0/24');
    expect(await failure(network.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock })))).toBe(code);
  });

  test('in a VPC that is not visible yet is refused (F-201)', async () => {
    const { ec2 } = await startNetwork();
    const command = new CreateSubnetCommand({ VpcId: 'vpc-0123456789abcdef0', CidrBlock: '10.0.0.0/24' });
    expect(await failure(ec2.send(command))).toBe('InvalidVpcID.NotFound');
  });

  test('takes a zone by name or by id, and refuses both at once or one that is not there', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const VpcId = await createVpc(network);
    const make = (CidrBlock: string, zone: { AvailabilityZone?: string; AvailabilityZoneId?: string }) =>
      ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, ...zone }));
    const byId = await make('10.0.1.0/24', { AvailabilityZoneId: 'use1-az6' });
    expect(byId.Subnet).toMatchObject({ AvailabilityZone: 'us-east-1a', AvailabilityZoneId: 'use1-az6' });
    const both = make('10.0.2.0/24', { AvailabilityZone: 'us-east-1a', AvailabilityZoneId: 'use1-az6' });
    expect(await failure(both)).toBe('InvalidParameterCombination');
    expect(await failure(make('10.0.2.0/24', { AvailabilityZone: 'us-east-1z' }))).toBe('InvalidParameterValue');
  });

  test('keeps five addresses and counts the others exactly (F-214)', async () => {
    const network = await startNetwork();
    const subnetId = await createSubnet(network, await createVpc(network), '10.0.0.0/28');
    expect(await available(network, subnetId)).toBe(11);
    const made = Array.from({ length: 11 }, () => occupy(network, subnetId));
    expect(await available(network, subnetId)).toBe(0);
    expect(new Set(made.map((one) => one.privateIpAddress)).size).toBe(11);
    const hosts = made.map((one) => Number(one.privateIpAddress.split('.')[3]));
    expect([Math.min(...hosts), Math.max(...hosts)]).toEqual([4, 14]);
    expect(() => occupy(network, subnetId)).toThrow('does not have enough free addresses');
  });

  test('in use cannot be deleted, not even while an interface only lingers (F-216, F-240)', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const SubnetId = await createSubnet(network, await createVpc(network));
    const { networkInterfaceId } = occupy(network, SubnetId);
    const remove = () => ec2.send(new DeleteSubnetCommand({ SubnetId }));
    expect(await failure(remove())).toBe('DependencyViolation');
    deleteInterface(network.place(), networkInterfaceId, 60_000);
    expect(await failure(remove())).toBe('DependencyViolation');
    expect(freeAddresses(network.place(), SubnetId)).toBe(250);
    network.pass(61);
    const left = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter('subnet-id', SubnetId)] }));
    expect(left.NetworkInterfaces).toEqual([]);
    await remove();
    expect(await failure(ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] })))).toBe(
      'InvalidSubnetID.NotFound',
    );
  });
});

describe('lists of subnets', () => {
  test('are filtered by VPC, zone, tag and pattern, and refuse a filter they do not know (F-206, F-207)', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const VpcId = await createVpc(network);
    const first = await createSubnet(network, VpcId, '10.0.0.0/24', 'us-east-1a');
    const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'Name', Value: 'lake-private' }] }];
    const made = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1b', TagSpecifications }),
    );
    network.settle();
    const second = made.Subnet!.SubnetId!;
    const ids = async (...Filters: ReturnType<typeof filter>[]) =>
      (await ec2.send(new DescribeSubnetsCommand({ Filters }))).Subnets?.map((subnet) => subnet.SubnetId);
    expect(await ids(filter('vpc-id', VpcId))).toEqual([first, second]);
    expect(await ids(filter('vpc-id', VpcId), filter('availability-zone', 'us-east-1b'))).toEqual([second]);
    expect(await ids(filter('tag:Name', 'lake-*'))).toEqual([second]);
    expect(await ids(filter('tag:Name', 'lake-privat?', 'other'))).toEqual([second]);
    expect(await ids(filter('tag:Name', 'Lake-*'))).toEqual([]);
    expect(await ids(filter('tag:Name', String.raw`lake-\*`))).toEqual([]);
    expect(await ids(filter('tag-key', 'Name'))).toEqual([second]);
    expect(await failure(ids(filter('colour', 'blue')))).toBe('InvalidParameterValue');
  });

  test('come whole without MaxResults, in pages with it (F-205)', async () => {
    const { ec2 } = await startNetwork({ settings: { pageSize: 2 } });
    expect((await ec2.send(new DescribeSubnetsCommand({}))).Subnets).toHaveLength(6);
    const first = await ec2.send(new DescribeSubnetsCommand({ MaxResults: 5 }));
    expect(first.Subnets).toHaveLength(5);
    const rest = await ec2.send(new DescribeSubnetsCommand({ MaxResults: 5, NextToken: first.NextToken }));
    expect(rest.Subnets).toHaveLength(1);
    expect(rest.NextToken).toBeUndefined();
    expect(await failure(ec2.send(new DescribeSubnetsCommand({ MaxResults: 4 })))).toBe('InvalidParameterValue');
  });
});
