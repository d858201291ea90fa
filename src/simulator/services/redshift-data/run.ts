/**
 * ExecuteStatement and BatchExecuteStatement. A statement is really run while its request is answered; what came of it
 * shows when its time has come, as if the warehouse had been at it until then (F-450).
 *
 * Gap: `WaitTimeSeconds` waits for nothing; a client then asks again, as it has to when the time isn't enough.
 */
import type {
  BatchExecuteStatementInput,
  BatchExecuteStatementOutput,
  ExecuteStatementInput,
  ExecuteStatementOutput,
} from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import type { DataPlane, Session } from '../../plane/data-plane.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { findWorkgroup, type WarehouseInfo } from '../redshift-serverless/lookup.ts';
import { invalid, loginOf, type Where, warehouseOf } from './login.ts';
import { runScript, type Script } from './outcomes.ts';
import { withParameters } from './parameters.ts';
import { checkSessions, openSession, plainSettings, planeSession } from './sessions.ts';
import {
  closesAt,
  type DataApi,
  dataApi,
  isActive,
  type KeptSession,
  type Outcome,
  ownerOf,
  type Parameter,
  type ResultFormat,
  type Statement,
} from './state.ts';
import { putDown, wakingMs } from './warehouse-life.ts';

/** F-454 */
const statementBytesMax = 100 * 1024;
const activeMax = 500;

/** Members that both operations have. */
interface Request extends Where {
  readonly Parameters?: Parameter[] | undefined;
  readonly ClientToken?: string | undefined;
  readonly StatementName?: string | undefined;
  readonly ResultFormat?: ResultFormat | undefined;
  readonly SessionKeepAliveSeconds?: number | undefined;
  readonly SessionId?: string | undefined;
}

interface Submission extends Script {
  readonly request: Request;
}

export function runOperations(plane: DataPlane) {
  const executeStatement: Operation<Checked<ExecuteStatementInput>, ExecuteStatementOutput> = async (request, call) => {
    const shown = [request.Sql];
    const sqls = withParameters(shown, request.Parameters);
    return answerOf(await submit(plane, call, { request, sqls, shown, mode: 'single' }));
  };
  const batchExecuteStatement: Operation<Checked<BatchExecuteStatementInput>, BatchExecuteStatementOutput> = async (
    request,
    call,
  ) => {
    const mode = request.ExecutionMode === 'AUTO_COMMIT' ? 'each' : 'transaction';
    const sqls = withParameters(request.Sqls, request.Parameters);
    return answerOf(await submit(plane, call, { request, sqls, shown: request.Sqls, mode }));
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
  ...(statement.sessionId === undefined ? {} : { SessionId: statement.sessionId }),
});

async function submit(plane: DataPlane, call: Call, submission: Submission): Promise<Statement> {
  const state = dataApi(call);
  const earlier = sentBefore(call, state, submission);
  if (earlier) return earlier;
  const entry = enter(plane, call, state, submission.request);
  refuse(call, state, entry.warehouse, submission);
  const run: { session?: Session } = {};
  const outcomes = await runScript(plane, call, submission, () => {
    run.session = entry.open();
    return run.session;
  });
  const statement = statementOf(call, state, submission, { ...entry, outcomes });
  state.statements[statement.id] = statement;
  remember(call, state, submission, statement);
  if (run.session) plane.end(call, run.session, keepSession(call, state, submission.request, statement, run.session));
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  const succeeded = failed > 0 && submission.mode === 'transaction' ? 0 : outcomes.length - failed;
  putDown(call, entry.warehouse, { ...statement, succeeded, failed, connections: 1 });
  return statement;
}

/** F-459: the same token with the same request gives the first statement, whatever became of it. */
function sentBefore(call: Call, state: DataApi, submission: Submission): Statement | undefined {
  const { ClientToken } = submission.request;
  const sent = ClientToken === undefined ? undefined : state.tokens[tokenKey(call, ClientToken)];
  if (!sent) return undefined;
  if (sent.request !== requestText(submission)) throw invalid('The client token was used for another request.');
  return state.statements[sent.id];
}

function remember(call: Call, { tokens }: DataApi, submission: Submission, { id }: Statement): void {
  const { ClientToken } = submission.request;
  if (ClientToken === undefined) return;
  tokens[tokenKey(call, ClientToken)] = { id, request: requestText(submission), at: call.now };
}

const tokenKey = (call: Call, token: string) => `${ownerOf(call)} ${token}`;

