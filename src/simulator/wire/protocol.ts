/** What every wire protocol does: read an operation's input from a request, write its output or an error as a reply. */
import type { ErrorModel, OperationModel, ServiceModel } from './models.ts';

/** A request as it came in, its body already gunzipped. */
export interface Exchange {
  readonly method: string;
  /** Path without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether a request with this method and path was still under way when this one came. */
  readonly overlaps?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** An error, ready for the wire. */
export interface Failure {
  /** Shape name where the error is modelled, else the code as the operation gave it. */
  readonly code: string;
  /** The code of the query protocols. */
  readonly queryCode: string;
  readonly message: string;
  readonly status: number;
  readonly fault: 'client' | 'server';
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: ErrorModel | undefined;
}

export interface Protocol {
  /** The name of the operation that the request asks for; `undefined` when it names none. */
  operationName(exchange: Exchange): string | undefined;
  /** The API version that the request names, in protocols where it chooses the operation; else `undefined`. */
  apiVersion?(exchange: Exchange): string | undefined;
  /** Throws ApiError when the body can't be read. */
  readInput(operation: OperationModel, exchange: Exchange): unknown;
  writeOutput(service: ServiceModel, operation: OperationModel, output: unknown, requestId: string): Reply;
  writeError(service: ServiceModel, failure: Failure, requestId: string): Reply;
}
