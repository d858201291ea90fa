/**
 * One request from its arrival to its answer.
 *
 * G1. A request is handled to its end before the next one starts, so that an operation sees the world whole even when
 *     its handler waits for something. Raw services hold what is theirs and have turns of their own: a query that takes
 *     seconds must not cost a client the lock that it keeps by heartbeats.
 *     A service that others can keep from serving (Postgres has clients of its own) is waited for before the turn.
 * G2. Before each request the world is brought up to date, unless a handler is at work in it; after each mutating one
 *     `onMutation` is told.
 * G3. What a service has answered is kept, where anybody keeps it. What a raw service did is kept soon after: a save
 *     must wait for a query that is at work, a heartbeat must not.
 * G4. Every request is logged, also those that were refused, lost or not understood.
 */
import { type Clock, VirtualClock } from '../../shared/clock.ts';
import { type SeededRandom, seededRandom } from '../../shared/random.ts';
import { FaultPlan } from '../faults/fault-plan.ts';
import { followFaults } from '../faults/outage-plan.ts';
import type { RequestLog } from '../request-log.ts';
import { type Answer, type Arrival, answer, type Held, type Staff, type Trace } from './dispatch.ts';
import { asApiError, failureOf } from './failures.ts';
import type { Intercept } from './intercept.ts';
import { modelOf, type ServiceModel } from './models.ts';
import type { Exchange, Reply } from './protocol.ts';
import { protocolOf } from './protocols.ts';
import { type Route, routeOf } from './route.ts';
import { unrouted } from './unrouted.ts';
import { isMutating } from './verbs.ts';

export interface GatewayOptions {
  readonly staff: Staff;
  readonly clock: Clock;
  readonly log: RequestLog;
  onMutation(): void;
  /** Keeps what stands now. Awaited, while nothing else is served, before a mutating request to a service is answered. */
  keep?(): Promise<void>;
}

/** What the server does with a request: answers it, or cuts the connection. */
export type Outcome = Reply | 'cut';

