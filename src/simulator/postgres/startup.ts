/** How a connection begins: encryption is asked for, a statement of another connection cancelled, or a session wanted. */

import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { SqlError } from '../plane/sql-error.ts';
import { Body } from './body.ts';
import { type MessageStream, protocolViolation } from './message-stream.ts';

export interface Startup {
  readonly user: string;
  readonly database: string;
  readonly options: ReadonlyMap<string, string>;
  readonly encrypted: boolean;
}

export interface Cancellation {
  readonly pid: number;
  readonly key: number;
}

const protocolVersion3 = 3 << 16;
const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;

/** What the client wants; undefined when it has gone. Throws `SqlError` for what is no startup message. */
export async function greet(
  stream: MessageStream,
  secureContext: () => Promise<SecureContext>,
): Promise<Startup | Cancellation | undefined> {
  let encrypted = false;
  for (;;) {
    const first = await stream.startup();
    if (!first) return undefined;
    const body = new Body(first.body);
    const code = body.int32();
    if (code === cancelRequest) return { pid: body.int32(), key: body.int32() };
    if (code === sslRequest && !encrypted) {
      await encrypt(stream, await secureContext());
      encrypted = true;
    } else if (code === gssRequest || code === sslRequest) {
      stream.send(Buffer.from('N'));
      await stream.flush();
    } else {
      return startupOf(code, body, encrypted);
    }
  }
}

/** A client must wait for the answer: what came with the request in plain text would be taken for encrypted. */
async function encrypt(stream: MessageStream, secureContext: SecureContext): Promise<void> {
  if (stream.hasUnread) throw protocolViolation('received unencrypted data after SSL request');
  stream.send(Buffer.from('S'));
  await stream.flush();
  const socket = stream.detach();
  stream.replace(new TLSSocket(socket as Socket, { isServer: true, secureContext }));
}

function startupOf(code: number, body: Body, encrypted: boolean): Startup {
  if (code >> 16 !== protocolVersion3 >> 16) {
    const problem = `unsupported frontend protocol ${code >> 16}.${code & 0xffff}: server supports 3.0 to 3.0`;
    throw new SqlError('0A000', problem, { severity: 'FATAL' });
  }
  const options = new Map<string, string>();
  for (let name = body.string(); name !== ''; name = body.ended ? '' : body.string()) options.set(name, body.string());
  const user = options.get('user');
  if (!user) throw new SqlError('28000', 'no PostgreSQL user name specified in startup packet', { severity: 'FATAL' });
  return { user, database: options.get('database') || user, options, encrypted };
}
