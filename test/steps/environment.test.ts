import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { StepName } from '../../src/engine/resource.ts';
import { plannedChanges, targetsOf, up } from '../support/environment.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { openStepWorld, type StepWorld, testConfig } from '../support/step-world.ts';

const consumers = (count: number, more: Partial<Config['consumers']> = {}) => ({
  consumers: { ...testConfig.consumers, count, ...more },
});

/** The same account and ledger with another configuration. */
async function reconfigured(world: StepWorld, config: Partial<Config>): Promise<StepWorld> {
  return openStepWorld({ config, saved: await world.simulator.save(), document: world.ledger.document() });
}

describe('looking at a settled environment', () => {
  test.each([2, 8, 24])('costs the same for %i consumers: 21 reads, no write', async (count) => {
    const world = await openStepWorld({ config: consumers(count) });
    await up(world);
    const before = world.calls.length;
    expect(await plannedChanges(world, await targetsOf(world))).toEqual([]);
    const calls = world.calls.slice(before).map(({ service, operation }) => `${service}.${operation}`);
    expect(calls.length).toBe(21);
    expect(calls.filter((call) => call === 'redshift-serverless.ListWorkgroups')).toHaveLength(1);
  });

  test('while waiting is a list for all, not a read for each', async () => {
    const world = await openStepWorld({ config: consumers(8) });
    await up(world);
    const count = (operation: string) => world.calls.filter((call) => call.operation === operation).length;
    expect(count('GetWorkgroup') + count('GetNamespace') + count('GetEndpointAccess')).toBe(0);
    // Tags of what was just made are known: they went out with its creation.
    expect(count('ListTagsForResource') + count('DescribeTags') + count('ListResourceTags')).toBe(0);
    expect(count('ListWorkgroups')).toBeLessThan(200);
  });
});

test('steps overlap, but a consumer is admitted only after its endpoint is there', async () => {
  const world = await openStepWorld();
  await up(world);
  const at = (id: string) =>
    world.events.findIndex((event) => event.event === 'resource-settled' && event.resource.id === id);
  expect(at('vpc/vpc')).toBeLessThan(at('producer/workgroup'));
  expect(at('consumer-1/endpoint')).toBeLessThan(at('consumer-1/target'));
  expect(at('nlb/listener')).toBeLessThan(at('consumer-1/target'));
  const steps = new Set(
    world.events.flatMap((event) => ('resource' in event && event.resource ? [event.resource.step] : [])),
  );
  expect(steps).toEqual(new Set<StepName>(['vpc', 'producer', 'consumers', 'endpoints', 'nlb']));
});

test('endpoints are spread over the zones', async () => {
  const world = await openStepWorld({ config: consumers(3) });
  await up(world);
  const endpoints = await world.aws.serverless.listEndpointAccess();
  const zones = endpoints.flatMap(
    (one) => one.vpcEndpoint?.networkInterfaces?.map(({ availabilityZone }) => availabilityZone) ?? [],
  );
  expect(new Set(zones).size).toBe(3);
});

describe('scaling', () => {
  test('out adds the new consumer and touches nothing else', async () => {
    const world = await openStepWorld();
    await up(world);
    const more = await reconfigured(world, consumers(3));
    const changes = await plannedChanges(more, await targetsOf(more));
    expect(changes.map((change) => change.split('/')[0])).toEqual(changes.map(() => 'consumer-3'));
    await up(more);
    expect(await plannedChanges(more, await targetsOf(more))).toEqual([]);
    expect(
      (await more.aws.elb.targetHealth(await targetGroupArn(more))).map(({ TargetHealth }) => TargetHealth?.State),
    ).toEqual(['healthy', 'healthy', 'healthy']);
  });

  test('in takes the highest number: deregistered first, its data last', async () => {
    const world = await openStepWorld({ config: consumers(3) });
    await up(world);
    const fewer = await reconfigured(world, consumers(2));
    const order = (await fewer.mutationsOf(() => up(fewer))).map((call) => call.split('.')[1]);
    const looked = 'ExecuteStatement';
    expect(order).toEqual(['DeregisterTargets', looked, 'DeleteEndpointAccess', 'DeleteWorkgroup', 'DeleteNamespace']);
    expect((await fewer.aws.serverless.listNamespaces()).map(({ namespaceName }) => namespaceName).sort()).toEqual([
      'airline-dev-consumer-1',
      'airline-dev-consumer-2',
      'airline-dev-producer',
    ]);
  });

  test('in may leave out a lower number', async () => {
    const world = await openStepWorld({ config: consumers(3) });
    await up(world);
    const fewer = await reconfigured(world, consumers(2, { without: [2] }));
    await up(fewer);
    const names = (await fewer.aws.serverless.listWorkgroups()).map(({ workgroupName }) => workgroupName).sort();
    expect(names).toEqual(['airline-dev-consumer-1', 'airline-dev-consumer-3', 'airline-dev-producer']);
  });

  test('a surplus consumer is found without a ledger', async () => {
    const world = await openStepWorld({ config: consumers(3) });
    await up(world);
    const fewer = await reconfigured(world, consumers(2));
    fewer.loseLedger();
    const changes = await plannedChanges(fewer, await targetsOf(fewer));
    expect(changes).toContain('consumer-3/workgroup: delete workgroup airline-dev-consumer-3');
  });

  test('a workload that the configuration dropped goes, with its group', async () => {
    const workloads = { analytics: { database: 'analytics', baseCapacity: 8, parameters: {}, usageLimits: [] } };
    const world = await openStepWorld({ config: { workloads } });
    await up(world);
    const without = await reconfigured(world, { workloads: {} });
    const gone = await without.mutationsOf(() => up(without));
    expect(new Set(gone)).toEqual(
      new Set([
        'redshift-serverless.DeleteWorkgroup',
        'redshift-serverless.DeleteNamespace',
        'ec2.DeleteSecurityGroup',
      ]),
    );
    expect(await plannedChanges(without, await targetsOf(without))).toEqual([]);
  });
});

