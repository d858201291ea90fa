/**
 * The workgroup lane: CreateWorkgroup and UpdateWorkgroup go through it, one run at a time in an account and region,
 * because AWS has been seen to leave workgroups in MODIFYING for good when several are made at once (F-150). It is
 * taken for one workgroup until that has settled, then given on, so that runs interleave.
 */
import type { Holder } from '../engine/events.ts';
import type { Lane, LanePass } from '../engine/lane.ts';
import { Semaphore } from '../engine/semaphore.ts';
import type { Clock } from '../shared/clock.ts';
import { ServiceError } from '../shared/errors.ts';
import type { Lease, Lock, LockInfo } from './lock.ts';

/** A workgroup of the account, as far as the lane cares. */
export interface LaneWorkgroup {
  readonly name: string;
  readonly status: string;
  /** Whether it is of the environment for which the lane is taken. */
  readonly ours: boolean;
  /** Whether making another beside it could leave either in MODIFYING for good. */
  readonly inTheWay: boolean;
  /** Whether it is AVAILABLE, but may be about to be MODIFYING once more. */
  readonly fresh: boolean;
}

export interface WorkgroupLaneOptions {
  readonly lock: Lock;
  readonly account: string;
  readonly region: string;
  readonly info: LockInfo;
  readonly clock: Clock;
  /** ms on the lock's clock. */
  readonly waitMs: number;
  readonly atOnce: number;
  readonly foreign: 'wait' | 'warn' | 'ignore';
  /** All workgroups of the account and region. */
  list(): Promise<readonly LaneWorkgroup[]>;
  onWait(holder: Holder | undefined, waitedMs: number, why: string): void;
  /** What was waited for has come. */
  onWaited?(fence: number): void;
  warn(text: string): void;
}

const minute = 60_000;
const foreignWaitMs = 10 * minute;
/** As long as a workgroup may take before it counts as stuck. */
const ownWaitMs = 30 * minute;
const lookMs = 10_000;
/** How long a new workgroup must stay AVAILABLE: longer than the first AVAILABLE lasts (F-111). */
const steadyMs = 6_000;

export const laneKey = (account: string, region: string) => `workgroups#${account}#${region}`;

export class WorkgroupLane implements Lane {
  readonly #options: WorkgroupLaneOptions;
  readonly #places: Semaphore;
  #lease: Promise<Lease> | undefined;
  /** Since when new workgroups have been seen AVAILABLE at each look, by name. */
  readonly #steadySince = new Map<string, number>();
  #inside = 0;
  /** Of this run, left before AWS was done with them: nothing is made beside them. */
  readonly #unsettled = new Set<string>();
  /** At which this lease has been: all of them are in its record, so that who takes it over can wait for each. */
  #told: string[] = [];

  constructor(options: WorkgroupLaneOptions) {
    this.#options = options;
    this.#places = new Semaphore(options.atOnce);
  }

  async enter(workgroup: string, signal: AbortSignal, order: number): Promise<LanePass> {
    await this.#places.acquire(order);
    this.#inside++;
    try {
      signal.throwIfAborted();
      this.#lease ??= this.#acquire(workgroup, signal);
      const lease = await this.#lease;
      await this.#tell(lease, workgroup);
      await this.#awaitOwn(workgroup, signal);
      let inside = true;
      const leave: LanePass['leave'] = async ({ unsettled } = { unsettled: false }) => {
        if (inside && unsettled) this.#unsettled.add(workgroup);
        if (inside) await this.#leave();
        inside = false;
      };
      return { check: () => lease.check(), leave };
    } catch (error) {
      await this.#leave();
      throw error;
    }
  }

