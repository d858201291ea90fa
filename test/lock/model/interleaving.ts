/**
 * One interleaving of the lock protocol, decided by its seed: some machines want one lock, with the code that rsds runs,
 * under faults of network, clocks and machines; then the faults stop.
 *
 * What must hold:
 *   exclusion  no two leases are in a mutating call at the same (true) time
 *   fence      grows with each acquisition that is written, and from one lease's mutating calls to the next one's
 *   release    who has released holds the key never again
 *   progress   once the faults have stopped, everybody ends, and a newcomer gets the lock within a lease and a few looks
 */
import { DynamoLock } from '../../../src/lock/dynamo-lock.ts';
import { forceRelease } from '../../../src/lock/forced-release.ts';
import type { Lease } from '../../../src/lock/lock.ts';
import { LockTable } from '../../../src/lock/lock-table.ts';
import { RsdsError, ServiceError } from '../../../src/shared/errors.ts';
import { type Random, seededRandom } from '../../../src/shared/random.ts';
import { Machine, Timeline } from './machine.ts';
import { type Change, MemoryTable } from './memory-table.ts';
import { calm, Network, type Weather } from './network.ts';

const key = 'env#airline#dev';
export const leaseMs = 60_000;
/** What a mutating call may take: less than half a lease, so much less as clocks may differ. */
const callMs = 28_000;
const clockError = 0.01;
const faultsEndAt = 240_000;
/** By then whatever was under way has arrived, and everybody has had the lock. */
const endsBy = 60 * 60_000;
/** A lease, and a few looks: of a watcher whose clock is slow. */
const newcomerMs = (leaseMs + 4 * 2_000) * (1 + clockError) + 1_000;

export interface Outcome {
  readonly seed: number;
  /** What was broken; empty when all holds. */
  readonly broken: readonly string[];
  /** What happened, in order. */
  readonly trace: readonly string[];
  /** How many leases there were, takeovers among them, and mutating calls. */
  readonly leases: number;
  readonly takeovers: number;
  readonly calls: number;
}

export async function interleave(seed: number): Promise<Outcome> {
  const run = new Interleaving(seed);
  await run.play();
  return run.outcome();
}

