/**
 * The data plane: what the simulated warehouses hold. One embedded Postgres serves all of them, in all worlds of this
 * process; what is in it can be made again at any time from the world's own journal (catalog.ts), so that a world is
 * plain JSON with all its rows.
 */
import type { Place } from '../world.ts';
import type { EngineField } from './engine.ts';
import type { OpenSession, OpenSessionOptions } from './open-session.ts';

/** Whom a session is for. Which namespace, database and user there are is the account's business; see `open`. */
export interface Login {
  readonly namespaceId: string;
  readonly database: string;
  readonly user: string;
  /** For users derived from IAM: made with PUBLIC's rights when it is not there yet. */
  readonly make?: boolean;
  /** What `pg_backend_pid()` answers. */
  readonly pid?: number;
}

/** A session: who, where, and what it has set. Plain data, so that many sessions can share the one Postgres. */
export interface Session extends Login {
  /** What SET has set, by lower-case name. */
  readonly settings: Map<string, string>;
  /** Physical name of the schema of its temporary tables, once it has made some. */
  temporary?: string;
}

export interface StatementResult {
  /** Postgres's command tag, e.g. `INSERT 0 2` or `SELECT 3`. */
  readonly tag: string;
  /** Empty when it returns no rows at all (DDL, INSERT …). */
  readonly fields: readonly EngineField[];
  /** Values in Postgres's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export type ConnectOptions = Pick<OpenSessionOptions, 'place' | 'idleMs' | 'metered' | 'onChange' | 'onLost'> & {
  readonly login: Login;
};

export interface DataPlane {
  /**
   * Opens a session. Throws `SqlError` (FATAL) for a database or a user that is not there. Starts and changes nothing.
   */
  open(place: Place, login: Login): Session;
  /** Opens a session that a client holds open, with transactions of its own. Throws `SqlError` as `open` does. */
  connect(options: ConnectOptions): OpenSession;
  /** What is kept of a user's password, `md5…` or `sha256|…`; undefined for none, for one that is not valid any more, and for an unknown user. */
  keptPassword(place: Place, namespaceId: string, user: string): string | undefined;
  /** How many connections a user may have at once, where that is limited (F-708). */
  connectionLimit(place: Place, namespaceId: string, user: string): number | undefined;
  /** Whether the password is the user's: plain text against `md5…` or `sha256|…` as kept. False for an unknown user. */
  authenticates(place: Place, namespaceId: string, user: string, password: string): boolean;
  /** Runs one statement, autocommitted. Throws `SqlError`. */
  execute(place: Place, session: Session, sql: string): Promise<StatementResult>;
  /**
   * Runs statements as one transaction: all or none. Throws the first `SqlError`; `onStatement` is told the index of
   * each before it is run.
   */
  transaction(
    place: Place,
    session: Session,
    sqls: readonly string[],
    onStatement?: (index: number) => void,
  ): Promise<StatementResult[]>;
  /** Resolves when the open sessions that have Postgres, or wait for it, are done with it; undefined where none has. */
  free(): Promise<void> | undefined;
  /** Ends a session: its temporary tables go. With `until`, world time, it is kept until then. */
  end(place: Place, session: Session, until?: number): void;
  /** Lets the embedded Postgres end, some time later, if no other data plane of this process needs it. */
  close(): Promise<void>;
}
