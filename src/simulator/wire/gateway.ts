/**
 * One request from its arrival to its answer.
 *
 * G1. A request is handled to its end before the next one starts, so that an operation sees the world whole even when
 *     its handler waits for something.
 * G2. Before each request the world is brought up to date; after each mutating one `onMutation` is told.
 * G3. Every request is logged, also those that were refused, lost or not understood.
 */
import { type Clock, VirtualClock } from '../../shared/clock.ts';
import { type SeededRandom, seededRandom } from '../../shared/random.ts';
import type { RequestLog } from '../request-log.ts';
import { type Arrival, answer, type Staff, type Trace } from './dispatch.ts';
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
}

/** What the server does with a request: answers it, or cuts the connection. */
export type Outcome = Reply | 'cut';

export class Gateway {
  /** Asked before each request has its effect. */
  intercept: Intercept | undefined;
  readonly #options: GatewayOptions;
  // Not the world's own randomness: how often somebody looks must not change what happens.
  readonly #random: SeededRandom;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { world } = options.staff;
    this.#random = seededRandom(world.settings.seed ^ world.now());
  }

  /** Serves one request. Never rejects. */
  async serve(exchange: Exchange): Promise<Outcome> {
    const route = routeOf(exchange);
    const { address } = route;
    if (address === undefined) return this.#inTurn(async () => this.#refuse(exchange, route));
    const model = await modelOf(address);
    const first = await this.#inTurn(() => this.#handle(exchange, route, model, this.intercept));
    if (typeof first !== 'object' || !('heldMs' in first)) return first;
    await this.#pass(first.heldMs);
    const second = await this.#inTurn(() => this.#handle(exchange, route, model, undefined));
    return typeof second === 'object' && 'heldMs' in second ? 'cut' : second;
  }

  /** Runs `body` when nothing else is being served. */
  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(body);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Whatever is being served has ended when this resolves. */
  async idle(): Promise<void> {
    await this.#inTurn(async () => undefined);
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
    hook: Intercept | undefined,
  ): Promise<Outcome | { heldMs: number }> {
    const { staff, log, onMutation } = this.#options;
    staff.world.settle();
    const protocol = protocolOf(model, exchange);
    const arrival = { exchange, route, model, protocol, hook, n: log.next, requestId: this.#random.uuid() };
    const trace: Trace = { operation: '', input: undefined, lost: undefined, reached: false };
    const startedAt = staff.world.now();
    const { reply, errorCode } = await this.#tryAnswer(arrival, trace);
    if (typeof reply === 'object' && 'heldMs' in reply) return reply;
    const mutating = isMutating(trace.operation);
    const status = typeof reply === 'object' && trace.lost === undefined ? reply.status : undefined;
    const { operation, input, lost } = trace;
    const durationMs = staff.world.now() - startedAt;
    const { region } = route;
    log.add({
      at: startedAt,
      service: model.name,
      operation,
      region,
      input,
      status,
      errorCode,
      mutating,
      durationMs,
      lost,
    });
    if (mutating && trace.reached) onMutation();
    return lost === undefined ? reply : 'cut';
  }

  async #tryAnswer(arrival: Arrival, trace: Trace) {
    const { model, protocol, requestId } = arrival;
    try {
      const reply = await answer(arrival, trace, this.#options.staff);
      return { reply, errorCode: typeof reply === 'object' && 'body' in reply ? rawErrorCode(reply) : undefined };
    } catch (error) {
      const failure = failureOf(model, asApiError(error));
      return { reply: protocol.writeError(model, failure, requestId), errorCode: failure.code };
    }
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

/** The error in a reply that a raw service wrote by itself. */
function rawErrorCode(reply: Reply): string | undefined {
  if (reply.status < 400) return undefined;
  const type = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(Buffer.from(reply.body).toString())?.[1];
  return type ?? `HTTP ${reply.status}`;
}
