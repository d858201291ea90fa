import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ApiCall, type Aws, createAws } from '../../src/aws/aws.ts';
import { RealClock, VirtualClock } from '../../src/shared/clock.ts';
import type { ServiceError } from '../../src/shared/errors.ts';
import { seededRandom } from '../../src/shared/random.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>
  <UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void) {
  let nth = 0;
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(request, response, ++nth));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => server.closeAllConnections() }, server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function awsAt(options: Partial<Parameters<typeof createAws>[0]>): Aws & { calls: ApiCall[] } {
  const calls: ApiCall[] = [];
  const aws = createAws({
    region: 'us-east-1',
    clock: new VirtualClock(),
    random: seededRandom(1),
    environment: {},
    credentials,
    onCall: (call) => calls.push(call),
    ...options,
  });
  open.push(aws);
  return Object.assign(aws, { calls });
}

const failure = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => expect.unreachable('the call should fail'),
    (error: unknown) => error as ServiceError,
  );

const throttled = (response: ServerResponse) =>
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end('{"__type":"ThrottlingException"}');

describe('a read', () => {
  test('is repeated until it is answered, and sleeps on our clock meanwhile', async () => {
    const url = await serve((_, response, nth) => {
      if (nth < 4) throttled(response);
      else response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{"workgroups":[]}');
    });
    const clock = new VirtualClock();
    const aws = awsAt({ endpoint: url, clock });
    expect(await aws.serverless.listWorkgroups()).toEqual([]);
    expect(aws.calls.map(({ attempt, error }) => [attempt, error])).toEqual([
      [1, 'ThrottlingException'],
      [2, 'ThrottlingException'],
      [3, 'ThrottlingException'],
      [4, undefined],
    ]);
    const slept = aws.calls.reduce((sum, { retryInMs = 0 }) => sum + retryInMs, 0);
    expect(slept).toBeGreaterThan(3_000);
    expect(clock.elapsed()).toBeCloseTo(slept, 3);
  });

  test('is given up after ten attempts, as throttled', async () => {
    const url = await serve((_, response) => throttled(response));
    const clock = new VirtualClock();
    const aws = awsAt({ endpoint: url, clock });
    const error = await failure(aws.serverless.listWorkgroups());
    expect([error.kind, error.code, aws.calls.length]).toEqual(['throttled', 'aws/throttled', 10]);
    expect(clock.elapsed()).toBeLessThan(3 * 60_000);
  });

  test('is tried for as long where answers get lost, and less long where nobody is there', async () => {
    const url = await serve((_, response) => response.destroy());
    const lost = awsAt({ endpoint: url });
    expect([(await failure(lost.serverless.listWorkgroups())).kind, lost.calls.length]).toEqual(['transient', 10]);
    const nobody = awsAt({ endpoint: 'http://127.0.0.1:9' });
    const { kind } = await failure(nobody.serverless.listWorkgroups());
    expect([kind, nobody.calls.length]).toEqual(['unreachable', 6]);
  });
});

test.each([500, 503])('a change that is answered %i is not repeated: it may have had its effect', async (status) => {
  const url = await serve((_, response) => response.writeHead(status).end());
  const aws = awsAt({ endpoint: url });
  const error = await failure(aws.serverless.deleteWorkgroup('some-workgroup'));
  expect([error.kind, aws.calls.length]).toEqual(['transient', 1]);
});

test('a change whose answer is lost is one attempt of kind transient', async () => {
  const url = await serve((_, response) => response.destroy());
  const aws = awsAt({ endpoint: url });
  const error = await failure(aws.serverless.deleteNamespace('some-namespace'));
  expect([error.kind, aws.calls.length]).toEqual(['transient', 1]);
});