describe('a change of RPUs', () => {
  test('without anything to restore from takes a snapshot, changes, and deletes it again', async () => {
    const world = await openStepWorld();
    await up(world);
    const larger = await reconfigured(world, consumers(2, { baseCapacity: 64, maxCapacity: 128 }));
    const changes = await plannedChanges(larger, await targetsOf(larger));
    expect(changes.filter((change) => change.startsWith('consumer-1/'))).toEqual([
      'consumer-1/workgroup: take consumer-1 out of the load balancer and let its connections end',
      'consumer-1/workgroup: take snapshot airline-dev-consumer-1-before-resize for the change of RPUs',
      'consumer-1/workgroup: baseCapacity 32 → 64',
      'consumer-1/workgroup: maxCapacity 64 → 128',
    ]);
    await up(larger);
    expect(await larger.aws.serverless.listSnapshots()).toEqual([]);
    const workgroup = await larger.aws.serverless.getWorkgroup('airline-dev-consumer-1');
    expect(workgroup).toMatchObject({ baseCapacity: 64, maxCapacity: 128 });
    expect(await plannedChanges(larger, await targetsOf(larger))).toEqual([]);
  });

  test('with a recovery point takes none', async () => {
    const world = await openStepWorld();
    await up(world);
    world.simulator.world.skip(2 * 60 * 60_000);
    const larger = await reconfigured(world, { producer: { ...testConfig.producer, baseCapacity: 64 } });
    expect(await plannedChanges(larger, await targetsOf(larger))).toEqual(['producer/workgroup: baseCapacity 32 → 64']);
    expect(await larger.mutationsOf(() => up(larger))).toEqual(['redshift-serverless.UpdateWorkgroup']);
  });
});

describe('what can’t be changed in place is refused while planning, exit 2', () => {
  const other = (network: Partial<Config['network']>) => ({ network: { ...testConfig.network, ...network } });
  test.each<[string, Partial<Config>, string]>([
    ['the VPC’s addresses', other({ vpcCidr: '10.1.0.0/16' }), 'network.vpcCidr'],
    ['enhanced VPC routing', other({ enhancedVpcRouting: true }), 'enhanced VPC routing'],
    ['the producer’s database', { producer: { ...testConfig.producer, database: 'other' } }, 'airline_dw'],
    ['the admin', { producer: { ...testConfig.producer, adminUsername: 'root' } }, 'admin'],
    ['a customer’s key for one of AWS', { kmsKey: 'aws-owned' }, 'key'],
  ])('%s', async (_, config, named) => {
    const world = await openStepWorld();
    await up(world);
    const changed = await reconfigured(world, config);
    const refusal = changed.plan(await targetsOf(changed));
    await expect(refusal).rejects.toMatchObject({
      code: 'plan/refused',
      exitCode: 2,
      message: expect.stringContaining(named),
    });
  });
});

test('a usage limit taken out of the configuration is taken off the workgroup', async () => {
  const limited = {
    producer: { ...testConfig.producer, usageLimits: [{ rpuHours: 9, period: 'weekly', action: 'log' } as const] },
  };
  const world = await openStepWorld({ config: limited });
  await up(world);
  expect(await world.aws.serverless.listUsageLimits()).toMatchObject([{ amount: 9, period: 'weekly' }]);
  const without = await reconfigured(world, {});
  expect(await without.mutationsOf(() => up(without))).toEqual(['redshift-serverless.DeleteUsageLimit']);
});

test('a consumer whose endpoint was replaced behind our back gets its new address, and the old one goes', async () => {
  const world = await openStepWorld();
  await up(world);
  const { aws, clock, desired } = world;
  const before = String(world.ledger.document().resources['consumer-1/target']?.data.id);
  await aws.serverless.deleteEndpointAccess(desired.names.endpoint('consumer-1'));
  await clock.sleep(400_000);
  await up(world);
  const health = await new ElasticLoadBalancingV2Client(clientConfigOf(world.simulator.url)).send(
    new DescribeTargetHealthCommand({ TargetGroupArn: await targetGroupArn(world) }),
  );
  const states = new Map(
    health.TargetHealthDescriptions?.map(({ Target, TargetHealth }) => [Target?.Id, TargetHealth?.State]),
  );
  const now = String(world.ledger.document().resources['consumer-1/target']?.data.id);
  expect(now).not.toBe(before);
  expect(states.get(now)).toBe('healthy');
  expect([undefined, 'draining']).toContain(states.get(before));
});

test('an address that AWS gave to another endpoint since is left alone', async () => {
  const world = await openStepWorld();
  await up(world);
  // As if the first consumer had had the second one's address once.
  const second = String(world.ledger.document().resources['consumer-2/target']?.data.id);
  await world.ledger.record({ type: 'remembered', id: 'consumer-1/target', kind: 'target', data: { id: second } });
  expect(await plannedChanges(world, await targetsOf(world))).toEqual([]);
});

const targetGroupArn = async ({ aws, desired }: StepWorld) =>
  (await aws.elb.targetGroup(desired.names.targetGroup))?.TargetGroupArn ?? '';
