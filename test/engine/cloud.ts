/** A tiny cloud for tests of the engine: named things that take time to appear, settle and vanish, on a virtual clock. */

import type { RunEvent } from '../../src/engine/events.ts';
import type { LanePass } from '../../src/engine/lane.ts';
import { openLane } from '../../src/engine/lane.ts';
import { makePlan, type Target } from '../../src/engine/plan.ts';
import type {
  Change,
  Foreign,
  Goal,
  Known,
  Resource,
  ResourceId,
  Settled,
  StepName,
} from '../../src/engine/resource.ts';
import { type RunOptions, run } from '../../src/engine/run.ts';
import { emptyDocument } from '../../src/ledger/document.ts';
import type { Ledger, LedgerDocument, LedgerEvent } from '../../src/ledger/ledger.ts';
import { applyEvent } from '../../src/ledger/transitions.ts';
import { VirtualClock } from '../../src/shared/clock.ts';
import { ServiceError, type ServiceErrorKind } from '../../src/shared/errors.ts';
import { seededRandom } from '../../src/shared/random.ts';

interface Thing {
  size: number;
  visibleAt: number;
  settledAt: number;
  goneAt: number | undefined;
  /** From when to when it looks settled before it is, as workgroups do. */
  lull?: readonly [from: number, to: number];
}

export interface ThingOptions {
  readonly needs?: readonly Resource[];
  readonly size?: number;
  readonly createMs?: number;
  readonly appearMs?: number;
  readonly deleteMs?: number;
  readonly kind?: string;
  readonly settledReads?: number;
  readonly lane?: boolean;
}

export class Cloud {
  readonly clock = new VirtualClock();
  readonly things = new Map<string, Thing>();
  readonly calls: string[] = [];
  readonly events: RunEvent[] = [];
  readonly ledger = new MemoryLedger();
  /** Errors to throw at the next calls of a name, e.g. `create a`. */
  readonly failures = new Map<string, ServiceErrorKind[]>();
  /** Where the effect happens although the call fails. */
  readonly lostAnswers = new Set<string>();
  looks = 0;

  #call(name: string, effect: () => void): Promise<void> {
    this.calls.push(name);
    const kind = this.failures.get(name)?.shift();
    if (kind === undefined || this.lostAnswers.has(name)) effect();
    return this.clock.track(kind === undefined ? Promise.resolve() : Promise.reject(failure(kind, name)));
  }

  thing(name: string, options: ThingOptions = {}): Resource<Thing> {
    const { needs = [], size = 1, createMs = 10_000, appearMs = 0, deleteMs = 5_000, kind = 'thing' } = options;
    const create: Change = {
      action: 'create',
      title: `size ${size}`,
      lane: options.lane ?? false,
      apply: () =>
        this.#call(`create ${name}`, () => {
          if (this.#alive(name)) throw failure('exists', `create ${name}`);
          const now = this.clock.elapsed();
          this.things.set(name, { size, visibleAt: now + appearMs, settledAt: now + createMs, goneAt: undefined });
        }),
    };
    const resize = (from: number): Change => ({
      action: 'update',
      title: `size ${from} → ${size}`,
      apply: () =>
        this.#call(`resize ${name}`, () => {
          const thing = this.things.get(name);
          if (thing) thing.size = size;
        }),
    });
    const drop: Change = {
      action: 'delete',
      title: 'delete',
      apply: () =>
        this.#call(`delete ${name}`, () => {
          const thing = this.things.get(name);
          if (thing) thing.goneAt ??= this.clock.elapsed() + deleteMs;
        }),
    };
    return {
      id: `test/${name}` as ResourceId,
      step: 'vpc' as StepName,
      kind,
      title: `thing ${name}`,
      needs,
      usualMs: createMs,
      ...(options.settledReads === undefined ? {} : { settledReads: options.settledReads }),
      ...(options.lane ? { laned: name } : {}),
      observe: () => this.#look(name),
      changes: (seen: Thing | undefined) =>
        seen === undefined ? [create] : seen.size === size ? [] : [resize(seen.size)],
      removal: (seen: Thing, _known: Known) => (seen.goneAt === undefined ? [drop] : []),
      settled: (seen: Thing): Settled =>
        this.clock.elapsed() >= seen.settledAt || this.#isLulled(seen)
          ? { is: 'settled', status: 'READY' }
          : { is: 'pending', status: 'CREATING' },
      remember: (seen: Thing) => ({ size: seen.size }),
    };
  }

  #isLulled({ lull }: Thing): boolean {
    const now = this.clock.elapsed();
    return lull !== undefined && now >= lull[0] && now < lull[1];
  }

  #alive(name: string): Thing | undefined {
    const thing = this.things.get(name);
    if (thing?.goneAt !== undefined && thing.goneAt <= this.clock.elapsed()) this.things.delete(name);
    return this.things.get(name);
  }

  #look(name: string): Promise<Thing | Foreign | undefined> {
    const kind = this.failures.get(`look at ${name}`)?.shift();
    return this.clock.track(
      kind === undefined ? Promise.resolve(this.#see(name)) : Promise.reject(failure(kind, `look at ${name}`)),
    );
  }

  #see(name: string): Thing | Foreign | undefined {
    this.looks++;
    const thing = this.#alive(name);
    return thing && thing.visibleAt <= this.clock.elapsed() ? { ...thing } : undefined;
  }

  async bring(resources: readonly Resource[], goal: Goal = 'present', options: Partial<RunOptions> = {}) {
    const targets: Target[] = resources.map((resource) => ({ resource, goal }));
    const signal = options.signal ?? new AbortController().signal;
    const plan = await makePlan(targets, {
      signal,
      sql: false,
      recorded: (id) => this.ledger.document().resources[id]?.data,
      recordedState: (id) => this.ledger.document().resources[id]?.state,
    });
    return run(plan, {
      command: 'up',
      clock: this.clock,
      random: seededRandom(7),
      ledger: this.ledger,
      reporter: { emit: (event) => this.events.push(event) },
      lane: openLane,
      checkLease: async () => {},
      signal,
      sql: false,
      deletionsAtOnce: {},
      ...options,
    });
  }
}

export const failure = (kind: ServiceErrorKind, operation: string) =>
  new ServiceError('aws/failed', `${operation}: ${kind}`, { kind, service: 'test', operation, awsCode: kind });

export class MemoryLedger implements Ledger {
  readonly history: LedgerEvent[] = [];
  #document: LedgerDocument = emptyDocument({ project: 'p', environment: 'e', account: 'a', region: 'r' }, 'lineage');

  document(): LedgerDocument {
    return this.#document;
  }

  async record(...events: readonly LedgerEvent[]): Promise<void> {
    this.#document = events.reduce(applyEvent, this.#document);
    this.history.push(...events);
  }

  fence(): void {}

  async reload(): Promise<void> {}
}

/** A lane for one at a time that remembers who was inside together. */
export function countingLane() {
  let inside = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<LanePass> => {
    while (inside > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    inside++;
    most = Math.max(most, inside);
    let left = false;
    const leave = async () => {
      if (left) return;
      left = true;
      inside--;
      waiting.shift()?.();
    };
    return { check: async () => {}, leave };
  };
  return { lane: { enter }, most: () => most };
}
