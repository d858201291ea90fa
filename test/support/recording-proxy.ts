/** Stands between a client and an endpoint and writes down what was asked: every request, also what no log would keep. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly userAgent: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const seen: SeenRequest[] = [];
  const server = createServer((asked, answer) => {
    const { method = '', url = '', headers } = asked;
    const { authorization } = headers;
    seen.push({ method, path: url, authorization, userAgent: headers['user-agent'] ?? '' });
    forward(target, asked, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

function forward(target: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url, headers } = asked;
  const on = request(new URL(url ?? '/', target), { method, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
  });
  on.on('error', () => answer.destroy());
  asked.pipe(on);
}

/** A server that takes connections and never answers. */
export async function startBlackHole(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}
