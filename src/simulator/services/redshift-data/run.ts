/**
 * ExecuteStatement and BatchExecuteStatement. A statement is really run while its request is answered; what came of it
 * shows when its time has come, as if the warehouse had been at it until then.
 */
import type {
  BatchExecuteStatementInput,
  BatchExecuteStatementOutput,
  ExecuteStatementInput,
  ExecuteStatementOutput,
} from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import type { DataPlane, Session, StatementResult } from '../../plane/data-plane.ts';
import { SqlError } from '../../plane/sql-error.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { putMetric } from '../monitoring/index.ts';
import { invalid, loginOf, type Where, warehouseOf } from './login.ts';
import { type Parameter, withParameters } from './parameters.ts';
import { type DataApi, dataApi, type Outcome, type Statement, statusOf } from './state.ts';

const statementBytesMax = 100 * 1024;
const activeMax = 500;
/** A warehouse that ran nothing for so long has gone to sleep; AWS promises no figure (F-457). */
const asleepAfterMs = 5 * 60_000;

export function runOperations(plane: DataPlane) {
  const executeStatement: Operation<Checked<ExecuteStatementInput>, ExecuteStatementOutput> = async (input, call) => {
    const parameters = input.Parameters as readonly Parameter[] | undefined;
    const sql = withParameters(input.Sql, parameters);
    const statement = await submit(plane, call, {
      ...input,
      sqls: [sql],
      shown: [input.Sql],
      batch: false,
      parameters,
    });
    return answerOf(statement);
  };
  const batchExecuteStatement: Operation<Checked<BatchExecuteStatementInput>, BatchExecuteStatementOutput> = async (
    input,
    call,
  ) => {
    const parameters = input.Parameters as readonly Parameter[] | undefined;
    const sqls = input.Sqls.map((sql) => withParameters(sql, parameters));
    const statement = await submit(plane, call, { ...input, sqls, shown: input.Sqls, batch: true, parameters });
    return answerOf(statement);
  };
  return { ExecuteStatement: executeStatement, BatchExecuteStatement: batchExecuteStatement };
}

const answerOf = (statement: Statement): ExecuteStatementOutput => ({
  Id: statement.id,
  CreatedAt: new Date(statement.createdAt),
  Database: statement.database,
  DbUser: statement.dbUser,
  WorkgroupName: statement.workgroup,
  ...(statement.secretArn === undefined ? {} : { SecretArn: statement.secretArn }),
});

interface Submission extends Where {
  /** With parameters in their places. */
  readonly sqls: readonly string[];
  /** As they were sent. */
  readonly shown: readonly string[];
  readonly batch: boolean;
  readonly parameters?: readonly Parameter[] | undefined;
  readonly ClientToken?: string | undefined;
  readonly StatementName?: string | undefined;
}

async function submit(plane: DataPlane, call: Call, submission: Submission): Promise<Statement> {
  const state = dataApi(call);
  const earlier = sentBefore(call, state, submission);
  if (earlier) return earlier;
  refuse(call, state, submission);
  const warehouse = warehouseOf(call, submission);
  const login = loginOf(call, plane, warehouse, submission);
  const outcomes = await runAll(plane, call, submission, login.open);
  const statement = record(call, state, submission, { workgroup: warehouse.workgroupName, user: login.user, outcomes });
  measure(call, statement, warehouse.baseCapacity);
  return statement;
}

/** F-454: the same token with the same request gives the first statement, whatever became of it. */
function sentBefore(call: Call, state: DataApi, submission: Submission): Statement | undefined {
  const { ClientToken } = submission;
  const sent = ClientToken === undefined ? undefined : state.tokens[tokenKey(call, ClientToken)];
  if (!sent) return undefined;
  if (sent.request !== requestText(submission)) throw invalid('The client token was used for another request.');
  return state.statements[sent.id];
}

const tokenKey = (call: Call, token: string) => `${call.principal.arn} ${token}`;

