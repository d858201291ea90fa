/** One resource on its way to its goal: look, change, wait, look again, until there is nothing to change. */
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { type AttemptContext, attempt } from './attempt.ts';
import { defaultUsualMs } from './cadence.ts';
import { label } from './events.ts';
import { measureKind, usualMs } from './history.ts';
import type { Lane, LanePass } from './lane.ts';
import { isUnrecorded, type PlanItem } from './plan.ts';
import { isOpenCreate, maySettleAgain, outcomeOf } from './records.ts';
import type { Change, Settled } from './resource.ts';
import { isPassing, outcomeOpen, RetryBudget } from './retry.ts';
import type { Semaphore } from './semaphore.ts';
import { Sight, type SightOptions } from './sight.ts';
import { Waiting, type WaitingContext } from './waiting.ts';

export interface TaskContext extends AttemptContext, SightOptions, WaitingContext {
  readonly random: Random;
  readonly lane: Lane;
  readonly deletionSlots: ReadonlyMap<string, Semaphore>;
}

export interface TaskOptions {
  /** Whether the observation of the plan may still be used. */
  readonly fresh: boolean;
  /** A place in the lane that was taken for it already. */
  readonly lanePass: Promise<LanePass> | undefined;
}

const minute = 60_000;
/** How long a create whose outcome is open is searched for before it is repeated. */
const searchMs = minute;
/** How long a create that was answered may stay invisible. */
const appearMs = 2 * minute;
/** How long a read may still show what was before an update. */
const staleReadMs = 45_000;
/** How often one and the same change is repeated because looking says that it is still needed. */
const repeatsMax = 3;
/** No resource needs more changes than this in one run; beyond it something changes back what we change. */
const changesMax = 60;

export class Task {
  readonly #item: PlanItem;
  readonly #context: TaskContext;
  readonly #options: TaskOptions;
  readonly #sight: Sight;
  readonly #waiting: Waiting;
  readonly #retry: RetryBudget;
  readonly #repeats = new Map<string, number>();
  /** Whether somebody was at it before this run, so that one settled look does not tell that it is over. */
  readonly #begun: boolean;
  #changes = 0;
  /** The title of the change that failed last. */
  #failing: string | undefined;
  #started = false;
  #ended = false;
  #startedAt = 0;
  #firstAction: string | undefined;
  /** When AWS began with what is waited for: with the last change. */
  #appliedAt: number | undefined;
  #lanePass: LanePass | undefined;
  #deletionSlot: Semaphore | undefined;

  constructor(item: PlanItem, context: TaskContext, options: TaskOptions) {
    this.#item = item;
    this.#context = context;
    this.#options = options;
    this.#sight = new Sight(item, context);
    this.#waiting = new Waiting(item.resource, this.#sight, context);
    this.#retry = new RetryBudget(context.random);
    const { resource, settled } = item;
    const record = context.ledger.document().resources[resource.id];
    this.#begun = settled?.is === 'pending' || maySettleAgain(resource, record, context.clock.now());
  }

  /** Resolves with the number of changes made. */
  async bring(): Promise<number> {
    try {
      this.#lanePass = await this.#options.lanePass;
      if (!this.#options.fresh || this.#lanePass) await this.#look();
      await this.#searchUnfinishedCreate();
      if (this.#item.goal === 'present') await this.#build();
      else await this.#remove();
      await this.#finish();
      this.#ended = true;
      return this.#changes;
    } finally {
      await this.#leaveLane({ unsettled: !this.#ended });
      this.#deletionSlot?.release();
    }
  }

  async #build(): Promise<void> {
    for (;;) {
      await this.#awaitSettled();
      const change = this.#sight.changes()[0];
      if (!change) return;
      await this.#make(change);
    }
  }

  async #remove(): Promise<void> {
    while (this.#sight.seen !== undefined) {
      const change = this.#sight.changes()[0];
      if (change) {
        await this.#takeDeletionSlot();
        await this.#make(change);
      } else {
        const goesOn = () => this.#sight.seen === undefined || this.#sight.changes().length > 0;
        await this.#wait(() => (goesOn() ? 'done' : 'pending'));
      }
    }
  }

