import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createGroup,
  createSubnet,
  createVpc,
  failure,
  filter,
  type Network,
  refusal,
  startNetwork,
} from './network.ts';

async function startSubnet(zone = 'us-east-1a') {
  const network = await startNetwork();
  const VpcId = await createVpc(network);
  const SubnetId = await createSubnet(network, VpcId, '10.0.0.0/28', zone);
  return { network, VpcId, SubnetId };
}

async function imageFor({ ec2 }: Network, architecture: string): Promise<string> {
  const { Images } = await ec2.send(new DescribeImagesCommand({ Filters: [filter('architecture', architecture)] }));
  return Images![0]!.ImageId!;
}

const run = async (network: Network, input: Partial<RunInstancesCommandInput>) => {
  const ImageId = await imageFor(network, 'arm64');
  const one = { ImageId, InstanceType: 't4g.nano' as const, MinCount: 1, MaxCount: 1 };
  return (await network.ec2.send(new RunInstancesCommand({ ...one, ...input }))).Instances ?? [];
};

const stateOf = async ({ ec2 }: Network, id: string) => {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!.State!.Name;
};

describe('an instance', () => {
  test('is pending, runs, shuts down and is terminated; its interface goes with it (F-280)', async () => {
    const { network, VpcId, SubnetId } = await startSubnet();
    const groupId = await createGroup(network, VpcId, 'test');
    const Face = { DeviceIndex: 0, SubnetId, Groups: [groupId], AssociatePublicIpAddress: false };
    const [made] = await run(network, { NetworkInterfaces: [Face] });
    expect(made).toMatchObject({ State: { Name: 'pending' }, SubnetId, SecurityGroups: [{ GroupId: groupId }] });
    const id = made!.InstanceId!;
    network.pass(30);
    expect(await stateOf(network, id)).toBe('running');
    const faces = new DescribeNetworkInterfacesCommand({ Filters: [filter('attachment.instance-id', id)] });
    expect((await network.ec2.send(faces)).NetworkInterfaces).toMatchObject([
      { PrivateIpAddress: made!.PrivateIpAddress, Status: 'in-use', Attachment: { DeleteOnTermination: true } },
    ]);
    await network.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await stateOf(network, id)).toBe('shutting-down');
    network.pass(60);
    expect(await stateOf(network, id)).toBe('terminated');
    expect((await network.ec2.send(faces)).NetworkInterfaces).toEqual([]);
    await network.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    network.pass(3700);
    expect(await failure(stateOf(network, id))).toBe('InvalidInstanceID.NotFound');
  });

  test('takes an address of its subnet, and is refused where there is none left', async () => {
    const { network, SubnetId } = await startSubnet();
    await run(network, { SubnetId, MinCount: 10, MaxCount: 10 });
    const { Subnets } = await network.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
    expect(Subnets![0]!.AvailableIpAddressCount).toBe(1);
    const two = run(network, { SubnetId, MinCount: 2, MaxCount: 2 });
    expect(await failure(two)).toBe('InsufficientFreeAddressesInSubnet');
  });

  test('is the same one for the same client token (F-204)', async () => {
    const { network, SubnetId } = await startSubnet();
    const [one] = await run(network, { SubnetId, ClientToken: 'once' });
    const [again] = await run(network, { SubnetId, ClientToken: 'once' });
    expect(again!.InstanceId).toBe(one!.InstanceId);
  });

  test('is found by its tags, and asks for session tokens (F-286)', async () => {
    const { network, SubnetId } = await startSubnet();
    const Tags = [{ Key: 'purpose', Value: 'test' }];
    await run(network, { SubnetId, TagSpecifications: [{ ResourceType: 'instance', Tags }] });
    await run(network, { SubnetId });
    network.settle();
    const found = await network.ec2.send(new DescribeInstancesCommand({ Filters: [filter('tag:purpose', 'test')] }));
    expect(found.Reservations!.flatMap(({ Instances = [] }) => Instances)).toMatchObject([
      { Tags, MetadataOptions: { HttpTokens: 'required' } },
    ]);
  });

  test('needs an image of its type’s architecture, and one that is there (F-282)', async () => {
    const { network, SubnetId } = await startSubnet();
    const wrong = await refusal(run(network, { SubnetId, ImageId: await imageFor(network, 'x86_64') }));
    expect(wrong?.message).toMatch(/'arm64' of the specified instance type does not match the architecture 'x86_64'/);
    const absent = run(network, { SubnetId, ImageId: 'ami-0123456789abcdef0' });
    expect(await failure(absent)).toBe('InvalidAMIID.NotFound');
  });

  test('can’t be had in a zone that does not offer its type (F-283)', async () => {
    const { network, SubnetId } = await startSubnet('us-east-1e');
    expect(await failure(run(network, { SubnetId }))).toBe('Unsupported');
    const offered = new DescribeInstanceTypeOfferingsCommand({
      LocationType: 'availability-zone',
      Filters: [filter('instance-type', 't4g.nano'), filter('location', 'us-east-1?')],
    });
    const { InstanceTypeOfferings } = await network.ec2.send(offered);
    expect(InstanceTypeOfferings!.map(({ Location }) => Location)).toEqual(
      ['a', 'b', 'c', 'd', 'f'].map((letter) => `us-east-1${letter}`),
    );
  });

  test('gets a profile when EC2 has heard of it, and of the role in it (F-284, F-593)', async () => {
    const { network, SubnetId } = await startSubnet();
    const iam = new IAMClient(network.clientConfig);
    onTestFinished(() => iam.destroy());
    const [InstanceProfileName, RoleName] = ['profile', 'role'];
    const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    const asked = () => refusal(run(network, { SubnetId, IamInstanceProfile: { Name: InstanceProfileName } }));
    expect((await asked())?.message).toMatch(/Invalid IAM Instance Profile name/);
    network.pass(15);
    expect((await asked())?.message).toMatch(/has no associated IAM Roles/);
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
    network.pass(15);
    expect(await asked()).toBeUndefined();
  });
});

test('a type that is not there is refused by name (F-281)', async () => {
  const { ec2 } = await startNetwork();
  const ask = (...InstanceTypes: string[]) =>
    ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: InstanceTypes as never }));
  expect((await ask('t4g.nano', 't3.nano')).InstanceTypes).toHaveLength(2);
  expect(await failure(ask('t9.nano'))).toBe('InvalidInstanceType');
});
