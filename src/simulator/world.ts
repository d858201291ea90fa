/**
 * The simulated account: everything that AWS would remember, and the time it happens in.
 *
 * W1. All state is plain JSON, so that a world can be saved, loaded and compared.
 * W2. Nothing happens between requests by timer: what is due (a workgroup becoming AVAILABLE) is kept as data in
 *     `events` and carried out, in order of time, when somebody looks. So the world is the same for real, scaled and
 *     virtual time.
 * W3. Time is the world's own: it goes on from where it was saved, however long the process was down.
 */
import type { Clock } from '../shared/clock.ts';
import { type SeededRandom, seededRandom } from '../shared/random.ts';
import { type DurationKind, durations } from './durations.ts';

/** How the simulated service takes several workgroups of an account and region being created at once. */
export type WorkgroupConcurrency = 'stuck' | 'conflict' | 'fine';

export interface WorldSettings {
  readonly account: string;
  readonly seed: number;
  readonly workgroupConcurrency: WorkgroupConcurrency;
  /** Page size where a request names none; small, so that pagination is always exercised. */
  readonly pageSize: number;
}

export const defaultSettings: WorldSettings = {
  account: '123456789012',
  seed: 1,
  workgroupConcurrency: 'stuck',
  pageSize: 5,
};

/** Something that will happen at `at` (world time, ms since the epoch). Plain data: `kind` names the handler. */
export interface WorldEvent {
  readonly at: number;
  readonly order: number;
  readonly kind: string;
  readonly region: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A place in the world: what cross-service functions and event handlers get. `Call` extends it. */
export interface Place {
  readonly world: World;
  readonly region: string;
  readonly account: string;
  /** World time, ms since the epoch. */
  readonly now: number;
}

export type EventHandler = (place: Place, payload: Readonly<Record<string, unknown>>) => void;

/** Names one service's state in the world and makes it when it is first asked for. */
export interface Slot<S> {
  readonly name: string;
  /** IAM and STS know no regions; everything else is kept per region. */
  readonly scope: 'region' | 'global';
  initial(): S;
}

export interface WorldSnapshot {
  readonly version: 1;
  readonly settings: WorldSettings;
  readonly now: number;
  readonly random: number;
  readonly order: number;
  readonly events: readonly WorldEvent[];
  readonly states: Readonly<Record<string, unknown>>;
}

export class World {
  readonly settings: WorldSettings;
  readonly random: SeededRandom;
  readonly #clock: Clock;
  readonly #states: Record<string, unknown>;
  readonly #handlers = new Map<string, EventHandler>();
  readonly #startedAt: number;
  readonly #startedElapsed: number;
  #events: WorldEvent[];
  #order: number;
  #skippedMs = 0;

  constructor(clock: Clock, settings: Partial<WorldSettings> = {}, saved?: WorldSnapshot) {
    this.#clock = clock;
    this.settings = saved?.settings ?? { ...defaultSettings, ...settings };
    this.random = seededRandom(saved?.random ?? this.settings.seed);
    this.#states = structuredClone(saved?.states ?? {}) as Record<string, unknown>;
    this.#events = [...(saved?.events ?? [])];
    this.#order = saved?.order ?? 0;
    this.#startedAt = saved?.now ?? clock.now();
    this.#startedElapsed = clock.elapsed();
  }

  /** World time, ms since the epoch. */
  now(): number {
    return Math.floor(this.#startedAt + this.#skippedMs + (this.#clock.elapsed() - this.#startedElapsed));
  }

  /** Moves world time forward by hand (`rsds sim clock`), as if the account had been left alone for a while. */
  skip(ms: number): void {
    this.#skippedMs += ms;
    this.settle();
  }

  place(region: string): Place {
    return { world: this, region, account: this.settings.account, now: this.now() };
  }

  /** The state behind `slot`; the caller may change it in place. Must stay plain JSON (W1). */
  state<S>(slot: Slot<S>, region: string): S {
    const key = slot.scope === 'global' ? slot.name : `${slot.name}@${region}`;
    this.#states[key] ??= slot.initial();
    return this.#states[key] as S;
  }

  /** The state behind `slot` if there is any yet. Must not be changed. */
  known<S>(slot: Slot<S>, region: string): S | undefined {
    return this.#states[slot.scope === 'global' ? slot.name : `${slot.name}@${region}`] as S | undefined;
  }

  /** The regions in which there is anything. */
  regions(): string[] {
    return [...new Set(Object.keys(this.#states).flatMap((key) => key.split('@')[1] ?? []))];
  }

  /** Registers what an event kind does; each service does so once, when the simulator is put together. */
  handle(kind: string, handler: EventHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Lets `kind` happen `afterMs` from now. `payload` must be plain JSON. */
  schedule(place: Place, afterMs: number, kind: string, payload: Readonly<Record<string, unknown>>): void {
    this.#events.push({ at: place.now + afterMs, order: this.#order++, kind, region: place.region, payload });
  }

  /** Takes back scheduled events of `kind` for which `matches` holds. */
  unschedule(kind: string, matches: (payload: Readonly<Record<string, unknown>>) => boolean): void {
    this.#events = this.#events.filter((event) => event.kind !== kind || !matches(event.payload));
  }

  /** Carries out everything that is due by now. Called before each request; a handler may schedule more. */
  settle(): void {
    const now = this.now();
    for (let next = this.#takeDue(now); next !== undefined; next = this.#takeDue(now)) {
      const place = { world: this, region: next.region, account: this.settings.account, now: next.at };
      this.#handlers.get(next.kind)?.(place, next.payload);
    }
  }

  /** How long something takes this time, drawn from the table of durations with the world's own randomness. */
  draw(kind: DurationKind): number {
    const { from, to } = durations[kind];
    return Math.round(from + (to - from) * this.random.next());
  }

  snapshot(): WorldSnapshot {
    return structuredClone({
      version: 1 as const,
      settings: this.settings,
      now: this.now(),
      random: this.random.state(),
      order: this.#order,
      events: this.#events,
      states: this.#states,
    });
  }

  #takeDue(now: number): WorldEvent | undefined {
    let first: WorldEvent | undefined;
    for (const event of this.#events) {
      if (event.at > now) continue;
      if (!first || event.at < first.at || (event.at === first.at && event.order < first.order)) first = event;
    }
    if (first) this.#events = this.#events.filter((event) => event !== first);
    return first;
  }
}
