import { DeleteSecurityGroupCommand, DeleteSubnetCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  type CreateLoadBalancerCommandInput,
  DeleteLoadBalancerCommand,
  DescribeAccountLimitsCommand,
  DescribeCapacityReservationCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeSSLPoliciesCommand,
  DescribeTagsCommand,
  DuplicateLoadBalancerNameException,
  ModifyLoadBalancerAttributesCommand,
  RemoveTagsCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { freeAddresses } from '../../../src/simulator/services/ec2/interfaces.ts';
import { createGroup, createSubnet, createVpc, failure, filter, refusal } from '../ec2/network.ts';
import { type Balancing, createBalancer, createListener, createTargetGroup, startBalancing } from './balancing.ts';

const describeOne = async ({ elb }: Balancing, arn: string) =>
  (await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))).LoadBalancers![0]!;

const interfacesOf = async ({ ec2 }: Balancing) =>
  (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter('description', 'ELB net/lake/*')] })))
    .NetworkInterfaces!;

describe('a network load balancer', () => {
  test('is provisioning, then active, under the names AWS gives it (F-300, F-320)', async () => {
    const balancing = await startBalancing();
    const made = await createBalancer(balancing);
    const arn = made.LoadBalancerArn!;
    expect(arn).toMatch(/^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/net\/lake\/[0-9a-f]{16}$/);
    const id = arn.split('/').at(-1);
    expect(made.DNSName).toBe(`lake-${id}.elb.us-east-1.amazonaws.com`);
    expect(made.State?.Code).toBe('provisioning');
    balancing.pass(119);
    expect((await describeOne(balancing, arn)).State?.Code).toBe('provisioning');
    balancing.pass(82);
    expect((await describeOne(balancing, arn)).State?.Code).toBe('active');
  });

  test('has an interface in each zone, told by its description (F-321)', async () => {
    const balancing = await startBalancing();
    const { LoadBalancerArn } = await createBalancer(balancing);
    const id = LoadBalancerArn!.split('/').at(-1);
    const interfaces = await interfacesOf(balancing);
    expect(interfaces.map((one) => one.SubnetId).sort()).toEqual([...balancing.subnets].sort());
    for (const one of interfaces) {
      expect(one).toMatchObject({ Description: `ELB net/lake/${id}`, RequesterId: 'amazon-elb' });
      expect(one.Groups?.map((group) => group.GroupId)).toEqual([balancing.balancerGroup]);
    }
  });

  test('is created once however often it is asked for, and refused with other settings (F-305)', async () => {
    const balancing = await startBalancing();
    const first = await createBalancer(balancing);
    expect((await createBalancer(balancing)).LoadBalancerArn).toBe(first.LoadBalancerArn);
    expect(await interfacesOf(balancing)).toHaveLength(3);
    const error = await refusal(createBalancer(balancing, { Scheme: 'internet-facing' }));
    expect(error).toBeInstanceOf(DuplicateLoadBalancerNameException);
    const fewer = { Subnets: [balancing.subnets[0]] };
    expect(await failure(createBalancer(balancing, fewer))).toBe('DuplicateLoadBalancerNameException');
  });

  test.each<[Partial<CreateLoadBalancerCommandInput>, string]>([
    [{ Name: 'x'.repeat(33) }, 'ValidationError'],
    [{ Name: 'under_score' }, 'ValidationError'],
    [{ Name: 'trailing-' }, 'ValidationError'],
    [{ Name: 'internal-lake' }, 'ValidationError'],
    [{ Subnets: [] }, 'ValidationError'],
    [{ Subnets: ['subnet-0123456789abcdef0'] }, 'SubnetNotFoundException'],
    [{ SecurityGroups: ['sg-0123456789abcdef0'] }, 'InvalidSecurityGroupException'],
    [{ Scheme: 'internet-facing' }, 'InvalidSubnetException'],
    [{ Tags: [{ Key: 'a' }, { Key: 'a' }] }, 'DuplicateTagKeysException'],
  ])('asked for with %j is refused with %s (F-302)', async (given, code) => {
    const balancing = await startBalancing();
    expect(await failure(createBalancer(balancing, given))).toBe(code);
  });

  test('takes one subnet a zone, all of one VPC', async () => {
    const balancing = await startBalancing();
    const twin = await createSubnet(balancing, balancing.vpcId, '10.0.3.0/24', 'us-east-1a');
    const elsewhere = await createSubnet(balancing, await createVpc(balancing), '10.0.0.0/24', 'us-east-1b');
    for (const other of [twin, elsewhere]) {
      const Subnets = [balancing.subnets[0], other];
      expect(await failure(createBalancer(balancing, { Subnets }))).toBe('InvalidConfigurationRequestException');
    }
  });

  test('needs eight free addresses in a subnet, unless it is told which to take (F-320)', async () => {
    const balancing = await startBalancing();
    const small = await createSubnet(balancing, balancing.vpcId, '10.0.3.0/28', 'us-east-1d');
    for (let made = 0; made < 4; made++) await createBalancer(balancing, { Name: `n${made}`, Subnets: [small] });
    expect(freeAddresses(balancing.place(), small)).toBe(7);
    const error = await refusal(createBalancer(balancing, { Subnets: [small] }));
    expect(error?.name).toBe('InvalidSubnetException');
    expect(error?.message).toContain('requires at least 8 free IP addresses');
    const free = Array.from({ length: 11 }, (_, host) => `10.0.3.${host + 4}`);
    const { NetworkInterfaces = [] } = await balancing.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [filter('subnet-id', small)] }),
    );
    const PrivateIPv4Address = free.find((ip) => !NetworkInterfaces.some((one) => one.PrivateIpAddress === ip))!;
    const told = await createBalancer(balancing, { SubnetMappings: [{ SubnetId: small, PrivateIPv4Address }] });
    expect(told.AvailabilityZones?.[0]?.LoadBalancerAddresses).toEqual([{ PrivateIPv4Address }]);
  });

  test('leaves its interfaces behind for a while, which hold subnet and group (F-322)', async () => {
    const balancing = await startBalancing();
    const { ec2, elb, balancerGroup: GroupId } = balancing;
    const { LoadBalancerArn } = await createBalancer(balancing);
    const listener = await createListener(balancing, LoadBalancerArn!, await createTargetGroup(balancing));
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    expect(await failure(describeOne(balancing, LoadBalancerArn!))).toBe('LoadBalancerNotFoundException');
    const listeners = new DescribeListenersCommand({ ListenerArns: [listener] });
    expect(await failure(elb.send(listeners))).toBe('ListenerNotFoundException');
    expect(await interfacesOf(balancing)).toHaveLength(3);
    const removeGroup = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    const removeSubnet = () => ec2.send(new DeleteSubnetCommand({ SubnetId: balancing.subnets[0] }));
    expect(await failure(removeGroup())).toBe('DependencyViolation');
    expect(await failure(removeSubnet())).toBe('DependencyViolation');
    balancing.pass(181);
    expect(await interfacesOf(balancing)).toEqual([]);
    await removeGroup();
    await removeSubnet();
  });

  test('that is gone can be deleted again; a protected one cannot (F-307)', async () => {
    const balancing = await startBalancing();
    const { elb } = balancing;
    const { LoadBalancerArn } = await createBalancer(balancing);
    const protect = (Value: string) =>
      elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn,
          Attributes: [{ Key: 'deletion_protection.enabled', Value }],
        }),
      );
    const remove = () => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await protect('true');
    expect(await failure(remove())).toBe('OperationNotPermittedException');
    await protect('false');
    await remove();
    await remove();
    expect(await failure(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: 'lake' })))).toBe('ValidationError');
  });

  test('has groups for ever or never (F-323)', async () => {
    const balancing = await startBalancing();
    const { elb, balancerGroup } = balancing;
    const bare = await createBalancer(balancing, { Name: 'bare', SecurityGroups: undefined });
    const withGroup = await createBalancer(balancing);
    const set = (LoadBalancerArn: string | undefined, ...SecurityGroups: string[]) =>
      elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups }));
    expect(bare.SecurityGroups).toBeUndefined();
    const refused = 'InvalidConfigurationRequestException';
    expect(await failure(set(bare.LoadBalancerArn, balancerGroup))).toBe(refused);
    expect(await failure(set(withGroup.LoadBalancerArn))).toBe(refused);
    const other = await createGroup(balancing, balancing.vpcId, 'other');
    expect((await set(withGroup.LoadBalancerArn, other)).SecurityGroupIds).toEqual([other]);
    const [one] = (await interfacesOf(balancing))[0]!.Groups!;
    expect(one?.GroupId).toBe(other);
  });

  test('moves between subnets and keeps the interfaces of those that stay', async () => {
    const balancing = await startBalancing();
    const [first, second, third] = balancing.subnets;
    const { LoadBalancerArn } = await createBalancer(balancing, { Subnets: [first, second] });
    const kept = (await interfacesOf(balancing)).find((one) => one.SubnetId === second)!.NetworkInterfaceId;
    await balancing.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [second, third] }));
    const { AvailabilityZones } = await describeOne(balancing, LoadBalancerArn!);
    expect(AvailabilityZones?.map((zone) => zone.ZoneName)).toEqual(['us-east-1b', 'us-east-1c']);
    balancing.pass(181);
    const left = await interfacesOf(balancing);
    expect(left.map((one) => one.SubnetId).sort()).toEqual([second, third].sort());
    expect(left.map((one) => one.NetworkInterfaceId)).toContain(kept);
  });

  test('is looked up by name, and listed in pages (F-301)', async () => {
    const balancing = await startBalancing({ settings: { pageSize: 2 } });
    const { elb } = balancing;
    for (const Name of ['a', 'b', 'c']) await createBalancer(balancing, { Name });
    const named = await elb.send(new DescribeLoadBalancersCommand({ Names: ['b'] }));
    expect(named.LoadBalancers?.map((one) => one.LoadBalancerName)).toEqual(['b']);
    const missing = await refusal(elb.send(new DescribeLoadBalancersCommand({ Names: ['z'] })));
    expect(missing?.message).toBe("Load balancers '[z]' not found");
    const first = await elb.send(new DescribeLoadBalancersCommand({}));
    expect(first.LoadBalancers).toHaveLength(2);
    const rest = await elb.send(new DescribeLoadBalancersCommand({ Marker: first.NextMarker }));
    expect(rest.LoadBalancers?.map((one) => one.LoadBalancerName)).toEqual(['c']);
    expect(rest.NextMarker).toBeUndefined();
    expect(await failure(elb.send(new DescribeLoadBalancersCommand({ Marker: 'nonsense' })))).toBe('ValidationError');
  });

  test('of another type is not served, and says so', async () => {
    const balancing = await startBalancing();
    const error = await refusal(createBalancer(balancing, { Type: 'application' }));
    expect(error?.message).toContain('load balancers of type application');
  });
});

