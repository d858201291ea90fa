/** awsJson 1.0 and 1.1: the operation in X-Amz-Target, one JSON object as body (F-2). */
import { type LeafForms, readDocument, serializationError, writeDocument } from './document.ts';
import type { ServiceModel } from './models.ts';
import type { Exchange, Failure, Protocol, Reply } from './protocol.ts';
import { membersOf, timestampFormat, timestampFormats } from './shapes.ts';

/** Timestamps default to epoch seconds; a member may ask for ISO 8601, as redshift-serverless does (F-3). */
export const jsonForms: LeafForms = {
  readTimestamp: (_shape, value) => {
    if (typeof value === 'number') return new Date(Math.round(value * 1000));
    return typeof value === 'string' ? new Date(value) : undefined;
  },
  writeTimestamp: (shape, value) => {
    const format = timestampFormat(shape, timestampFormats.epochSeconds);
    if (format === timestampFormats.dateTime) return value.toISOString();
    return format === timestampFormats.httpDate ? value.toUTCString() : value.getTime() / 1000;
  },
  readBlob: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : undefined),
  writeBlob: (value) => Buffer.from(value).toString('base64'),
};

export const jsonProtocol: Protocol = {
  operationName(exchange) {
    // Other SDKs prefix the target with a package name: only what follows the last dot counts (F-4).
    return exchange.headers['x-amz-target']?.split('.').at(-1);
  },

  readInput(operation, exchange) {
    return readDocument(operation.input, parseBody(exchange), jsonForms) ?? {};
  },

  writeOutput(service, operation, output, requestId) {
    const document = operation.output.isUnitSchema() ? {} : writeDocument(operation.output, output ?? {}, jsonForms);
    return reply(service, 200, JSON.stringify(document), requestId);
  },

  writeError(service, failure, requestId) {
    return reply(service, failure.status, JSON.stringify(errorDocument(failure)), requestId, {
      'x-amzn-errortype': failure.code,
      ...queryErrorHeader(service, failure),
    });
  },
};

/** The error as a document: the type by name, the message under the key that the shape gives it (F-6). */
export function errorDocument(failure: Failure, forms: LeafForms = jsonForms): Record<string, unknown> {
  const shape = failure.model?.shape;
  const messageKey = (shape && membersOf(shape).find((member) => /^message$/i.test(member.name))?.name) ?? 'message';
  const members = shape ? writeDocument(shape, failure.members, forms) : failure.members;
  return { __type: failure.code, [messageKey]: failure.message, ...(members as object) };
}

/** Services that moved from query to JSON or CBOR still tell the old code, for old clients (F-9). */
export function queryErrorHeader(service: ServiceModel, failure: Failure): Record<string, string> {
  if (!service.queryCompatible) return {};
  return { 'x-amzn-query-error': `${failure.queryCode};${failure.fault === 'client' ? 'Sender' : 'Receiver'}` };
}

function parseBody(exchange: Exchange): unknown {
  const text = exchange.body.toString();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw serializationError('could not parse the request body as JSON');
  }
}

function reply(
  service: ServiceModel,
  status: number,
  body: string,
  requestId: string,
  headers: Record<string, string> = {},
): Reply {
  const contentType = `application/x-amz-json-${service.jsonVersion}`;
  return { status, body, headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...headers } };
}
