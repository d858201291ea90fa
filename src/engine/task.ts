/** One resource on its way to its goal: look, change, wait, look again, until there is nothing to change. */
import type { Ledger, LedgerRecord } from '../ledger/ledger.ts';
import type { Clock } from '../shared/clock.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { confirmAfterMs, defaultUsualMs, pollDelayMs } from './cadence.ts';
import { type EventWithoutTime, label } from './events.ts';
import { measureKind, usualMs } from './history.ts';
import type { Lane, LanePass } from './lane.ts';
import type { Observations, Pass } from './pass.ts';
import type { PlanItem } from './plan.ts';
import { type ApplyIo, type Change, Foreign, type Json, type Settled, type UntilOptions } from './resource.ts';
import { outcomeOpen, RetryBudget } from './retry.ts';
import type { Semaphore } from './semaphore.ts';
import type { Watch } from './watch.ts';

export interface TaskContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly lane: Lane;
  readonly signal: AbortSignal;
  readonly observations: Observations;
  readonly watch: Watch;
  readonly deletionSlots: ReadonlyMap<string, Semaphore>;
  checkLease(): Promise<void>;
  newPass(): Pass;
  emit(event: EventWithoutTime): void;
}

const minute = 60_000;
const defaultSettleTimeoutMs = 20 * minute;
/** How long a create whose outcome is open is searched for before it is repeated. */
const searchMs = 60_000;
/** How long a create that was answered may stay invisible. */
const appearMs = 2 * minute;
/** How long a read may still show what was before an update. */
const staleReadMs = 45_000;
/** How often one and the same change is repeated because looking says that it is still needed. */
const repeatsMax = 3;
/** No resource needs more changes than this in one run; beyond it something changes back what we change. */
const changesMax = 60;

export interface TaskOptions {
  /** Whether the observation of the plan may still be used. */
  readonly fresh: boolean;
  /** A place in the lane that was taken for it already. */
  readonly lanePass: Promise<LanePass> | undefined;
}

/** Whether a create was intended and its outcome is not known, and not so long ago that it would long have shown. */
export function isOpenCreate(record: LedgerRecord | undefined, now: number): boolean {
  if (record?.change?.action !== 'create') return false;
  return (record.state === 'intended' || record.state === 'applied') && now - record.change.at < 15 * minute;
}

export class Task {
  readonly #item: PlanItem;
  readonly #context: TaskContext;
  readonly #retry: RetryBudget;
  readonly #repeats = new Map<string, number>();
  /** Whether the observation of the plan may still be used. */
  #fresh: boolean;
  #seen: unknown;
  #changes = 0;
  /** The title of the change that failed last. */
  #failing: string | undefined;
  #started = false;
  #startedAt = 0;
  #firstAction: string | undefined;
  readonly #promisedPass: Promise<LanePass> | undefined;
  #lanePass: LanePass | undefined;
  #deletionSlot: Semaphore | undefined;
  #status: string | undefined;
  #statusSince = 0;

  constructor(item: PlanItem, context: TaskContext, options: TaskOptions) {
    this.#item = item;
    this.#context = context;
    this.#retry = new RetryBudget(context.random);
    this.#fresh = options.fresh;
    this.#promisedPass = options.lanePass;
    this.#seen = item.seen;
  }

  /** Resolves with the number of changes made. */
  async bring(): Promise<number> {
    try {
      this.#lanePass = await this.#promisedPass;
      if (!this.#fresh || this.#lanePass) await this.#look();
      await this.#searchUnfinishedCreate();
      if (this.#item.goal === 'present') await this.#build();
      else await this.#remove();
      await this.#finish();
      return this.#changes;
    } finally {
      await this.#leaveLane();
      this.#deletionSlot?.release();
    }
  }

  // --- goal: present ---------------------------------------------------------------------------------------------

  async #build(): Promise<void> {
    for (;;) {
      await this.#awaitSettled();
      const change = this.#wanted()[0];
      if (!change) return;
      await this.#make(change);
    }
  }

  #wanted(): readonly Change[] {
    const { resource } = this.#item;
    return resource.changes(this.#seen, this.#context.observations);
  }

  // --- goal: absent ----------------------------------------------------------------------------------------------

  async #remove(): Promise<void> {
    while (this.#seen !== undefined) {
      const change = this.#removal()[0];
      if (change) {
        await this.#takeDeletionSlot();
        await this.#make(change);
      } else {
        await this.#wait(() => (this.#seen === undefined || this.#removal().length > 0 ? 'done' : 'pending'));
      }
    }
  }

