/** What a load has done so far, second by second. */
import { bucketBound } from '../model/statistics.ts';
import type { LoadError, LoadReport, LoadSecond, ProbeError } from './plan.ts';

type Counts = Record<string, number>;

export class LoadRecord {
  readonly #open: Counts = {};
  readonly #errors = new Map<string, LoadError>();
  readonly #latencies: Record<string, Record<number, number>> = {};
  readonly #seconds: LoadSecond[] = [];
  #opened = 0;
  #queries = 0;
  #answered: Counts = {};
  #failed = 0;

  opened(namespaceId: string): void {
    this.#opened++;
    count(this.#open, namespaceId);
  }

  closed(namespaceId: string): void {
    count(this.#open, namespaceId, -1);
  }

  answered(namespaceId: string, ms: number): void {
    this.#queries++;
    count(this.#answered, namespaceId);
    const bound = bucketBound(ms);
    const buckets = this.#latencies[namespaceId] ?? {};
    this.#latencies[namespaceId] = { ...buckets, [bound]: (buckets[bound] ?? 0) + 1 };
  }

  /** The same error of the same consumer is told once, with how often. */
  failed(error: ProbeError & Pick<LoadError, 'layer' | 'namespaceId'>, atSeconds: number): void {
    this.#failed++;
    const { layer, code, message, namespaceId } = error;
    const key = JSON.stringify([layer, code, message, namespaceId]);
    const known = this.#errors.get(key);
    const firstAt = known?.firstAt ?? Math.floor(atSeconds * 10) / 10;
    this.#errors.set(key, { layer, code, message, namespaceId, firstAt, count: (known?.count ?? 0) + 1 });
  }

  /** Ends a second. */
  tick(): LoadSecond {
    const second: LoadSecond = {
      second: this.#seconds.length + 1,
      open: { ...this.#open },
      queries: this.#answered,
      errors: this.#failed,
    };
    this.#answered = {};
    this.#failed = 0;
    this.#seconds.push(second);
    return second;
  }

  /** Anything that belongs to no second yet. */
  get unfinished(): boolean {
    return this.#failed > 0 || Object.keys(this.#answered).length > 0;
  }

  report(): LoadReport {
    return {
      kind: 'load',
      opened: this.#opened,
      queries: this.#queries,
      errors: [...this.#errors.values()].sort((one, other) => one.firstAt - other.firstAt),
      latencies: this.#latencies,
      seconds: this.#seconds,
    };
  }
}

function count(counts: Counts, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}