  // --- one change ------------------------------------------------------------------------------------------------

  async #make(change: Change): Promise<void> {
    this.#start();
    if (this.#changes >= changesMax) throw this.#notConverging(change);
    if (change.waitsForOthers) await this.#leaveLane({ unsettled: false });
    if (change.lane) await this.#enterLane();
    try {
      await attempt(this.#item.resource, change, this.#context, this.#lanePass);
    } catch (error) {
      await this.#recover(change, error);
      return;
    }
    this.#changes++;
    // Another change that went through says nothing of the one that keeps failing.
    if (this.#failing === change.title) this.#retry.reset();
    this.#firstAction ??= change.action;
    this.#appliedAt = this.#context.clock.elapsed();
    await this.#lookUntilShown(change, this.#appliedAt);
  }

  /** After a failed change: wait, look, go on; or throw what is final. */
  async #recover(change: Change, error: unknown): Promise<void> {
    const { clock } = this.#context;
    if (this.#failing !== change.title) this.#retry.reset();
    this.#failing = change.title;
    const inMs = this.#retry.next(error, clock.elapsed());
    if (inMs === undefined || !(error instanceof ServiceError)) throw error;
    await this.#pause(error, this.#retry.attempt, inMs);
    await this.#look(() => this.#sight.lookAtNeeds());
    await this.#look();
    if (change.action === 'create' && outcomeOpen(error)) await this.#search();
  }

  /** A look that fails in passing is no reason to give up what is half-done: it is repeated, within a budget. */
  async #look(look: () => Promise<void> = () => this.#sight.look()): Promise<void> {
    const { clock, random } = this.#context;
    const budget = new RetryBudget(random);
    for (;;) {
      try {
        return await look();
      } catch (error) {
        if (!isPassing(error)) throw error;
        const inMs = budget.next(error, clock.elapsed());
        if (inMs === undefined) throw error;
        await this.#pause(error, budget.attempt, inMs);
      }
    }
  }

  async #pause({ kind, message }: ServiceError, attempt: number, inMs: number): Promise<void> {
    const { clock, signal, emit } = this.#context;
    emit({ event: 'retry', resource: label(this.#item.resource), attempt, inMs, kind, message });
    await clock.sleep(inMs, { signal });
  }

  /**
   * Looks until the change shows. A create may stay invisible for a while, a read after an update may still give what
   * was: neither is a reason to make the change again at once.
   */
  async #lookUntilShown(change: Change, appliedAt: number): Promise<void> {
    const { clock, watch } = this.#context;
    const patienceMs = change.action === 'create' ? appearMs : staleReadMs;
    await this.#look();
    if (!this.#sight.stillWants(change)) return;
    let looks = 0;
    await watch.until({
      resource: this.#item.resource,
      next: () => ({ inMs: Math.min(5_000, 1_000 * 2 ** looks++), notBefore: false }),
      done: (seen) => {
        this.#sight.take(seen);
        return !this.#sight.stillWants(change) || clock.elapsed() - appliedAt > patienceMs;
      },
    });
    if (this.#sight.stillWants(change)) this.#countRepeat(change);
  }

  #countRepeat(change: Change): void {
    const key = `${change.action} ${change.title}`;
    const repeats = (this.#repeats.get(key) ?? 0) + 1;
    this.#repeats.set(key, repeats);
    if (repeats > repeatsMax) throw this.#notConverging(change);
  }

  #notConverging(change: Change): RsdsError {
    const { title } = this.#item.resource;
    return new RsdsError('step/did-not-converge', `${title}: "${change.title}" was made and is still needed`, {
      hint: 'somebody else may be changing it; run the same command again',
    });
  }

  // --- a create that an earlier run, or a lost answer, left open --------------------------------------------------

  async #searchUnfinishedCreate(): Promise<void> {
    if (this.#item.goal !== 'present' || this.#sight.seen !== undefined) return;
    const record = this.#context.ledger.document().resources[this.#item.resource.id];
    if (isOpenCreate(record, this.#context.clock.now())) await this.#search();
  }

  async #search(): Promise<void> {
    const { clock, signal } = this.#context;
    const until = clock.elapsed() + searchMs;
    for (
      let delay = 1_000;
      this.#sight.seen === undefined && clock.elapsed() < until;
      delay = Math.min(10_000, delay * 2)
    ) {
      await clock.sleep(delay, { signal });
      await this.#look();
    }
  }

  // --- waiting ---------------------------------------------------------------------------------------------------

  async #awaitSettled(): Promise<void> {
    const verdict = this.#sight.verdict();
    if (verdict === undefined) return;
    if (verdict.is === 'broken') throw this.#broken(verdict);
    const { settledReads = 1 } = this.#item.resource;
    const readsNeeded = this.#begun || this.#changes > 0 || verdict.is === 'pending' ? settledReads : 1;
    let reads = verdict.is === 'settled' ? 1 : 0;
    if (reads >= readsNeeded) return;
    await this.#enterLane();
    await this.#wait(() => {
      const now = this.#sight.verdict();
      if (now?.is === 'broken') throw this.#broken(now);
      reads = now === undefined || now.is === 'settled' ? reads + 1 : 0;
      return reads >= readsNeeded ? 'done' : reads > 0 ? 'confirm' : 'pending';
    });
  }

  #wait(verdict: Parameters<Waiting['until']>[0]): Promise<void> {
    this.#start();
    return this.#waiting.until(verdict, this.#usual(), this.#appliedAt);
  }