  #removal(): readonly Change[] {
    return this.#item.resource.removal(this.#seen, this.#context.observations);
  }

  async #takeDeletionSlot(): Promise<void> {
    const slot = this.#context.deletionSlots.get(this.#item.resource.kind);
    if (!slot || this.#deletionSlot) return;
    await slot.acquire();
    this.#deletionSlot = slot;
    this.#context.signal.throwIfAborted();
  }

  // --- one change ------------------------------------------------------------------------------------------------

  async #make(change: Change): Promise<void> {
    this.#start();
    if (++this.#changes > changesMax) throw this.#notConverging(change);
    await this.#enterLane(change.lane === true);
    const startedAt = this.#context.clock.elapsed();
    this.#context.emit({
      event: 'change-started',
      resource: label(this.#item.resource),
      action: change.action,
      title: change.title,
    });
    try {
      await this.#apply(change);
    } catch (error) {
      this.#changes--;
      await this.#recover(change, error);
      return;
    }
    // Another change that went through says nothing of the one that keeps failing.
    if (this.#failing === change.title) this.#retry.reset();
    this.#firstAction ??= change.action;
    const ms = this.#context.clock.elapsed() - startedAt;
    this.#context.emit({
      event: 'change-applied',
      resource: label(this.#item.resource),
      action: change.action,
      title: change.title,
      ms,
    });
    await this.#lookUntilShown(change);
  }

  async #apply(change: Change): Promise<void> {
    const { ledger, clock, signal } = this.#context;
    const { id, kind } = this.#item.resource;
    signal.throwIfAborted();
    await ledger.record({ type: 'intended', id, kind, action: change.action, title: change.title, at: clock.now() });
    signal.throwIfAborted();
    await (this.#lanePass?.check() ?? this.#context.checkLease());
    if (this.#lanePass) await this.#context.checkLease();
    await change.apply(this.#io());
    await ledger.record({ type: 'applied', id, at: clock.now() });
  }

  /** After a failed change: wait, look, go on; or throw what is final. */
  async #recover(change: Change, error: unknown): Promise<void> {
    const { clock, signal } = this.#context;
    if (this.#failing !== change.title) this.#retry.reset();
    this.#failing = change.title;
    const delay = this.#retry.next(error, clock.elapsed());
    if (delay === undefined || !(error instanceof ServiceError)) throw error;
    const { kind, message } = error;
    this.#context.emit({
      event: 'retry',
      resource: label(this.#item.resource),
      attempt: this.#retry.attempt,
      inMs: delay,
      kind,
      message,
    });
    await clock.sleep(delay, { signal });
    await this.#refreshNeeds();
    await this.#look();
    if (change.action === 'create' && outcomeOpen(error)) await this.#search();
  }

  /** What this stands on may have vanished or changed its id under us. */
  async #refreshNeeds(): Promise<void> {
    const pass = this.#context.newPass();
    for (const need of this.#item.resource.needs) await pass.observe(need);
  }

  /**
   * Looks until the change shows. A create may stay invisible for a while, a read after an update may still give what
   * was: neither is a reason to make the change again at once.
   */
  async #lookUntilShown(change: Change): Promise<void> {
    const { clock, signal } = this.#context;
    const appliedAt = clock.elapsed();
    await this.#look();
    for (let delay = 1_000; this.#stillWanted(change); delay = Math.min(5_000, delay * 2)) {
      const patienceMs = change.action === 'create' ? appearMs : staleReadMs;
      if (clock.elapsed() - appliedAt > patienceMs) {
        this.#countRepeat(change);
        return;
      }
      await clock.sleep(delay, { signal });
      await this.#look();
    }
  }

  #stillWanted(change: Change): boolean {
    if (this.#item.goal === 'absent') {
      return this.#seen !== undefined && this.#removal()[0]?.title === change.title;
    }
    if (change.action === 'create') return this.#seen === undefined;
    return this.#wanted().some((again) => again.action === change.action && again.title === change.title);
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
    if (this.#item.goal !== 'present' || this.#seen !== undefined) return;
    const record = this.#context.ledger.document().resources[this.#item.resource.id];
    if (isOpenCreate(record, this.#context.clock.now())) await this.#search();
  }

  async #search(): Promise<void> {
    const { clock, signal } = this.#context;
    const since = clock.elapsed();
    for (
      let delay = 1_000;
      this.#seen === undefined && clock.elapsed() - since < searchMs;
      delay = Math.min(10_000, delay * 2)
    ) {
      await clock.sleep(delay, { signal });
      await this.#look();
    }
  }

  // --- waiting ---------------------------------------------------------------------------------------------------

  async #awaitSettled(): Promise<void> {
    const verdict = this.#verdict();
    if (verdict === undefined) return;
    if (verdict.is === 'broken') throw this.#broken(verdict);
    const { resource } = this.#item;
    const readsNeeded = this.#changes > 0 || verdict.is === 'pending' ? (resource.settledReads ?? 1) : 1;
    let reads = verdict.is === 'settled' ? 1 : 0;
    if (reads >= readsNeeded) return;
    await this.#enterLane(true);
    await this.#wait(() => {
      const now = this.#verdict();
      if (now?.is === 'broken') throw this.#broken(now);
      reads = now === undefined || now.is === 'settled' ? reads + 1 : 0;
      return reads >= readsNeeded ? 'done' : reads > 0 ? 'confirm' : 'pending';
    });
  }

  #verdict(): Settled | undefined {
    return this.#seen === undefined ? undefined : this.#item.resource.settled(this.#seen, this.#item.goal);
  }

  /** Polls until `verdict` says so; tells every change of status, and why it waits. */
  async #wait(verdict: () => 'done' | 'confirm' | 'pending'): Promise<void> {
    this.#start();
    const { resource } = this.#item;
    const { clock } = this.#context;
    const since = clock.elapsed();
    const usual = this.#usual();
    let last: 'done' | 'confirm' | 'pending' = this.#verdict()?.is === 'settled' ? 'confirm' : 'pending';
    await this.#tellStatus(since, usual);
    await this.#context.watch.until({
      resource,
      nextDelayMs: () => (last === 'confirm' ? confirmAfterMs : pollDelayMs(clock.elapsed() - since, usual)),
      done: async (seen) => {
        this.#take(seen);
        await this.#tellStatus(since, usual);
        last = verdict();
        if (last !== 'done') this.#failIfTooLong(since);
        return last === 'done';
      },
    });
  }

  #failIfTooLong(since: number): void {
    const { resource } = this.#item;
    const waited = this.#context.clock.elapsed() - since;
    if (waited <= (resource.settleTimeoutMs ?? defaultSettleTimeoutMs)) return;
    throw new RsdsError(
      'step/timeout',
      `${resource.title} is still ${this.#status ?? 'there'} after ${Math.round(waited / minute)} minutes`,
      {
        hint: 'rsds diagnose says why; run the same command again to go on waiting',
      },
    );
  }

  async #tellStatus(since: number, usual: number): Promise<void> {
    const verdict = this.#verdict();
    const { clock, ledger } = this.#context;
    const status = verdict === undefined ? 'gone' : (verdict.status ?? verdict.is);
    const transition = status !== this.#status;
    if (transition) {
      this.#status = status;
      this.#statusSince = clock.elapsed();
      if (verdict) await ledger.record({ type: 'seen', id: this.#item.resource.id, status, at: clock.now() });
    }
    const sinceMs = transition ? clock.elapsed() - since : clock.elapsed() - this.#statusSince;
    this.#emitWaiting(status, sinceMs, usual, verdict?.is === 'pending' ? verdict.why : undefined, transition);
  }

  #emitWaiting(
    status: string,
    sinceMs: number,
    usualMs: number | undefined,
    why: string | undefined,
    transition: boolean,
  ): void {
    const resource = label(this.#item.resource);
    this.#context.emit({ event: 'resource-waiting', resource, status, sinceMs, usualMs, why, transition });
  }

  #usual(): number {
    const { resource, goal } = this.#item;
    const action = this.#firstAction ?? (goal === 'present' ? 'create' : 'delete');
    const measured = usualMs(this.#context.ledger.document().measured, measureKind(resource.kind, action));
    return measured ?? resource.usualMs ?? defaultUsualMs;
  }

  #broken(verdict: Settled & { is: 'broken' }): RsdsError {
    const hint = verdict.hint ?? 'rsds diagnose says more';
    return new RsdsError('step/broken', `${this.#item.resource.title} is ${verdict.status}: ${verdict.reason}`, {
      hint,
    });
  }

  // --- small parts -----------------------------------------------------------------------------------------------

  async #look(): Promise<void> {
    this.#take(await this.#context.newPass().observe(this.#item.resource));
  }

  #take(seen: unknown): void {
    if (seen instanceof Foreign) {
      if (this.#item.goal === 'present') {
        throw new RsdsError('step/foreign', `${this.#item.resource.title} is not ours: ${seen.what}`, {
          hint: 'choose another project or environment name, or remove what is in the way',
        });
      }
      this.#seen = undefined;
      return;
    }
    this.#seen = seen;
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#startedAt = this.#context.clock.elapsed();
    this.#context.emit({ event: 'resource-started', resource: label(this.#item.resource), goal: this.#item.goal });
  }

  /** What waits for its turn does not count as being worked on: durations are of AWS's work, not of queues. */
  async #enterLane(laned: boolean): Promise<void> {
    const { resource } = this.#item;
    if (!laned || resource.laned === undefined || this.#lanePass) return;
    const { clock, lane, signal } = this.#context;
    this.#emitWaiting('waiting', 0, undefined, 'its turn in the workgroup lane', true);
    this.#lanePass = await lane.enter(resource.laned, signal, this.#item.order);
    this.#startedAt = clock.elapsed();
  }

  async #leaveLane(): Promise<void> {
    const pass = this.#lanePass;
    this.#lanePass = undefined;
    await pass?.leave();
  }

  async #finish(): Promise<void> {
    const { resource, goal } = this.#item;
    const { clock, ledger } = this.#context;
    const ms = clock.elapsed() - this.#startedAt;
    if (this.#started) await ledger.record(this.#outcome(ms, clock.now()));
    if (!this.#started) return;
    const status = this.#verdict()?.status;
    this.#context.emit({
      event: 'resource-settled',
      resource: label(resource),
      goal,
      status,
      ms,
      changed: this.#changes > 0,
    });
  }

  #outcome(ms: number, at: number) {
    const { resource, goal } = this.#item;
    const action = this.#firstAction;
    const measured = action === undefined ? undefined : { kind: measureKind(resource.kind, action), ms, at };
    if (goal === 'absent') return { type: 'removed' as const, id: resource.id, at, measured };
    const data = this.#seen === undefined ? {} : (resource.remember?.(this.#seen) ?? {});
    return { type: 'settled' as const, id: resource.id, kind: resource.kind, data, at, measured };
  }

  #io(): ApplyIo {
    const { resource } = this.#item;
    const { ledger, signal } = this.#context;
    return {
      signal,
      note: (text) => this.#context.emit({ event: 'note', resource: label(resource), text, level: 'info' }),
      remember: (data: Readonly<Record<string, Json>>) =>
        ledger.record({ type: 'remembered', id: resource.id, kind: resource.kind, data }),
      recorded: () => ledger.document().resources[resource.id]?.data,
      until: (what, check, how) => this.#until(what, check, how),
    };
  }

  async #until<T>(what: string, check: () => Promise<T | undefined>, how: UntilOptions): Promise<T> {
    const { clock, signal } = this.#context;
    const since = clock.elapsed();
    for (;;) {
      const answer = await check();
      if (answer !== undefined) return answer;
      if (clock.elapsed() - since > how.timeoutMs) {
        throw new RsdsError('step/timeout', `${what} has not ended after ${Math.round(how.timeoutMs / 1000)} s`);
      }
      await clock.sleep(how.everyMs, { signal });
    }
  }
}
