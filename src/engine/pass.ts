/** Passes of looking. All resources of one pass share its reads; observations outlive it, as what is known so far. */

import type { LedgerData } from '../ledger/ledger.ts';
import { InvariantError } from '../shared/errors.ts';
import { Foreign, type Known, type Look, type Resource, type ResourceId } from './resource.ts';

/** The latest observation of each resource. A resource that was not observed yet is an error of the engine's order. */
export class Observations implements Known {
  readonly #latest = new Map<Resource, unknown>();

  seen<S>(resource: Resource<S>): S | undefined {
    if (!this.#latest.has(resource)) throw new InvariantError(`${resource.id} was asked for before it was observed`);
    const seen = this.#latest.get(resource);
    return seen instanceof Foreign ? undefined : (seen as S | undefined);
  }

  /** As `seen`, but tells a stranger's thing from an absent one. */
  found(resource: Resource): unknown {
    return this.#latest.get(resource);
  }

  has(resource: Resource): boolean {
    return this.#latest.has(resource);
  }

  set(resource: Resource, seen: unknown): void {
    this.#latest.set(resource, seen);
  }
}

export interface PassOptions {
  readonly observations: Observations;
  readonly signal: AbortSignal;
  readonly sql: boolean;
  recorded(id: ResourceId): LedgerData | undefined;
}

export class Pass implements Look {
  readonly signal: AbortSignal;
  readonly sql: boolean;
  readonly #options: PassOptions;
  readonly #answers = new Map<string, Promise<unknown>>();
  readonly #observed = new Map<Resource, Promise<unknown>>();

  constructor(options: PassOptions) {
    this.#options = options;
    this.signal = options.signal;
    this.sql = options.sql;
  }

  once<T>(key: string, read: () => Promise<T>): Promise<T> {
    if (!this.#answers.has(key)) this.#answers.set(key, read());
    return this.#answers.get(key) as Promise<T>;
  }

  recorded(id: ResourceId): LedgerData | undefined {
    return this.#options.recorded(id);
  }

  seen<S>(resource: Resource<S>): S | undefined {
    return this.#options.observations.seen(resource);
  }

  /** Observes one resource, once per pass, and keeps what was seen. */
  async observe(resource: Resource): Promise<unknown> {
    const seen = await resource.observe(this);
    this.#options.observations.set(resource, seen);
    return seen;
  }

  /** Observes a resource after everything it needs; for the first look at a whole environment. */
  observeInOrder(resource: Resource): Promise<unknown> {
    let observed = this.#observed.get(resource);
    if (!observed) {
      observed = Promise.all(resource.needs.map((need) => this.observeInOrder(need))).then(() =>
        this.observe(resource),
      );
      this.#observed.set(resource, observed);
    }
    return observed;
  }
}
