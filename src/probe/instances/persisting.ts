/** Repeats a call that changes something until it is known to have come through. */
import { ServiceError, type ServiceErrorKind } from '../../shared/errors.ts';
import type { InstancesOptions } from './options.ts';
import { until } from './waiting.ts';

export interface Persistence {
  /** `EC2 to make airline-dev-test-ssm`. */
  readonly what: string;
  readonly signal: AbortSignal;
}

const persistMs = 180_000;

/** Open whether the call came through, not let through, or too early: a role or profile is not known yet (F-593). */
const repeated: readonly ServiceErrorKind[] = ['propagating', 'transient', 'unreachable', 'throttled', 'unknown'];

/**
 * For calls that make nothing twice: by a client token (F-204), or because the second one finds what the first has made,
 * which counts as done. `there` gives the answer then, or undefined while
 * it can't be seen yet (F-201).
 */
export function persist<T>(
  options: InstancesOptions,
  { what, signal }: Persistence,
  call: () => Promise<T>,
  there?: () => Promise<T | undefined>,
): Promise<T> {
  let problem: unknown;
  return until(options, {
    what,
    usually: 'seconds',
    everyMs: 5_000,
    limitMs: persistMs,
    signal,
    look: async () => {
      try {
        return { answer: await call() };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        problem = error;
        const found = error.kind === 'exists' ? await there?.() : undefined;
        if (found !== undefined) return { answer: found };
        if (!repeated.includes(error.kind) && !(error.kind === 'exists' && there)) throw error;
        return undefined;
      }
    },
    tooLong: () => problem as Error,
  }).then(({ answer }) => answer);
}

/** What is there already is as good as made. */
export const asGoodAsMade = async (): Promise<unknown> => true;
