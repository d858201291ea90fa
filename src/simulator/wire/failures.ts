/** From an error that an operation threw to what goes on the wire. */
import { ApiError } from '../service.ts';
import type { ServiceModel } from './models.ts';
import type { Failure } from './protocol.ts';

/** Status and codes come from the model where it knows the error, by shape name or by query code. */
export function failureOf(service: ServiceModel, error: ApiError): Failure {
  const model = service.errors.get(error.code);
  const { message, members, headers } = error;
  if (!model) return { ...plain(error), message, members, headers };
  const { name, queryCode, status, fault } = model;
  return { code: name, queryCode, status, fault, message, members, headers, model };
}

const plain = ({ code, status }: ApiError) => ({
  ...{ code, queryCode: code, status },
  fault: status < 500 ? ('client' as const) : ('server' as const),
  model: undefined,
});

/** Anything but an ApiError is a fault of the simulator: answered as AWS answers its own, with where it happened. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const place =
    error instanceof Error ? (error.stack?.split('\n').slice(0, 3).join(' ') ?? error.message) : String(error);
  return new ApiError('InternalFailure', `the simulator failed: ${place}`, { status: 500 });
}

export function notServed(service: string, operation: string): ApiError {
  return new ApiError('NotImplemented', `the simulator does not serve ${service} ${operation}`, { status: 501 });
}

/** An operation that the service's model doesn't have: each protocol has its own words for it (F-17). */
export function unknownOperation(service: ServiceModel, operation: string | undefined, version: string): ApiError {
  if (service.protocol === 'json') return new ApiError('UnknownOperationException', '');
  if (service.protocol === 'rest-xml') {
    return new ApiError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
    });
  }
  const message =
    service.protocol === 'ec2'
      ? `The action ${operation ?? ''} is not valid for this web service.`
      : `Could not find operation ${operation ?? ''} for version ${version}`;
  return new ApiError(operation === undefined ? 'MissingAction' : 'InvalidAction', message);
}

/** A request without a usable signature (F-18). */
export function unauthenticated(service: ServiceModel, signature: 'missing' | 'malformed'): ApiError {
  if (service.protocol === 'rest-xml') return new ApiError('AccessDenied', 'Access Denied', { status: 403 });
  const suffix = service.protocol === 'json' ? 'Exception' : '';
  if (signature === 'malformed') return new ApiError(`IncompleteSignature${suffix}`, incomplete);
  const message = service.protocol === 'ec2' ? noAccessKey : 'Missing Authentication Token';
  const status = service.protocol === 'json' ? 400 : 403;
  return new ApiError(`MissingAuthenticationToken${suffix}`, message, { status });
}

const incomplete = 'Authorization header requires a complete Credential';
const noAccessKey = 'The request must contain either a valid (registered) AWS access key ID or X.509 certificate';
