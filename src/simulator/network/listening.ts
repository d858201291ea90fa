/** A server of TCP connections on loopback. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { hashOf } from '../services/elasticloadbalancing/forwarding.ts';

/** Below the ports that systems give to outgoing connections, above those that programs are known by. */
const firstPort = 15_000;
const ports = 15_000;

/** The port that a name has by choice, so that an address that was pasted somewhere stays right. */
const preferredPort = (name: string): number => firstPort + Math.floor(hashOf(name) * ports);

/**
 * Listens on 127.0.0.1, on `port`, or on the port that `name` has by choice or any free one. It does not keep the
 * process alive.
 */
export async function listen(name: string, onConnection: (socket: Socket) => void, port?: number): Promise<Server> {
  if (port !== undefined) return bind(port, onConnection);
  return bind(preferredPort(name), onConnection).catch(() => bind(0, onConnection));
}

function bind(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, onConnection);
    server.unref();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Stops listening; connections that stand are somebody else's business. */
export const stopListening = (server: Server): void => {
  server.close();
};