const requestText = ({ sqls, mode, request: { WorkgroupName, Database, SecretArn, SessionId } }: Submission) =>
  JSON.stringify([sqls, mode, WorkgroupName, Database, SecretArn, SessionId]);

interface Entry {
  readonly warehouse: WarehouseInfo;
  readonly user: string;
  readonly database: string;
  readonly secretArn: string | undefined;
  readonly sessionId: string | undefined;
  open(): Session;
}

/** Into a session that was kept, or by workgroup, database and credentials. */
function enter(plane: DataPlane, call: Call, state: DataApi, request: Request): Entry {
  const { SessionId, SecretArn, SessionKeepAliveSeconds = 0 } = request;
  if (SessionId !== undefined) return reenter(call, openSession(call, state, SessionId), request);
  const warehouse = warehouseOf(call, request);
  const { user, database, open } = loginOf(call, plane, warehouse, request);
  if (SessionKeepAliveSeconds > 0) checkSessions(call, state);
  const sessionId = SessionKeepAliveSeconds > 0 ? call.world.random.uuid() : undefined;
  return { warehouse, user, database, secretArn: SecretArn, sessionId, open };
}

function reenter(call: Call, session: KeptSession, { WorkgroupName, Database, SecretArn }: Request): Entry {
  if (WorkgroupName !== undefined || Database !== undefined || SecretArn !== undefined)
    throw invalid('WorkgroupName, Database and SecretArn must not be specified with SessionId: the session has them.');
  const found = findWorkgroup(call, session.workgroup);
  if (found?.namespaceId !== session.namespaceId) throw invalid(`Session ${session.id} is not available.`);
  const warehouse = warehouseOf(call, { WorkgroupName: session.workgroup });
  const { id: sessionId, database, user, secretArn } = session;
  return { warehouse, user, database, secretArn, sessionId, open: () => planeSession(session) };
}

function refuse(call: Call, { statements }: DataApi, warehouse: WarehouseInfo, { sqls }: Submission): void {
  if (sqls.some((sql) => Buffer.byteLength(sql) > statementBytesMax))
    throw invalid('The SQL statement is longer than 100 KB.');
  const active = Object.values(statements).filter(
    (statement) => statement.workgroup === warehouse.workgroupName && isActive(statement, call.now),
  );
  if (active.length >= activeMax)
    throw new ApiError('ActiveStatementsExceededException', 'The number of active statements exceeds the limit.');
}

function statementOf(
  call: Call,
  state: DataApi,
  { request, mode }: Submission,
  { warehouse, user, database, secretArn, sessionId, outcomes }: Entry & { readonly outcomes: readonly Outcome[] },
): Statement {
  const startedAt = call.now + wakingMs(call, warehouse);
  const ran = outcomes.filter(({ skipped }) => !skipped).length;
  const endsAt = startedAt + ran * call.world.draw('statement.run');
  const queryId = state.nextQuery;
  state.nextQuery += outcomes.length;
  return {
    id: call.world.random.uuid(),
    name: request.StatementName,
    owner: ownerOf(call),
    caller: call.principal.arn,
    workgroup: warehouse.workgroupName,
    database,
    secretArn,
    dbUser: user,
    batch: mode !== 'single',
    format: request.ResultFormat ?? 'JSON',
    sessionId,
    parameters: request.Parameters,
    createdAt: call.now,
    startedAt,
    endsAt,
    pid: 1_073_741_824 + (queryId % 1_000),
    queryId,
    outcomes,
  };
}

/** Keeps what the statement left behind in its session, when somebody asked for that. */
function keepSession(
  call: Call,
  { sessions }: DataApi,
  { SessionKeepAliveSeconds }: Request,
  statement: Statement,
  session: Session,
): number | undefined {
  const { id: statementId, sessionId: id, owner, caller, workgroup, secretArn, endsAt: busyUntil } = statement;
  if (id === undefined) return undefined;
  const { namespaceId, database, user } = session;
  const known = sessions[id] ?? { createdAt: call.now, keepAliveMs: 0 };
  const keepAliveMs = SessionKeepAliveSeconds === undefined ? known.keepAliveMs : SessionKeepAliveSeconds * 1_000;
  const who = { id, owner, caller, workgroup, namespaceId, database, user, secretArn };
  const settings = plainSettings(session);
  const kept: KeptSession = { ...who, createdAt: known.createdAt, keepAliveMs, statementId, busyUntil, settings };
  if (session.temporary !== undefined) kept.temporary = session.temporary;
  sessions[id] = kept;
  return closesAt(kept);
}
