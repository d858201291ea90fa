/** What a simulated AWS service is: a name, its operations, and what happens to its resources with time. */
import type { EventHandler, Place, Slot } from './world.ts';

/** One request, as an operation sees it. */
export interface Call extends Place {
  /** SigV4 signing name, e.g. `elasticloadbalancing`. */
  readonly service: string;
  readonly operation: string;
  readonly requestId: string;
  /** Whether another request to the same place was still under way when this one came. */
  readonly overlaps: boolean;
  /** Who signed the request. */
  readonly principal: { readonly arn: string; readonly userId: string; readonly accessKeyId: string };
  /** The state of `slot` in the request's region. */
  state<S>(slot: Slot<S>): S;
}

/**
 * One operation. `Input` and `Output` are the SDK's own types; the wire layer has checked required members, types,
 * lengths, patterns, ranges and enums before it is called. It changes the world's state in place and answers, or
 * throws an `ApiError`.
 */
export type Operation<Input, Output> = (input: Input, call: Call) => Output | Promise<Output>;

export interface Service {
  /** SigV4 signing name. */
  readonly name: string;
  // `never` lets operations with different inputs stand in one table; the wire layer passes what the schema parsed.
  readonly operations: Readonly<Record<string, Operation<never, unknown>>>;
  /** Event kinds, e.g. `redshift-serverless/workgroup-state`, and what they do. */
  readonly events?: Readonly<Record<string, EventHandler>>;
  /**
   * What a request waits for before its turn comes, so that it does not keep the others waiting: resolves when the service
   * is free to serve; undefined where it is.
   */
  free?(): Promise<void> | undefined;
}

/**
 * An error as AWS answers it. `code` is the shape's name (`ConflictException`) or, for EC2 and where a service has no
 * model for it, the wire code (`InvalidVpcID.NotFound`). The wire layer finds the modelled shape by either name and
 * takes status and wire code from it; otherwise `status` counts.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further modelled members, e.g. `{ resourceName: 'x' }`. */
  readonly members: Readonly<Record<string, unknown>>;
  /** What the answer says beside its body, where the protocol is REST. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }
}

interface ApiErrorOptions {
  readonly status?: number;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One page of `items`: the part that starts at `token`, and the token of the next one. Tokens are opaque to clients. */
export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/**
 * Cuts a list as AWS's paginated operations do. `invalidToken` makes the service's own error for a token that this
 * simulator did not give out.
 */
export function paginate<T>(
  items: readonly T[],
  token: string | undefined,
  limit: number,
  invalidToken: () => ApiError,
): Page<T> {
  const start = token === undefined || token === '' ? 0 : decodeToken(token);
  if (start === undefined || start > items.length) throw invalidToken();
  const end = start + limit;
  return { items: items.slice(start, end), nextToken: end < items.length ? encodeToken(end) : undefined };
}

const encodeToken = (offset: number) => Buffer.from(`page:${offset}`).toString('base64url');

function decodeToken(token: string): number | undefined {
  const offset = /^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  return offset === undefined ? undefined : Number(offset);
}
