/** REST with XML, as S3 speaks it: an operation by method and path, its input in path, query, headers and body (F-952). */
import { decoded } from './aws-chunked.ts';
import { toBytes, toDate } from './document.ts';
import type { OperationModel, ServiceModel } from './models.ts';
import type { Exchange, Failure, Protocol, Reply } from './protocol.ts';
import { matchOperation, targetOf } from './rest-match.ts';
import { type Member, membersOf, type Shape } from './shapes.ts';
import { escapeXml, xmlElement } from './xml.ts';
import { parseXml, readText, readXml } from './xml-tree.ts';

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

export const restXmlProtocol = (model: ServiceModel): Protocol => ({
  operationName: (exchange) => matchOperation(model, exchange)?.name,

  readInput(operation, sent) {
    const exchange = decoded(sent);
    const read = membersOf(operation.input).map((member) => [member.name, readMember(member, exchange)] as const);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined));
  },

  writeOutput(service, operation, output, requestId) {
    const source = (output ?? {}) as Record<string, unknown>;
    const headers = { ...identify(requestId), ...headersOf(operation.output, source) };
    const partial = source.ContentRange !== undefined;
    const status = partial ? 206 : (operation.http?.status ?? 200);
    return { status, ...bodyOf(service, operation, source, headers) };
  },

  writeError: (_service, failure, requestId) => ({
    status: failure.status,
    headers: { ...identify(requestId), 'content-type': 'application/xml', ...failure.headers },
    // 304 has no body, whatever one would like to say.
    body: failure.status === 304 ? '' : errorText(failure, requestId),
  }),
});

const identify = (requestId: string) => ({ 'x-amz-request-id': requestId, 'x-amz-id-2': requestId });

function errorText({ queryCode, message, members }: Failure, requestId: string): string {
  const more = Object.entries(members).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  const head = `<Code>${escapeXml(queryCode)}</Code><Message>${escapeXml(message)}</Message>`;
  const ids = `<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId>`;
  return `${declaration}<Error>${head}${more.join('')}${ids}</Error>`;
}

function readMember({ name, shape }: Member, exchange: Exchange): unknown {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpPayload } = shape.getMergedTraits();
  if (httpLabel) return name === 'Bucket' ? targetOf(exchange).bucket : targetOf(exchange).key;
  if (httpQuery !== undefined) return readOptional(shape, exchange.query.get(String(httpQuery)));
  if (httpHeader !== undefined) return readOptional(shape, exchange.headers[String(httpHeader).toLowerCase()]);
  if (httpPrefixHeaders !== undefined) return prefixed(exchange, String(httpPrefixHeaders));
  return httpPayload ? readPayload(shape, exchange.body) : undefined;
}

function readOptional(shape: Shape, text: string | null | undefined): unknown {
  if (text === null || text === undefined) return undefined;
  if (shape.isListSchema()) return text.split(',').map((item) => readText(shape.getValueSchema(), item.trim()));
  return readText(shape, text);
}

function prefixed({ headers }: Exchange, prefix: string): Record<string, string> | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

function readPayload(shape: Shape, body: Buffer): unknown {
  if (shape.isBlobSchema()) return body;
  if (body.length === 0) return undefined;
  return shape.isStructSchema() ? readXml(shape, parseXml(body.toString())) : body.toString();
}

function headersOf(output: Shape, source: Record<string, unknown>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, shape } of membersOf(output)) {
    const value = source[name];
    const { httpHeader, httpPrefixHeaders } = shape.getMergedTraits();
    if (value === undefined || value === null) continue;
    if (httpHeader !== undefined) headers[String(httpHeader).toLowerCase()] = headerText(shape, value);
    if (httpPrefixHeaders === undefined) continue;
    for (const [key, text] of Object.entries(value as object)) headers[`${String(httpPrefixHeaders)}${key}`] = text;
  }
  return headers;
}

const headerText = (shape: Shape, value: unknown) =>
  shape.isTimestampSchema() ? toDate(value).toUTCString() : String(value);

const isInBody = ({ shape }: Member) => {
  const { httpHeader, httpPrefixHeaders } = shape.getMergedTraits();
  return httpHeader === undefined && httpPrefixHeaders === undefined;
};

function bodyOf(
  service: ServiceModel,
  { output }: OperationModel,
  source: Record<string, unknown>,
  headers: Record<string, string>,
): Pick<Reply, 'headers' | 'body'> {
  const members = output.isUnitSchema() ? [] : membersOf(output).filter(isInBody);
  const payload = members.find(({ shape }) => shape.getMergedTraits().httpPayload);
  if (payload?.shape.isBlobSchema()) return { headers, body: toBytes(source[payload.name] ?? '') };
  if (members.length === 0) return { headers, body: '' };
  const text = payload ? elementOf(payload, source) : members.map((member) => elementOf(member, source)).join('');
  const root = output.getMergedTraits().xmlName ?? output.getName();
  const [only] = members;
  // GetBucketLocation's answer has the value in the root itself (F-952).
  const unwrapped = members.length === 1 && only?.name === root ? (source[only?.name ?? ''] ?? '') : undefined;
  const inner = unwrapped === undefined ? text : escapeXml(String(unwrapped));
  const whole = payload ? spaced(text, service) : spaced(`<${root}>${inner}</${root}>`, service);
  return { headers: { ...headers, 'content-type': 'application/xml' }, body: declaration + whole };
}

const elementOf = ({ name, shape }: Member, source: Record<string, unknown>) =>
  xmlElement(String(shape.getMemberTraits().xmlName ?? name), shape, source[name]);

const spaced = (text: string, { xmlNamespace }: ServiceModel) =>
  text.replace(/^<([\w]+)>/, `<$1 xmlns="${xmlNamespace}">`);
