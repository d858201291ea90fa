/** Smithy's RPC v2 with CBOR bodies: the operation in the path (F-10). Some SDKs speak it to CloudWatch. */
import { cbor, dateToTag } from '@smithy/core/cbor';
import { type LeafForms, readDocument, serializationError, toBytes, writeDocument } from './document.ts';
import { errorDocument, queryErrorHeader } from './json.ts';
import type { Exchange, Protocol, Reply } from './protocol.ts';

const operationPath = /\/service\/[^/]+\/operation\/([^/]+)$/;

// A date is a tagged number, and only the library's own constructor makes tags that its encoder knows (F-11).
const cborForms: LeafForms = {
  readTimestamp: (_shape, value) => {
    if (value instanceof Date) return value;
    const seconds = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
    return typeof seconds === 'number' || typeof seconds === 'bigint'
      ? new Date(Math.round(Number(seconds) * 1000))
      : undefined;
  },
  writeTimestamp: (_shape, value) => dateToTag(value),
  readBlob: (value) => (value instanceof Uint8Array ? value : undefined),
  writeBlob: (value) => value,
};

export const isCbor = (exchange: Exchange): boolean =>
  exchange.headers['smithy-protocol'] === 'rpc-v2-cbor' && operationPath.test(exchange.path);

export const cborProtocol: Protocol = {
  operationName(exchange) {
    return operationPath.exec(exchange.path)?.[1];
  },

  readInput(operation, exchange) {
    return readDocument(operation.input, parseBody(exchange), cborForms) ?? {};
  },

  writeOutput(_service, operation, output, requestId) {
    const document = operation.output.isUnitSchema() ? {} : writeDocument(operation.output, output ?? {}, cborForms);
    return reply(200, document, requestId);
  },

  writeError(service, failure, requestId) {
    const headers = queryErrorHeader(service, failure);
    return reply(failure.status, errorDocument(failure, cborForms), requestId, headers);
  },
};

function parseBody(exchange: Exchange): unknown {
  if (exchange.body.length === 0) return {};
  try {
    return cbor.deserialize(toBytes(exchange.body));
  } catch {
    throw serializationError('could not parse the request body as CBOR');
  }
}

function reply(status: number, document: unknown, requestId: string, headers: Record<string, string> = {}): Reply {
  return {
    status,
    body: cbor.serialize(document),
    headers: {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
      ...headers,
    },
  };
}