  async #leave(): Promise<void> {
    this.#inside--;
    const lease = this.#lease;
    if (this.#inside === 0) {
      this.#lease = undefined;
      this.#told = [];
      await lease?.then((held) => held.release()).catch(() => {});
    }
    this.#places.release();
  }

  async #tell(lease: Lease, workgroup: string): Promise<void> {
    if (this.#told.includes(workgroup)) return;
    this.#told.push(workgroup);
    // The first stands in the record since that was made.
    if (this.#told.length > 1) await this.#options.lock.tell(lease, this.#told.join(', '));
  }

  async #acquire(workgroup: string, signal: AbortSignal): Promise<Lease> {
    const { lock, account, region, info, waitMs, onWaited } = this.#options;
    let waited = false;
    const onWait: WorkgroupLaneOptions['onWait'] = (...wait) => {
      waited = true;
      this.#options.onWait(...wait);
    };
    const lease = await lock.acquire(laneKey(account, region), {
      info: { ...info, workgroup },
      waitMs,
      signal,
      onWait: (holder, waitedMs) => onWait(holder, waitedMs, 'one run at a time creates or updates workgroups'),
      mayTakeOver: this.#settledJudge(workgroup),
    });
    try {
      await this.#awaitForeign(workgroup, signal, onWait);
    } catch (error) {
      // Nobody else knows of this lease: left alone it would be renewed for ever, and keep ourselves out.
      await lease.release().catch(() => {});
      throw error;
    }
    if (waited) onWaited?.(lease.fence);
    return lease;
  }

  /**
   * A dead holder's lane is taken over once its workgroups have settled, are gone or are stuck; or it is the one we resume.
   * Asked with each look at the lock, it looks at workgroups less often.
   */
  #settledJudge(mine: string): (holder: Holder) => Promise<boolean> {
    const { clock } = this.#options;
    let nextLookAt = 0;
    return async ({ workgroup }) => {
      if (workgroup === undefined || workgroup === mine) return true;
      if (clock.elapsed() < nextLookAt) return false;
      const names = workgroup.split(', ').filter((name) => name !== mine);
      const theirs = (await this.#list()).filter(({ name }) => names.includes(name));
      const unsettled = theirs.filter((one) => !this.#isSettled(one));
      if (unsettled.length === 0) return true;
      nextLookAt = clock.elapsed() + (unsettled.some(({ inTheWay }) => inTheWay) ? lookMs : steadyMs);
      return false;
    };
  }

  /** Not in the way, and not only for a moment. */
  #isSettled({ name, inTheWay, fresh }: LaneWorkgroup): boolean {
    const now = this.#options.clock.elapsed();
    if (inTheWay) this.#steadySince.delete(name);
    if (inTheWay || !fresh) return !inTheWay;
    const since = this.#steadySince.get(name) ?? now;
    this.#steadySince.set(name, since);
    return now - since >= steadyMs;
  }

  async #awaitForeign(workgroup: string, signal: AbortSignal, onWait: WorkgroupLaneOptions['onWait']): Promise<void> {
    const { clock, foreign, warn } = this.#options;
    if (foreign === 'ignore') return;
    const since = clock.elapsed();
    for (;;) {
      const others = (await this.#list()).filter(({ name, ours }) => name !== workgroup && !ours);
      const busy = others.filter((one) => (foreign === 'warn' ? one.inTheWay : !this.#isSettled(one)));
      if (busy.length === 0) return;
      const names = busy
        .map(({ name, status, fresh }) => `${name} (${status}${fresh ? ' a moment ago' : ''})`)
        .join(', ');
      const waited = clock.elapsed() - since;
      if (foreign === 'warn' || waited > foreignWaitMs) {
        warn(`going on although workgroups of others are unsettled: ${names}`);
        return;
      }
      onWait(undefined, waited, `workgroups of others are unsettled: ${names}`);
      await clock.sleep(busy.some(({ inTheWay }) => inTheWay) ? lookMs : steadyMs, { signal });
    }
  }

  /** What another task of this run left unsettled, as one that failed does, is in the way as that of others is. */
  async #awaitOwn(workgroup: string, signal: AbortSignal): Promise<void> {
    const { clock, warn, onWait } = this.#options;
    this.#unsettled.delete(workgroup);
    const since = clock.elapsed();
    while (this.#unsettled.size > 0) {
      const busy = (await this.#list()).filter((one) => this.#unsettled.has(one.name) && !this.#isSettled(one));
      const names = busy.map(({ name, status }) => `${name} (${status})`).join(', ');
      const waited = clock.elapsed() - since;
      if (busy.length > 0 && waited <= ownWaitMs) {
        onWait(undefined, waited, `AWS is still at ${names}`);
        await clock.sleep(busy.some(({ inTheWay }) => inTheWay) ? lookMs : steadyMs, { signal });
        continue;
      }
      if (busy.length > 0) warn(`going on although AWS is still at ${names}`);
      this.#unsettled.clear();
    }
  }

  async #list(): Promise<readonly LaneWorkgroup[]> {
    try {
      return await this.#options.list();
    } catch (error) {
      if (!(error instanceof ServiceError && error.kind === 'denied')) throw error;
      this.#options.warn(`workgroups of others were not checked: ${error.message}`);
      return [];
    }
  }
}
