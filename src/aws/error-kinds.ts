/**
 * AWS's error codes and what they mean for us. A code is listed by either of its names: the SDK's shape
 * (`EntityAlreadyExistsException`) or what is on the wire (`EntityAlreadyExists`); a trailing `Exception` is ignored.
 */
import type { ServiceErrorKind } from '../shared/errors.ts';

const codes: Readonly<Partial<Record<ServiceErrorKind, readonly string[]>>> = {
  exists: [
    'AlreadyExists',
    'DuplicateListener',
    'DuplicateLoadBalancerName',
    'DuplicateTargetGroupName',
    'EntityAlreadyExists',
    'InvalidGroup.Duplicate',
    'InvalidPermission.Duplicate',
    // A subnet with these addresses is there already: ours, when a create was repeated (F-642).
    'InvalidSubnet.Conflict',
    'Resource.AlreadyAssociated',
    'ResourceExists',
    'RouteAlreadyExists',
    'SnapshotAlreadyExists',
  ],
  conflict: [
    'ConcurrentModification',
    'ConcurrentTagAccess',
    'ConditionalCheckFailed',
    'ConditionalRequestConflict',
    'Conflict',
    'DeleteConflict',
    'DependencyViolation',
    'IncorrectState',
    'InvalidGroup.InUse',
    'InvalidState',
    'KMSInvalidState',
    'PreconditionFailed',
    'PriorRequestNotComplete',
    'ResourceInUse',
    'TransactionConflict',
  ],
  throttled: [
    'ActiveStatementsExceeded',
    'ActiveSessionsExceeded',
    'BandwidthLimitExceeded',
    'EC2Throttled',
    'ProvisionedThroughputExceeded',
    'RequestLimitExceeded',
    'RequestThrottled',
    'SlowDown',
    'Throttled',
    'Throttling',
    'TooManyRequests',
  ],
  denied: ['AccessDenied', 'AuthorizationError', 'NotAuthorized', 'OptInRequired', 'UnauthorizedOperation'],
  expired: ['ExpiredToken', 'RequestExpired', 'TokenRefreshRequired'],
  credentials: [
    'AuthFailure',
    'IncompleteSignature',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSignature',
    'MissingAuthenticationToken',
    'SignatureDoesNotMatch',
    'UnrecognizedClient',
  ],
  capacity: ['InsufficientCapacity', 'InsufficientFreeAddressesInSubnet', 'InsufficientInstanceCapacity'],
  quota: ['LimitExceeded', 'ServiceQuotaExceeded'],
  transient: [
    'ECONNRESET',
    'EPIPE',
    'InternalError',
    'InternalFailure',
    'InternalServer',
    'InternalServerError',
    'InternalService',
    'InternalServiceError',
    'KMSInternal',
    'DependencyTimeout',
    'RequestTimeout',
    'ServiceFailure',
    'ServiceUnavailable',
    'TimeoutError',
    'Unavailable',
  ],
  unreachable: [
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ETIMEDOUT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  invalid: ['Ipv6CidrBlockNotFound', 'OperationNotPermitted', 'TooManyTags', 'Validation', 'ValidationError'],
};

const kindOfCode = new Map<string, ServiceErrorKind>(
  Object.entries(codes).flatMap(([kind, list]) => list.map((code) => [code, kind as ServiceErrorKind])),
);

/** Families of codes, looked at in this order when a code has no entry of its own. */
const families: readonly (readonly [RegExp, ServiceErrorKind])[] = [
  [/(NotFound|NoSuchEntity|^NoSuch\w+)$/, 'absent'],
  [/LimitExceeded$|^TooMany/, 'quota'],
  [/^Duplicate|Duplicate$/, 'exists'],
  [/^(Invalid|Malformed|Missing|Unsupported|Incompatible)/, 'invalid'],
];

/** Where AWS gives nothing but text. Each is a fact of docs/aws-behaviour/rules.md. */
const texts: readonly { readonly codes: RegExp; readonly text: RegExp; readonly kind: ServiceErrorKind }[] = [
  // F-643: one class for "in the way" and "there already".
  { codes: /^Conflict$/, text: /already exists/i, kind: 'exists' },
  // F-644: DynamoDB answers this to a second CreateTable; elsewhere the code means "in use".
  { codes: /^ResourceInUse$/, text: /table already exists|already exists: /i, kind: 'exists' },
  // F-645: a change of RPUs before there is anything to restore from.
  { codes: /^(Validation|Conflict)$/, text: /wait until at least one snapshot exists/i, kind: 'conflict' },
  { codes: /^Validation$/, text: /operation (is )?(running|in progress)/i, kind: 'conflict' },
  // F-646: Secrets Manager says so in an InvalidRequestException.
  { codes: /^InvalidRequest$/, text: /scheduled for deletion/i, kind: 'conflict' },
  // F-647: roles, principals and keys that were made a moment ago.
  {
    codes: /^(Validation|ValidationError|InvalidParameter\w*|MalformedPolicyDocument|AccessDenied)$/,
    text: /\brole\b.*(not authorized|does ?n[o']t exist|not exist|not be assumed|cannot be assumed|isn't valid|is not valid|not assumable)|(cannot|can't|unable to|not authorized to) assume.*\brole\b|invalid principal in policy|kms key.*(does ?n[o']t exist|not found|not accessible|isn't accessible)/i,
    kind: 'propagating',
  },
  // F-284: EC2 has not heard of the profile yet, or not of the role in it.
  { codes: /^InvalidParameterValue$/, text: /IAM Instance Profile/i, kind: 'propagating' },
  // F-648: the 26th workgroup has no error class of its own.
  {
    codes: /^(Validation|Conflict)$/,
    text: /quota|limit (has been |was )?(exceeded|reached)|maximum number of/i,
    kind: 'quota',
  },
  // F-649: the SDK's time-out before a connection stands, as against one while waiting for the answer.
  { codes: /^TimeoutError$/, text: /establish a connection/i, kind: 'unreachable' },
];

/** Refused for the date of its signature. */
export const refusedForDate =
  /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|InvalidSignature|SignatureDoesNotMatch|AuthFailure)/;

/** Calls that name what they change: what they don't find was made a moment ago, and isn't visible yet (F-641). */
const buildsOn = /^(Create|Authorize|Associate|Register|Modify|Set|Enable|Attach|Tag|AddTags|Put(?!Item))/;

/** The kind of an error by its code, its text where nothing else tells, and the HTTP status at last. */
export function kindOf(error: { code: string; text: string; status: number | undefined; operation: string }) {
  const code = error.code.replace(/Exception$/, '');
  const byText = texts.find(({ codes, text }) => codes.test(code) && text.test(error.text));
  if (byText) return byText.kind;
  const status = error.status ?? 0;
  const family = status < 500 ? families.find(([pattern]) => pattern.test(code))?.[1] : undefined;
  const kind = kindOfCode.get(code) ?? family ?? kindOfStatus(status);
  return kind === 'absent' && buildsOn.test(error.operation) ? 'propagating' : kind;
}

function kindOfStatus(status: number): ServiceErrorKind {
  if (status === 429) return 'throttled';
  if (status === 403) return 'denied';
  // Not served at all: no repetition helps.
  if (status === 501) return 'invalid';
  if (status >= 500) return 'transient';
  return status >= 400 ? 'invalid' : 'unknown';
}