const requestText = ({ sqls, WorkgroupName, Database, SecretArn, batch }: Submission) =>
  JSON.stringify([sqls, WorkgroupName, Database, SecretArn, batch]);

function refuse(call: Call, state: DataApi, { sqls }: Submission): void {
  if (sqls.some((sql) => Buffer.byteLength(sql) > statementBytesMax))
    throw invalid('The SQL statement is longer than 100 KB.');
  const active = Object.values(state.statements).filter((statement) =>
    /^(SUBMITTED|STARTED)$/.test(statusOf(statement, call.now)),
  );
  if (active.length >= activeMax)
    throw new ApiError('ActiveStatementsExceededException', 'The number of active statements exceeds the limit.');
}

async function runAll(
  plane: DataPlane,
  call: Call,
  { sqls, shown, batch }: Submission,
  open: () => Session,
): Promise<Outcome[]> {
  const skipped = (sql: string): Outcome => ({ sql, skipped: true, rowCount: -1, columns: [], rows: [] });
  const failed = (error: SqlError, at: number) =>
    shown.map((sql, index) =>
      index === at ? { sql, error: error.text, rowCount: -1, columns: [], rows: [] } : skipped(sql),
    );
  let at = 0;
  try {
    const session = open();
    if (!batch) return [outcomeOf(shown[0] ?? '', await plane.execute(call, session, sqls[0] ?? ''))];
    const results = await plane.transaction(call, session, sqls, (index) => {
      at = index;
    });
    return results.map((result, index) => outcomeOf(shown[index] ?? '', result));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return failed(error, at);
  }
}

function outcomeOf(sql: string, { tag, fields, rows }: StatementResult): Outcome {
  const affected = /\d+$/.exec(tag)?.[0];
  const rowCount = fields.length > 0 ? rows.length : affected === undefined ? -1 : Number(affected);
  return { sql, rowCount, columns: fields.map(({ name, type, modifier }) => ({ name, type, modifier })), rows };
}

function record(
  call: Call,
  state: DataApi,
  submission: Submission,
  ran: { workgroup: string; user: string; outcomes: Outcome[] },
): Statement {
  const { workgroup, user, outcomes } = ran;
  const { world, now } = call;
  const cold = now - (state.awakeUntil[workgroup] ?? Number.NEGATIVE_INFINITY) > asleepAfterMs;
  const startedAt = now + (cold ? world.draw('warehouse.resume') : 0);
  const endsAt = startedAt + outcomes.filter(({ skipped }) => !skipped).length * world.draw('statement.run');
  const statement: Statement = {
    id: world.random.uuid(),
    name: submission.StatementName,
    principal: call.principal.arn,
    workgroup,
    database: submission.Database ?? '',
    secretArn: submission.SecretArn,
    dbUser: user,
    batch: submission.batch,
    parameters: submission.parameters,
    createdAt: now,
    startedAt,
    endsAt,
    pid: 1_073_741_824 + (state.nextQuery % 1_000),
    queryId: state.nextQuery++,
    outcomes,
  };
  state.statements[statement.id] = statement;
  state.awakeUntil[workgroup] = endsAt;
  if (submission.ClientToken !== undefined) {
    state.tokens[tokenKey(call, submission.ClientToken)] = {
      id: statement.id,
      request: requestText(submission),
      at: now,
    };
  }
  return statement;
}

/** F-458: what CloudWatch shows of a warehouse at work; an idle one shows nothing. */
function measure(call: Call, { workgroup, startedAt, endsAt }: Statement, baseCapacity: number): void {
  const dimensions = { Workgroup: workgroup };
  const point = (name: string, value: number, unit: string) =>
    putMetric(call, { namespace: 'AWS/Redshift-Serverless', name, dimensions, value, unit, at: endsAt });
  point('DatabaseConnections', 1, 'Count');
  point('QueriesRunning', 1, 'Count');
  point('ComputeSeconds', Math.max(60, (endsAt - startedAt) / 1000) * Math.max(4, baseCapacity), 'Seconds');
}
