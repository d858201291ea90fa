import { expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { preflight } from '../../src/steps/preflight.ts';
import { targetsOf, up } from '../support/environment.ts';
import { openStepWorld, type StepWorld, testConfig } from '../support/step-world.ts';

async function check(world: StepWorld): Promise<void> {
  const { aws, desired } = world;
  await preflight({ aws, desired, plan: await world.plan(await targetsOf(world)), network: undefined });
}

const consumers = (count: number): Partial<Config> => ({ consumers: { ...testConfig.consumers, count } });

test('there is room in a fresh account, and nothing is written to find that out', async () => {
  const world = await openStepWorld();
  expect(await world.mutationsOf(() => check(world))).toEqual([]);
});

test('a settled environment asks nothing', async () => {
  const world = await openStepWorld();
  await up(world);
  const plan = await world.plan(await targetsOf(world));
  const before = world.calls.length;
  await preflight({ aws: world.aws, desired: world.desired, plan, network: undefined });
  expect(world.calls.length).toBe(before);
});

test('25 consumers and a producer are more than 25 workgroups: told with numbers, exit 2', async () => {
  const world = await openStepWorld({ config: consumers(25) });
  await expect(check(world)).rejects.toMatchObject({
    code: 'preflight/quota',
    exitCode: 2,
    message: expect.stringContaining('26 more namespaces are wanted, 0 of 25 are in use; 26 more workgroups'),
  });
});

test('other VPCs of the account count', async () => {
  const world = await openStepWorld();
  for (let number = 0; number < 4; number++)
    await world.aws.ec2.createVpc({ CidrBlock: `10.${20 + number}.0.0/16` }, {});
  await world.clock.sleep(10_000);
  await expect(check(world)).rejects.toMatchObject({
    code: 'preflight/quota',
    message: '1 more VPCs in the region are wanted, 5 of 5 are in use',
  });
});

test('a region with fewer zones than subnets is refused', async () => {
  const subnetCidrs = Array.from({ length: 7 }, (_, index) => `10.0.${2 * index}.0/23`);
  const world = await openStepWorld({ config: { network: { ...testConfig.network, subnetCidrs } } });
  await expect(check(world)).rejects.toMatchObject({
    code: 'preflight/zones',
    message: expect.stringContaining('6 usable zones, 7'),
  });
});

test('quotas that may not be read are taken to be AWS’s defaults', async () => {
  const world = await openStepWorld({ config: consumers(25) });
  world.simulator.intercept(({ service }) =>
    service === 'servicequotas' ? { error: { code: 'AccessDeniedException', message: 'no', status: 403 } } : undefined,
  );
  await expect(check(world)).rejects.toMatchObject({ message: expect.stringContaining('of 25 are in use') });
});
