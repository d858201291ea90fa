/** Sends a command through a real SDK client whose sockets are replaced by a function: bytes in, bytes out. */
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/types';
import type { Exchange, Reply } from '../../../src/simulator/wire/protocol.ts';
import { clientConfigOf } from '../../support/simulator.ts';

export type Answer = (exchange: Exchange) => Reply;

/** A client's configuration under which every request is answered by `answer`. */
export function answeredBy(answer: Answer) {
  const handle = async (request: HttpRequest) => {
    const reply = answer(toExchange(request));
    const body = Readable.from([Buffer.from(reply.body)]);
    return { response: new HttpResponse({ statusCode: reply.status, headers: { ...reply.headers }, body }) };
  };
  return { ...clientConfigOf('http://localhost'), requestHandler: { handle } };
}

function toExchange(request: HttpRequest): Exchange {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const sent = bytesOf(request.body);
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const query = new URLSearchParams(request.query as Record<string, string>);
  return { method: request.method, path: request.path, query, headers, body };
}

function bytesOf(body: unknown): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.from(typeof body === 'string' ? body : '');
}
