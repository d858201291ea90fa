/** Turns whatever an AWS call throws into a `ServiceError`: the one place that looks into the SDK's errors. */
import type { ErrorCode } from '../shared/codes.ts';
import { ServiceError, type ServiceErrorKind } from '../shared/errors.ts';
import { credentialFailure } from './credential-errors.ts';
import { kindOf, refusedForDate } from './error-kinds.ts';

export interface CallContext {
  /** Signing name, e.g. `redshift-serverless`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly profile?: string | undefined;
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
  readonly errors?: readonly unknown[];
  readonly $metadata?: { httpStatusCode?: number; requestId?: string; clockSkewCorrected?: boolean };
}

/** Never throws; what it does not know becomes kind `unknown`, whose outcome is open. */
export function classify(error: unknown, context: CallContext): ServiceError {
  if (error instanceof ServiceError) return error;
  const credentials = credentialFailure(error, context.profile);
  if (credentials) return build(error, context, { awsCode: nameOf(error), ...credentials });
  const sdk = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as SdkError;
  const awsCode = codeOf(sdk);
  const text = sdk.message ?? '';
  // The SDK notes a corrected clock on any error whose Date differs from ours, refused for it or not.
  const skewed = sdk.$metadata?.clockSkewCorrected && refusedForDate.test(awsCode);
  const kind = skewed
    ? 'transient' // nothing happened, and the next attempt has the right date
    : kindOf({ code: awsCode, text, status: sdk.$metadata?.httpStatusCode, operation: context.operation });
  return build(error, context, { awsCode, kind, ...wording(kind, sdk, awsCode, context) });
}

interface Outcome {
  readonly kind: ServiceErrorKind;
  readonly code: ErrorCode;
  readonly awsCode: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

function build(error: unknown, context: CallContext, { code, message, hint, kind, awsCode }: Outcome): ServiceError {
  const requestId = (error as SdkError | undefined)?.$metadata?.requestId;
  // Refused signatures are quoted by AWS with the canonical request, session token and all: that must go nowhere.
  const cause = kind === 'credentials' || kind === 'expired' ? undefined : error;
  const { service, operation } = context;
  return new ServiceError(code, message, { hint, cause, kind, service, operation, awsCode, requestId });
}

function wording(kind: ServiceErrorKind, sdk: SdkError, awsCode: string, context: CallContext) {
  const { service, operation } = context;
  const code = codes[kind];
  switch (kind) {
    case 'denied':
      return { code, message: `${service} ${operation}: access denied`, hint: `grant ${actionOf(sdk, context)}` };
    case 'unreachable':
      return {
        code,
        message: `${service} cannot be reached at ${addressOf(sdk)} (${awsCode})`,
        hint: `check the network, the region (${context.region}) and AWS_ENDPOINT_URL`,
      };
    case 'expired':
      return { code, message: 'the AWS credentials have expired', hint: loginHint(context.profile) };
    case 'credentials':
      return {
        code,
        message: `AWS does not accept the credentials (${awsCode})`,
        hint: 'check the profile, the keys in the environment and the clock of this machine',
      };
    default:
      return { code, message: `${service} ${operation}: ${awsCode}${sdk.message ? `: ${tidy(sdk.message)}` : ''}` };
  }
}

const codes: Readonly<Record<ServiceErrorKind, ErrorCode>> = {
  absent: 'aws/failed',
  exists: 'aws/failed',
  conflict: 'aws/conflict',
  propagating: 'aws/failed',
  throttled: 'aws/throttled',
  denied: 'aws/denied',
  invalid: 'aws/invalid',
  quota: 'aws/quota',
  capacity: 'aws/capacity',
  transient: 'aws/failed',
  unreachable: 'aws/unreachable',
  expired: 'aws/expired-credentials',
  credentials: 'aws/invalid-credentials',
  unknown: 'aws/failed',
};

/** Node hides the reason of a refused connection to a name with two addresses in an AggregateError's list. */
function codeOf(error: SdkError): string {
  if (typeof error.code === 'string' && error.code !== '') return error.code;
  const inner = error.errors?.[0] as SdkError | undefined;
  if (inner && typeof inner.code === 'string') return inner.code;
  if (error.name !== undefined && error.name !== 'Error') return error.name;
  return typeof error.Code === 'string' ? error.Code : 'Error';
}

const nameOf = (error: unknown) => (error as SdkError).name ?? 'Error';

/** AWS's own word where the message has it (`… is not authorized to perform: ec2:CreateVpc …`), else made from the call. */
function actionOf(sdk: SdkError, { service, operation }: CallContext): string {
  const named = /not authorized to perform:? ?"?([a-z0-9-]+:[A-Za-z*]+)/.exec(sdk.message ?? '')?.[1];
  return named ?? `${actionPrefixes[service] ?? service}:${operation}`;
}

/** Where the prefix of a service's actions differs from its signing name. */
const actionPrefixes: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', tagging: 'tag' };

function addressOf(sdk: SdkError): string {
  const at = (sdk.errors?.[0] as SdkError | undefined) ?? sdk;
  const host = at.hostname ?? at.address;
  return host === undefined ? 'its endpoint' : at.port === undefined ? host : `${host}:${at.port}`;
}

const loginHint = (profile: string | undefined) =>
  `log in again (\`aws sso login${profile === undefined ? '' : ` --profile ${profile}`}\` or your own way) and run the same command`;

const tidy = (text: string) => text.trim().replace(/\.$/, '').replaceAll('\n', ' ').slice(0, 500);
