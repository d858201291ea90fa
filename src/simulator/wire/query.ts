/** awsQuery and ec2Query: a form as request, XML as answer (F-5, F-7). */
import { ApiError } from '../service.ts';
import { formTree, readForm, unusedParameter } from './form.ts';
import type { OperationModel, ServiceModel } from './models.ts';
import type { Exchange, Failure, Protocol, Reply } from './protocol.ts';
import { escapeXml, xmlMembers } from './xml.ts';

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The parameters of a request, from its body or, in a GET, from the address. */
export function parametersOf(exchange: Exchange): URLSearchParams {
  return exchange.body.length > 0 ? new URLSearchParams(exchange.body.toString()) : exchange.query;
}

// What says who and what, and belongs to no operation's input.
const envelope = /^(Action|Version|AWSAccessKeyId|Signature.*|Timestamp|Expires|SecurityToken|X-Amz-.*)$/i;

function inputTree(exchange: Exchange) {
  const parameters = [...parametersOf(exchange)].filter(([name]) => !envelope.test(name));
  return formTree(new URLSearchParams(parameters));
}

const operationName = (exchange: Exchange) => parametersOf(exchange).get('Action') ?? undefined;

export const queryProtocol: Protocol = {
  operationName,

  // Classic and version-2 load balancers have one signing name and differ only in this.
  apiVersion: (exchange) => parametersOf(exchange).get('Version') ?? undefined,

  readInput: (operation, exchange) => readForm(operation.input, inputTree(exchange), 'query'),

  // <OpResponse><OpResult>members</OpResult><ResponseMetadata>…</ResponseMetadata></OpResponse>
  writeOutput(service, operation, output, requestId) {
    const result = operation.output.isUnitSchema() ? '' : resultElement(operation, output);
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    const root = `${operation.name}Response`;
    return reply(200, `<${root} xmlns="${service.xmlNamespace}">${result}${metadata}</${root}>`, requestId);
  },

  writeError(service, failure, requestId) {
    const type = failure.fault === 'client' ? 'Sender' : 'Receiver';
    const error = `<Error><Type>${type}</Type>${codeAndMessage(failure)}${errorMembers(failure)}</Error>`;
    const body = `<ErrorResponse xmlns="${service.xmlNamespace}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return reply(failure.status, body, requestId);
  },
};

export const ec2Protocol: Protocol = {
  operationName,

  readInput(operation, exchange) {
    const tree = inputTree(exchange);
    const input = readForm(operation.input, tree, 'ec2');
    const unused = unusedParameter(tree);
    if (unused === undefined) return input;
    throw new ApiError('UnknownParameter', `The parameter ${unused} is not recognized`);
  },

  // <OpResponse><requestId>…</requestId>members</OpResponse>
  writeOutput(service: ServiceModel, operation, output, requestId) {
    const members = operation.output.isUnitSchema() ? '' : xmlMembers(operation.output, asRecord(output));
    const root = `${operation.name}Response`;
    const body = `<${root} xmlns="${service.xmlNamespace}"><requestId>${requestId}</requestId>${members}</${root}>`;
    return reply(200, body, requestId);
  },

  writeError(_service, failure, requestId) {
    const errors = `<Errors><Error>${codeAndMessage(failure)}</Error></Errors>`;
    return reply(failure.status, `<Response>${errors}<RequestID>${requestId}</RequestID></Response>`, requestId);
  },
};

const asRecord = (output: unknown) => (output ?? {}) as Record<string, unknown>;

function resultElement(operation: OperationModel, output: unknown): string {
  const name = `${operation.name}Result`;
  return `<${name}>${xmlMembers(operation.output, asRecord(output))}</${name}>`;
}

const codeAndMessage = (failure: Failure) =>
  `<Code>${escapeXml(failure.queryCode)}</Code><Message>${escapeXml(failure.message)}</Message>`;

const errorMembers = (failure: Failure) => (failure.model ? xmlMembers(failure.model.shape, failure.members) : '');

function reply(status: number, body: string, requestId: string): Reply {
  const headers = { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId };
  return { status, headers, body: declaration + body };
}
