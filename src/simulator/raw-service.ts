/** A service that answers whole HTTP requests by itself (DynamoDB, served by dynalite) instead of through schemas. */
import type { Place } from './world.ts';

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RawService {
  /** SigV4 signing name. */
  readonly name: string;
  serve(request: RawRequest, place: Place): Promise<RawResponse>;
  /** Everything it holds, as plain JSON, for saving the world; `restore` is its inverse. */
  save(): Promise<unknown>;
  restore(saved: unknown): Promise<void>;
  close(): Promise<void>;
}