describe('who am I', () => {
  test('answers account and ARN, and what AWS thinks the time is', async () => {
    const at = Date.UTC(2030, 4, 5, 6, 7, 8);
    const url = await serve((_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/xml', date: new Date(at).toUTCString(), 'x-amzn-requestid': 'r-1' })
        .end(identity),
    );
    const aws = awsAt({ endpoint: url });
    expect(aws.now()).toBeUndefined();
    expect(await aws.sts.identity()).toMatchObject({
      account: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/u',
    });
    expect(aws.now()).toBe(at);
    expect(aws.calls).toMatchObject([{ service: 'sts', operation: 'GetCallerIdentity', requestId: 'r-1', attempt: 1 }]);
  });

  test('fails within a second where nothing listens', async () => {
    const clock = new RealClock();
    const aws = awsAt({ endpoint: 'http://127.0.0.1:9', clock });
    const startedAt = clock.elapsed();
    const error = await failure(aws.sts.identity());
    expect([error.code, error.kind, error.exitCode]).toEqual(['aws/unreachable', 'unreachable', 1]);
    expect(error.message).toContain('127.0.0.1:9');
    expect(error.hint).toContain('AWS_ENDPOINT_URL');
    expect(clock.elapsed() - startedAt).toBeLessThan(2_000);
  });

  test('without credentials says how to get some', async () => {
    const aws = createAws({ region: 'us-east-1', clock: new RealClock(), random: seededRandom(1), environment: {} });
    open.push(aws);
    const error = await withoutCredentials(() => failure(aws.sts.identity()));
    expect([error.code, error.exitCode]).toEqual(['aws/no-credentials', 1]);
    expect(error.hint).toContain('aws configure sso');
  });

  test('with a profile that is not there names it', async () => {
    const aws = awsAt({ profile: 'nope' });
    const bare = createAws({
      region: 'us-east-1',
      profile: 'nope',
      clock: new RealClock(),
      random: seededRandom(1),
      environment: {},
    });
    open.push(bare, aws);
    const error = await withoutCredentials(() => failure(bare.sts.identity()));
    expect([error.code, error.message]).toEqual(['aws/profile', expect.stringContaining('"nope"')]);
  });
});

test.each([
  ['AWS_ENDPOINT_URL', 'sts', (aws: Aws) => aws.sts.identity()],
  ['AWS_ENDPOINT_URL_STS', 'sts', (aws: Aws) => aws.sts.identity()],
  ['AWS_ENDPOINT_URL_EC2', 'ec2', (aws: Aws) => aws.ec2.describeVpcs()],
  ['AWS_ENDPOINT_URL_KMS', 'kms', (aws: Aws) => aws.kms.listKeys()],
  ['AWS_ENDPOINT_URL_IAM', 'iam', (aws: Aws) => aws.iam.getRole('r')],
  ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'secretsmanager', (aws: Aws) => aws.secrets.describeSecret('s')],
  ['AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS', 'redshift-serverless', (aws: Aws) => aws.serverless.listWorkgroups()],
  ['AWS_ENDPOINT_URL_REDSHIFT_DATA', 'redshift-data', (aws: Aws) => aws.data.describeStatement('i')],
  ['AWS_ENDPOINT_URL_REDSHIFT', 'redshift', (aws: Aws) => aws.shares.forProducer('arn')],
  ['AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2', 'elasticloadbalancing', (aws: Aws) => aws.elb.loadBalancer('n')],
  ['AWS_ENDPOINT_URL_DYNAMODB', 'dynamodb', (aws: Aws) => aws.dynamodb.describeTable('t')],
  ['AWS_ENDPOINT_URL_SERVICE_QUOTAS', 'servicequotas', (aws: Aws) => aws.quotas.applied('vpc')],
  ['AWS_ENDPOINT_URL_CLOUDWATCH', 'monitoring', (aws: Aws) => aws.cloudwatch.listMetrics({})],
  ['AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API', 'tagging', (aws: Aws) => aws.tagging.find({})],
])('%s leads the calls of %s there', async (variable, service, call) => {
  let authorization = '';
  const url = await serve((request, response) => {
    authorization = request.headers.authorization ?? '';
    response.writeHead(400, { 'content-type': 'text/plain' }).end();
  });
  const aws = awsAt({ environment: { [variable]: url } });
  await failure(call(aws));
  expect(authorization).toContain(`/us-east-1/${service}/aws4_request`);
  expect(aws.calls).toMatchObject([{ service }]);
});

/** Runs `body` as on a machine that has no AWS configuration at all. */
async function withoutCredentials<T>(body: () => Promise<T>): Promise<T> {
  const kept = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  });
  try {
    return await body();
  } finally {
    process.env = kept;
  }
}
