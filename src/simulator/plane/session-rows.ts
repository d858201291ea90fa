/** The rows of the views that show who is connected and what runs: superusers see all, others their own (F-442, F-443). */
import { principalKey } from './catalog.ts';
import type { Scope } from './scope.ts';
import { type LiveSession, sessionsOf } from './session-table.ts';

const stamp = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

export function sessionRows(scope: Scope) {
  const { place, namespace, user } = scope;
  const visible = sessionsOf(place.world, namespace.id).filter(
    (session) => user.superuser || session.user === user.name,
  );
  const userId = ({ user: name }: LiveSession) => namespace.users[principalKey('user', name)]?.id ?? 0;
  return {
    sys_session_history: visible.map((session) => ({
      user_id: String(userId(session)).padEnd(50),
      session_id: session.pid,
      database_name: session.database.padEnd(50),
      status: 'active',
      session_timeout: 0,
      start_time: stamp(session.startedAt),
      end_time: null,
    })),
    sys_query_history: visible.flatMap((session) => {
      const { statement, pid, database } = session;
      if (!statement) return [];
      const { queryId, text, startedAt, endedAt, failed } = statement;
      const what = { user_id: userId(session), query_id: queryId, session_id: pid, database_name: database };
      const when = { start_time: stamp(startedAt), end_time: endedAt === undefined ? null : stamp(endedAt) };
      const status = endedAt === undefined ? 'running' : failed ? 'failed' : 'success';
      return [{ ...what, ...when, query_type: 'SELECT', status, query_text: text.slice(0, 4_000) }];
    }),
    stv_sessions: visible.map((session) => ({
      starttime: stamp(session.startedAt),
      process: session.pid,
      user_name: session.user.padEnd(50),
      db_name: session.database.padEnd(50),
      timeout_sec: 0,
    })),
  };
}
