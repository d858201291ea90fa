/** What became of statements: DescribeStatement, GetStatementResult, ListStatements, CancelStatement. */
import type {
  CancelStatementRequest,
  CancelStatementResponse,
  DescribeStatementRequest,
  DescribeStatementResponse,
  GetStatementResultRequest,
  GetStatementResultResponse,
  GetStatementResultV2Request,
  GetStatementResultV2Response,
  ListStatementsRequest,
  ListStatementsResponse,
  SubStatementData,
} from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation, paginate } from '../../service.ts';
import { invalid } from './login.ts';
import { csvOf, fieldOf, metadataOf, sizeOf } from './results.ts';
import { dataApi, errorOf, type Outcome, type Statement, statusOf } from './state.ts';

/** Rows of one page; AWS cuts by size (F-454). */
const rowsPerPage = 1_000;

const absent = (id: string) =>
  new ApiError('ResourceNotFoundException', 'Query does not exist.', { members: { ResourceId: id } });

/** Ids of a batch's statements are its own with `:1`, `:2`, …; others see none of them. */
function find(call: Call, id: string): { statement: Statement; at: number | undefined } {
  const [whole = '', part] = id.split(':');
  const statement = dataApi(call).statements[whole];
  const at = part === undefined ? undefined : Number(part) - 1;
  if (statement?.principal !== call.principal.arn || (at !== undefined && !statement.outcomes[at])) throw absent(id);
  return { statement, at };
}

const describeStatement: Operation<Checked<DescribeStatementRequest>, DescribeStatementResponse> = ({ Id }, call) => {
  const { statement } = find(call, Id);
  const status = statusOf(statement, call.now);
  const ended = status !== 'SUBMITTED' && status !== 'STARTED';
  const last = statement.outcomes.at(-1);
  const error = ended ? errorOf(statement) : undefined;
  return {
    Id: statement.id,
    Status: status,
    Database: statement.database,
    DbUser: statement.dbUser,
    WorkgroupName: statement.workgroup,
    ...(statement.secretArn === undefined ? {} : { SecretArn: statement.secretArn }),
    QueryString: statement.outcomes.map(({ sql }) => sql).join('; '),
    ...(statement.parameters ? { QueryParameters: [...statement.parameters] } : {}),
    ...(error === undefined ? {} : { Error: error }),
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(Math.min(call.now, statement.endsAt)),
    Duration: ended ? (statement.endsAt - statement.startedAt) * 1_000_000 : -1,
    HasResultSet: status === 'FINISHED' && !statement.batch && (last?.columns.length ?? 0) > 0,
    ResultRows: status === 'FINISHED' ? (last?.rowCount ?? -1) : -1,
    ResultSize: status === 'FINISHED' && last ? sizeOf(last) : -1,
    RedshiftPid: statement.pid,
    RedshiftQueryId: statement.queryId,
    ...(statement.batch
      ? { SubStatements: statement.outcomes.map((outcome, at) => subStatement(statement, outcome, at, call.now)) }
      : {}),
  };
};

function subStatement(statement: Statement, outcome: Outcome, at: number, now: number): SubStatementData {
  const whole = statusOf(statement, now);
  const ended = whole === 'FINISHED' || whole === 'FAILED';
  const own = outcome.error !== undefined ? 'FAILED' : outcome.skipped || whole === 'FAILED' ? 'ABORTED' : 'FINISHED';
  return {
    Id: `${statement.id}:${at + 1}`,
    QueryString: outcome.sql,
    Status: ended ? own : whole,
    ...(ended && outcome.error !== undefined ? { Error: outcome.error } : {}),
    HasResultSet: outcome.columns.length > 0,
    ResultRows: outcome.rowCount,
    ResultSize: sizeOf(outcome),
    Duration: ended ? ((statement.endsAt - statement.startedAt) / statement.outcomes.length) * 1_000_000 : -1,
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(Math.min(now, statement.endsAt)),
    RedshiftQueryId: statement.queryId,
  };
}

