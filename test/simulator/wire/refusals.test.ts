/** What AWS refuses before any service looks at it. */
import { expect, test } from 'vitest';
import type { Service } from '../../../src/simulator/service.ts';
import { post, signed, startWire } from './wire-fixture.ts';

const accepting = (name: string, operation: string): Service => ({ name, operations: { [operation]: () => ({}) } });
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = (service: string, target: string) => ({ ...signed(service), 'x-amz-target': target });

async function askJson(service: string, target: string, input: object) {
  const operation = target.split('.').at(-1) ?? '';
  const { url } = await startWire([accepting(service, operation)]);
  const { status, text } = await post(url, json(service, target), JSON.stringify(input));
  return { status, ...(JSON.parse(text) as { __type?: string; message?: string; Message?: string }) };
}

async function askForm(service: string, body: string) {
  const operation = new URLSearchParams(body).get('Action') ?? '';
  const { url } = await startWire([accepting(service, operation)]);
  const { status, text } = await post(url, { ...signed(service), ...form }, body);
  const pick = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1];
  return { status, code: pick('Code'), message: pick('Message')?.replaceAll('&apos;', "'") };
}

test('a required member that is missing', async () => {
  const answered = await askJson('redshift-serverless', 'RedshiftServerless.GetWorkgroup', {});
  expect(answered).toEqual({
    status: 400,
    __type: 'ValidationException',
    message:
      "1 validation error detected: Value null at 'workgroupName' failed to satisfy constraint: Member must not be null",
  });
});

test('a name that is too short and has the wrong characters: both faults in one message', async () => {
  const answered = await askJson('redshift-serverless', 'RedshiftServerless.GetWorkgroup', { workgroupName: 'A' });
  expect(answered.message).toBe(
    "2 validation errors detected: Value 'A' at 'workgroupName' failed to satisfy constraint: " +
      "Member must have length greater than or equal to 3; Value 'A' at 'workgroupName' failed to satisfy constraint: " +
      'Member must satisfy regular expression pattern: ^[a-z0-9-]+$',
  );
});

test('a pattern means the whole value', async () => {
  const answered = await askForm('iam', 'Action=GetRole&Version=2010-05-08&RoleName=good%20bad');
  expect(answered).toMatchObject({ status: 400, code: 'ValidationError' });
});

test('a value outside its enum, in a list', async () => {
  const input = { namespaceName: 'name', logExports: ['userlog', 'gossip'] };
  const answered = await askJson('redshift-serverless', 'RedshiftServerless.CreateNamespace', input);
  expect(answered.message).toContain(
    "Value 'gossip' at 'logExports.2.member' failed to satisfy constraint: Member must satisfy enum value set: ",
  );
});

test('a number outside its range', async () => {
  const answered = await askJson('redshift-serverless', 'RedshiftServerless.ListWorkgroups', { maxResults: 101 });
  expect(answered.message).toContain(
    "'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
  );
});

test('a value of the wrong type is not understood at all', async () => {
  const answered = await askJson('redshift-serverless', 'RedshiftServerless.GetWorkgroup', { workgroupName: 5 });
  expect(answered).toMatchObject({ status: 400, __type: 'SerializationException' });
});

test('a secret value is not repeated in the message about it', async () => {
  const input = { namespaceName: 'name', adminUserPassword: 'x', tags: [{ key: 'k'.repeat(129), value: 'v' }] };
  const answered = await askJson('redshift-serverless', 'RedshiftServerless.CreateNamespace', input);
  expect(answered.message).toContain("at 'tags.1.member.key'");
  const secret = await askJson('secretsmanager', 'secretsmanager.CreateSecret', {
    Name: 'n',
    SecretString: '',
    Description: 'd',
  });
  expect(secret.message ?? secret.Message).toContain("Value at 'secretString' failed to satisfy constraint");
});

test('EC2 names the one parameter that is missing', async () => {
  const answered = await askForm('ec2', 'Action=CreateSubnet&Version=2016-11-15&CidrBlock=10.0.0.0%2F24');
  expect(answered).toEqual({
    status: 400,
    code: 'MissingParameter',
    message: 'The request must contain the parameter VpcId',
  });
});

