/** What the Data API remembers: statements with their results, for a day, the tokens they were sent with, and sessions. */
import type { Call } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';

export interface Column {
  readonly name: string;
  /** Postgres's number of the type. */
  readonly type: number;
  readonly modifier: number;
}

/** What became of one statement of SQL; a batch has several. */
export interface Outcome {
  readonly sql: string;
  readonly error?: string | undefined;
  /** Not run, or rolled back, because another one of its transaction failed. */
  readonly skipped?: boolean | undefined;
  /** Rows returned or affected; −1 where there is no such number. */
  readonly rowCount: number;
  readonly columns: readonly Column[];
  /** In Postgres's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

export type ResultFormat = 'JSON' | 'CSV';

export interface Statement {
  readonly id: string;
  readonly name?: string | undefined;
  /** User or role that sent it: nobody else sees it (F-455). */
  readonly owner: string;
  /** ARN of who sent it, for a role with the session's name. */
  readonly caller: string;
  readonly workgroup: string;
  readonly database: string;
  readonly secretArn?: string | undefined;
  readonly dbUser: string;
  readonly batch: boolean;
  readonly format: ResultFormat;
  readonly sessionId?: string | undefined;
  readonly parameters?: readonly Parameter[] | undefined;
  readonly createdAt: number;
  readonly startedAt: number;
  /** When its outcome shows; it was run when it was sent. */
  endsAt: number;
  aborted?: boolean;
  readonly pid: number;
  readonly queryId: number;
  readonly outcomes: readonly Outcome[];
}

/** A database session that outlives its statement, and what SET has set in it. */
export interface KeptSession {
  readonly id: string;
  readonly owner: string;
  readonly caller: string;
  readonly workgroup: string;
  readonly namespaceId: string;
  readonly database: string;
  readonly user: string;
  readonly secretArn?: string | undefined;
  readonly createdAt: number;
  keepAliveMs: number;
  /** The statement that ran in it last. */
  statementId: string;
  /** When that statement ends. */
  busyUntil: number;
  settings: Record<string, string>;
  /** Where its temporary tables are, if it has made any. */
  temporary?: string;
}

export interface DataApi {
  /** By id, the oldest first. */
  statements: Record<string, Statement>;
  sessions: Record<string, KeptSession>;
  /** By caller and token. */
  tokens: Record<string, { id: string; request: string; at: number }>;
  /** By workgroup: until when it is awake (F-457), and until when it is paid for (F-458). */
  warehouses: Record<string, { awakeUntil: number; billedUntil: number }>;
  nextQuery: number;
}

const slot: Slot<DataApi> = {
  name: 'redshift-data',
  scope: 'region',
  initial: () => ({ statements: {}, sessions: {}, tokens: {}, warehouses: {}, nextQuery: 1_000 }),
};

export const warehouseLives = (place: Place): DataApi['warehouses'] => place.world.state(slot, place.region).warehouses;

const hour = 3_600_000;
/** F-454 */
const keptMs = 24 * hour;
const tokenMs = 8 * hour;

/** The state without what is too old, so that it stays bounded. */
export function dataApi(call: Call): DataApi {
  const state = call.state(slot);
  const { now } = call;
  for (const [id, { createdAt }] of Object.entries(state.statements)) {
    if (now - createdAt <= keptMs) break;
    delete state.statements[id];
  }
  for (const [token, { at }] of Object.entries(state.tokens)) if (now - at > tokenMs) delete state.tokens[token];
  for (const [id, session] of Object.entries(state.sessions))
    if (now > closesAt(session) + keptMs) delete state.sessions[id];
  return state;
}

/** A session ends when it has been idle for as long as it was asked to be kept, and after a day in any case (F-460). */
export const closesAt = ({ createdAt, busyUntil, keepAliveMs }: KeptSession) =>
  Math.min(createdAt + keptMs, busyUntil + keepAliveMs);

export type StatementStatus = 'SUBMITTED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

export function statusOf(statement: Statement, now: number): StatementStatus {
  if (statement.aborted) return 'ABORTED';
  if (now < statement.startedAt) return 'SUBMITTED';
  if (now < statement.endsAt) return 'STARTED';
  return errorOf(statement) === undefined ? 'FINISHED' : 'FAILED';
}

export const isActive = (statement: Statement, now: number) => /^(SUBMITTED|STARTED)$/.test(statusOf(statement, now));

export const errorOf = ({ outcomes }: Statement) => outcomes.find(({ error }) => error !== undefined)?.error;

/** F-455: sessions of a role are one owner; what they did is seen from each of them. */
export const ownerOf = ({ principal }: Call) => principal.arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
