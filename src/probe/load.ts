/** Many clients at once, each of which connects, queries, pauses, leaves and comes back. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../shared/clock.ts';
import { type Destination, dial, type Line } from './dial.ts';
import { LoadRecord } from './load-record.ts';
import type { LoadPlan, LoadReport, LoadSecond } from './plan.ts';
import { LayerFailure } from './probe-error.ts';

export interface LoadOptions {
  readonly to: Omit<Destination, 'turn'>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly wakeMs: number;
  readonly signal: AbortSignal;
  onSecond?(second: LoadSecond): void;
}

/** After a failure a client waits at least so long, lest a fault is met thousands of times. */
const breathMs = 250;

/** Runs until its seconds are over or the signal fires, and reports either way. A query under way is waited for. */
export async function runLoad(
  plan: LoadPlan,
  options: Omit<LoadOptions, 'onSecond'> & { onSecond?: LoadOptions['onSecond'] | undefined },
): Promise<LoadReport> {
  const record = new LoadRecord();
  const load = new Load(plan, options, record);
  const clients = Promise.all(Array.from({ length: plan.connections }, (_, turn) => load.client(turn)));
  const seconds = load.countSeconds((second) => options.onSecond?.(second));
  await Promise.all([clients, seconds]);
  load.close();
  if (record.unfinished) options.onSecond?.(record.tick());
  return record.report();
}

class Load {
  readonly #plan: LoadPlan;
  readonly #options: Omit<LoadOptions, 'onSecond'>;
  readonly #record: LoadRecord;
  readonly #over = new AbortController();
  /** Fires some time after the end, for queries that are still under way. */
  readonly #late = new AbortController();
  readonly #closed = new AbortController();
  readonly #begin: number;

  constructor(plan: LoadPlan, options: Omit<LoadOptions, 'onSecond'>, record: LoadRecord) {
    this.#plan = plan;
    this.#options = options;
    this.#record = record;
    this.#begin = options.clock.elapsed();
    // Every client listens for the end: Node takes more than ten for a leak.
    setMaxListeners(0, this.#over.signal, this.#late.signal);
    const { signal } = options;
    if (signal.aborted) this.#end();
    signal.addEventListener('abort', () => this.#end(), { once: true, signal: this.#closed.signal });
  }

  close(): void {
    this.#closed.abort();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#over.abort();
    const { clock, timeoutMs } = this.#options;
    clock.sleep(timeoutMs, { signal: this.#closed.signal }).then(
      () => this.#late.abort(),
      () => undefined,
    );
  }

  async countSeconds(onSecond: (second: LoadSecond) => void): Promise<void> {
    for (let second = 1; second <= this.#plan.seconds && !this.#isOver; second++) {
      await this.#pause(second * 1_000 - (this.#options.clock.elapsed() - this.#begin));
      onSecond(this.#record.tick());
    }
    this.#end();
  }

  /**
   * They come one after the other, within the time of one pause, and leave one after the other as well: the first visit
   * of each is of another length, so that at any time some come back and find who is new.
   */
  async client(turn: number): Promise<void> {
    const { connections, pauseMs } = this.#plan;
    await this.#pause((pauseMs * turn) / connections);
    for (let visit = 0; !this.#isOver; visit++) {
      const share = visit === 0 ? (turn + 1) / connections : 1;
      const failed = await this.#visit(turn + visit * connections, Math.ceil(share * this.#plan.queriesPerConnection));
      if (failed) await this.#pause(Math.max(breathMs, pauseMs));
    }
  }

  /** One connection, from its begin to its end. Whether it failed. */
  async #visit(turn: number, queries: number): Promise<boolean> {
    const line = await this.#connect(turn);
    if (!line) return true;
    this.#record.opened(line.namespaceId);
    try {
      return await this.#converse(line, queries);
    } finally {
      await line.close();
      this.#record.closed(line.namespaceId);
    }
  }

  async #connect(turn: number): Promise<Line | undefined> {
    const { to, clock, timeoutMs, wakeMs } = this.#options;
    const how = { clock, timeoutMs, wakeMs, signal: this.#over.signal, queries: this.#late.signal };
    try {
      return await dial({ ...to, turn }, how);
    } catch (error) {
      this.#note(error);
      return undefined;
    }
  }

  /** `queries`: how many until it leaves; 0: it stays. */
  async #converse(line: Line, queries: number): Promise<boolean> {
    const { sql, pauseMs } = this.#plan;
    for (let query = 0; (queries === 0 || query < queries) && !this.#isOver; query++) {
      const from = this.#options.clock.elapsed();
      try {
        await line.query(sql);
      } catch (error) {
        this.#note(error, line.namespaceId);
        return true;
      }
      this.#record.answered(line.namespaceId, this.#options.clock.elapsed() - from);
      await this.#pause(pauseMs);
    }
    return false;
  }

  /** What is cut off by the load's own end is no failure. */
  #note(error: unknown, namespaceId?: string): void {
    if (!(error instanceof LayerFailure)) {
      if (this.#isOver) return;
      throw error;
    }
    const layer = namespaceId === undefined ? error.layer : 'query';
    const at = (this.#options.clock.elapsed() - this.#begin) / 1_000;
    this.#record.failed({ ...error.error, layer, namespaceId }, at);
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #pause(ms: number): Promise<void> {
    await this.#options.clock.sleep(Math.max(0, ms), { signal: this.#over.signal }).catch(() => undefined);
  }
}
