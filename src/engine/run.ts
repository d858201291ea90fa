/**
 * A run: brings every target to its goal, in the order of their needs, as much at once as they allow.
 *
 * E1. The intent is in the ledger before the call, the outcome after it (L1).
 * E2. The lease is checked in the last moment before each mutating call; without it no call is made.
 * E3. After a call whose outcome is open the engine looks before it repeats.
 * E4. A resource starts when all it needs is settled (present), or when all that need it are gone (absent).
 * E5. Once the run is stopped no new call is started; calls in flight are awaited and recorded.
 */

import { setMaxListeners } from 'node:events';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../shared/clock.ts';
import { InvariantError, RsdsError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { withoutSecrets } from '../shared/secrets.ts';
import {
  type EventWithoutTime,
  label,
  type Reporter,
  type RunEvent,
  type RunOutcome,
  type StepTime,
} from './events.ts';
import type { Lane, LanePass } from './lane.ts';
import { Pass } from './pass.ts';
import type { Plan, PlanItem } from './plan.ts';
import { isOpenCreate, maySettleAgain, outcomeOf } from './records.ts';
import type { Resource, ResourceId, StepName } from './resource.ts';
import { stopsTheRun } from './retry.ts';
import { Semaphore } from './semaphore.ts';
import { Task, type TaskContext } from './task.ts';
import { Watch } from './watch.ts';

export interface RunOptions {
  readonly command: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly reporter: Reporter;
  readonly lane: Lane;
  /** Throws when the environment's lease is not safely ours any more. */
  checkLease(): Promise<void>;
  /** Fires to stop the run: Ctrl-C, a lost lease. Its reason becomes the run's error. */
  readonly signal: AbortSignal;
  readonly sql: boolean;
  /** At most so many deletions of a kind at a time, e.g. `{ workgroup: 4 }`. */
  readonly deletionsAtOnce: Readonly<Record<string, number>>;
}

export interface RunResult {
  readonly outcome: RunOutcome;
  readonly ms: number;
  readonly changed: number;
  readonly steps: readonly StepTime[];
}

/**
 * Carries a plan out. Throws the error of the resource that failed, or `step/failed` naming all of them when several
 * did; what does not depend on a failed resource is still brought to its goal.
 */
export async function run(plan: Plan, options: RunOptions): Promise<RunResult> {
  return new Run(plan, options).execute();
}

interface StepClock {
  from: number | undefined;
  to: number;
  changed: number;
}

class Run {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #context: TaskContext;
  readonly #stop = new AbortController();
  readonly #tasks = new Map<Resource, Promise<void>>();
  readonly #failures = new Map<ResourceId, unknown>();
  readonly #steps = new Map<StepName, StepClock>();
  /** Places in the lane that were taken before anything else began, see `#queueUnfinished`. */
  readonly #lanePasses = new Map<Resource, Promise<LanePass>>();
  #changed = 0;

  constructor(plan: Plan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    // Every task that sleeps listens to it; Node warns of a leak from the eleventh on.
    setMaxListeners(0, this.#stop.signal);
    const newPass = () =>
      new Pass({
        observations: plan.observations,
        signal: this.#stop.signal,
        sql: options.sql,
        recorded: (id) => options.ledger.document().resources[id]?.data,
      });
    this.#context = {
      ...options,
      signal: this.#stop.signal,
      observations: plan.observations,
      newPass,
      watch: new Watch({ clock: options.clock, signal: this.#stop.signal, newPass }),
      emit: (event) => this.#emit(event),
      hasFailed: (id) => this.#failures.has(id),
      deletionSlots: new Map(
        Object.entries(options.deletionsAtOnce).map(([kind, size]) => [kind, new Semaphore(size)]),
      ),
    };
  }

  async execute(): Promise<RunResult> {
    const { clock, signal } = this.#options;
    const startedAt = clock.elapsed();
    const onStop = () => this.#stopWith(signal.reason);
    if (signal.aborted) onStop();
    signal.addEventListener('abort', onStop, { once: true });
    try {
      this.#announce();
      await this.#recordUnrecorded();
      this.#queueUnfinished();
      await Promise.all(this.#plan.items.map((item) => this.#taskOf(item)));
    } finally {
      signal.removeEventListener('abort', onStop);
      // Places of tasks that were never begun.
      for (const resource of this.#lanePasses.keys()) await this.#leaveLane(resource);
    }
    return this.#end(clock.elapsed() - startedAt);
  }

  #announce(): void {
    const resources = this.#plan.items.map(({ resource, goal, changes }) => ({
      ...label(resource),
      goal,
      changes: changes.length,
    }));
    this.#emit({ event: 'run-started', command: this.#options.command, resources });
  }

  /** What is done already and not so in the ledger: one that was lost, or cut off by a crash, is completed by looking. */
  async #recordUnrecorded(): Promise<void> {
    const { clock, ledger } = this.#options;
    const at = clock.now();
    const { resources } = ledger.document();
    const events = this.#plan.items
      .filter(({ resource: { id } }) => this.#plan.unrecorded.includes(id))
      .filter(({ resource, goal }) => goal === 'absent' || !maySettleAgain(resource, resources[resource.id], at))
      .map(({ resource, goal, seen }) => outcomeOf(resource, { goal, seen, at }));
    if (events.length > 0) await ledger.record(...events);
  }

  /**
   * What an earlier run left unsettled in the lane, or may have left, goes before anything new: two at a time is what
   * the lane is there to prevent.
   */
  #queueUnfinished(): void {
    const { lane, ledger, clock } = this.#options;
    for (const item of this.#plan.items) {
      const { laned, id } = item.resource;
      const record = ledger.document().resources[id];
      if (laned === undefined || item.goal !== 'present') continue;
      const unfinished =
        item.seen === undefined
          ? isOpenCreate(record, clock.now())
          : item.settled?.is === 'pending' || maySettleAgain(item.resource, record, clock.now());
      if (!unfinished) continue;
      const pass = lane.enter(laned, this.#stop.signal, item.order - this.#plan.items.length);
      // Whoever awaits it gets the error; until then it must not count as unhandled.
      pass.catch(() => {});
      this.#lanePasses.set(item.resource, pass);
    }
  }

  #taskOf(item: PlanItem): Promise<void> {
    let task = this.#tasks.get(item.resource);
    if (!task) {
      // The microtask lets `#tasks` know of this one before it asks for its neighbours: no task is started twice.
      task = Promise.resolve().then(() => this.#perform(item));
      this.#tasks.set(item.resource, task);
    }
    return task;
  }

  async #perform(item: PlanItem): Promise<void> {
    const neighbours = this.#before(item);
    await Promise.all(neighbours.map((neighbour) => this.#taskOf(neighbour)));
    if (neighbours.some(({ resource }) => this.#failures.has(resource.id))) {
      this.#failures.set(item.resource.id, undefined);
      await this.#leaveLane(item.resource);
      return;
    }
    try {
      this.#stop.signal.throwIfAborted();
      const touched = neighbours.some(({ resource }) => this.#touched.has(resource));
      const lanePass = this.#lanePasses.get(item.resource);
      const changed = await new Task(item, this.#context, { fresh: !touched, lanePass }).bring();
      if (changed > 0 || touched) this.#touched.add(item.resource);
      this.#changed += changed;
    } catch (error) {
      await this.#failed(item.resource, error);
    }
  }

  async #leaveLane(resource: Resource): Promise<void> {
    await this.#lanePasses
      .get(resource)
      ?.then(({ leave }) => leave({ unsettled: true }))
      .catch(() => {});
  }

  // Resources that changed in this run, or stand on one that did: what the plan saw of them may be out of date.
  readonly #touched = new Set<Resource>();

  /** E4. For removals through everything between, whether or not it is itself part of the run. */
  #before(item: PlanItem): PlanItem[] {
    const { resource, goal } = item;
    const others = this.#plan.items.filter((other) => other.goal === goal && other !== item);
    if (goal === 'present') return others.filter((other) => resource.needs.includes(other.resource));
    return others.filter((other) => standsOn(other.resource, resource));
  }

  async #failed(resource: Resource, error: unknown): Promise<void> {
    this.#failures.set(resource.id, error);
    if (this.#stop.signal.aborted && error === this.#stop.signal.reason) return;
    const { code, message, hint } = describe(error);
    this.#emit({ event: 'resource-failed', resource: label(resource), code, message, hint });
    if (stopsTheRun(error)) {
      this.#stopWith(error);
      return;
    }
    await this.#options.ledger
      .record({ type: 'failed', id: resource.id, code, message, at: this.#options.clock.now() })
      .catch((ledgerError: unknown) => this.#stopWith(ledgerError));
  }

  #stopWith(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#emit({ event: 'stopping', reason: describe(reason).message });
    this.#stop.abort(reason);
  }

  #end(ms: number): RunResult {
    const errors = [...this.#failures].filter(([, error]) => error !== undefined);
    const stopped = this.#stop.signal.aborted;
    const outcome: RunOutcome = stopped
      ? outcomeOfStop(this.#stop.signal.reason)
      : errors.length > 0
        ? 'failed'
        : 'done';
    const steps = [...this.#steps].map(([step, { from, to, changed }]) => ({
      step,
      ms: from === undefined ? 0 : to - from,
      changed,
    }));
    const failed = [...this.#failures.keys()];
    this.#emit({ event: 'run-ended', outcome, ms, changed: this.#changed, failed, steps });
    if (stopped) throw this.#stop.signal.reason;
    if (errors.length > 0) throw failureOf(errors as [ResourceId, unknown][]);
    if (this.#plan.items.length > 0 && this.#failures.size > 0) throw new InvariantError('failures without an error');
    return { outcome, ms, changed: this.#changed, steps };
  }

  #emit(event: EventWithoutTime): void {
    this.#timeStep(event);
    this.#options.reporter.emit({ at: this.#options.clock.now(), ...event } as RunEvent);
  }

  #timeStep(event: EventWithoutTime): void {
    if (event.event !== 'change-started' && event.event !== 'resource-settled') return;
    const now = this.#options.clock.elapsed();
    const step = this.#steps.get(event.resource.step) ?? { from: undefined, to: now, changed: 0 };
    if (event.event === 'change-started') step.from ??= now;
    else if (event.changed) {
      step.to = now;
      step.changed++;
    }
    this.#steps.set(event.resource.step, step);
  }
}

const standsOn = (one: Resource, other: Resource): boolean =>
  one.needs.some((need) => need === other || standsOn(need, other));

const outcomeOfStop = (reason: unknown): RunOutcome =>
  reason instanceof RsdsError && reason.code.startsWith('run/') ? 'interrupted' : 'failed';

function describe(error: unknown): { code: string; message: string; hint: string | undefined } {
  if (error instanceof RsdsError) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'internal/invariant',
    message: withoutSecrets(error instanceof Error ? error.message : String(error)),
    hint: undefined,
  };
}

function failureOf(errors: readonly [ResourceId, unknown][]): unknown {
  const [first] = errors;
  if (errors.length === 1 && first) return first[1];
  const list = errors.map(([id, error]) => `${id}: ${describe(error).message}`).join('; ');
  return new RsdsError('step/failed', `${errors.length} resources failed: ${list}`, { cause: first?.[1] });
}
