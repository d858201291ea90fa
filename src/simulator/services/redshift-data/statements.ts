/** What became of statements: DescribeStatement, ListStatements, CancelStatement. */
import type {
  CancelStatementRequest,
  CancelStatementResponse,
  DescribeStatementRequest,
  DescribeStatementResponse,
  ListStatementsRequest,
  ListStatementsResponse,
  StatementData,
  SubStatementData,
} from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { findWorkgroup } from '../redshift-serverless/lookup.ts';
import { invalid } from './login.ts';
import { pageOf } from './paging.ts';
import { sizeOf } from './results.ts';
import { dataApi, errorOf, isActive, type Outcome, ownerOf, type Statement, statusOf } from './state.ts';

const absent = (id: string) =>
  new ApiError('ResourceNotFoundException', 'Query does not exist.', { members: { ResourceId: id } });

/**
 * The caller's statement, and which one of a batch is meant: their ids are the batch's with `:1`, `:2` and so on.
 * Throws ResourceNotFoundException, for the statements of others, too (F-455).
 */
export function find(call: Call, id: string): { statement: Statement; at: number | undefined } {
  const [whole = '', part] = id.split(':');
  const statement = dataApi(call).statements[whole];
  const at = part === undefined ? undefined : Number(part) - 1;
  if (statement?.owner !== ownerOf(call) || (at !== undefined && !statement.outcomes[at])) throw absent(id);
  return { statement, at };
}

const describeStatement: Operation<Checked<DescribeStatementRequest>, DescribeStatementResponse> = ({ Id }, call) => {
  const { statement, at } = find(call, Id);
  const whole = wholeOf(statement, call);
  if (at !== undefined) return { ...whole, ...partOf(statement, at, call) };
  const parts = statement.outcomes.map((_, index) => partOf(statement, index, call));
  return { ...whole, ...(statement.batch ? { SubStatements: parts } : {}) };
};

function wholeOf(statement: Statement, { now }: Call): DescribeStatementResponse {
  const error = isActive(statement, now) ? undefined : errorOf(statement);
  return {
    Id: statement.id,
    Status: statusOf(statement, now),
    Database: statement.database,
    DbUser: statement.dbUser,
    WorkgroupName: statement.workgroup,
    QueryString: statement.outcomes.map(({ sql }) => sql).join('; '),
    ResultFormat: statement.format,
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(Math.min(now, statement.endsAt)),
    Duration: durationOf(statement, now),
    RedshiftPid: statement.pid,
    RedshiftQueryId: statement.queryId,
    ...figuresOf(statement, now),
    ...(statement.secretArn === undefined ? {} : { SecretArn: statement.secretArn }),
    ...(statement.sessionId === undefined ? {} : { SessionId: statement.sessionId }),
    ...(statement.parameters ? { QueryParameters: [...statement.parameters] } : {}),
    ...(error === undefined ? {} : { Error: error }),
  };
}

/** F-463: of a batch only whether any of its statements has a result. */
function figuresOf(statement: Statement, now: number) {
  const { outcomes, batch } = statement;
  const [only] = outcomes;
  const finished = statusOf(statement, now) === 'FINISHED';
  const single = finished && !batch && only;
  return {
    HasResultSet: finished && outcomes.some(({ columns }) => columns.length > 0),
    ResultRows: single ? single.rowCount : -1,
    ResultSize: single ? sizeOf(single) : -1,
  };
}

/** Nanoseconds; −1 while it runs. */
const durationOf = (statement: Statement, now: number) =>
  isActive(statement, now) ? -1 : Math.max(0, statement.endsAt - statement.startedAt) * 1_000_000;

