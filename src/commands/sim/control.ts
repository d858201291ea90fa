/**
 * The conversation between `rsds sim …` and the simulator's process: JSON over HTTP on 127.0.0.1, with the token of
 * the port file. It is apart from AWS's protocols, so that no AWS client can stop the simulator by accident.
 */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PortFile } from './port-file.ts';

export type ControlHandler = (query: URLSearchParams) => unknown;
/** By path, e.g. `/status`. What a handler returns (or resolves to) is answered as JSON. */
export type ControlHandlers = Readonly<Record<string, ControlHandler>>;

export interface ControlServer {
  readonly port: number;
  close(): void;
}

/** Listens on a free port of 127.0.0.1. */
export async function serveControl(token: string, handlers: ControlHandlers): Promise<ControlServer> {
  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const handler = Object.hasOwn(handlers, url.pathname) ? handlers[url.pathname] : undefined;
    const send = (status: number, body: unknown) => {
      answer.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      answer.end(JSON.stringify(body ?? {}));
    };
    if (incoming.headers.authorization !== `Bearer ${token}`) return send(403, { error: 'wrong token' });
    if (!handler) return send(404, { error: `no ${url.pathname}` });
    Promise.resolve()
      .then(() => handler(url.searchParams))
      .then(
        (result) => send(200, result),
        (error: unknown) => send(500, { error: error instanceof Error ? error.message : String(error) }),
      );
  });
  await listen(server);
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

const listen = (server: Server) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

/** Asks the simulator's process. Rejects when nobody answers within `timeoutMs`, or not with 200. */
export function askControl<T>(to: PortFile, path: string, timeoutMs = 2_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: to.controlPort,
        path,
        method: 'POST',
        headers: { authorization: `Bearer ${to.token}` },
        timeout: timeoutMs,
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          body += part;
        });
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(body) as T);
          else reject(new Error(`the simulator answered ${answer.statusCode}: ${body}`));
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}
