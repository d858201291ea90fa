/** What to do after a failed change: wait and look again, or give up. By kind of failure, never by text. */
import { RsdsError, ServiceError, type ServiceErrorKind } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';

interface RetryRule {
  /** Delay before the first repetition, ms; doubled each time up to `maxMs`. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Give up when failures of this kind in a row have lasted this long, ms. */
  readonly budgetMs: number;
}

const minute = 60_000;

const rules: Partial<Record<ServiceErrorKind, RetryRule>> = {
  throttled: { firstMs: 1_000, maxMs: 20_000, budgetMs: 10 * minute },
  // The outcome is open: the engine looks before it repeats.
  transient: { firstMs: 1_000, maxMs: 15_000, budgetMs: 5 * minute },
  unknown: { firstMs: 2_000, maxMs: 15_000, budgetMs: 1 * minute },
  unreachable: { firstMs: 2_000, maxMs: 15_000, budgetMs: 1 * minute },
  // "There is an operation running", a dependency that vanishes minutes later, a name that lingers.
  conflict: { firstMs: 5_000, maxMs: 15_000, budgetMs: 15 * minute },
  exists: { firstMs: 2_000, maxMs: 15_000, budgetMs: 10 * minute },
  propagating: { firstMs: 3_000, maxMs: 6_000, budgetMs: 3 * minute },
  // Something just made is not visible everywhere yet, or was deleted a moment ago.
  absent: { firstMs: 2_000, maxMs: 10_000, budgetMs: 3 * minute },
};

/** Errors after which no other resource can go on either. */
export function stopsTheRun(error: unknown): boolean {
  if (error instanceof ServiceError) return error.kind === 'expired' || error.kind === 'credentials';
  if (error instanceof RsdsError) return /^(lock|ledger|run|internal)\//.test(error.code);
  return true;
}

/** Whether the effect of the failed call is unknown: it may have happened. */
export function outcomeOpen(error: unknown): boolean {
  return error instanceof ServiceError && ['transient', 'unreachable', 'unknown'].includes(error.kind);
}

/** Whether a failure passes by itself, so that what only looks may look again. */
export function isPassing(error: unknown): error is ServiceError {
  return error instanceof ServiceError && ['transient', 'throttled', 'unreachable', 'unknown'].includes(error.kind);
}

/** Counts the failures of one resource in a row; a success or another kind of failure starts anew. */
export class RetryBudget {
  readonly #random: Random;
  #kind: ServiceErrorKind | undefined;
  #since = 0;
  #attempt = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get attempt(): number {
    return this.#attempt;
  }

  reset(): void {
    this.#kind = undefined;
    this.#attempt = 0;
  }

  /** The delay in ms before the next try, with jitter; undefined when the error is final or the budget is spent. */
  next(error: unknown, elapsedMs: number): number | undefined {
    if (!(error instanceof ServiceError)) return undefined;
    const rule = rules[error.kind];
    if (!rule) return undefined;
    if (this.#kind !== error.kind) {
      this.#kind = error.kind;
      this.#since = elapsedMs;
      this.#attempt = 0;
    }
    if (elapsedMs - this.#since > rule.budgetMs) return undefined;
    const delay = Math.min(rule.maxMs, rule.firstMs * 2 ** this.#attempt++);
    return delay * (0.75 + 0.5 * this.#random.next());
  }
}
