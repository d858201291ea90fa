/** The layers below Postgres: a name's addresses, a TCP connection, TLS as Postgres begins it. */
import { lookup } from 'node:dns/promises';
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { coded } from './probe-error.ts';

/** The addresses of a name, in the resolver's order. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, family: isIP(host) === 6 ? 6 : 4 });
  if (found.length === 0) throw coded('ENOTFOUND', `${host} has no address`);
  return found.map(({ address }) => address);
}

/** A socket that is being connected: to be destroyed by whoever waits no longer. */
export function openTcp(address: string, port: number): { readonly socket: Socket; readonly opened: Promise<void> } {
  const socket = connectSocket({ host: address, port });
  socket.setNoDelay(true);
  // Whoever waits is told of the first error; a socket without a listener would take the process with its next.
  socket.on('error', () => undefined);
  return { socket, opened: happens(socket, 'connect') };
}

/** Length and code of the message that asks for TLS. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Asks for TLS and shakes hands. Rejects with `SSL_REFUSED` where the other side speaks none. */
export async function startTls(socket: Socket, host: string, check: ConnectionOptions): Promise<TLSSocket> {
  socket.write(sslRequest);
  const answer = await firstByte(socket);
  if (answer !== 'S') {
    const said = answer === 'N' ? 'refuses TLS' : 'answers with something that is not Postgres';
    throw coded('SSL_REFUSED', `the other side ${said}`);
  }
  const name = isIP(host) === 0 ? { servername: host } : {};
  const secure = connectTls({ ...check, ...name, socket });
  secure.on('error', () => undefined);
  await happens(secure, 'secureConnect');
  return secure;
}

async function firstByte(socket: Socket): Promise<string> {
  const read = new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.subarray(0, 1).toString('latin1')));
  });
  return Promise.race([read, ends(socket)]);
}

/** Waits for an event; rejects where the connection ends first. */
async function happens(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => socket.once(event, () => resolve())), ends(socket)]);
}

const ends = (socket: Socket) =>
  new Promise<never>((_resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(coded('ECONNRESET', 'the other side closed the connection')));
  });
