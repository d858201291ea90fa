/** The seam for faults and crash drills: a hook that sees each request before it has its effect. */

export interface InterceptedCall {
  /** The number that the request will have in the log. */
  readonly n: number;
  /** SigV4 signing name. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly mutating: boolean;
  /** As the SDK's types have it; not redacted. */
  readonly input: unknown;
}

/**
 * What becomes of the request: `undefined` lets it pass; `lose-request` cuts the connection before any effect,
 * `lose-response` after it; `delayMs` (AWS time) holds it back, and the hook isn't asked again.
 */
export type Interception =
  | undefined
  | 'lose-request'
  | 'lose-response'
  | { readonly error: { readonly code: string; readonly message: string; readonly status?: number } }
  | { readonly delayMs: number };

export type Intercept = (call: InterceptedCall) => Interception;
