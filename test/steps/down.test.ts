import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { targetsOf, up } from '../support/environment.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { openStepWorld, type StepWorld, testConfig } from '../support/step-world.ts';

const snapshotName = 'airline-dev-final-a1b2c3d4';

async function down(world: StepWorld, finalSnapshot?: string) {
  return world.bring(await targetsOf(world, { goal: 'absent', ...(finalSnapshot ? { finalSnapshot } : {}) }));
}

const keyState = async (
  { aws, ledger }: StepWorld,
  id = String(ledger.document().resources['producer/key']?.data.id),
) => (await aws.kms.describeKey(id))?.KeyState;

describe('down', () => {
  test('saves the data first: nothing is deleted before the final snapshot is AVAILABLE', async () => {
    const world = await openStepWorld();
    await up(world);
    const before = world.simulator.requests.next - 1;
    await down(world, snapshotName);
    const calls = world.simulator.requests.since(before);
    const operations = calls.filter(({ mutating }) => mutating).map(({ operation }) => operation);
    expect(operations[0]).toBe('CreateSnapshot');
    expect(await world.aws.serverless.getSnapshot(snapshotName)).toMatchObject({ status: 'AVAILABLE' });
    expect(await world.aws.serverless.listWorkgroups()).toEqual([]);
  });

  test('keeps the key that the final snapshot is encrypted with, and up finds it again', async () => {
    const world = await openStepWorld();
    await up(world);
    const key = String(world.ledger.document().resources['producer/key']?.data.id);
    await down(world, snapshotName);
    expect(await keyState(world, key)).toBe('Enabled');
    expect((await world.aws.kms.describeKey(world.desired.names.keyAlias))?.KeyId).toBe(key);
    await up(world);
    expect((await world.aws.kms.describeKey(world.desired.names.keyAlias))?.KeyId).toBe(key);
  });

  test('without a snapshot schedules the key for deletion and takes its name; up takes that back', async () => {
    const world = await openStepWorld();
    await up(world);
    const key = String(world.ledger.document().resources['producer/key']?.data.id);
    await down(world);
    expect(await keyState(world, key)).toBe('PendingDeletion');
    expect(await world.aws.kms.describeKey(world.desired.names.keyAlias)).toBeUndefined();
    await up(world);
    expect(await keyState(world, key)).toBe('Enabled');
    expect((await world.aws.kms.describeKey(world.desired.names.keyAlias))?.KeyId).toBe(key);
  });

  test('again does nothing', async () => {
    const world = await openStepWorld();
    await up(world);
    await down(world, snapshotName);
    expect(await world.mutationsOf(() => down(world, snapshotName))).toEqual([]);
  });

  test('runs no SQL', async () => {
    const world = await openStepWorld();
    await up(world);
    await down(world, snapshotName);
    expect(world.calls.filter(({ service }) => service === 'redshift-data')).toEqual([]);
  });

  test('of an environment that was never finished takes no snapshot: there is no data', async () => {
    const world = await openStepWorld();
    const targets = await targetsOf(world);
    const early = targets.filter(({ resource }) =>
      ['vpc/vpc', 'producer/key', 'producer/role', 'producer/namespace'].includes(resource.id),
    );
    await world.bring(early);
    const operations = await world.mutationsOf(() => down(world, snapshotName));
    expect(operations).not.toContain('redshift-serverless.CreateSnapshot');
    expect(await world.aws.serverless.listNamespaces()).toEqual([]);
    expect(await world.aws.ec2.describeVpcs({ 'tag:Name': ['airline-dev-vpc'] })).toEqual([]);
  });

  test('refuses to lose the data of a producer whose workgroup somebody deleted', async () => {
    const world = await openStepWorld();
    await up(world);
    await world.aws.serverless.deleteWorkgroup('airline-dev-producer');
    await world.clock.sleep(300_000);
    await expect(down(world, snapshotName)).rejects.toMatchObject({
      code: 'step/broken',
      hint: expect.stringContaining('--no-final-snapshot'),
    });
    expect(await world.aws.serverless.getNamespace('airline-dev-producer')).toMatchObject({ status: 'AVAILABLE' });
  });

  test('takes what a lost ledger no longer knows, and leaves what stands beside it', async () => {
    const world = await openStepWorld();
    const { aws } = world;
    await aws.ec2.createVpc({ CidrBlock: '10.9.0.0/16' }, { Name: 'neighbour' });
    await aws.serverless.createNamespace({ namespaceName: 'neighbour' }, {});
    await aws.serverless.createNamespace(
      { namespaceName: 'airline-dev-x-producer' },
      { 'rsds:project': 'airline-dev' },
    );
    await up(world);
    world.loseLedger();
    await down(world);
    const names = (await aws.serverless.listNamespaces()).map(({ namespaceName }) => namespaceName).sort();
    expect(names).toEqual(['airline-dev-x-producer', 'neighbour']);
    expect(await aws.ec2.describeVpcs({ 'tag:Name': ['neighbour'] })).toHaveLength(1);
    expect(await aws.ec2.describeVpcs({ 'tag:rsds:project': ['airline'] })).toEqual([]);
  });

  test('interrupted anywhere, and run again, ends with nothing of ours', async () => {
    const world = await openStepWorld();
    await up(world);
    for (const after of [1, 4, 9, 15, 22]) {
      let left = after;
      world.simulator.intercept(({ mutating }) =>
        mutating && left-- <= 0
          ? { error: { code: 'AccessDeniedException', message: 'denied', status: 403 } }
          : undefined,
      );
      await expect(down(world, snapshotName)).rejects.toMatchObject({ exitCode: 1 });
    }
    world.simulator.intercept(undefined);
    await down(world, snapshotName);
    expect(await world.aws.serverless.listNamespaces()).toEqual([]);
    expect(await world.aws.ec2.describeVpcs({ 'tag:rsds:project': ['airline'] })).toEqual([]);
    expect(await world.aws.serverless.listSnapshots()).toMatchObject([{ snapshotName, status: 'AVAILABLE' }]);
  });
});

