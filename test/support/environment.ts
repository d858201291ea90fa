/** The control-plane part of an environment on a step world, and a saved one to start tests from. */

import type { Target } from '../../src/engine/plan.ts';
import type { Goal, Resource } from '../../src/engine/resource.ts';
import type { LedgerDocument } from '../../src/ledger/ledger.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import { buildTargets } from '../../src/steps/build.ts';
import { discover } from '../../src/steps/discover.ts';
import { openStepWorld, type StepWorld, type StepWorldOptions, startStepWorld } from './step-world.ts';

/** All targets but the SQL's, whose resources have tests of their own. */
export async function targetsOf(
  world: StepWorld,
  options: { goal?: Goal; finalSnapshot?: string } = {},
): Promise<Target[]> {
  const { desired, aws, clock, ledger } = world;
  const { targets } = buildTargets(desired, aws, {
    goal: options.goal ?? 'present',
    found: await discover(aws, desired, []),
    random: seededRandom(3),
    finalSnapshot: options.finalSnapshot,
    initSql: [],
    sql: { calls: aws.data, clock, digests: {}, newToken: () => 'token' },
    recorded: Object.keys(ledger.document().resources),
  });
  return targets.filter(({ resource }) => resource.step !== 'datashare');
}

export async function up(world: StepWorld) {
  return world.bring(await targetsOf(world));
}

export interface Standing {
  readonly saved: SavedSimulator;
  readonly document: LedgerDocument;
}

/** Brings an environment up in a world of its own, and keeps both. */
export async function buildStanding(options: StepWorldOptions = {}): Promise<Standing> {
  const world = await startStepWorld(options);
  try {
    await up(world);
    return { saved: await world.simulator.save(), document: world.ledger.document() };
  } finally {
    await world.close();
  }
}

/** A world in which that environment stands. */
export const openStanding = ({ saved, document }: Standing, options: StepWorldOptions = {}): Promise<StepWorld> =>
  openStepWorld({ ...options, saved, document });

/** What the plan would change, as `id: title`. */
export async function plannedChanges(world: StepWorld, targets: readonly Target[]): Promise<string[]> {
  const plan = await world.plan(targets);
  return plan.items.flatMap(({ resource, changes }) => changes.map(({ title }) => `${resource.id}: ${title}`));
}

export function resourceOf(targets: readonly Target[], id: string): Resource {
  const found = targets.find(({ resource }) => resource.id === id);
  if (!found) throw new Error(`no resource ${id}`);
  return found.resource;
}
