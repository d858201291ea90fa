export interface SqlErrorOptions {
  readonly severity?: 'ERROR' | 'FATAL';
  readonly hint?: string | undefined;
  readonly detail?: string | undefined;
}

/** An error as the warehouse answers it: SQLSTATE and text. It is an answer to a client, not a failure of rsds. */
export class SqlError extends Error {
  /** SQLSTATE, e.g. `42P01`. */
  readonly code: string;
  readonly severity: 'ERROR' | 'FATAL';
  readonly hint: string | undefined;
  /** What Postgres adds; not shown, but it tells cases apart that share a code. */
  readonly detail: string | undefined;

  constructor(code: string, message: string, options: SqlErrorOptions = {}) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
    this.severity = options.severity ?? 'ERROR';
    this.hint = options.hint;
    this.detail = options.detail;
  }

  /** `ERROR: relation "x" does not exist`, as the Data API shows it. */
  get text(): string {
    return `${this.severity}: ${this.message}${this.hint === undefined ? '' : `\n  Hint: ${this.hint}`}`;
  }
}

export const syntaxError = (near: string) => new SqlError('42601', `syntax error at or near "${near}"`);
export const notSimulated = (what: string) => new SqlError('0A000', `${what} is not simulated`);