class Interleaving {
  readonly #seed: number;
  readonly #random: Random;
  readonly #timeline = new Timeline();
  readonly #network: Network;
  readonly #table: MemoryTable;
  readonly #broken: string[] = [];
  readonly #trace: string[] = [];
  readonly #released = new Set<string>();
  /** The last mutating call of any lease: until when it may have its effect, ms of true time. */
  #last: { readonly fence: number; readonly until: number } = { fence: 0, until: 0 };
  #counts = { leases: 0, takeovers: 0, calls: 0 };
  #running = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#table = new MemoryTable((change) => this.#onChange(change));
    this.#network = new Network({
      timeline: this.#timeline,
      random: this.#random,
      table: this.#table,
      weather: this.#drawWeather(),
    });
  }

  outcome(): Outcome {
    return { seed: this.#seed, broken: this.#broken, trace: this.#trace, ...this.#counts };
  }

  async play(): Promise<void> {
    const machines = Array.from({ length: 2 + this.#below(3) }, (_, index) => this.#startMachine(`m${index}`));
    for (let operators = this.#below(3); operators > 0; operators--) this.#startOperator();
    await this.#timeline.runUntil(faultsEndAt);
    this.#network.weather = calm;
    for (const machine of machines) {
      machine.resume();
      machine.reachable = true;
    }
    await this.#timeline.runUntil(endsBy, () => this.#running === 0);
    if (this.#running > 0) this.#breaks('progress', `${this.#running} never ended`);
    // What is still under way may make somebody a holder who is gone.
    await this.#timeline.runUntil(this.#timeline.now + 2 * 150_000);
    await this.#newcomer();
  }

  #drawWeather(): Weather {
    const level = () => (this.#chance(0.5) ? 0 : this.#random.next());
    return {
      loseRequest: 0.3 * level(),
      loseAnswer: 0.4 * level(),
      double: 0.6 * level(),
      late: 0.4 * level(),
      throttle: 0.3 * level(),
    };
  }

  #newMachine(): Machine {
    return new Machine({ timeline: this.#timeline, rate: 1 + clockError * (2 * this.#random.next() - 1) });
  }

  #startMachine(name: string): Machine {
    const machine = this.#newMachine();
    const stop = new AbortController();
    this.#running++;
    this.#timeline.at(this.#below(60_000), () => void this.#live(name, machine, stop.signal));
    if (this.#chance(0.25)) this.#at(() => this.#kill(name, machine));
    if (this.#chance(0.2)) this.#at(() => machine.happens(() => stop.abort(new RsdsError('run/interrupted', 'stop'))));
    if (this.#chance(0.4)) this.#planOutage(name, machine);
    // Only one of the two clocks deceives at a time: against both nothing helps.
    if (this.#chance(0.5)) this.#planStops(name, machine);
    else this.#planWall(name, machine);
    return machine;
  }

  #at(run: () => void): void {
    this.#timeline.at(this.#below(faultsEndAt), run);
  }

  #planStops(name: string, machine: Machine): void {
    for (let stops = 1 + this.#below(3); stops > 0; stops--) {
      const sleeping = this.#chance(0.5);
      const from = this.#below(faultsEndAt);
      this.#timeline.at(from, () => {
        this.#say(`${name} ${sleeping ? 'sleeps' : 'is stopped'}`);
        machine.stop(sleeping);
      });
      this.#timeline.at(from + this.#below(3 * leaseMs), () => {
        this.#say(`${name} goes on`);
        machine.resume();
      });
    }
  }

  #planOutage(name: string, machine: Machine): void {
    const from = this.#below(faultsEndAt);
    this.#timeline.at(from, () => {
      this.#say(`${name} is cut off`);
      machine.reachable = false;
    });
    this.#timeline.at(from + this.#below(2 * leaseMs), () => {
      machine.reachable = true;
    });
  }

  /** Somebody sets the clock, by up to ten leases in either direction. */
  #planWall(name: string, machine: Machine): void {
    if (this.#chance(0.5)) return;
    const offset = (2 * this.#random.next() - 1) * 10 * leaseMs;
    this.#at(() => {
      this.#say(`the wall clock of ${name} jumps by ${Math.round(offset / 1_000)}s`);
      machine.setWall(offset);
    });
  }

  #kill(name: string, machine: Machine): void {
    if (!machine.dead) this.#running--;
    machine.kill();
    this.#say(`${name} is killed`);
  }

  /** A process that wants the lock, once or twice, and works under it. */
  async #live(name: string, machine: Machine, signal: AbortSignal): Promise<void> {
    const table = new LockTable('locks', this.#network.callsOf(machine));
    const lock = new DynamoLock({ table, clock: machine, random: this.#random, leaseMs });
    const info = { user: name, host: name, pid: 1, operation: 'up' };
    try {
      for (let times = 1 + this.#below(2); times > 0; times--) {
        const waitMs = this.#chance(0.1) ? 0 : 40 * 60_000;
        await this.#work(name, machine, await lock.acquire(key, { info, waitMs, signal }));
      }
    } catch (error) {
      this.#ended(name, error);
    }
    if (!machine.dead) this.#running--;
    machine.kill();
  }

  #ended(name: string, error: unknown): void {
    this.#say(`${name} ends: ${error instanceof Error ? error.message : String(error)}`);
    const expected = error instanceof RsdsError && /^(lock|run)\//.test(error.code);
    if (!expected && !(error instanceof ServiceError)) this.#breaks('errors', `${name}: ${String(error)}`);
  }

  async #work(name: string, machine: Machine, lease: Lease): Promise<void> {
    this.#counts.leases++;
    this.#say(`${name} has fence ${lease.fence}, id ${lease.id}`);
    try {
      for (let calls = this.#below(9); calls > 0; calls--) {
        await machine.sleep(this.#below(this.#chance(0.2) ? 90_000 : 10_000));
        await lease.check();
        await this.#call(name, machine, lease);
      }
    } finally {
      await lease.release();
      if (!lease.signal.aborted) this.#released.add(lease.id);
      this.#say(`${name} has released ${lease.fence}`);
    }
  }

  /** A mutating call: it may have its effect until it ends, whatever becomes of the machine meanwhile. */
  #call(name: string, machine: Machine, { fence }: Lease): Promise<void> {
    const { now } = this.#timeline;
    const { fence: before, until } = this.#last;
    this.#counts.calls++;
    this.#say(`${name} calls under ${fence}`);
    if (fence !== before && now < until) this.#breaks('exclusion', `${name} calls under ${fence} beside ${before}`);
    if (fence < before) this.#breaks('fence', `${name} calls under ${fence} after ${before}`);
    // Most take all the time that they may: those are the ones that could meet another.
    const endsAt = now + (1 - this.#random.next() ** 4) * callMs;
    this.#last = { fence, until: fence === before ? Math.max(until, endsAt) : endsAt };
    return new Promise((resolve) => this.#timeline.at(endsAt, () => machine.happens(resolve)));
  }

  #onChange({ before, after }: Change): void {
    const [was, is] = [before?.holder?.M?.id?.S, after.holder?.M?.id?.S];
    const [low, high] = [Number(before?.fence?.N ?? 0), Number(after.fence?.N ?? 0)];
    if (is !== was && is !== undefined && high !== low + 1) this.#breaks('fence', `${low} became ${high}`);
    if (is !== undefined && this.#released.has(is)) this.#breaks('release', `${is} holds the key again`);
    if (is !== was) this.#say(`the key is ${is === undefined ? 'free' : `held by ${is}, fence ${high}`}`);
    if (is !== was && is !== undefined && was !== undefined) this.#counts.takeovers++;
  }

  /** Somebody who frees the lock of whoever holds it then, if no heartbeat comes. */
  #startOperator(): void {
    const machine = this.#newMachine();
    const table = new LockTable('locks', this.#network.callsOf(machine));
    this.#at(() => {
      const id = this.#table.getItem({ TableName: '', Key: { lock: { S: key } } }).Item?.holder?.M?.id?.S;
      if (id === undefined) return;
      this.#say(`the operator watches ${id}`);
      void forceRelease({
        ...{ table, clock: machine, key, id, force: false, signal: new AbortController().signal },
        describe: ({ user }) => user,
        confirm: async () => {},
        onWatch: () => {},
      }).catch((error: unknown) => this.#ended('the operator', error));
    });
  }

  async #newcomer(): Promise<void> {
    const machine = this.#newMachine();
    const table = new LockTable('locks', this.#network.callsOf(machine));
    const lock = new DynamoLock({ table, clock: machine, random: this.#random, leaseMs });
    const since = this.#timeline.now;
    let lease: Lease | undefined;
    const info = { user: 'newcomer', host: 'n', pid: 1, operation: 'up' };
    void lock
      .acquire(key, { info, waitMs: 40 * 60_000, signal: new AbortController().signal })
      .then((taken) => {
        lease = taken;
      })
      .catch((error: unknown) => this.#breaks('progress', `a newcomer fails: ${String(error)}`));
    await this.#timeline.runUntil(since + newcomerMs, () => lease !== undefined);
    if (lease === undefined)
      this.#breaks('progress', 'a newcomer does not get the lock within a lease and a few looks');
    let freed = false;
    void lease?.release().then(() => {
      freed = true;
    });
    await this.#timeline.runUntil(this.#timeline.now + 1_000, () => freed);
    const { Item } = this.#table.getItem({ TableName: '', Key: { lock: { S: key } } });
    if (lease && Item?.holder !== undefined) this.#breaks('release', 'the newcomer still holds what it released');
  }

  #say(text: string): void {
    this.#trace.push(`${(this.#timeline.now / 1_000).toFixed(1)}s ${text}`);
  }

  #breaks(rule: string, what: string): void {
    this.#broken.push(`${rule}: ${what}`);
    this.#say(`BROKEN ${rule}: ${what}`);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #chance(chance: number): boolean {
    return this.#random.next() < chance;
  }
}
