import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EC2ServiceException } from '@aws-sdk/client-ec2';
import { DuplicateLoadBalancerNameException } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ConflictException, ResourceNotFoundException, ValidationException } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/aws/classify.ts';

const context = { service: 'redshift-serverless', operation: 'DeleteWorkgroup', region: 'eu-west-1' };
const named = (name: string, message = '', status = 400, extra: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, requestId: 'r-9' }, ...extra });
const system = (code: string, extra: object = {}) => Object.assign(new Error(`connect ${code}`), { code, ...extra });

const conflict = (message: string) => new ConflictException({ message, $metadata: { httpStatusCode: 409 } });
const validation = (message: string) => new ValidationException({ message, $metadata: { httpStatusCode: 400 } });

test.each([
  [conflict('There is an operation running on the workgroup. Try deleting the workgroup again later.'), 'conflict'],
  [conflict('Namespace airline-dev-producer already exists.'), 'exists'],
  [validation("Can't update multiple configurations at the same time for workgroup x."), 'invalid'],
  [validation('Wait until at least one snapshot exists and retry.'), 'conflict'],
  [
    validation('The IAM role arn:aws:iam::1:role/r is not valid: not authorized to be assumed, role not assumable'),
    'propagating',
  ],
  [
    named(
      'InvalidParameterValue',
      'Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    ),
    'propagating',
  ],
  [named('InvalidParameterValue', 'IAM Instance Profile "x" has no associated IAM Roles'), 'propagating'],
  [validation('You have reached the maximum number of workgroups.'), 'quota'],
  [new ResourceNotFoundException({ message: 'workgroup not found', resourceName: 'x', $metadata: {} }), 'absent'],
  [new DuplicateLoadBalancerNameException({ message: '', $metadata: {} }), 'exists'],
  [new ConditionalCheckFailedException({ message: '', $metadata: {} }), 'conflict'],
  [named('ServiceQuotaExceededException'), 'quota'],
  [named('VpcLimitExceeded'), 'quota'],
  [named('TooManyTargetGroupsException'), 'quota'],
  [named('InsufficientCapacityException'), 'capacity'],
  [named('InvalidGroup.Duplicate'), 'exists'],
  [named('InvalidPermission.Duplicate'), 'exists'],
  [named('DependencyViolation'), 'conflict'],
  [named('ResourceInUseException', 'Target group is currently in use by a listener'), 'conflict'],
  [named('ResourceInUseException', 'Table already exists: rsds-locks'), 'exists'],
  [named('EntityAlreadyExistsException'), 'exists'],
  [named('NoSuchEntityException'), 'absent'],
  [named('InvalidRequestException', 'a secret with this name is already scheduled for deletion.'), 'conflict'],
  [named('RequestLimitExceeded', '', 503), 'throttled'],
  [named('Throttling'), 'throttled'],
  [named('SomethingNew', '', 429), 'throttled'],
  [named('UnauthorizedOperation', '', 403), 'denied'],
  [named('ExpiredTokenException'), 'expired'],
  [named('UnrecognizedClientException', '', 403), 'credentials'],
  [named('InternalFailure', '', 500), 'transient'],
  [named('UnknownError', '', 502), 'transient'],
  [
    named('SignatureDoesNotMatch', '', 403, { $metadata: { httpStatusCode: 403, clockSkewCorrected: true } }),
    'transient',
  ],
  [named('InvalidParameterCombination'), 'invalid'],
  [named('Whatever', '', 418), 'invalid'],
  [system('ECONNRESET'), 'transient'],
  [system('ECONNREFUSED'), 'unreachable'],
  [system('ENOTFOUND'), 'unreachable'],
  [
    Object.assign(new Error('the request socket did not establish a connection'), { name: 'TimeoutError' }),
    'unreachable',
  ],
  [Object.assign(new Error('the request timed out'), { name: 'TimeoutError' }), 'transient'],
  [new Error('?'), 'unknown'],
  ['thrown text', 'unknown'],
])('%s is %s', (error, kind) => {
  expect(classify(error, context).kind).toBe(kind);
});

describe('what is not found', () => {
  const notFound = new EC2ServiceException({
    name: 'InvalidVpcID.NotFound',
    $fault: 'client',
    message: '',
    $metadata: {},
  });
  test.each([
    ['DescribeVpcAttribute', 'absent'],
    ['DeleteVpc', 'absent'],
    // What a create stands on was made a moment ago: it is there, and not visible yet.
    ['CreateSubnet', 'propagating'],
    ['ModifyVpcAttribute', 'propagating'],
  ])('by %s is %s', (operation, kind) => {
    expect(classify(notFound, { ...context, service: 'ec2', operation }).kind).toBe(kind);
  });

  test('by PutItem is absent: the lock table was not made yet', () => {
    const error = named('ResourceNotFoundException', 'Requested resource not found');
    expect(classify(error, { ...context, service: 'dynamodb', operation: 'PutItem' }).kind).toBe('absent');
  });
});

test('a refused call names the action that is missing, in AWS’s own words where it says it', () => {
  const said = named('AccessDeniedException', 'User: u is not authorized to perform: iam:PassRole on resource: r', 403);
  expect(classify(said, context)).toMatchObject({ code: 'aws/denied', hint: 'grant iam:PassRole' });
  const silent = named('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  const call = { ...context, service: 'monitoring', operation: 'GetMetricData' };
  expect(classify(silent, call).hint).toBe('grant cloudwatch:GetMetricData');
});

test('an error keeps its call and request id', () => {
  const error = classify(conflict('busy'), context);
  expect(error).toMatchObject({
    service: 'redshift-serverless',
    operation: 'DeleteWorkgroup',
    awsCode: 'ConflictException',
  });
  expect(classify(named('X', 'y'), context).requestId).toBe('r-9');
  expect(classify(error, context)).toBe(error);
});

test('a refused signature, which AWS quotes with the session token, is not passed on', () => {
  const quoted = 'The Canonical String should have been x-amz-security-token:VERYSECRET';
  const error = classify(named('SignatureDoesNotMatch', quoted, 403), context);
  expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain('VERYSECRET');
});

describe('credentials that cannot be had', () => {
  const provider = (message: string) => Object.assign(new Error(message), { name: 'CredentialsProviderError' });
  const cases: [string, string | undefined, string, string][] = [
    ['Could not load credentials from any providers', undefined, 'aws/no-credentials', 'aws configure sso'],
    ['Could not load credentials from any providers', 'nope', 'aws/profile', '--profile'],
    [
      "The SSO session token associated with profile=sso was not found or is invalid. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
      'sso',
      'aws/expired-credentials',
      'aws sso login --profile sso',
    ],
    [
      "Value not present for 'clientId' in SSO Token. Cannot refresh the SSO session",
      undefined,
      'aws/expired-credentials',
      '`aws sso login`',
    ],
    [
      'The SSO session associated with this profile has expired.',
      'old',
      'aws/expired-credentials',
      'aws sso login --profile old',
    ],
    [
      'Profile assume requires multi-factor authentication, but no MFA code callback was provided.',
      'assume',
      'aws/no-credentials',
      'terminal',
    ],
  ];
  test.each(cases)('%s (profile %s): %s', (text, profile, code, hint) => {
    const error = classify(provider(text), { ...context, profile });
    expect(error.code).toBe(code);
    expect(error.hint).toContain(hint);
    expect(error.exitCode).toBe(1);
  });
});
