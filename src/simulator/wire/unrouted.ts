/** Answers to requests for services that the simulator doesn't know: a plain 501 that names the call. */
import { jsonProtocol } from './json.ts';
import type { Exchange, Reply } from './protocol.ts';
import { queryProtocol } from './query.ts';
import type { Route } from './route.ts';
import { escapeXml } from './xml.ts';

export interface Unrouted {
  readonly service: string;
  readonly operation: string;
  readonly reply: Reply;
}

export function unrouted(exchange: Exchange, route: Route, requestId: string): Unrouted {
  const operation =
    jsonProtocol.operationName(exchange) ??
    queryProtocol.operationName(exchange) ??
    `${exchange.method} ${exchange.path}`;
  const service = route.service ?? 'unknown';
  const message =
    route.service === undefined
      ? `cannot tell which service ${operation} is for: it has no signature, target or version`
      : `the simulator does not serve ${service} ${operation}`;
  return { service, operation, reply: inLikelyForm(exchange, message, requestId) };
}

function inLikelyForm(exchange: Exchange, message: string, requestId: string): Reply {
  const headers = { 'x-amzn-requestid': requestId, 'x-amz-request-id': requestId };
  const status = 501;
  if (exchange.headers['x-amz-target'] !== undefined) {
    const body = JSON.stringify({ __type: 'NotImplemented', message });
    return { status, body, headers: { ...headers, 'content-type': 'application/x-amz-json-1.1' } };
  }
  const error = `<Code>NotImplemented</Code><Message>${escapeXml(message)}</Message>`;
  const body = `<ErrorResponse><Error><Type>Receiver</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status, body, headers: { ...headers, 'content-type': 'text/xml' } };
}
