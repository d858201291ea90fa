/** The one HTTP server, on loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Outcome } from './gateway.ts';
import type { Exchange, Reply } from './protocol.ts';

const unzip = promisify(gunzip);

export interface WireServer {
  readonly port: number;
  /** Ends every connection, also the idle ones that clients keep alive. */
  close(): Promise<void>;
}

export interface WireServerOptions {
  readonly port: number;
  serve(exchange: Exchange): Promise<Outcome>;
  /** World time, for the Date header, from which clients take "now" (F-22). */
  now(): number;
}

/** Listens on 127.0.0.1; port 0 takes a free one. Rejects when the port is taken. */
export async function startServer(options: WireServerOptions): Promise<WireServer> {
  const server = createServer((request, response) => void respond(options, request, response));
  // Clients keep connections alive over long waits; closing them is theirs to do.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await listen(server, options.port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

async function respond(options: WireServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let outcome: Outcome;
  try {
    outcome = await options.serve(await readExchange(request));
  } catch {
    // The body never came whole, or was not the gzip it claimed to be: nothing has been done, nothing can be said.
    outcome = 'cut';
  }
  if (outcome === 'cut') request.socket.destroy();
  else send(response, outcome, options.now());
}

async function readExchange(request: IncomingMessage): Promise<Exchange> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  // CloudWatch's clients compress bodies from 10 KB upwards (F-20).
  // An object of S3 is kept as it was sent.
  const zipped = request.headers['content-encoding'] === 'gzip' && !request.headers.authorization?.includes('/s3/');
  const body = zipped ? await unzip(sent) : sent;
  const url = new URL(request.url ?? '/', 'http://localhost');
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body };
}

function send(response: ServerResponse, reply: Reply, now: number): void {
  const length = String(Buffer.byteLength(reply.body));
  response.writeHead(reply.status, { date: new Date(now).toUTCString(), 'content-length': length, ...reply.headers });
  response.end(reply.body);
}
