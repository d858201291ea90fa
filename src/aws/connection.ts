/**
 * The one way to AWS: every call of every service passes through `send`.
 *
 * C1. A mutating call is one attempt; whoever made it looks before it repeats. Reads are repeated by the SDK's retry
 *     loop, whose delays are slept on our clock.
 * C2. A call is tracked on the clock from its first byte to its last, back-off excepted: virtual time stands still
 *     under I/O and moves while we wait.
 * C3. Whatever a call throws leaves here as a `ServiceError`.
 */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { NoOpLogger } from '@smithy/core/client';
import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  FinalizeHandler,
  FinalizeHandlerOutput,
  Logger,
  MetadataBearer,
  OperationSchema,
  RelativeMiddlewareOptions,
  StaticOperationSchema,
} from '@smithy/types';
import type { Clock } from '../shared/clock.ts';
import { assert } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import { classify } from './classify.ts';
import { configuredEndpoint } from './endpoint.ts';
import { ClockRetryStrategy, Flight } from './retry.ts';

/** One attempt of a call, for `--debug`. Nothing of its input or output: those may be secret. */
export interface ApiCall {
  readonly service: string;
  readonly operation: string;
  readonly ms: number;
  readonly requestId: string | undefined;
  /** From 1. */
  readonly attempt: number;
  /** AWS's code of the error, or the system's (`ECONNREFUSED`). */
  readonly error: string | undefined;
  /** Set when the attempt will be repeated: after how many ms. */
  readonly retryInMs?: number;
}

export interface ConnectionOptions {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Instead of what profile and environment give. */
  readonly credentials?: AwsCredentialIdentity | undefined;
  /** Instead of AWS's own endpoints and those of the environment, for every service. */
  readonly endpoint?: string | undefined;
  /** Asks for the code of a multi-factor device; without it, profiles that need one fail. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  readonly onCall?: ((call: ApiCall) => void) | undefined;
}

/** What every client of the SDK is built with. */
export interface ClientConfig {
  region: string;
  credentials: AwsCredentialIdentityProvider | AwsCredentialIdentity;
  endpoint?: string;
  profile?: string;
  retryStrategy: ClockRetryStrategy;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: boolean };
  logger: Logger;
}

/** The part of an SDK command that is needed to send it and to know what comes back. */
export interface Command<Output> {
  readonly schema?: OperationSchema | StaticOperationSchema;
  readonly middlewareStack: {
    addRelativeTo(middleware: never, options: RelativeMiddlewareOptions): void;
  };
  resolveMiddleware(...rest: never[]): (args: never) => Promise<{ output: Output }>;
}

export interface Client {
  // The SDK's overloads can't be written down for all clients at once; `send` below is the only caller.
  send(command: never, options?: object): Promise<unknown>;
  destroy(): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** At most so many attempts of a read while nobody answers (default 6); where AWS is there it gets ten. */
  readonly attempts?: number;
  /** Real ms for one attempt (default 20 s). */
  readonly timeoutMs?: number;
}

export type Send = <Output extends MetadataBearer>(command: Command<Output>, options?: CallOptions) => Promise<Output>;

// Real milliseconds: they bound sockets, not AWS's work. A lease leaves at least this much before a call is made.
const connectMs = 4_000;
const attemptMs = 20_000;
const readAttempts = 6;
const answeredAttempts = 10;

/** The clients of one account and region. */
export class Connection {
  readonly region: string;
  readonly #options: ConnectionOptions;
  readonly #retryStrategy: ClockRetryStrategy;
  readonly #credentials: AwsCredentialIdentityProvider | AwsCredentialIdentity;
  readonly #clients: Client[] = [];
  #answered: { readonly at: number; readonly elapsed: number } | undefined;

  constructor(options: ConnectionOptions) {
    this.region = options.region;
    this.#options = options;
    this.#retryStrategy = new ClockRetryStrategy(options.random);
    this.#credentials = options.credentials ?? credentialsFrom(options);
  }

