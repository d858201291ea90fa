/** Which operation of a REST service a request asks for: by its method, its path and what its query and headers have. */
import type { OperationModel, ServiceModel } from './models.ts';
import type { Exchange } from './protocol.ts';
import { membersOf } from './shapes.ts';

/** Where a request is addressed: the bucket by the host's name or the first part of the path (F-951). */
export interface Target {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

const virtualHost = /^(.+)\.(?:localhost|s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?)(?::\d+)?$/;

export function targetOf({ path, headers }: Exchange): Target {
  const hosted = virtualHost.exec(headers.host ?? '')?.[1];
  const rest = path.slice(1);
  if (hosted !== undefined) return { bucket: hosted, key: decodedOrNothing(rest) };
  const slash = rest.indexOf('/');
  if (slash < 0) return { bucket: decodedOrNothing(rest), key: undefined };
  return { bucket: decodedOrNothing(rest.slice(0, slash)), key: decodedOrNothing(rest.slice(slash + 1)) };
}

const decodedOrNothing = (text: string) => (text === '' ? undefined : decodeURIComponent(text));

interface Pattern {
  readonly operation: OperationModel;
  readonly method: string;
  readonly hasBucket: boolean;
  readonly hasKey: boolean;
  /** What the query must have; a value of `undefined` means any. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Query parameters and headers without which it is another operation: `uploadId`, `x-amz-copy-source`. */
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  readonly id: string | undefined;
}

const patterns = new WeakMap<ServiceModel, readonly Pattern[]>();

/** The operation; of several that fit, the one that demands most. */
export function matchOperation(model: ServiceModel, exchange: Exchange): OperationModel | undefined {
  const known = patterns.get(model) ?? [...model.operations.values()].flatMap(patternOf);
  patterns.set(model, known);
  const { bucket, key } = targetOf(exchange);
  const fitting = known.filter(
    (pattern) =>
      pattern.method === exchange.method &&
      pattern.hasBucket === (bucket !== undefined) &&
      pattern.hasKey === (key !== undefined) &&
      meetsDemands(pattern, exchange),
  );
  const named = exchange.query.get('x-id');
  const byName = named === null ? undefined : fitting.find(({ id }) => id === named);
  return (byName ?? fitting.sort((a, b) => demands(b) - demands(a))[0])?.operation;
}

const meetsDemands = (pattern: Pattern, { query, headers }: Exchange) =>
  pattern.query.every(([name, value]) => query.has(name) && (value === '' || query.get(name) === value)) &&
  pattern.requiredQuery.every((name) => query.has(name)) &&
  pattern.requiredHeaders.every((name) => headers[name] !== undefined);

const demands = ({ query, requiredQuery, requiredHeaders }: Pattern) =>
  query.length + requiredQuery.length + requiredHeaders.length;

function patternOf(operation: OperationModel): Pattern[] {
  const { http } = operation;
  if (http === undefined) return [];
  const { pathname, searchParams } = new URL(http.path, 'http://localhost');
  const required = membersOf(operation.input).filter((member) => member.required);
  const traits = required.map(({ shape }) => shape.getMergedTraits());
  return [
    {
      operation,
      method: http.method,
      hasBucket: membersOf(operation.input).some(({ name }) => name === 'Bucket'),
      hasKey: decodeURIComponent(pathname).includes('{Key+}'),
      query: [...searchParams].filter(([name]) => name !== 'x-id'),
      requiredQuery: traits.flatMap(({ httpQuery }) => (httpQuery === undefined ? [] : [String(httpQuery)])),
      requiredHeaders: traits.flatMap(({ httpHeader }) =>
        httpHeader === undefined ? [] : [String(httpHeader).toLowerCase()],
      ),
      id: searchParams.get('x-id') ?? undefined,
    },
  ];
}
