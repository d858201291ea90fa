/** One connection of a Postgres client to a warehouse, from its first byte to its last. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { RealClock } from '../../shared/clock.ts';
import type { OpenSession } from '../plane/open-session.ts';
import { SqlError } from '../plane/sql-error.ts';
import { authenticate, type Kept } from './authentication.ts';
import { authenticationOk, backendKeyData, errorResponse, parameterStatus, readyForQuery } from './backend-messages.ts';
import { Body } from './body.ts';
import { ExtendedQueries } from './extended-query.ts';
import { type Message, MessageStream, protocolViolation } from './message-stream.ts';
import { simpleQuery } from './simple-query.ts';
import { type Cancellation, greet, type Startup } from './startup.ts';

/** How long a client may take until it has said who it is, as Postgres has it (real ms). */
const authenticationMs = 60_000;
const clock = new RealClock();

/** The warehouse behind a connection, as it stands when it is asked. */
export interface Warehouse {
  /** Throws FATAL `SqlError` where it does not let such a client in at all. */
  admit(startup: Startup): void;
  /** What is kept of the user's password, in each form in which it may be given. */
  kept(startup: Startup): Kept;
  /** Opens the session. Throws FATAL `SqlError` for a database that is not there. */
  open(startup: Startup, onLost: (why: SqlError) => void): OpenedSession;
  cancel(cancellation: Cancellation): Promise<void>;
  secureContext(): Promise<SecureContext>;
  random(bytes: number): Buffer;
  /** Passes when the next answer may go out: at once, unless the way is slow. */
  lag(): Promise<void>;
}

export interface OpenedSession {
  readonly session: OpenSession;
  readonly pid: number;
  /** What a client must know to cancel this session's statements. */
  readonly key: number;
  close(): Promise<void>;
}

/** Serves one connection to its end. Never rejects. */
export async function converse(socket: Socket, warehouse: Warehouse): Promise<void> {
  const stream = new MessageStream(socket);
  const admitted = new AbortController();
  void clock.sleep(authenticationMs, { signal: admitted.signal, background: true }).then(
    () => socket.destroy(),
    () => undefined,
  );
  try {
    const wanted = await greet(stream, () => warehouse.secureContext());
    if (wanted && 'pid' in wanted) await warehouse.cancel(wanted);
    else if (wanted) await serve(stream, warehouse, wanted, () => admitted.abort());
    await stream.end();
  } catch (error) {
    await sayFarewell(stream, error);
  } finally {
    admitted.abort();
    socket.destroySoon();
  }
}

async function serve(
  stream: MessageStream,
  warehouse: Warehouse,
  startup: Startup,
  onAdmitted: () => void,
): Promise<void> {
  warehouse.admit(startup);
  const { user } = startup;
  if (!(await authenticate(stream, user, warehouse.kept(startup), (bytes) => warehouse.random(bytes)))) return;
  onAdmitted();
  const opened = warehouse.open(startup, (why) => void sayFarewell(stream, why));
  stream.onClosed(() => opened.session.abandon());
  try {
    stream.send(authenticationOk, ...statuses(startup), backendKeyData(opened.pid, opened.key));
    stream.send(readyForQuery('I'));
    await stream.flush();
    await answerMessages(stream, opened.session, () => warehouse.lag());
  } finally {
    await opened.close();
  }
}

/** What Redshift tells of itself: its version is that of the Postgres it comes from (F-701). */
const statuses = ({ user, options }: Startup) =>
  Object.entries({
    server_version: '8.0.2',
    server_encoding: 'UNICODE',
    // Whatever a client asks for: it goes by what it is told.
    client_encoding: 'UTF8',
    application_name: options.get('application_name') ?? '',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    session_authorization: user,
  }).map(([name, value]) => parameterStatus(name, value));

async function answerMessages(stream: MessageStream, session: OpenSession, lag: () => Promise<void>): Promise<void> {
  const extended = new ExtendedQueries(stream, session);
  for (let message = await stream.next(); message; message = await stream.next()) {
    if (message.type === 'X') return;
    await answerMessage(stream, session, extended, message);
    if (!/^[QSH]$/.test(message.type)) {
      await stream.relieve();
      continue;
    }
    await lag();
    await stream.flush();
  }
}

async function answerMessage(
  stream: MessageStream,
  session: OpenSession,
  extended: ExtendedQueries,
  message: Message,
): Promise<void> {
  switch (message.type) {
    case 'Q':
      extended.forgetUnnamed();
      await simpleQuery(stream, session, new Body(message.body).string());
      await extended.sync();
      stream.send(readyForQuery(session.status));
      return;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
      return extended.handle(message);
    case 'S':
      await extended.sync();
      stream.send(readyForQuery(session.status));
      return;
    case 'H':
    // What is left of a COPY that was refused.
    case 'd':
    case 'c':
    case 'f':
      return;
    default:
      throw protocolViolation(`invalid frontend message type ${message.type.charCodeAt(0)}`);
  }
}

/** A client is told why it is let go, where it can still be told. */
async function sayFarewell(stream: MessageStream, error: unknown): Promise<void> {
  const told = error instanceof SqlError ? error : new SqlError('XX000', String(error));
  const { code, message, hint, detail } = told;
  stream.send(errorResponse(new SqlError(code, message, { severity: 'FATAL', hint, detail })));
  await stream.end().catch(() => undefined);
}
