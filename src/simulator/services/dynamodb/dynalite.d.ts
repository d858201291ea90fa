/** dynalite has no types: this is what the shim uses of it. */
declare module 'dynalite' {
  import type { EventEmitter } from 'node:events';

  interface Options {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** A request as dynalite reads it: these members, then `data` and `end` events. */
  interface Request extends EventEmitter {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  /** A response as dynalite writes it. */
  interface Response {
    statusCode: number;
    setHeader(name: string, value: string | number): void;
    end(body?: string): void;
  }

  interface Server {
    emit(event: 'request', request: Request, response: Response): boolean;
  }

  /** A server that need not listen: its requests can be handed to it as events. */
  function dynalite(options?: Options): Server;
  namespace dynalite {
    export type { Options, Request, Response, Server };
  }
  export = dynalite;
}
