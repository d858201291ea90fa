/** An error as the warehouse answers it: SQLSTATE and text. It is an answer to a client, not a failure of rsds. */
export class SqlError extends Error {
  /** SQLSTATE, e.g. `42P01`. */
  readonly code: string;
  readonly severity: 'ERROR' | 'FATAL';
  readonly hint: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { severity?: 'ERROR' | 'FATAL'; hint?: string | undefined } = {},
  ) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
    this.severity = options.severity ?? 'ERROR';
    this.hint = options.hint;
  }

  /** `ERROR: relation "x" does not exist`, as the Data API shows it. */
  get text(): string {
    return `${this.severity}: ${this.message}${this.hint === undefined ? '' : `\n  Hint: ${this.hint}`}`;
  }
}

export const syntaxError = (near: string) => new SqlError('42601', `syntax error at or near "${near}"`);
export const notSimulated = (what: string) => new SqlError('0A000', `${what} is not simulated`);