describe('the attributes of a load balancer', () => {
  test.each([
    ['load_balancing.cross_zone.enabled', 'yes'],
    ['dns_record.client_routing_policy', 'nearest'],
    ['secondary_ips.auto_assigned.per_subnet', '8'],
    ['idle_timeout.timeout_seconds', '60'],
  ])('refuse %s = %s (F-311)', async (Key, Value) => {
    const balancing = await startBalancing();
    const { LoadBalancerArn } = await createBalancer(balancing);
    const change = new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [{ Key, Value }] });
    expect(await failure(balancing.elb.send(change))).toBe('InvalidConfigurationRequestException');
  });

  test('start with cross-zone off, and change one by one (F-311)', async () => {
    const balancing = await startBalancing();
    const { elb } = balancing;
    const { LoadBalancerArn } = await createBalancer(balancing);
    const read = async () => {
      const { Attributes = [] } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
      return Attributes.find(({ Key }) => Key === 'load_balancing.cross_zone.enabled')?.Value;
    };
    expect(await read()).toBe('false');
    const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }];
    await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
    expect(await read()).toBe('true');
  });
});

test('tags of load balancers and target groups are added, read and removed (F-303)', async () => {
  const balancing = await startBalancing();
  const { elb } = balancing;
  const balancer = await createBalancer(balancing, { Tags: [{ Key: 'Name', Value: 'lake' }] });
  const ResourceArns = [balancer.LoadBalancerArn!, await createTargetGroup(balancing)];
  const read = async () =>
    (await elb.send(new DescribeTagsCommand({ ResourceArns }))).TagDescriptions?.map(({ Tags }) =>
      Tags?.map(({ Key, Value }) => `${Key}=${Value}`),
    );
  await elb.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: 'team', Value: 'x' }] }));
  expect(await read()).toEqual([['Name=lake', 'team=x'], ['team=x']]);
  await elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['Name'] }));
  expect(await read()).toEqual([['team=x'], ['team=x']]);
  const reserved = new AddTagsCommand({ ResourceArns, Tags: [{ Key: 'aws:x', Value: 'y' }] });
  expect(await failure(elb.send(reserved))).toBe('ValidationError');
});

test('limits, TLS policies and capacity can be asked for', async () => {
  const balancing = await startBalancing();
  const { elb } = balancing;
  const { LoadBalancerArn } = await createBalancer(balancing);
  const limits = await elb.send(new DescribeAccountLimitsCommand({ PageSize: 400 }));
  expect(limits.Limits).toContainEqual({ Name: 'network-load-balancers', Max: '50' });
  expect((await elb.send(new DescribeSSLPoliciesCommand({}))).SslPolicies?.length).toBeGreaterThan(0);
  const capacity = await elb.send(new DescribeCapacityReservationCommand({ LoadBalancerArn }));
  expect(capacity.MinimumLoadBalancerCapacity).toBeUndefined();
});
