/** From a routed request to its operation and back to a reply; throws what the operation throws. */
import type { FaultPlan } from '../faults/fault-plan.ts';
import { interceptionOf } from '../faults/interception.ts';
import type { RawService } from '../raw-service.ts';
import { ApiError, type Call, type Service } from '../service.ts';
import type { World } from '../world.ts';
import { notServed, unauthenticated, unknownOperation } from './failures.ts';
import type { Intercept, Interception } from './intercept.ts';
import type { OperationModel, ServiceModel } from './models.ts';
import type { Exchange, Protocol, Reply } from './protocol.ts';
import { redact } from './redaction.ts';
import type { Route } from './route.ts';
import { validate } from './validation.ts';
import { isMutating } from './verbs.ts';

export type Principal = Call['principal'];

/** A request whose service is known, on its way to its operation. */
export interface Arrival {
  readonly exchange: Exchange;
  readonly route: Route;
  readonly model: ServiceModel;
  readonly protocol: Protocol;
  readonly requestId: string;
  /** The number it will have in the log, unless a request to a raw service overtakes it. */
  readonly n: number;
  readonly hook: Intercept | undefined;
  readonly faults: FaultPlan | undefined;
}

/** What becomes known of a request on its way, for the log. */
export interface Trace {
  operation: string;
  input: unknown;
  lost: 'request' | 'response' | undefined;
  /** It reached its operation, so that it may have changed something. */
  reached: boolean;
}

/** Asks to be tried again after that time. */
export interface Held {
  readonly heldMs: number;
}

/** `cut` ends the connection without an answer. */
export type Answer = Reply | 'cut' | Held;

export interface Staff {
  readonly world: World;
  readonly services: ReadonlyMap<string, Service>;
  readonly rawServices: ReadonlyMap<string, RawService>;
  principalOf(accessKeyId: string): Principal;
}

/** Operations that carry their proof of identity in the input and are therefore sent unsigned. */
const unsignedOperations = new Set(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML']);

export async function answer(arrival: Arrival, trace: Trace, staff: Staff): Promise<Answer> {
  const operation = operationOf(arrival, trace);
  const raw = staff.rawServices.get(arrival.model.name);
  const input = raw ? readRawInput(arrival.exchange) : arrival.protocol.readInput(operation, arrival.exchange);
  trace.input = redact(operation.input, input);
  const interception = askHook(arrival, operation, input) ?? askFaults(arrival, operation, staff);
  if (interception === 'lose-request') {
    trace.lost = 'request';
    return 'cut';
  }
  if (typeof interception === 'object' && 'delayMs' in interception) return { heldMs: interception.delayMs };
  if (typeof interception === 'object') throw injected(interception.error);
  if (interception === 'lose-response') trace.lost = 'response';
  return raw ? serveRaw(raw, arrival, trace, staff) : run(operation, input, arrival, trace, staff);
}

const injected = ({ code, message, status }: { code: string; message: string; status?: number }) =>
  new ApiError(code, message, status === undefined ? {} : { status });

function operationOf({ exchange, model, protocol, route }: Arrival, trace: Trace): OperationModel {
  const name = protocol.operationName(exchange);
  trace.operation = name ?? '(none)';
  const operation = name === undefined ? undefined : model.operations.get(name);
  const needsSignature = name === undefined || !unsignedOperations.has(name);
  if (typeof route.signature === 'string' && needsSignature) throw unauthenticated(model, route.signature);
  const version = protocol.apiVersion?.(exchange) ?? model.apiVersion;
  if (operation === undefined || version !== model.apiVersion) throw unknownOperation(model, name, version);
  return operation;
}

function askHook(arrival: Arrival, operation: OperationModel, input: unknown): Interception {
  const { n, route, model, hook } = arrival;
  const mutating = isMutating(operation.name);
  return hook?.({ n, service: model.name, operation: operation.name, region: route.region, mutating, input });
}

function askFaults({ faults, model, route }: Arrival, { name }: OperationModel, staff: Staff): Interception {
  const fault = faults?.strike({ service: model.name, operation: name });
  if (!fault) return undefined;
  const principal = staff.principalOf(accessKeyOf(route)).arn;
  return interceptionOf(fault, { model, operation: name, principal });
}

async function run(
  operation: OperationModel,
  input: unknown,
  arrival: Arrival,
  trace: Trace,
  staff: Staff,
): Promise<Reply> {
  const { model, protocol, requestId } = arrival;
  const handler = staff.services.get(model.name)?.operations[operation.name];
  if (handler === undefined) throw notServed(model.name, operation.name);
  validate(model, operation, input);
  trace.reached = true;
  // The table's input type is `never`, so that operations with different inputs can share it; the schema has just
  // proved that this input is the operation's own.
  const output = await handler(input as never, callOf(arrival, operation, staff));
  return protocol.writeOutput(model, operation, output, requestId);
}

function callOf(arrival: Arrival, operation: OperationModel, staff: Staff): Call {
  const { route, model, requestId } = arrival;
  const place = staff.world.place(route.region);
  return {
    ...place,
    ...{ service: model.name, operation: operation.name, requestId },
    overlaps: arrival.exchange.overlaps ?? false,
    principal: staff.principalOf(accessKeyOf(route)),
    state: (slot) => staff.world.state(slot, route.region),
  };
}

const accessKeyOf = ({ signature }: Route) => (typeof signature === 'object' ? signature.accessKeyId : '');

async function serveRaw(raw: RawService, arrival: Arrival, trace: Trace, staff: Staff): Promise<Reply> {
  const { exchange, route, requestId } = arrival;
  trace.reached = true;
  const { method, path, headers, body } = exchange;
  const reply = await raw.serve({ method, path, headers, body }, staff.world.place(route.region));
  return { ...reply, headers: { 'x-amzn-requestid': requestId, ...reply.headers } };
}

// Only for the log and the hook: what can't be read is the raw service's to refuse.
function readRawInput(exchange: Exchange): unknown {
  try {
    return JSON.parse(exchange.body.toString());
  } catch {
    return {};
  }
}
