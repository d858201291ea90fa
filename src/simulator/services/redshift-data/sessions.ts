/** Sessions that outlive their statement: what SET has set counts for the next one (F-460). */
import type { ListSessionsRequest, ListSessionsResponse } from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import type { Session } from '../../plane/data-plane.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { invalid } from './login.ts';
import { pageOf } from './paging.ts';
import { closesAt, type DataApi, dataApi, type KeptSession, ownerOf } from './state.ts';

export const sessionsMax = 500;

/** The caller's open session. Throws ValidationException when there is none, or when it is busy. */
export function openSession(call: Call, { sessions }: DataApi, id: string): KeptSession {
  const found = sessions[id];
  const status = found && sessionStatus(call, found);
  if (found?.owner !== ownerOf(call) || status === 'CLOSED') throw invalid(`Session ${id} is not available.`);
  if (status === 'BUSY') throw invalid(`Session ${id} is busy with statement ${found.statementId}.`);
  return found;
}

/** Throws when a caller may not keep another one. */
export function checkSessions(call: Call, { sessions }: DataApi): void {
  const open = Object.values(sessions).filter((session) => sessionStatus(call, session) !== 'CLOSED');
  if (open.length >= sessionsMax)
    throw new ApiError('ActiveSessionsExceededException', 'The number of active sessions exceeds the limit.');
}

/** As the data plane takes it. What is set in it goes back into the world when its statement is recorded. */
export const planeSession = ({ namespaceId, database, user, settings, temporary }: KeptSession): Session => ({
  namespaceId,
  database,
  user,
  settings: new Map(Object.entries(settings)),
  ...(temporary === undefined ? {} : { temporary }),
});

export const plainSettings = ({ settings }: Session): Record<string, string> => Object.fromEntries(settings);

type SessionStatus = 'AVAILABLE' | 'BUSY' | 'CLOSED';

function sessionStatus({ now }: Call, session: KeptSession): SessionStatus {
  if (now < session.busyUntil) return 'BUSY';
  return now < closesAt(session) ? 'AVAILABLE' : 'CLOSED';
}

const listSessions: Operation<Checked<ListSessionsRequest>, ListSessionsResponse> = (input, call) => {
  const { SessionId, Status, RoleLevel = true, WorkgroupName, Database } = input;
  const found = Object.values(dataApi(call).sessions).filter((session) => {
    const status = sessionStatus(call, session);
    return (
      (RoleLevel ? session.owner === ownerOf(call) : session.caller === call.principal.arn) &&
      (SessionId ?? session.id) === session.id &&
      (Status === undefined ? status !== 'CLOSED' || SessionId !== undefined : status === Status) &&
      (WorkgroupName ?? session.workgroup) === session.workgroup &&
      (Database ?? session.database) === session.database
    );
  });
  const page = pageOf(call, found, input);
  return { Sessions: page.items.map((session) => viewOf(call, session)), ...page.next };
};

function viewOf(call: Call, session: KeptSession) {
  const status = sessionStatus(call, session);
  return {
    SessionId: session.id,
    Status: status,
    CreatedAt: new Date(session.createdAt),
    UpdatedAt: new Date(Math.min(call.now, session.busyUntil)),
    Database: session.database,
    DbUser: session.user,
    WorkgroupName: session.workgroup,
    SessionAliveSeconds: session.keepAliveMs / 1_000,
    SessionTtl: new Date(closesAt(session)),
    ...(status === 'BUSY' ? { CurrentStatementId: session.statementId } : {}),
  };
}

export const sessionOperations = { ListSessions: listSessions };
