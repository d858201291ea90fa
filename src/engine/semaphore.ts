interface Waiting {
  readonly order: number;
  go(): void;
}

/** At most `size` holders at a time; among those who wait the lowest order goes first, then the longest waiting. */
export class Semaphore {
  readonly #size: number;
  readonly #waiting: Waiting[] = [];
  #held = 0;

  constructor(size: number) {
    this.#size = size;
  }

  async acquire(order = 0): Promise<void> {
    if (this.#held < this.#size) {
      this.#held++;
      return;
    }
    await new Promise<void>((go) => this.#waiting.push({ order, go }));
  }

  /** Hands the place on, if anybody waits. */
  release(): void {
    const [next] = [...this.#waiting].sort((one, other) => one.order - other.order);
    if (!next) {
      this.#held--;
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    next.go();
  }
}
