/**
 * Planning: look at everything, ask each resource what differs. `plan` prints the outcome and stops; `up`, `scale` and
 * `down` go on with the very same items.
 */
import type { RecordState } from '../ledger/ledger.ts';
import { RsdsError } from '../shared/errors.ts';
import { Observations, Pass, type PassOptions } from './pass.ts';
import { type Change, Foreign, type Goal, type Resource, type ResourceId, type Settled } from './resource.ts';

export interface Target {
  readonly resource: Resource;
  readonly goal: Goal;
}

export interface PlanItem extends Target {
  readonly seen: unknown;
  readonly changes: readonly Change[];
  /** Its place among the targets: who is first there is served first where resources queue. */
  readonly order: number;
  /** Undefined when it is absent. */
  readonly settled: Settled | undefined;
}

export interface Plan {
  readonly items: readonly PlanItem[];
  readonly observations: Observations;
  /** No change to make and nothing to wait for. */
  readonly empty: boolean;
  /** What is at its goal and not so in the ledger: it is recorded by the next run. */
  readonly unrecorded: readonly ResourceId[];
}

export interface PlanOptions extends Omit<PassOptions, 'observations'> {
  /** What the ledger has of the resource: nothing where it was lost, what was before where a run was killed. */
  recordedState(id: ResourceId): RecordState | undefined;
}

/**
 * Looks at all targets, and at whatever they need, in one pass.
 * Throws `step/foreign` for what should be present and is somebody else's; whatever cannot be read is thrown as it is.
 */
export async function makePlan(targets: readonly Target[], options: PlanOptions): Promise<Plan> {
  const observations = new Observations();
  const pass = new Pass({ ...options, observations });
  await allOrFirstError(targets.map(({ resource }) => pass.observeInOrder(resource)));
  refuseForeign(targets, observations);
  const items = targets.map((target, order) => planItem(target, observations, order));
  return {
    items,
    observations,
    empty: items.every(isDone),
    unrecorded: items
      .filter((item) => isDone(item) && isUnrecorded(item, options.recordedState(item.resource.id)))
      .map(({ resource }) => resource.id),
  };
}

/** The plan of now, from what was seen last: what a run leaves is told without looking at everything again. */
export function reviewed({ items, observations, unrecorded }: Plan): Plan {
  const now = items.map((item) => planItem(item, observations, item.order));
  return { items: now, observations, empty: now.every(isDone), unrecorded };
}

function planItem(target: Target, observations: Observations, order: number): PlanItem {
  const { resource, goal } = target;
  const seen = observations.seen(resource);
  const settled = seen === undefined ? undefined : resource.settled(seen, goal);
  return { resource, goal, order, seen, settled, changes: changesOf(target, seen, observations) };
}

function changesOf({ resource, goal }: Target, seen: unknown, observations: Observations): readonly Change[] {
  if (goal === 'present') return resource.changes(seen, observations);
  return seen === undefined ? [] : resource.removal(seen, observations);
}

/** Whether an item needs neither a change nor a wait. */
export function isDone(item: PlanItem): boolean {
  if (item.goal === 'absent') return item.seen === undefined;
  return item.changes.length === 0 && (item.settled === undefined || item.settled.is === 'settled');
}

/** Two plans are the same when they would make the same changes to the same resources. */
export function samePlan(one: Plan, other: Plan): boolean {
  return planKey(one) === planKey(other);
}

const planKey = (plan: Plan) =>
  plan.items
    .flatMap((item) => item.changes.map((change) => `${item.resource.id} ${change.action} ${change.title}`))
    .join('\n');

/** Whether the ledger, which has `recorded`, lacks that the resource has come to its goal. */
export function isUnrecorded({ goal, seen }: Pick<PlanItem, 'goal' | 'seen'>, recorded: RecordState | undefined) {
  if (goal === 'present') return seen !== undefined && recorded !== 'settled';
  // What was never there needs no record of having gone.
  return seen === undefined && recorded !== undefined && recorded !== 'removed';
}

function refuseForeign(targets: readonly Target[], observations: Observations): void {
  const foreign = targets
    .filter(({ goal }) => goal === 'present')
    .map(({ resource }) => ({ resource, found: observations.found(resource) }))
    .filter(({ found }) => found instanceof Foreign);
  if (foreign.length === 0) return;
  const list = foreign.map(({ resource, found }) => `${resource.title}: ${(found as Foreign).what}`).join('; ');
  throw new RsdsError('step/foreign', `not made by rsds for this environment: ${list}`, {
    hint: 'choose another project or environment name, or remove what is in the way',
  });
}

/** Waits for all, so that nothing goes on behind an error's back, then throws the first one. */
export async function allOrFirstError<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}
