import { expect, test } from 'vitest';
import { seededRandom } from '../../src/shared/random.ts';
import { buildTargets } from '../../src/steps/build.ts';
import { discover } from '../../src/steps/discover.ts';
import { openStepWorld, type StepWorld } from '../support/step-world.ts';

/** Everything but the SQL, whose resources have tests of their own. */
async function targetsOf(world: StepWorld, options: { goal?: 'present' | 'absent'; finalSnapshot?: string } = {}) {
  const { desired, aws } = world;
  const { goal = 'present' } = options;
  const built = buildTargets(desired, aws, {
    goal,
    found: await discover(aws, desired),
    random: seededRandom(3),
    finalSnapshot: options.finalSnapshot,
    initSql: [],
    sql: { calls: aws.data, clock: world.clock, digests: {}, newToken: () => 'token', price: () => '' },
    recorded: Object.keys(world.ledger.document().resources),
  });
  return built.targets.filter(({ resource }) => resource.step !== 'datashare');
}

test('up, nothing to do, down', async () => {
  const world = await openStepWorld();
  const up = await world.bring(await targetsOf(world)).catch((e) => {
    console.log(e);
    throw e;
  });
  console.log(up.ms / 1000, up.changed, world.calls.length);
  const before = world.calls.length;
  const again = await world.plan(await targetsOf(world));
  console.log(
    world.calls
      .slice(before)
      .map((c) => `${c.service}.${c.operation}`)
      .join(' '),
    world.calls.length - before,
  );
  console.log(again.items.flatMap((item) => item.changes.map((c) => `${item.resource.id}: ${c.title}`)));
  expect(again.empty).toBe(true);
  const down = await world.bring(await targetsOf(world, { goal: 'absent' }));
  console.log(down.ms / 1000, down.changed);
});
