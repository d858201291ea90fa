/** The SDK's retry loop with our clock, our jitter and our rule for mutating calls. */
import type { RetryErrorInfo, RetryErrorType, RetryStrategyV2, RetryToken } from '@smithy/types';
import type { Clock } from '../shared/clock.ts';
import type { Random } from '../shared/random.ts';
import { refusedForDate } from './error-kinds.ts';

/** ms before the first repetition; doubled each time. Throttling asks for more than a lost packet. */
const firstDelayMs: Partial<Record<RetryErrorType, number>> = { THROTTLING: 1_000, TRANSIENT: 200, SERVER_ERROR: 200 };
const delayMsMax = 20_000;

/** How often a call is tried at most. */
export interface Patience {
  /** So many times while nobody answers. */
  readonly unanswered: number;
  /** So many times where AWS is there: it throttles, fails, or breaks a connection off. */
  readonly answered: number;
}

/** One call in the air, over all of its attempts. */
export class Flight {
  readonly #patience: Patience;
  #unanswered = 0;
  readonly signal: AbortSignal | undefined;
  readonly #clock: Clock;
  #release: (() => void) | undefined;
  #attempt = 0;
  #tell: ((retryInMs?: number) => void) | undefined;

  constructor(clock: Clock, options: { patience: Patience; signal: AbortSignal | undefined }) {
    this.#clock = clock;
    this.#patience = options.patience;
    this.signal = options.signal;
    this.#takeOff();
  }

  /** An attempt begins; answers its number, from 1. */
  begin(): number {
    return ++this.#attempt;
  }

  /** An attempt failed; `tell` is called once it is known whether it will be repeated. */
  failed(error: unknown, tell: (retryInMs?: number) => void): void {
    this.#tell = tell;
    if (typeof error === 'object' && error !== null) flights.set(error, this);
  }

  /** Whether it is tried once more after `error`. */
  goesOnAfter(error: unknown): boolean {
    if (!isAnswer(error)) this.#unanswered++;
    return this.#unanswered < this.#patience.unanswered && this.#attempt < this.#patience.answered;
  }

  /** Sleeps before the next attempt; virtual time may move meanwhile. */
  async hold(ms: number): Promise<void> {
    this.#report(ms);
    this.#release?.();
    await this.#clock.sleep(ms, { signal: this.signal });
    this.#takeOff();
  }

  /** The call has ended, one way or the other. */
  land(): void {
    this.#report();
    this.#release?.();
  }

  #report(retryInMs?: number): void {
    this.#tell?.(retryInMs);
    this.#tell = undefined;
  }

  #takeOff(): void {
    const landed = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    void this.#clock.track(landed);
  }
}

const isAnswer = (error: unknown): boolean => {
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined || code === 'ECONNRESET' || code === 'EPIPE';
};

// The strategy is told nothing but the error, so the error is what leads back to its call.
const flights = new WeakMap<object, Flight>();

export class ClockRetryStrategy implements RetryStrategyV2 {
  readonly mode = 'standard';
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  acquireInitialRetryToken(): Promise<RetryToken> {
    return Promise.resolve(tokenFor(0));
  }

  async refreshRetryTokenForRetry(token: RetryToken, { error, errorType }: RetryErrorInfo): Promise<RetryToken> {
    const flight = error && flights.get(error);
    const first = firstDelayMs[errorType];
    const attempt = token.getRetryCount() + 1;
    if (!flight || first === undefined || onlySkewed(error) || !flight.goesOnAfter(error))
      throw new Error('no further attempt');
    await flight.hold(Math.min(delayMsMax, first * 2 ** (attempt - 1)) * (0.5 + this.#random.next()));
    return tokenFor(attempt);
  }

  recordSuccess(): void {}
}

/**
 * The SDK takes any refusal for passing when its Date header tells of a clock that is off, which it corrects for the
 * next call: a look for what is not there would be repeated to the end. Only a refusal for the date itself is passing.
 */
function onlySkewed(error: unknown): boolean {
  const { name = '', $metadata } = error as {
    name?: string;
    $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
  };
  const refused = ($metadata?.httpStatusCode ?? 500) < 500;
  return (
    refused &&
    $metadata?.clockSkewCorrected === true &&
    !refusedForDate.test(name) &&
    !/Throttl|TooManyRequests|LimitExceeded/.test(name)
  );
}

// The delay has been slept by the strategy: the SDK's loop must not sleep it again on real timers.
const tokenFor = (attempt: number): RetryToken => ({ getRetryCount: () => attempt, getRetryDelay: () => 0 });