describe('in an existing VPC', () => {
  test('nothing is made but the groups, in its private subnets, and nothing else is taken away', async () => {
    const world = await openStepWorld({ config: inExisting({ name: 'shared' }) });
    const { vpcId, privateSubnets } = await sharedVpc(world);
    const made = await world.mutationsOf(() => up(world));
    expect(made.filter((call) => /Vpc|Subnet|Route/.test(call))).toEqual([]);
    const producer = await world.aws.serverless.getWorkgroup('airline-dev-producer');
    expect([...(producer?.subnetIds ?? [])].sort()).toEqual([...privateSubnets].sort());
    await down(world);
    expect(await world.aws.ec2.describeVpcs({ 'vpc-id': [vpcId] })).toHaveLength(1);
    expect(await world.aws.ec2.describeSubnets({ 'vpc-id': [vpcId] })).toHaveLength(4);
    const groups = await world.aws.ec2.describeSecurityGroups({ 'vpc-id': [vpcId] });
    expect(groups.map(({ GroupName }) => GroupName)).toEqual(['default']);
  });

  test('a settled plan changes nothing', async () => {
    const world = await openStepWorld({ config: inExisting({ name: 'shared' }) });
    await sharedVpc(world);
    await up(world);
    expect((await world.plan(await targetsOf(world))).empty).toBe(true);
  });

  test.each([
    [{ id: 'vpc-00000000000000000' }, 'there is no VPC vpc-00000000000000000'],
    [{ name: 'nobody' }, 'there is no VPC named "nobody"'],
  ])('%o is refused before anything is made', async (vpc, message) => {
    const world = await openStepWorld({ config: inExisting(vpc) });
    await expect(targetsOf(world)).rejects.toMatchObject({ code: 'preflight/network', exitCode: 2, message });
  });

  test('too little room in its subnets is refused', async () => {
    const world = await openStepWorld({ config: inExisting({ name: 'shared' }) });
    await sharedVpc(world, 28);
    await expect(targetsOf(world)).rejects.toMatchObject({
      code: 'preflight/network',
      hint: expect.stringContaining('network.subnetIds'),
    });
  });
});

const inExisting = (vpc: Config['network']['vpc']): Partial<Config> => ({ network: { ...testConfig.network, vpc } });

/** A VPC of somebody else's: three private subnets in three zones, and a public one. */
async function sharedVpc(world: StepWorld, prefix = 24) {
  const { aws, clock } = world;
  const { Vpc } = await aws.ec2.createVpc({ CidrBlock: '10.0.0.0/16' }, { Name: 'shared' });
  const vpcId = Vpc?.VpcId ?? '';
  await clock.sleep(10_000);
  const zones = (await aws.ec2.describeZones()).map(({ ZoneId }) => ZoneId);
  const subnet = async (third: number, zone: string | undefined) => {
    const made = await aws.ec2.createSubnet(
      { VpcId: vpcId, CidrBlock: `10.0.${third}.0/${prefix}`, AvailabilityZoneId: zone },
      {},
    );
    return made.Subnet?.SubnetId ?? '';
  };
  const privateSubnets = [await subnet(1, zones[0]), await subnet(2, zones[1]), await subnet(3, zones[2])];
  await makePublic(world, vpcId, await subnet(4, zones[0]));
  await clock.sleep(10_000);
  return { vpcId, privateSubnets };
}

async function makePublic({ aws, clock, simulator }: StepWorld, vpcId: string, subnetId: string): Promise<void> {
  const ec2 = new EC2Client(clientConfigOf(simulator.url));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId ?? '';
  await clock.sleep(10_000);
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId: vpcId }));
  const { RouteTable } = await aws.ec2.createRouteTable({ VpcId: vpcId }, {});
  const RouteTableId = RouteTable?.RouteTableId ?? '';
  await clock.sleep(10_000);
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
  await aws.ec2.associateRouteTable(RouteTableId, subnetId);
}