  #usual(): number {
    const { resource, goal } = this.#item;
    const action = this.#firstAction ?? (goal === 'present' ? 'create' : 'delete');
    const measured = usualMs(this.#context.ledger.document().measured, measureKind(resource.kind, action));
    return measured ?? resource.usualMs ?? defaultUsualMs;
  }

  #broken({ status, reason, hint = 'rsds diagnose says more' }: Settled & { is: 'broken' }): RsdsError {
    return new RsdsError('step/broken', `${this.#item.resource.title} is ${status}: ${reason}`, { hint });
  }

  // --- turns -----------------------------------------------------------------------------------------------------

  /** What waits for its turn does not count as being worked on: durations are of AWS's work, not of queues. */
  async #enterLane(): Promise<void> {
    const { laned } = this.#item.resource;
    if (laned === undefined || this.#lanePass) return;
    const { clock, lane, signal } = this.#context;
    this.#waiting.tellTurn('its turn in the workgroup lane');
    this.#lanePass = await lane.enter(laned, signal, this.#item.order);
    this.#startedAt = clock.elapsed();
  }

  async #leaveLane(how: { readonly unsettled: boolean }): Promise<void> {
    const pass = this.#lanePass;
    this.#lanePass = undefined;
    await pass?.leave(how);
  }

  async #takeDeletionSlot(): Promise<void> {
    const slot = this.#context.deletionSlots.get(this.#item.resource.kind);
    if (!slot || this.#deletionSlot) return;
    await slot.acquire();
    this.#deletionSlot = slot;
    this.#context.signal.throwIfAborted();
  }

  // --- beginning and end -----------------------------------------------------------------------------------------

  #start(): void {
    if (this.#started) return;
    const { clock, emit } = this.#context;
    this.#started = true;
    this.#startedAt = clock.elapsed();
    emit({ event: 'resource-started', resource: label(this.#item.resource), goal: this.#item.goal });
  }

  async #finish(): Promise<void> {
    const { resource, goal } = this.#item;
    const { clock, ledger, emit } = this.#context;
    const at = clock.now();
    const { seen } = this.#sight;
    if (!this.#started) {
      // It got there by itself between the plan and its turn.
      const recorded = ledger.document().resources[resource.id]?.state;
      if (isUnrecorded({ goal, seen }, recorded)) await ledger.record(outcomeOf(resource, { goal, seen, at }));
      return;
    }
    const ms = clock.elapsed() - this.#startedAt;
    const action = this.#firstAction;
    const measured = action === undefined ? undefined : { kind: measureKind(resource.kind, action), ms, at };
    await ledger.record({ ...outcomeOf(resource, { goal, seen, at }), measured });
    const status = this.#sight.verdict()?.status;
    emit({ event: 'resource-settled', resource: label(resource), goal, status, ms, changed: this.#changes > 0 });
  }
}