export class Gateway {
  /** Asked before each request has its effect. */
  intercept: Intercept | undefined;
  /** What goes wrong where `intercept` lets a request pass. */
  readonly faults: FaultPlan;
  readonly #options: GatewayOptions;
  // Not the world's own randomness: how often somebody looks must not change what happens.
  readonly #random: SeededRandom;
  readonly #turns = new Turns();
  readonly #rawTurns = new Turns();
  /** How many requests are under way, by method and path. */
  readonly #underWay = new Map<string, number>();

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { world } = options.staff;
    this.faults = new FaultPlan(world.settings.seed, (faults) => followFaults(world, faults));
    // Faults end with their simulator, and so does what was out of order by them.
    followFaults(world, []);
    this.#random = seededRandom(world.settings.seed ^ world.now());
  }

  /** Serves one request. Never rejects. */
  async serve(arrived: Exchange): Promise<Outcome> {
    const name = `${arrived.method} ${arrived.path}`;
    const others = this.#underWay.get(name) ?? 0;
    this.#underWay.set(name, others + 1);
    try {
      return await this.#serve(others > 0 ? { ...arrived, overlaps: true } : arrived);
    } finally {
      const left = (this.#underWay.get(name) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(name);
      else this.#underWay.set(name, left);
    }
  }

  async #serve(exchange: Exchange): Promise<Outcome> {
    const route = routeOf(exchange);
    const { address } = route;
    if (address === undefined) return this.#turns.take(async () => this.#refuse(exchange, route));
    const model = await modelOf(address);
    const free = this.#options.staff.services.get(model.name)?.free?.();
    if (free !== undefined) await free;
    const turns = this.#options.staff.rawServices.has(model.name) ? this.#rawTurns : this.#turns;
    const first = await turns.take(() =>
      this.#handle(exchange, route, model, { hook: this.intercept, faults: this.faults }),
    );
    if (!isHeld(first)) return first;
    await this.#pass(first.heldMs);
    const second = await turns.take(() => this.#handle(exchange, route, model, { hook: undefined, faults: undefined }));
    return isHeld(second) ? 'cut' : second;
  }

  /** Runs `body` when nothing else is being served; requests that come meanwhile wait. */
  alone<T>(body: () => Promise<T>): Promise<T> {
    return this.#turns.take(() => this.#rawTurns.take(body));
  }

  /** Brings the world up to date, unless a handler is at work in it. */
  settle(): void {
    if (!this.#turns.busy) this.#options.staff.world.settle();
  }

  // Nobody could move virtual time while the request that waits is in flight: it is moved by hand.
  async #pass(ms: number): Promise<void> {
    const { clock } = this.#options;
    if (clock instanceof VirtualClock) clock.advance(ms);
    else await clock.sleep(ms);
  }

  async #handle(
    exchange: Exchange,
    route: Route,
    model: ServiceModel,
    harm: Pick<Arrival, 'hook' | 'faults'>,
  ): Promise<Outcome | Held> {
    const { staff, log, onMutation } = this.#options;
    const protocol = protocolOf(model, exchange);
    const arrival = { exchange, route, model, protocol, ...harm, n: log.next, requestId: this.#random.uuid() };
    const trace: Trace = { operation: '', input: undefined, lost: undefined, reached: false };
    const at = staff.world.now();
    const { reply, errorCode } = await this.#tryAnswer(arrival, trace);
    if (isHeld(reply)) return reply;
    const outcome = trace.lost === undefined ? reply : 'cut';
    this.#log(arrival, trace, { at, outcome, errorCode });
    if (trace.reached && isMutating(trace.operation)) {
      onMutation();
      if (!staff.rawServices.has(model.name)) await this.#keep();
    }
    return outcome;
  }

  async #keep(): Promise<void> {
    const { keep } = this.#options;
    if (keep) await this.#rawTurns.take(keep);
  }

  #log(
    { model, route }: Arrival,
    { operation, input, lost }: Trace,
    result: { at: number; outcome: Outcome; errorCode: string | undefined },
  ): void {
    const { staff, log } = this.#options;
    const { at, outcome, errorCode } = result;
    log.add({
      ...{ at, service: model.name, operation, region: route.region, input, errorCode, lost },
      status: outcome === 'cut' ? undefined : outcome.status,
      mutating: isMutating(operation),
      durationMs: staff.world.now() - at,
    });
  }

  async #tryAnswer(arrival: Arrival, trace: Trace): Promise<{ reply: Answer; errorCode: string | undefined }> {
    const { model, protocol, requestId } = arrival;
    try {
      this.#settle(model);
      const reply = await answer(arrival, trace, this.#options.staff);
      return { reply, errorCode: reply === 'cut' || isHeld(reply) ? undefined : rawErrorCode(reply) };
    } catch (error) {
      const failure = failureOf(model, asApiError(error));
      return { reply: protocol.writeError(model, failure, requestId), errorCode: failure.code };
    }
  }

  // What is due must not happen under the hands of an operation that waits for something.
  #settle({ name }: ServiceModel): void {
    const { staff } = this.#options;
    if (staff.rawServices.has(name) && this.#turns.busy) return;
    staff.world.settle();
  }

  #refuse(exchange: Exchange, route: Route): Reply {
    const { staff, log } = this.#options;
    staff.world.settle();
    const { service, operation, reply } = unrouted(exchange, route, this.#random.uuid());
    const { region } = route;
    const seen = { at: staff.world.now(), durationMs: 0, lost: undefined, input: undefined, mutating: false };
    log.add({ ...seen, service, operation, region, status: reply.status, errorCode: 'NotImplemented' });
    return reply;
  }
}

/** One after the other, in the order of asking. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  get busy(): boolean {
    return this.#waiting > 0;
  }

  take<T>(body: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(body).finally(() => {
      this.#waiting--;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const isHeld = (answer: Answer): answer is Held => typeof answer === 'object' && 'heldMs' in answer;

/** The error in a reply that a raw service wrote by itself. */
function rawErrorCode(reply: Reply): string | undefined {
  if (reply.status < 400) return undefined;
  const type = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(Buffer.from(reply.body).toString())?.[1];
  return type ?? `HTTP ${reply.status}`;
}
