/** What the Data API remembers: statements with their results, for a day, and the tokens they were sent with. */
import type { Call } from '../../service.ts';
import type { Slot } from '../../world.ts';

export interface Column {
  readonly name: string;
  /** Postgres's number of the type. */
  readonly type: number;
  readonly modifier: number;
}

/** One statement of SQL; a batch has several. */
export interface Outcome {
  readonly sql: string;
  readonly error?: string | undefined;
  /** Not run, because one before it failed. */
  readonly skipped?: boolean | undefined;
  /** Rows returned or affected; −1 where there is no such number. */
  readonly rowCount: number;
  readonly columns: readonly Column[];
  /** In Postgres's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Statement {
  readonly id: string;
  readonly name?: string | undefined;
  /** ARN of who sent it: nobody else sees it (F-455). */
  readonly principal: string;
  readonly workgroup: string;
  readonly database: string;
  readonly secretArn?: string | undefined;
  readonly dbUser: string;
  readonly batch: boolean;
  readonly parameters?: readonly { readonly name: string; readonly value: string }[] | undefined;
  readonly createdAt: number;
  readonly startedAt: number;
  /** When its outcome shows; it was run when it was sent. */
  endsAt: number;
  aborted?: boolean;
  readonly pid: number;
  readonly queryId: number;
  readonly outcomes: readonly Outcome[];
}

export interface DataApi {
  /** By id, the oldest first. */
  statements: Record<string, Statement>;
  /** By principal and token. */
  tokens: Record<string, { id: string; request: string; at: number }>;
  /** Workgroup → when its last statement ended: a warehouse sleeps when nothing runs (F-457). */
  awakeUntil: Record<string, number>;
  nextQuery: number;
}

const slot: Slot<DataApi> = {
  name: 'redshift-data',
  scope: 'region',
  initial: () => ({ statements: {}, tokens: {}, awakeUntil: {}, nextQuery: 1_000 }),
};

const hour = 3_600_000;
/** Results are kept for a day, tokens for eight hours (F-454). */
const keptMs = 24 * hour;
const tokenMs = 8 * hour;

/** The state without what is too old. */
export function dataApi(call: Call): DataApi {
  const state = call.state(slot);
  for (const [id, { createdAt }] of Object.entries(state.statements)) {
    if (call.now - createdAt <= keptMs) break;
    delete state.statements[id];
  }
  for (const [token, { at }] of Object.entries(state.tokens)) if (call.now - at > tokenMs) delete state.tokens[token];
  return state;
}

export type StatementStatus = 'SUBMITTED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

export function statusOf(statement: Statement, now: number): StatementStatus {
  if (statement.aborted) return 'ABORTED';
  if (now < statement.startedAt) return 'SUBMITTED';
  if (now < statement.endsAt) return 'STARTED';
  return errorOf(statement) === undefined ? 'FINISHED' : 'FAILED';
}

export const errorOf = ({ outcomes }: Statement) => outcomes.find(({ error }) => error !== undefined)?.error;
