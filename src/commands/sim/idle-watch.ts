/** How long the simulator has been left alone: ten minutes without a request, and it ends. */
import type { Clock } from '../../shared/clock.ts';

export const idleMs = 10 * 60_000;

export class IdleWatch {
  readonly #clock: Clock;
  readonly #count: () => number;
  #seen = 0;
  #since: number;

  /** `count` changes whenever a client asks for something; `clock` is real time. */
  constructor(clock: Clock, count: () => number) {
    this.#clock = clock;
    this.#count = count;
    this.#since = clock.elapsed();
  }

  /** Somebody asked for something that is no request. */
  touch(): void {
    this.#since = this.#clock.elapsed();
  }

  /** Real ms until it has been idle for too long; 0 when it has. */
  leftMs(): number {
    const count = this.#count();
    if (count !== this.#seen) {
      this.#seen = count;
      this.touch();
    }
    return Math.max(0, this.#since + idleMs - this.#clock.elapsed());
  }
}
