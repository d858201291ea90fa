/**
 * Letting the clients of a consumer go that gets no new connections.
 *
 * D1. Nothing is judged in the first three minutes after it was deregistered (F-691).
 * D2. Two fresh minutes in which CloudWatch has neither connections nor queries: it is quiet, and nothing was woken.
 * D3. Otherwise it is looked by SQL: sessions in use are waited for, those that rest are ended, so that their clients
 *     get an error and a new connection elsewhere instead of a silence. In use is what runs a query, and what did so
 *     within the last minute: between two statements a client's session looks idle, too.
 * D4. When its time is up the consumer stays as it is, out of the load balancer: queries are ended only when that is
 *     asked for.
 */
import type { Aws } from '../../aws/aws.ts';
import type { ApplyIo } from '../../engine/resource.ts';
import { lookPrice } from '../../model/cost.ts';
import type { Warehouse } from '../../model/desired.ts';
import { formatDuration } from '../../shared/clock.ts';
import { RsdsError } from '../../shared/errors.ts';
import { type Row, SqlSession, type SqlTarget } from '../datashare/session.ts';
import { type Figures, figuresOf, metricsEveryMs, settlingMs } from './connections.ts';

/** How the clients of a consumer are let go. */
export interface DrainHow {
  /** How long they may take, ms of AWS's time; default a quarter of an hour. */
  readonly timeoutMs?: number | undefined;
  /** Ends their sessions without waiting for queries. */
  readonly force?: boolean | undefined;
}

/** Still under way: `settling` and `listening` pass by themselves, `unclear` needs a look by SQL. */
export type Draining = 'settling' | 'listening' | 'unclear' | 'quiet';

const minute = 60_000;
export const drainTimeoutMs = 15 * minute;
/** How long fresh figures are waited for: CloudWatch is some minutes late. */
const listeningMs = 4 * minute;
const lookEveryMs = 30_000;
/** Ended in one statement. */
const endedAtOnce = 100;

export class Drain {
  readonly #aws: Aws;
  readonly #warehouse: Warehouse;
  readonly #how: DrainHow;
  /** ms of AWS's time; a resumed run counts anew, which is safe. */
  #since: number | undefined;
  #asked: { readonly at: number; readonly figures: Figures } | undefined;

  constructor(aws: Aws, warehouse: Warehouse, how: DrainHow = {}) {
    this.#aws = aws;
    this.#warehouse = warehouse;
    this.#how = how;
  }

  /** All that it may take before it has failed, ms. */
  get timeoutMs(): number {
    return settlingMs + listeningMs + (this.#how.timeoutMs ?? drainTimeoutMs);
  }

  /** How far it is, without SQL. Counts from the first time it is asked. */
  async state(): Promise<Draining> {
    const now = this.#aws.now() ?? 0;
    this.#since ??= now;
    const since = this.#since;
    if (now - since < settlingMs) return 'settling';
    if (this.#how.force) return 'unclear';
    const { known, fresh } = await this.#figures(since + settlingMs, now);
    if (fresh.length >= 2) return fresh.slice(0, 2).every((open) => open === 0) ? 'quiet' : 'unclear';
    return known && now - since < settlingMs + listeningMs ? 'listening' : 'unclear';
  }

  async #figures(since: number, now: number): Promise<Figures> {
    if (!this.#asked || now - this.#asked.at >= metricsEveryMs)
      this.#asked = { at: now, figures: await figuresOf(this.#aws, this.#warehouse.name, { since, now }) };
    return this.#asked.figures;
  }

  /** Looks by SQL until nobody is connected any more. Throws `step/at-work` when queries take too long. */
  async finish(io: ApplyIo, target: SqlTarget): Promise<void> {
    const { short, baseCapacity } = this.#warehouse;
    io.note(`looking by SQL who is connected to ${short}; asleep, it ${lookPrice(this.#aws.region, baseCapacity)}`);
    const session = new SqlSession(target, this.#aws.data, io);
    const check = async () => ((await this.#letGo(session, io)) ? true : undefined);
    await io.until(`the work of clients on ${short}`, check, { everyMs: lookEveryMs, timeoutMs: this.timeoutMs });
  }

  /** One look, and what follows from it; true when nobody is left. */
  async #letGo(session: SqlSession, io: ApplyIo): Promise<boolean> {
    const { short } = this.#warehouse;
    const open = connectionsIn(await session.query(whoIsConnected, `who is connected to ${short}`));
    if (open.length === 0) return true;
    const used = open.filter(({ query }) => query !== undefined);
    if (used.length > 0 && !this.#how.force) {
      this.#refuseWhenLate(used);
      io.note(`${used.length} of ${sessions(open.length)} on ${short} ${used.length === 1 ? 'is' : 'are'} in use`);
      return false;
    }
    await endSessions(session, open);
    io.note(`ended ${sessions(open.length)} on ${short}${used.length > 0 ? '' : ' that rested'}`);
    return false;
  }

  #refuseWhenLate(used: readonly Connection[]): void {
    const { timeoutMs = drainTimeoutMs } = this.#how;
    const took = (this.#aws.now() ?? 0) - (this.#since ?? 0);
    if (took < settlingMs + timeoutMs) return;
    const { short } = this.#warehouse;
    const queries = used.map(describe).join(', ');
    throw new RsdsError(
      'step/at-work',
      `${short} is still at work for clients after ${formatDuration(took)}: ${queries}; it stays out of the load balancer, and whole`,
      { hint: 'run the same command again when they have ended, give more --drain-timeout, or end them with --force' },
    );
  }
}

interface Connection {
  readonly session: number;
  /** Of what it is at, or was within the last minute; undefined for one that rests. */
  readonly query: number | undefined;
  /** How long that has been running, if it still is. */
  readonly seconds: number | undefined;
}

const sessions = (count: number) => (count === 1 ? '1 session' : `${count} sessions`);

const describe = ({ session, query, seconds }: Connection) =>
  `query ${query} of session ${session}, ${seconds === undefined ? 'just ended' : `for ${formatDuration(seconds * 1_000)}`}`;

const running = "q.status IN ('planning', 'queued', 'running', 'returning')";

/** Internal sessions are those of user 1 (F-442, F-443). */
const whoIsConnected = `SELECT s.session_id, MAX(q.query_id),
  MAX(CASE WHEN ${running} THEN DATEDIFF(second, q.start_time, GETDATE()) END)
FROM sys_session_history s LEFT JOIN sys_query_history q
  ON q.session_id = s.session_id AND (${running} OR q.end_time > DATEADD(second, -60, GETDATE()))
WHERE s.status = 'active' AND TRIM(s.user_id) <> '1' AND s.session_id <> pg_backend_pid()
GROUP BY s.session_id`;

const connectionsIn = (rows: readonly Row[]): Connection[] =>
  rows.map(([session, query, seconds]) => ({
    session: Number(session),
    query: query == null ? undefined : Number(query),
    seconds: seconds == null ? undefined : Number(seconds),
  }));

/** F-444; a session that has ended by itself meanwhile is no error. */
async function endSessions(session: SqlSession, open: readonly Connection[]): Promise<void> {
  for (let at = 0; at < open.length; at += endedAtOnce) {
    const calls = open.slice(at, at + endedAtOnce).map((one) => `pg_terminate_backend(${one.session})`);
    await session.run(`SELECT ${calls.join(', ')}`, `end ${calls.length} sessions`);
  }
}