function partOf(statement: Statement, at: number, { now }: Call): SubStatementData {
  const outcome = statement.outcomes[at] as Outcome;
  const active = isActive(statement, now);
  const Status = partStatus(statement, outcome, now);
  const { length } = statement.outcomes;
  return {
    Id: `${statement.id}:${at + 1}`,
    QueryString: outcome.sql,
    Status,
    ...(!active && outcome.error !== undefined ? { Error: outcome.error } : {}),
    HasResultSet: Status === 'FINISHED' && outcome.columns.length > 0,
    ResultRows: Status === 'FINISHED' ? outcome.rowCount : -1,
    ResultSize: Status === 'FINISHED' ? sizeOf(outcome) : -1,
    Duration: active ? -1 : Math.round(durationOf(statement, now) / length),
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(Math.min(now, statement.endsAt)),
    RedshiftQueryId: statement.queryId + at,
  };
}

/** One that was rolled back, or never run, because of another was ABORTED. */
export function partStatus(statement: Statement, { error, skipped }: Outcome, now: number) {
  const whole = statusOf(statement, now);
  if (whole !== 'FINISHED' && whole !== 'FAILED') return whole;
  if (error !== undefined) return 'FAILED';
  return skipped ? 'ABORTED' : 'FINISHED';
}

/** F-464: without a status only those that finished are listed; the latest first. */
const listStatements: Operation<Checked<ListStatementsRequest>, ListStatementsResponse> = (input, call) => {
  const { Status = 'FINISHED' } = input;
  if (input.ClusterIdentifier !== undefined && input.WorkgroupName !== undefined)
    throw invalid('ClusterIdentifier and WorkgroupName must not both be specified.');
  const found = Object.values(dataApi(call).statements)
    .filter((statement) => isWanted(call, statement, input))
    .filter((statement) => Status === 'ALL' || statusOf(statement, call.now) === Status)
    .reverse();
  const { items, next } = pageOf(call, found, input);
  return { Statements: items.map((statement) => listed(statement, call)), ...next };
};

function isWanted(call: Call, statement: Statement, input: Checked<ListStatementsRequest>): boolean {
  const { StatementName = '', RoleLevel = true, WorkgroupName, ClusterIdentifier, Database } = input;
  const workgroup = WorkgroupName && (findWorkgroup(call, WorkgroupName)?.workgroupName ?? WorkgroupName);
  const mine = RoleLevel ? statement.owner === ownerOf(call) : statement.caller === call.principal.arn;
  return (
    mine &&
    ClusterIdentifier === undefined &&
    (statement.name ?? '').startsWith(StatementName) &&
    (workgroup ?? statement.workgroup) === statement.workgroup &&
    (Database ?? statement.database) === statement.database
  );
}

const listed = (statement: Statement, { now }: Call): StatementData => ({
  Id: statement.id,
  ...(statement.name === undefined ? {} : { StatementName: statement.name }),
  ...(statement.batch
    ? { QueryStrings: statement.outcomes.map(({ sql }) => sql) }
    : { QueryString: statement.outcomes[0]?.sql }),
  IsBatchStatement: statement.batch,
  Status: statusOf(statement, now),
  ResultFormat: statement.format,
  CreatedAt: new Date(statement.createdAt),
  UpdatedAt: new Date(Math.min(now, statement.endsAt)),
  ...(statement.parameters ? { QueryParameters: [...statement.parameters] } : {}),
  ...(statement.secretArn === undefined ? {} : { SecretArn: statement.secretArn }),
  ...(statement.sessionId === undefined ? {} : { SessionId: statement.sessionId }),
});

/** Gap: what the statement changed stays, because it was run when it was sent (F-450). */
const cancelStatement: Operation<Checked<CancelStatementRequest>, CancelStatementResponse> = ({ Id }, call) => {
  const { statement } = find(call, Id);
  if (!isActive(statement, call.now)) {
    const status = statusOf(statement, call.now);
    throw invalid(`Could not cancel a query that is already in ${status} state with ID: ${Id}`);
  }
  statement.aborted = true;
  statement.endsAt = call.now;
  return { Status: true };
};

export const statementOperations = {
  DescribeStatement: describeStatement,
  ListStatements: listStatements,
  CancelStatement: cancelStatement,
};
