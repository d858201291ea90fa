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
  warn(text: string): void;
}

const minute = 60_000;
const foreignWaitMs = 10 * minute;
const foreignLookMs = 10_000;
/** A workgroup is AVAILABLE for some seconds before the last part of its creation: it has settled when it stays so (F-111). */
const settledForMs = 5_000;

export const laneKey = (account: string, region: string) => `workgroups#${account}#${region}`;

export class WorkgroupLane implements Lane {
  readonly #options: WorkgroupLaneOptions;
  readonly #places: Semaphore;
  #lease: Promise<Lease> | undefined;
  #inside = 0;
  /** Since when a dead holder's workgroup has looked settled. */
  #quietSince: number | undefined;

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
      let inside = true;
      const leave = async () => {
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
      await lease?.then((held) => held.release()).catch(() => {});
    }
    this.#places.release();
  }

  async #acquire(workgroup: string, signal: AbortSignal): Promise<Lease> {
    const { lock, account, region, info, waitMs, onWait } = this.#options;
    const lease = await lock.acquire(laneKey(account, region), {
      info: { ...info, workgroup },
      waitMs,
      signal,
      onWait: (holder, waitedMs) => onWait(holder, waitedMs, 'one run at a time creates or updates workgroups'),
      mayTakeOver: (holder) => this.#hasSettled(holder, workgroup),
    });
    try {
      await this.#awaitForeign(workgroup, signal);
    } catch (error) {
      // Nobody else knows of this lease: left alone it would be renewed for ever, and keep ourselves out.
      await lease.release().catch(() => {});
      throw error;
    }
    return lease;
  }

  /** A dead holder's lane is taken over once its workgroup has settled, is gone or is stuck; or is the one we resume. */
  async #hasSettled(holder: Holder, mine: string): Promise<boolean> {
    if (holder.workgroup === undefined || holder.workgroup === mine) return true;
    const theirs = (await this.#list()).find(({ name }) => name === holder.workgroup);
    const now = this.#options.clock.elapsed();
    this.#quietSince = theirs?.inTheWay ? undefined : (this.#quietSince ?? now);
    return this.#quietSince !== undefined && now - this.#quietSince >= settledForMs;
  }

  async #awaitForeign(workgroup: string, signal: AbortSignal): Promise<void> {
    const { clock, foreign, warn, onWait } = this.#options;
    if (foreign === 'ignore') return;
    const since = clock.elapsed();
    let quiet = true;
    for (;;) {
      const busy = (await this.#list()).filter(({ name, ours, inTheWay }) => name !== workgroup && !ours && inTheWay);
      if (busy.length === 0) {
        if (quiet) return;
        quiet = true;
        await clock.sleep(settledForMs, { signal });
        continue;
      }
      quiet = false;
      const names = busy.map(({ name, status }) => `${name} (${status})`).join(', ');
      const waited = clock.elapsed() - since;
      if (foreign === 'warn' || waited > foreignWaitMs) {
        warn(`going on although workgroups of others are unsettled: ${names}`);
        return;
      }
      onWait(undefined, waited, `workgroups of others are unsettled: ${names}`);
      await clock.sleep(foreignLookMs, { signal });
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
