/**
 * Every error a user can meet. One base class; the `code` is stable and documented in docs/errors.md (generated from
 * codes.ts); the message says what happened with the wrong value in it; the hint says what to type next.
 */
import { type ErrorCode, errorCodes } from './codes.ts';
import { withoutSecrets } from './secrets.ts';

export interface ErrorDetails {
  /** What to do or type next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

export class RsdsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    // Messages go into events and the ledger as they are, and may quote what AWS said back.
    super(withoutSecrets(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RsdsError';
    this.code = code;
    this.hint = details.hint;
  }

  /** The process's exit code for this error: 1 failed, 2 usage, 4 lock, 5 fault found, 70 bug, 129/130/143 interrupted. */
  get exitCode(): number {
    return errorCodes[this.code].exit;
  }
}

/**
 * What kind of failure an AWS call met; classified once, in aws/classify.ts. Steps and engine match the kind, never the
 * text. `propagating`: a role, key or grant that was just made is not visible everywhere yet.
 */
export type ServiceErrorKind =
  | 'absent'
  | 'exists'
  | 'conflict'
  | 'propagating'
  | 'throttled'
  | 'denied'
  | 'invalid'
  | 'quota'
  | 'capacity'
  | 'transient'
  | 'unreachable'
  | 'expired'
  | 'credentials'
  | 'unknown';

/** A failed AWS call. `transient`, `unreachable` and `unknown` leave open whether the call had its effect. */
export class ServiceError extends RsdsError {
  readonly kind: ServiceErrorKind;
  readonly service: string;
  readonly operation: string;
  /** AWS's own code, e.g. `ConflictException`. */
  readonly awsCode: string;
  readonly requestId: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & {
      kind: ServiceErrorKind;
      service: string;
      operation: string;
      awsCode: string;
      requestId?: string | undefined;
    },
  ) {
    super(code, message, details);
    this.name = 'ServiceError';
    this.kind = details.kind;
    this.service = details.service;
    this.operation = details.operation;
    this.awsCode = details.awsCode;
    this.requestId = details.requestId;
  }
}

/** A bug in rsds: an invariant that must hold does not. Exit 70, with a stack and a request to report it. */
export class InvariantError extends RsdsError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('internal/invariant', message, details);
    this.name = 'InvariantError';
  }
}

/** One fault in the configuration; all of them are reported together. */
export interface ConfigFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Where in the file, 1-based; absent for flags and for keys that are not there. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Dotted path of the key, e.g. `consumers.count`. */
  readonly path?: string | undefined;
}

/** The configuration is wrong; nothing was touched. Exit 2. */
export class ConfigError extends RsdsError {
  readonly faults: readonly ConfigFault[];
  readonly file: string | undefined;

  constructor(faults: readonly ConfigFault[], file?: string) {
    const first = faults[0];
    super(
      'config/invalid',
      faults.length === 1 && first ? first.message : `${faults.length} faults in the configuration`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
    this.file = file;
  }
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** For the default branch of a closed union: the compiler proves it is never reached. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}
