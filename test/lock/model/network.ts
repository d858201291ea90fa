/** The lock's calls over a network that loses, delays, doubles and reorders requests and answers. */
import type { LockCalls } from '../../../src/lock/lock-table.ts';
import { InvariantError } from '../../../src/shared/errors.ts';
import type { Random } from '../../../src/shared/random.ts';
import type { Machine, Timeline } from './machine.ts';
import { type MemoryTable, serviceError } from './memory-table.ts';

/** Chances, each from 0 to 1. */
export interface Weather {
  readonly loseRequest: number;
  readonly loseAnswer: number;
  readonly double: number;
  /** Of a message that takes up to `longMs` instead of up to 50 ms. */
  readonly late: number;
  readonly throttle: number;
}

export const calm: Weather = { loseRequest: 0, loseAnswer: 0, double: 0, late: 0, throttle: 0 };

const shortMs = 50;
/** Longer than a lease, so that a request can outlive whoever sent it. */
const longMs = 150_000;
/** After which a client gives a call up, as aws/connection.ts does. */
const timeoutMs = 20_000;

export class Network {
  weather: Weather;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #table: MemoryTable;

  constructor(parts: { timeline: Timeline; random: Random; table: MemoryTable; weather: Weather }) {
    this.#timeline = parts.timeline;
    this.#random = parts.random;
    this.#table = parts.table;
    this.weather = parts.weather;
  }

  /** The calls of one machine. */
  callsOf(machine: Machine): LockCalls {
    const unused = () => Promise.reject(new InvariantError('not part of the protocol'));
    return {
      getItem: (input) => this.#call(machine, () => ({ $metadata: {}, ...this.#table.getItem(input) })),
      updateItem: (input) => this.#call(machine, () => ({ $metadata: {}, ...this.#table.updateItem(input) })),
      createTable: unused,
      describeTable: unused,
    };
  }

  /** `serve` runs once for each request that arrives; the first answer that comes back counts. */
  #call<T>(machine: Machine, serve: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(serviceError('transient', 'TimeoutError'));
      this.#timeline.at(this.#timeline.now + timeoutMs, () => machine.happens(giveUp));
      const copies = this.#happens(this.weather.double) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (!machine.reachable || this.#happens(this.weather.loseRequest)) continue;
        this.#after(() => this.#answer(machine, this.#served(serve), { resolve, reject }));
      }
    });
  }

  #served<T>(serve: () => T): { readonly value: T } | { readonly error: unknown } {
    if (this.#happens(this.weather.throttle)) return { error: serviceError('throttled', 'ThrottlingException') };
    try {
      return { value: serve() };
    } catch (error) {
      return { error };
    }
  }

  #answer<T>(
    machine: Machine,
    served: { readonly value: T } | { readonly error: unknown },
    { resolve, reject }: { resolve(value: T): void; reject(error: unknown): void },
  ): void {
    if (this.#happens(this.weather.loseAnswer)) return;
    const receive = () => ('value' in served ? resolve(served.value) : reject(served.error));
    this.#after(() => {
      if (machine.reachable) machine.happens(receive);
    });
  }

  #after(run: () => void): void {
    const most = this.#happens(this.weather.late) ? longMs : shortMs;
    this.#timeline.at(this.#timeline.now + 1 + most * this.#random.next(), run);
  }

  #happens(chance: number): boolean {
    return this.#random.next() < chance;
  }
}
