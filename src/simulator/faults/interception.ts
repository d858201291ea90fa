/** What a fault does to a request: the words in which each service refuses, and when it is cut or held back. */
import type { Interception } from '../wire/intercept.ts';
import type { ServiceModel } from '../wire/models.ts';
import type { RequestFault } from './fault.ts';

export interface Struck {
  readonly model: Pick<ServiceModel, 'name' | 'protocol' | 'errors'>;
  readonly operation: string;
  /** ARN of who asks. */
  readonly principal: string;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

const defaultDelayMs = 10_000;

export function interceptionOf(fault: RequestFault, struck: Struck): Interception {
  switch (fault.kind) {
    case 'lost-request':
      return 'lose-request';
    case 'lost-response':
      return 'lose-response';
    case 'slow':
      return { delayMs: fault.delayMs ?? defaultDelayMs };
    case 'throttle':
      return { error: throttled(struck) };
    case 'error':
      return { error: fault.status === 503 ? unavailable(struck) : failed(struck) };
    case 'denied':
      return { error: denied(struck) };
    case 'expired':
      return { error: expired(struck) };
  }
}

/** The service's own exception where its model has one, else that of its protocol (F-40). */
const throttled = ({ model }: Struck): Refusal => ({
  ...(modelled(model, /^(Throttl(ing|ed)Exception|TooManyRequestsException)$/) ??
    inProtocol(model, {
      ec2: ['RequestLimitExceeded', 503],
      query: ['Throttling', 400],
      json: ['ThrottlingException', 400],
      'rest-xml': ['SlowDown', 503],
    })),
  message: model.protocol === 'ec2' ? 'Request limit exceeded.' : 'Rate exceeded',
});

/** F-41. */
const failed = ({ model }: Struck): Refusal => ({
  ...(modelled(model, /^(KMS)?Internal\w*$/) ??
    inProtocol(model, {
      ec2: ['InternalError', 500],
      query: ['InternalFailure', 500],
      json: ['InternalFailure', 500],
      'rest-xml': ['InternalError', 500],
    })),
  message: 'An internal error has occurred',
});

/** F-41. */
const unavailable = ({ model }: Struck): Refusal => ({
  ...inProtocol(model, {
    ec2: ['Unavailable', 503],
    query: ['ServiceUnavailable', 503],
    json: ['ServiceUnavailableException', 503],
    'rest-xml': ['ServiceUnavailable', 503],
  }),
  message: 'The service is temporarily unavailable',
});

/** F-42. */
function denied({ model, operation, principal }: Struck): Refusal {
  const action = `${actionPrefixes[model.name] ?? model.name}:${operation}`;
  const refused = `User: ${principal} is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`;
  return {
    ...(modelled(model, /^AccessDeniedException$/) ??
      inProtocol(model, {
        ec2: ['UnauthorizedOperation', 403],
        query: ['AccessDenied', 403],
        json: ['AccessDeniedException', 400],
        'rest-xml': ['AccessDenied', 403],
      })),
    message: model.protocol === 'ec2' ? `You are not authorized to perform this operation. ${refused}` : refused,
  };
}

/** F-43. */
const expired = ({ model }: Struck): Refusal => ({
  ...inProtocol(model, {
    ec2: ['RequestExpired', 400],
    query: ['ExpiredToken', 403],
    json: ['ExpiredTokenException', 400],
    'rest-xml': ['ExpiredToken', 400],
  }),
  message: model.protocol === 'ec2' ? 'Request has expired.' : 'The security token included in the request is expired',
});

/** Where the prefix of a service's actions differs from its signing name. */
const actionPrefixes: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', tagging: 'tag' };

function modelled({ errors }: Struck['model'], name: RegExp): Pick<Refusal, 'code' | 'status'> | undefined {
  const error = [...errors.values()].find((one) => name.test(one.name));
  return error && { code: error.name, status: error.status };
}

function inProtocol(
  { protocol }: Struck['model'],
  codes: Readonly<Record<string, readonly [code: string, status: number]>>,
): Pick<Refusal, 'code' | 'status'> {
  const [code, status] = codes[protocol] ?? codes.json ?? ['InternalFailure', 500];
  return { code, status };
}
