/** Faults on demand, as clients of the SDK see them: every kind in every service's own words. */
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { DescribeDataSharesCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { ListStatementsCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { ListWorkgroupsCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { CreateSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListServicesCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { classify } from '../../../src/aws/classify.ts';
import type { Fault } from '../../../src/simulator/simulator.ts';
import { type ClientConfig, startTestSimulator } from '../../support/simulator.ts';

type Ask = (config: ClientConfig) => Promise<unknown>;

/** One reading call of each service, and the names of its throttling, failure, denial and expiry. */
const services: readonly (readonly [string, Ask, readonly string[]])[] = [
  [
    'redshift-serverless',
    (config) => new RedshiftServerlessClient(config).send(new ListWorkgroupsCommand({})),
    [
      'ThrottlingException 429',
      'InternalServerException 500',
      'AccessDeniedException 403',
      'ExpiredTokenException 400',
    ],
  ],
  [
    'redshift-data',
    (config) => new RedshiftDataClient(config).send(new ListStatementsCommand({})),
    [
      'ThrottlingException 400',
      'InternalServerException 500',
      'AccessDeniedException 400',
      'ExpiredTokenException 400',
    ],
  ],
  [
    'ec2',
    (config) => new EC2Client(config).send(new DescribeVpcsCommand({})),
    ['RequestLimitExceeded 503', 'InternalError 500', 'UnauthorizedOperation 403', 'RequestExpired 400'],
  ],
  [
    'elasticloadbalancing',
    (config) => new ElasticLoadBalancingV2Client(config).send(new DescribeLoadBalancersCommand({})),
    ['Throttling 400', 'InternalFailure 500', 'AccessDenied 403', 'ExpiredToken 403'],
  ],
  [
    'dynamodb',
    (config) => new DynamoDBClient(config).send(new ListTablesCommand({})),
    ['ThrottlingException 400', 'InternalServerError 500', 'AccessDeniedException 400', 'ExpiredTokenException 400'],
  ],
  [
    'kms',
    (config) => new KMSClient(config).send(new ListKeysCommand({})),
    ['ThrottlingException 400', 'KMSInternalException 500', 'AccessDeniedException 400', 'ExpiredTokenException 400'],
  ],
  [
    'secretsmanager',
    (config) => new SecretsManagerClient(config).send(new ListSecretsCommand({})),
    ['ThrottlingException 400', 'InternalServiceError 500', 'AccessDeniedException 400', 'ExpiredTokenException 400'],
  ],
  [
    'iam',
    (config) => new IAMClient(config).send(new ListRolesCommand({})),
    ['Throttling 400', 'InternalFailure 500', 'AccessDenied 403', 'ExpiredToken 403'],
  ],
  [
    'sts',
    (config) => new STSClient(config).send(new GetCallerIdentityCommand({})),
    ['Throttling 400', 'InternalFailure 500', 'AccessDenied 403', 'ExpiredToken 403'],
  ],
  [
    'redshift',
    (config) => new RedshiftClient(config).send(new DescribeDataSharesCommand({})),
    ['Throttling 400', 'InternalFailure 500', 'AccessDenied 403', 'ExpiredToken 403'],
  ],
  [
    'monitoring',
    (config) => new CloudWatchClient(config).send(new ListMetricsCommand({})),
    ['ThrottlingException 400', 'InternalServiceFault 500', 'AccessDeniedException 400', 'ExpiredTokenException 400'],
  ],
  [
    'servicequotas',
    (config) => new ServiceQuotasClient(config).send(new ListServicesCommand({})),
    ['TooManyRequestsException 429', 'InternalFailure 500', 'AccessDeniedException 403', 'ExpiredTokenException 400'],
  ],
  [
    'tagging',
    (config) => new ResourceGroupsTaggingAPIClient(config).send(new GetResourcesCommand({})),
    [
      'ThrottledException 400',
      'InternalServiceException 500',
      'AccessDeniedException 400',
      'ExpiredTokenException 400',
    ],
  ],
];

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const failureOf = (asked: Promise<unknown>): Promise<SdkError> =>
  asked.then(
    () => Promise.reject(new Error('it was answered')),
    (error: SdkError) => error,
  );

const refused: readonly (readonly [Fault['kind'], string])[] = [
  ['throttle', 'throttled'],
  ['error', 'transient'],
  ['denied', 'denied'],
  ['expired', 'expired'],
];

test.each(services)('%s refuses in its own words, which rsds understands', async (service, ask, names) => {
  const { simulator, clientConfig } = await startTestSimulator();
  const seen: unknown[] = [];
  for (const [kind, meant] of refused) {
    simulator.faults.clear();
    simulator.faults.add({ kind, services: [service] });
    const error = await failureOf(ask(clientConfig));
    expect(classify(error, { service, operation: 'List', region: 'us-east-1' }).kind).toBe(meant);
    seen.push(`${error.name} ${error.$metadata?.httpStatusCode}`);
  }
  expect(seen).toEqual(names);
  simulator.faults.clear();
  await ask(clientConfig);
});

test.each(services)('%s: a request or its answer is lost', async (_service, ask) => {
  const { simulator, clientConfig } = await startTestSimulator();
  for (const kind of ['lost-request', 'lost-response'] as const) {
    simulator.faults.clear();
    simulator.faults.add({ kind });
    expect(await failureOf(ask(clientConfig))).toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.requests.all().at(-1)).toMatchObject({ lost: kind.slice('lost-'.length), status: undefined });
  }
});

test('a lost answer leaves its effect, a lost request and a refusal none', async () => {
  const { simulator, clientConfig } = await startTestSimulator();
  const client = new SecretsManagerClient(clientConfig);
  for (const kind of ['lost-response', 'lost-request', 'throttle', 'error'] as const) {
    simulator.faults.clear();
    simulator.faults.add({ kind });
    await failureOf(client.send(new CreateSecretCommand({ Name: kind, SecretString: 'x' })));
  }
  simulator.faults.clear();
  const { SecretList } = await client.send(new ListSecretsCommand({}));
  expect(SecretList?.map(({ Name }) => Name)).toEqual(['lost-response']);
});

test('a slow service takes AWS time, and then answers', async () => {
  const { simulator, clock, clientConfig } = await startTestSimulator({ virtual: true });
  simulator.faults.add({ kind: 'slow', services: ['kms'], delayMs: 90_000 });
  await clock.track(new STSClient(clientConfig).send(new GetCallerIdentityCommand({})));
  expect(clock.elapsed()).toBe(0);
  await clock.track(new KMSClient(clientConfig).send(new ListKeysCommand({})));
  expect(clock.elapsed()).toBe(90_000);
});

test('an unavailable service', async () => {
  const { simulator, clientConfig } = await startTestSimulator();
  simulator.faults.add({ kind: 'error', status: 503 });
  const [json, ec2] = [await failureOf(services[0]![1](clientConfig)), await failureOf(services[2]![1](clientConfig))];
  expect([json.name, json.$metadata?.httpStatusCode]).toEqual(['ServiceUnavailableException', 503]);
  expect([ec2.name, ec2.$metadata?.httpStatusCode]).toEqual(['Unavailable', 503]);
});

test('a denial names who was denied what', async () => {
  const { simulator, clientConfig } = await startTestSimulator();
  simulator.faults.add({ kind: 'denied', operations: ['CreateKey'] });
  const { message } = await failureOf(new KMSClient(clientConfig).send(new CreateKeyCommand({})));
  expect(message).toMatch(/^User: arn:aws:iam::123456789012:\S+ is not authorized to perform: kms:CreateKey on/);
});

test('faults can be set from the start', async () => {
  const { clientConfig } = await startTestSimulator({ faults: [{ kind: 'throttle', services: ['sts'] }] });
  const asked = new STSClient(clientConfig).send(new GetCallerIdentityCommand({}));
  expect((await failureOf(asked)).name).toBe('Throttling');
});