/** The finished statement's rows. Throws ResourceNotFoundException while it runs, or where there are none. */
function resultOf(call: Call, id: string): Outcome {
  const { statement, at } = find(call, id);
  if (statement.batch && at === undefined)
    throw invalid('A batch has results of its statements only: name one by its own Id.');
  const outcome = statement.outcomes[at ?? 0];
  if (statusOf(statement, call.now) !== 'FINISHED' || !outcome || outcome.columns.length === 0) {
    throw new ApiError(
      'ResourceNotFoundException',
      'Query does not have result. Please check query status with DescribeStatement.',
      { members: { ResourceId: id } },
    );
  }
  return outcome;
}

const badToken = () => invalid('The pagination token is not valid.');

const getStatementResult: Operation<Checked<GetStatementResultRequest>, GetStatementResultResponse> = (
  { Id, NextToken },
  call,
) => {
  const outcome = resultOf(call, Id);
  const page = paginate(outcome.rows, NextToken, rowsPerPage, badToken);
  return {
    Records: page.items.map((row) =>
      row.map((value, column) => fieldOf(value, outcome.columns[column] ?? { name: '', type: 25, modifier: -1 })),
    ),
    ColumnMetadata: outcome.columns.map(metadataOf),
    TotalNumRows: outcome.rows.length,
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
};

const getStatementResultV2: Operation<Checked<GetStatementResultV2Request>, GetStatementResultV2Response> = (
  { Id },
  call,
) => {
  const outcome = resultOf(call, Id);
  return {
    Records: [{ CSVRecords: csvOf(outcome) }],
    ColumnMetadata: outcome.columns.map(metadataOf),
    TotalNumRows: outcome.rows.length,
    ResultFormat: 'CSV',
  };
};

/** F-459: without a status only those that finished are listed. */
const listStatements: Operation<Checked<ListStatementsRequest>, ListStatementsResponse> = (input, call) => {
  const { StatementName = '', Status = 'FINISHED', WorkgroupName, Database, MaxResults = 100, NextToken } = input;
  const found = Object.values(dataApi(call).statements)
    .filter(
      ({ principal, name = '', workgroup, database }) =>
        principal === call.principal.arn &&
        name.startsWith(StatementName) &&
        (WorkgroupName ?? workgroup) === workgroup &&
        (Database ?? database) === database,
    )
    .filter((statement) => Status === 'ALL' || statusOf(statement, call.now) === Status)
    .reverse();
  const page = paginate(found, NextToken, MaxResults, badToken);
  return {
    Statements: page.items.map((statement) => ({
      Id: statement.id,
      ...(statement.name === undefined ? {} : { StatementName: statement.name }),
      QueryString: statement.outcomes[0]?.sql,
      ...(statement.batch ? { QueryStrings: statement.outcomes.map(({ sql }) => sql) } : {}),
      IsBatchStatement: statement.batch,
      Status: statusOf(statement, call.now),
      CreatedAt: new Date(statement.createdAt),
      UpdatedAt: new Date(Math.min(call.now, statement.endsAt)),
      ...(statement.secretArn === undefined ? {} : { SecretArn: statement.secretArn }),
    })),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
};

const cancelStatement: Operation<Checked<CancelStatementRequest>, CancelStatementResponse> = ({ Id }, call) => {
  const { statement } = find(call, Id);
  const status = statusOf(statement, call.now);
  if (status !== 'SUBMITTED' && status !== 'STARTED')
    throw invalid(`Could not cancel a query that is already in ${status} state with ID: ${Id}`);
  statement.aborted = true;
  statement.endsAt = call.now;
  return { Status: true };
};

export const statementOperations = {
  DescribeStatement: describeStatement,
  GetStatementResult: getStatementResult,
  GetStatementResultV2: getStatementResultV2,
  ListStatements: listStatements,
  CancelStatement: cancelStatement,
};
