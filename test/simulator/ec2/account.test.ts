import {
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteTagsCommand,
  DescribeAccountAttributesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeNetworkInterfacesCommand,
  DescribePrefixListsCommand,
  DescribeRegionsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createInterface } from '../../../src/simulator/services/ec2/interfaces.ts';
import { createGroup, createSubnet, createVpc, failure, filter, startNetwork } from './network.ts';

describe('availability zones', () => {
  test.each([
    ['us-east-1', 6],
    ['us-west-1', 2],
    ['eu-central-1', 3],
  ])('of %s are %i, their ids out of step with their names (F-210)', async (region, count) => {
    const { clientConfig } = await startNetwork();
    const ec2 = new EC2Client({ ...clientConfig, region });
    const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    ec2.destroy();
    expect(AvailabilityZones).toHaveLength(count);
    expect(AvailabilityZones.every((zone) => zone.State === 'available')).toBe(true);
    expect(AvailabilityZones[0]?.ZoneName).toBe(`${region}a`);
    expect(AvailabilityZones[0]?.ZoneId).not.toMatch(/az1$/);
    expect(new Set(AvailabilityZones.map((zone) => zone.ZoneId)).size).toBe(count);
  });

  test('include a local zone only when all are asked for (F-211)', async () => {
    const { ec2 } = await startNetwork();
    const zones = await ec2.send(new DescribeAvailabilityZonesCommand({ AllAvailabilityZones: true }));
    expect(zones.AvailabilityZones).toHaveLength(7);
    const Filters = [filter('zone-type', 'availability-zone'), filter('zone-id', 'use1-az1')];
    const one = await ec2.send(new DescribeAvailabilityZonesCommand({ AllAvailabilityZones: true, Filters }));
    expect(one.AvailabilityZones?.map((zone) => zone.ZoneName)).toEqual(['us-east-1b']);
    const wrong = new DescribeAvailabilityZonesCommand({ ZoneNames: ['us-east-1z'] });
    expect(await failure(ec2.send(wrong))).toBe('InvalidParameterValue');
  });
});

test('regions, limits and prefix lists can be read', async () => {
  const { ec2 } = await startNetwork();
  const { Regions } = await ec2.send(new DescribeRegionsCommand({ Filters: [filter('region-name', 'us-*')] }));
  expect(Regions?.map((region) => region.RegionName)).toEqual(['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2']);
  const { AccountAttributes } = await ec2.send(
    new DescribeAccountAttributesCommand({ AttributeNames: ['default-vpc', 'supported-platforms'] }),
  );
  expect(AccountAttributes?.[0]?.AttributeValues?.[0]?.AttributeValue).toMatch(/^vpc-/);
  const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({}));
  const s3 = PrefixLists?.find((list) => list.PrefixListName === 'com.amazonaws.us-east-1.s3');
  const entries = new GetManagedPrefixListEntriesCommand({ PrefixListId: s3!.PrefixListId! });
  expect((await ec2.send(entries)).Entries?.map((entry) => entry.Cidr)).toEqual(s3?.Cidrs);
});

describe('tags', () => {
  const createTagged = (...Tags: Tag[]) =>
    new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', TagSpecifications: [{ ResourceType: 'vpc', Tags }] });

  test('are given at creation, changed, listed and taken away (F-209)', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const { Vpc } = await ec2.send(createTagged({ Key: 'Name', Value: 'lake' }));
    network.settle();
    const Resources = [Vpc!.VpcId!];
    const tags = async () =>
      (await ec2.send(new DescribeTagsCommand({ Filters: [filter('resource-id', ...Resources)] }))).Tags?.map(
        ({ Key, Value, ResourceType }) => `${ResourceType} ${Key}=${Value}`,
      );
    await ec2.send(
      new CreateTagsCommand({
        Resources,
        Tags: [
          { Key: 'Name', Value: 'sea' },
          { Key: 'team', Value: 'x' },
        ],
      }),
    );
    expect(await tags()).toEqual(['vpc Name=sea', 'vpc team=x']);
    await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'Name', Value: 'lake' }, { Key: 'team' }] }));
    expect(await tags()).toEqual(['vpc Name=sea']);
    const Filters = [filter('tag:Name', 'sea')];
    expect((await ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs?.map((vpc) => vpc.VpcId)).toEqual(Resources);
  });

  test.each<[string, Tag[], string]>([
    [
      'twice the same key',
      [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
      'InvalidParameterValue',
    ],
    ['a reserved key', [{ Key: 'aws:name', Value: '1' }], 'InvalidParameterValue'],
    ['too long a value', [{ Key: 'a', Value: 'x'.repeat(257) }], 'InvalidParameterValue'],
    ['more than fifty', Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })), 'TagLimitExceeded'],
  ])('with %s are refused (F-208)', async (_what, tags, code) => {
    const { ec2 } = await startNetwork();
    expect(await failure(ec2.send(createTagged(...tags)))).toBe(code);
  });

  test('for another type of resource, or for none, are refused', async () => {
    const { ec2 } = await startNetwork();
    const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'a', Value: 'b' }] }];
    const wrongType = new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', TagSpecifications });
    expect(await failure(ec2.send(wrongType))).toBe('InvalidParameterValue');
    const tagged = (id: string) =>
      failure(ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] })));
    expect(await tagged('vpc-0123456789abcdef0')).toBe('InvalidVpcID.NotFound');
    expect(await tagged('nonsense')).toBe('InvalidID');
  });
});

describe('network interfaces', () => {
  test('of a service are told by their description and owner, and cannot be deleted (F-241, F-242)', async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const vpcId = await createVpc(network);
    const subnetId = await createSubnet(network, vpcId);
    const group = await createGroup(network, vpcId, 'nlb');
    const made = createInterface(network.place(), {
      subnetId,
      groupIds: [group],
      description: 'ELB net/lake/0123456789abcdef',
      requesterId: 'amazon-elb',
      interfaceType: 'network_load_balancer',
    });
    const Filters = [
      filter('description', 'ELB net/lake/*'),
      filter('attachment.instance-owner-id', 'amazon-aws'),
      filter('group-id', group),
      filter('group-name', 'nlb'),
      filter('requester-managed', 'true'),
      filter('interface-type', 'network_load_balancer'),
      filter('addresses.private-ip-address', made.privateIpAddress),
    ];
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    expect(NetworkInterfaces).toMatchObject([{ Status: 'in-use', VpcId: vpcId, RequesterId: 'amazon-elb' }]);
    const remove = new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: made.networkInterfaceId });
    expect(await failure(ec2.send(remove))).toBe('InvalidParameterValue');
  });

  test("of the caller's own come and go at will", async () => {
    const network = await startNetwork();
    const { ec2 } = network;
    const SubnetId = await createSubnet(network, await createVpc(network));
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Description: 'mine' }));
    expect(NetworkInterface).toMatchObject({ Status: 'available', RequesterManaged: false });
    expect(NetworkInterface?.Groups?.[0]?.GroupName).toBe('default');
    const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    const look = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] });
    expect(await failure(ec2.send(look))).toBe('InvalidNetworkInterfaceID.NotFound');
  });
});
