/**
 * Whatever an SDK client can say, the simulator understands, and the other way round: every operation and every error
 * of every client, with random values, through the SDK's own serialisers and parsers.
 */
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as redshift from '@aws-sdk/client-redshift';
import * as redshiftData from '@aws-sdk/client-redshift-data';
import * as serverless from '@aws-sdk/client-redshift-serverless';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as quotas from '@aws-sdk/client-service-quotas';
import * as sts from '@aws-sdk/client-sts';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../src/simulator/service.ts';
import { failureOf } from '../../../src/simulator/wire/failures.ts';
import { addresses, modelOf, type OperationModel, type ServiceModel } from '../../../src/simulator/wire/models.ts';
import type { Exchange } from '../../../src/simulator/wire/protocol.ts';
import { protocolOf } from '../../../src/simulator/wire/protocols.ts';
import { routeOf } from '../../../src/simulator/wire/route.ts';
import { type ShapeGenerator, shapeGenerator } from './random-shapes.ts';
import { answeredBy } from './sdk-exchange.ts';

interface SdkClient {
  send(command: unknown): Promise<object>;
}

interface Subject {
  readonly name: string;
  /** How this client is configured beyond its defaults. */
  readonly config?: object;
  readonly Client: new (config: never) => SdkClient;
  readonly commands: object;
  /** Lists, maps and structures without content get lost in the form of the query protocols. */
  readonly losesEmpty?: boolean;
}

const subject = (name: string, Client: unknown, commands: object, more: Partial<Subject> = {}): Subject => ({
  name,
  Client: Client as Subject['Client'],
  commands,
  ...more,
});

const query = { losesEmpty: true };

const subjects: readonly Subject[] = [
  subject('redshift-serverless', serverless.RedshiftServerlessClient, serverless),
  subject('redshift-data', redshiftData.RedshiftDataClient, redshiftData),
  subject('redshift', redshift.RedshiftClient, redshift, query),
  subject('ec2', ec2.EC2Client, ec2, query),
  subject('elasticloadbalancing', elb.ElasticLoadBalancingV2Client, elb, query),
  subject('dynamodb', dynamodb.DynamoDBClient, dynamodb),
  subject('secretsmanager', secrets.SecretsManagerClient, secrets),
  subject('kms', kms.KMSClient, kms),
  subject('iam', iam.IAMClient, iam, query),
  subject('sts', sts.STSClient, sts, query),
  subject('servicequotas', quotas.ServiceQuotasClient, quotas),
  subject('tagging', tagging.ResourceGroupsTaggingAPIClient, tagging),
  subject('monitoring', cloudwatch.CloudWatchClient, cloudwatch),
  subject('monitoring', cloudwatch.CloudWatchClient, cloudwatch, { ...query, config: { protocol: AwsQueryProtocol } }),
  subject('monitoring', cloudwatch.CloudWatchClient, cloudwatch, { config: { protocol: AwsSmithyRpcV2CborProtocol } }),
];

const spoken = ({ config }: Subject) =>
  (config as { protocol?: { name: string } } | undefined)?.protocol?.name ?? 'its default protocol';

const model = async (name: string): Promise<ServiceModel> => {
  const address = addresses.find((candidate) => candidate.name === name);
  if (!address) throw new Error(`no address for ${name}`);
  return modelOf(address);
};

function commandFor(commands: object, operation: string, input: unknown): unknown {
  const Command = (commands as Record<string, new (input: unknown) => unknown>)[`${operation}Command`];
  if (!Command) throw new Error(`no command for ${operation}`);
  return new Command(input);
}

async function roundTrip(tested: Subject, service: ServiceModel, operation: OperationModel, generator: ShapeGenerator) {
  const input = generator.value(operation.input) ?? {};
  const output = generator.value(operation.output) ?? {};
  let understood: unknown;
  const answer = (exchange: Exchange) => {
    const protocol = protocolOf(service, exchange);
    expect(routeOf(exchange).address?.name, `route of ${operation.name}`).toBe(service.name);
    expect(protocol.operationName(exchange)).toBe(operation.name);
    understood = protocol.readInput(operation, exchange);
    return protocol.writeOutput(service, operation, output, 'request-1');
  };
  const client = new tested.Client({ ...answeredBy(answer), ...tested.config } as never);
  const { $metadata, ...received } = (await client.send(commandFor(tested.commands, operation.name, input))) as {
    $metadata: { requestId?: string };
  };
  return { input, understood, output, received, requestId: $metadata.requestId };
}

/** What cannot survive its protocol, on AWS as here. */
const exceptions: Readonly<Record<string, string>> = {
  'monitoring PutMetricAlarm in AwsQueryProtocol': 'SlidingWindow has no members: a form has no way to say it is there',
  'monitoring DashboardNotFoundError': 'shares its query code with ResourceNotFound, by which the client tells errors',
};

const bytesAsText = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, item) => (item instanceof Uint8Array ? Buffer.from(item).toString('hex') : item)),
  );

describe.each(subjects)('$name', (tested) => {
  const protocol = spoken(tested);
  const limits = { allowEmpty: !tested.losesEmpty, stepMs: 500 };

  test(`hears and answers every operation in ${protocol}`, async () => {
    const service = await model(tested.name);
    const operations = [...service.operations.values()].filter(
      ({ name }) => !(`${tested.name} ${name} in ${protocol}` in exceptions),
    );
    for (const operation of operations) {
      for (const seed of [1, 2, 3]) {
        const trip = await roundTrip(tested, service, operation, shapeGenerator(seed, limits));
        const about = `${operation.name}, seed ${seed}`;
        expect(trip.requestId, about).toBe('request-1');
        expect(trip.understood, `input of ${about}`).toEqual(trip.input);
        expect(bytesAsText(trip.received), `output of ${about}`).toEqual(bytesAsText(trip.output));
      }
    }
    expect(operations.length).toBeGreaterThan(8);
  });

  test(`throws every error as its own class in ${protocol}`, async () => {
    const service = await model(tested.name);
    const errors = [...new Set(service.errors.values())].filter(
      ({ name }) => !(`${tested.name} ${name}` in exceptions),
    );
    for (const error of errors) {
      const { thrown, members } = await throwThrough(tested, service, error.name, shapeGenerator(7, limits));
      expect(thrown, error.name).toBeInstanceOf((tested.commands as Record<string, unknown>)[error.name]);
      expect(thrown).toMatchObject({
        ...members,
        name: error.name,
        message: 'so <it> is',
        $metadata: { httpStatusCode: error.status, requestId: 'request-2' },
      });
    }
  });
});

async function throwThrough(tested: Subject, service: ServiceModel, code: string, generator: ShapeGenerator) {
  const [operation] = service.operations.values();
  const error = service.errors.get(code);
  if (!operation || !error) throw new Error(`${service.name} has no ${code}`);
  const made = Object.entries(generator.value(error.shape) as object);
  const members = Object.fromEntries(made.filter(([name]) => !/^message$/i.test(name)));
  const failure = failureOf(service, new ApiError(code, 'so <it> is', { members }));
  const answer = (exchange: Exchange) => protocolOf(service, exchange).writeError(service, failure, 'request-2');
  const client = new tested.Client({ ...answeredBy(answer), ...tested.config } as never);
  const command = commandFor(tested.commands, operation.name, generator.value(operation.input));
  const thrown: unknown = await client.send(command).catch((rejected: unknown) => rejected);
  return { thrown, members };
}