  /**
   * Opens a service. `serviceId` is AWS's own name of it, from which `AWS_ENDPOINT_URL_<SERVICE>` is made; `name` is
   * the signing name, under which errors and `--debug` speak of it.
   */
  open(name: string, serviceId: string, create: (config: ClientConfig) => Client): Send {
    const client = create(this.#configOf(serviceId));
    this.#clients.push(client);
    return (command, options = {}) => this.#send(name, client, command, options);
  }

  /** AWS's own time, ms since the epoch, from the last answer's Date header and what has passed since. */
  awsNow(): number | undefined {
    if (!this.#answered) return undefined;
    return this.#answered.at + (this.#options.clock.elapsed() - this.#answered.elapsed);
  }

  /** Closes the sockets that are kept alive. */
  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  #configOf(serviceId: string): ClientConfig {
    const { region, profile, environment, endpoint = configuredEndpoint(environment, serviceId) } = this.#options;
    return {
      region,
      credentials: this.#credentials,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(profile === undefined ? {} : { profile }),
      retryStrategy: this.#retryStrategy,
      requestHandler: { connectionTimeout: connectMs, requestTimeout: attemptMs, throwOnRequestTimeout: true },
      logger: silent,
    };
  }

  async #send<Output>(service: string, client: Client, command: Command<Output>, how: CallOptions): Promise<Output> {
    const operation = operationOf(command);
    const flight = new Flight(this.#options.clock, {
      patience: isRead(operation)
        ? { unanswered: how.attempts ?? readAttempts, answered: answeredAttempts }
        : { unanswered: 1, answered: 1 },
      signal: how.signal,
    });
    command.middlewareStack.addRelativeTo(this.#observer(service, operation, flight) as never, afterRetry);
    try {
      const { signal, timeoutMs } = how;
      return (await client.send(command as never, { abortSignal: signal, requestTimeout: timeoutMs })) as Output;
    } catch (error) {
      if (how.signal?.aborted) throw how.signal.reason;
      const { profile, environment } = this.#options;
      throw classify(error, { service, operation, region: this.region, profile: profile ?? environment.AWS_PROFILE });
    } finally {
      flight.land();
    }
  }

  /** Sits inside the SDK's retry loop: sees every attempt, and tells the retry strategy whose error it is. */
  #observer(service: string, operation: string, flight: Flight) {
    const { clock, onCall } = this.#options;
    return (next: FinalizeHandler<object, object>) =>
      async (args: Parameters<typeof next>[0]): Promise<FinalizeHandlerOutput<object>> => {
        const startedAt = clock.elapsed();
        const attempt = flight.begin();
        const tell = (requestId: string | undefined, error: string | undefined, retryInMs?: number) => {
          const ms = clock.elapsed() - startedAt;
          const retry = retryInMs === undefined ? {} : { retryInMs };
          onCall?.({ service, operation, ms, requestId, attempt, error, ...retry });
        };
        try {
          const result = await next(args);
          this.#keepDate(result.response);
          tell((result.output as MetadataBearer).$metadata.requestId, undefined);
          return result;
        } catch (error) {
          this.#keepDate((error as { $response?: unknown }).$response);
          flight.failed(error, (retryInMs) => tell(requestIdOf(error), codeOf(error), retryInMs));
          throw error;
        }
      };
  }

  #keepDate(response: unknown): void {
    const date = (response as { headers?: Record<string, string> } | undefined)?.headers?.date;
    // Parsing a header tells no time: the clock stays the only source of "now".
    const at = date === undefined ? Number.NaN : Date.parse(date);
    if (!Number.isNaN(at)) this.#answered = { at, elapsed: this.#options.clock.elapsed() };
  }
}

const afterRetry: RelativeMiddlewareOptions = {
  name: 'rsdsObserver',
  relation: 'after',
  toMiddleware: 'retryMiddleware',
  override: true,
};

// Not the class's name: that one does not survive being bundled.
function operationOf({ schema }: { readonly schema?: OperationSchema | StaticOperationSchema }): string {
  const name = Array.isArray(schema) ? schema[2] : (schema as OperationSchema | undefined)?.name;
  assert(name !== undefined, 'a command without a schema');
  return name;
}

/** Decided by the operation's name: what only reads may be repeated at will. */
export const isRead = (operation: string): boolean =>
  /^(Get|Head|List|Describe|Lookup|Query|Scan|BatchGet|Simulate)/.test(operation);

const requestIdOf = (error: unknown) => (error as Partial<MetadataBearer>).$metadata?.requestId;

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' && code !== '' ? code : String(name ?? 'Error');
}

function credentialsFrom(options: ConnectionOptions): AwsCredentialIdentityProvider {
  const { region, profile, mfaCode } = options;
  return fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    ...(mfaCode === undefined ? {} : { mfaCodeProvider: mfaCode }),
    clientConfig: { region },
    logger: silent,
  });
}

/**
 * The SDK's own warnings would land between our lines. Its own silent logger, because for any other it first makes a
 * copy of every input and output to be logged.
 */
const silent: Logger = new NoOpLogger();