test('EC2 names an invalid parameter as the request does', async () => {
  const tags = 'TagSpecification.1.ResourceType=teapot&TagSpecification.1.Tag.1.Key=k';
  const answered = await askForm('ec2', `Action=CreateVpc&Version=2016-11-15&${tags}`);
  expect(answered.code).toBe('InvalidParameterValue');
  expect(answered.message).toMatch(/^Value \(teapot\) for parameter TagSpecification\.1\.ResourceType is invalid\./);
});

test('CloudWatch lists what is missing, a line each', async () => {
  const answered = await askJson('monitoring', 'GraniteServiceVersion20100801.GetMetricStatistics', {
    Namespace: 'AWS/Redshift-Serverless',
    MetricName: 'QueriesRunning',
    StartTime: 0,
    Period: 60,
  });
  expect(answered).toMatchObject({
    __type: 'MissingRequiredParameterException',
    message: 'The parameter EndTime is required.',
  });
});

test('EC2 refuses a parameter that it does not know', async () => {
  const answered = await askForm('ec2', 'Action=DescribeSubnets&Version=2016-11-15&Subnets.1=subnet-1');
  expect(answered).toMatchObject({ code: 'UnknownParameter', message: 'The parameter Subnets.1 is not recognized' });
});

test('EC2 refuses text where a number belongs', async () => {
  const answered = await askForm('ec2', 'Action=DescribeSubnets&Version=2016-11-15&MaxResults=many');
  expect(answered).toMatchObject({ status: 400, code: 'InvalidParameterValue' });
});

test('an action that no version of the service has', async () => {
  expect(await askForm('iam', 'Action=MakeTea&Version=2010-05-08')).toMatchObject({
    code: 'InvalidAction',
    message: 'Could not find operation MakeTea for version 2010-05-08',
  });
  expect(await askForm('ec2', 'Action=MakeTea&Version=2016-11-15')).toMatchObject({ code: 'InvalidAction' });
  expect(await askJson('kms', 'TrentService.MakeTea', {})).toMatchObject({
    status: 400,
    __type: 'UnknownOperationException',
  });
});

test('classic load balancers share the signing name and are told apart by version', async () => {
  const answered = await askForm('elasticloadbalancing', 'Action=DescribeLoadBalancers&Version=2012-06-01');
  expect(answered).toMatchObject({ code: 'InvalidAction' });
});

test('an operation that exists on AWS but not here is a 501 that names it', async () => {
  const { url } = await startWire([]);
  const answered = await post(url, json('redshift-serverless', 'RedshiftServerless.CreateReservation'), '{}');
  expect(answered.status).toBe(501);
  expect(answered.text).toContain('the simulator does not serve redshift-serverless CreateReservation');
});

test('a service that is not here is a 501 that names the call', async () => {
  const { url } = await startWire([]);
  const answered = await post(url, json('athena', 'AmazonAthena.StartQueryExecution'), '{}');
  expect(answered.status).toBe(501);
  expect(answered.text).toContain('the simulator does not serve athena StartQueryExecution');
});

test('a request without a signature, in the words of each protocol', async () => {
  const { url } = await startWire([]);
  const asJson = await post(url, { 'x-amz-target': 'TrentService.ListKeys' }, '{}');
  expect(JSON.parse(asJson.text)).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  const asForm = await post(url, form, 'Action=ListRoles&Version=2010-05-08');
  expect(asForm.status).toBe(403);
  expect(asForm.text).toContain('<Code>MissingAuthenticationToken</Code>');
});

test('a signature of another making is incomplete', async () => {
  const { url } = await startWire([]);
  const headers = { authorization: 'Bearer abc', 'x-amz-target': 'TrentService.ListKeys' };
  expect(JSON.parse((await post(url, headers, '{}')).text)).toMatchObject({ __type: 'IncompleteSignatureException' });
});

test('an operation that brings its own proof of identity needs no signature', async () => {
  const { url } = await startWire([accepting('sts', 'AssumeRoleWithWebIdentity')]);
  const input = 'RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=se&WebIdentityToken=abcd';
  const answered = await post(url, form, `Action=AssumeRoleWithWebIdentity&Version=2011-06-15&${input}`);
  expect(answered.status).toBe(200);
});
