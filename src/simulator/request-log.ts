/** The simulator remembers every request: `rsds sim log`, call counts, and the policy generator are read from here. */

export interface LoggedRequest {
  /** 1 for the first request of this simulator. */
  readonly n: number;
  /** World time, ms since the epoch. */
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** What was asked, with every member that the model calls sensitive replaced. */
  readonly input: unknown;
  /** `undefined` when the answer never left (`lost`). */
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  readonly mutating: boolean;
  /** World time that passed while it was handled, ms. */
  readonly durationMs: number;
  /** Set by an intercept: the request never arrived, or its answer never left. */
  readonly lost: 'request' | 'response' | undefined;
}

/** Counters over everything ever logged, also what has left the ring. */
export interface RequestCounts {
  readonly total: number;
  readonly mutating: number;
  readonly failed: number;
  /** `ec2.DescribeSubnets` → how often. */
  readonly byOperation: Readonly<Record<string, number>>;
}

const CAPACITY = 50_000;

export class RequestLog {
  readonly #capacity: number;
  readonly #ring: LoggedRequest[] = [];
  readonly #byOperation: Record<string, number> = {};
  #total = 0;
  #mutating = 0;
  #failed = 0;

  /** Keeps the last `capacity` requests; the counters count all. */
  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** Logs one request and gives it its number. */
  add(request: Omit<LoggedRequest, 'n'>): LoggedRequest {
    const logged = { n: ++this.#total, ...request };
    this.#ring[(logged.n - 1) % this.#capacity] = logged;
    const key = `${request.service}.${request.operation}`;
    this.#byOperation[key] = (this.#byOperation[key] ?? 0) + 1;
    if (request.mutating) this.#mutating++;
    if (request.errorCode !== undefined) this.#failed++;
    return logged;
  }

  /** The number that the next request will get. */
  get next(): number {
    return this.#total + 1;
  }

  /** Every request still remembered, oldest first. */
  all(): LoggedRequest[] {
    const start = this.#total > this.#capacity ? this.#total % this.#capacity : 0;
    return [...this.#ring.slice(start), ...this.#ring.slice(0, start)];
  }

  /** Those with a number greater than `n`. */
  since(n: number): LoggedRequest[] {
    return this.all().filter((request) => request.n > n);
  }

  mutating(): LoggedRequest[] {
    return this.all().filter((request) => request.mutating);
  }

  counts(): RequestCounts {
    return {
      total: this.#total,
      mutating: this.#mutating,
      failed: this.#failed,
      byOperation: { ...this.#byOperation },
    };
  }
}
