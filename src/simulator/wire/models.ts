/**
 * The AWS services that can be spoken to: how each is addressed and which protocol it speaks, and its operations and
 * errors as the SDK's client package describes them (loaded when the service is first called).
 */
import type { Shape } from './shapes.ts';
import { shapeOf } from './shapes.ts';

/** What an SDK of any language sends first-hand; CBOR is taken wherever it is sent. */
export type ModelProtocol = 'json' | 'query' | 'ec2' | 'rest-xml';

export interface ServiceAddress {
  /** SigV4 signing name. */
  readonly name: string;
  readonly protocol: ModelProtocol;
  readonly jsonVersion: '1.0' | '1.1';
  /** What precedes the operation in X-Amz-Target, and names the service in a CBOR path. */
  readonly target: string;
  readonly apiVersion: string;
  readonly xmlNamespace: string;
  /** JSON services that once spoke query and still tell the old error code (F-9). */
  readonly queryCompatible: boolean;
  load(): Promise<object>;
}

export interface OperationModel {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Method, path and status, of services that speak REST. */
  readonly http?: { readonly method: string; readonly path: string; readonly status: number } | undefined;
}

export interface ErrorModel {
  readonly name: string;
  readonly shape: Shape;
  readonly status: number;
  /** The code in query and EC2 answers, where it differs from the shape's name. */
  readonly queryCode: string;
  readonly fault: 'client' | 'server';
}

export interface ServiceModel extends ServiceAddress {
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** By shape name and by query code. */
  readonly errors: ReadonlyMap<string, ErrorModel>;
}

const json = (name: string, target: string, apiVersion: string, load: () => Promise<object>): ServiceAddress => ({
  ...{ name, protocol: 'json', jsonVersion: '1.1', target, apiVersion, xmlNamespace: '', queryCompatible: false },
  load,
});

const query = (
  name: string,
  target: string,
  apiVersion: string,
  xmlNamespace: string,
  load: () => Promise<object>,
): ServiceAddress => ({
  ...{ name, protocol: 'query', jsonVersion: '1.1', target, apiVersion, xmlNamespace, queryCompatible: false },
  load,
});

/** Targets, versions and namespaces: from the `protocolSettings` of each SDK client (F-1). */
export const addresses: readonly ServiceAddress[] = [
  json('redshift-serverless', 'RedshiftServerless', '2021-04-21', () => import('@aws-sdk/client-redshift-serverless')),
  json('redshift-data', 'RedshiftData', '2019-12-20', () => import('@aws-sdk/client-redshift-data')),
  json('secretsmanager', 'secretsmanager', '2017-10-17', () => import('@aws-sdk/client-secrets-manager')),
  json('kms', 'TrentService', '2014-11-01', () => import('@aws-sdk/client-kms')),
  json('servicequotas', 'ServiceQuotasV20190624', '2019-06-24', () => import('@aws-sdk/client-service-quotas')),
  json('ssm', 'AmazonSSM', '2014-11-06', () => import('@aws-sdk/client-ssm')),
  json(
    'tagging',
    'ResourceGroupsTaggingAPI_20170126',
    '2017-01-26',
    () => import('@aws-sdk/client-resource-groups-tagging-api'),
  ),
  {
    ...json('dynamodb', 'DynamoDB_20120810', '2012-08-10', () => import('@aws-sdk/client-dynamodb')),
    jsonVersion: '1.0',
  },
  {
    ...json('monitoring', 'GraniteServiceVersion20100801', '2010-08-01', () => import('@aws-sdk/client-cloudwatch')),
    jsonVersion: '1.0',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
  },
  query(
    'elasticloadbalancing',
    'ElasticLoadBalancing_v10',
    '2015-12-01',
    'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  ),
  query(
    'iam',
    'AWSIdentityManagementV20100508',
    '2010-05-08',
    'https://iam.amazonaws.com/doc/2010-05-08/',
    () => import('@aws-sdk/client-iam'),
  ),
  query(
    'sts',
    'AWSSecurityTokenServiceV20110615',
    '2011-06-15',
    'https://sts.amazonaws.com/doc/2011-06-15/',
    () => import('@aws-sdk/client-sts'),
  ),
  query(
    'redshift',
    'RedshiftServiceVersion20121201',
    '2012-12-01',
    'http://redshift.amazonaws.com/doc/2012-12-01/',
    () => import('@aws-sdk/client-redshift'),
  ),
  {
    ...query(
      'ec2',
      'AmazonEC2',
      '2016-11-15',
      'http://ec2.amazonaws.com/doc/2016-11-15/',
      () => import('@aws-sdk/client-ec2'),
    ),
    protocol: 'ec2',
  },
  {
    ...query(
      's3',
      'AmazonS3',
      '2006-03-01',
      'http://s3.amazonaws.com/doc/2006-03-01/',
      () => import('@aws-sdk/client-s3'),
    ),
    protocol: 'rest-xml',
  },
];

const loaded = new Map<string, Promise<ServiceModel>>();

/** The model of a service; the client package is imported once per process. */
export function modelOf(address: ServiceAddress): Promise<ServiceModel> {
  const known = loaded.get(address.name);
  if (known) return known;
  const model = address.load().then((client) => readModel(address, client));
  loaded.set(address.name, model);
  return model;
}

const OPERATION = 9;
const ERROR = -3;

// Each client's own base class is among the errors, too, and never on the wire.
const isBaseException = (schema: readonly unknown[]) => String(schema[1]).startsWith('smithy.ts.sdk.synthetic');

function readModel(address: ServiceAddress, client: object): ServiceModel {
  const operations = new Map<string, OperationModel>();
  const errors = new Map<string, ErrorModel>();
  for (const [exportName, schema] of Object.entries(client)) {
    if (!exportName.endsWith('$') || !Array.isArray(schema)) continue;
    if (schema[0] === OPERATION) operations.set(schema[2], readOperation(schema));
    if (schema[0] === ERROR && !isBaseException(schema)) indexError(errors, readError(schema));
  }
  return { ...address, operations, errors };
}

const readOperation = (schema: readonly unknown[]): OperationModel => ({
  name: String(schema[2]),
  input: shapeOf(readReference(schema[4])),
  output: shapeOf(readReference(schema[5])),
  http: readHttp(schema[3]),
});

function readHttp(traits: unknown): OperationModel['http'] {
  const http = typeof traits === 'object' && traits !== null && 'http' in traits ? traits.http : undefined;
  if (!Array.isArray(http)) return undefined;
  const [method, path, status] = http;
  return { method: String(method), path: String(path), status: Number(status) };
}

// Operations refer to their input and output by a function, because schemas may be cyclic.
const readReference = (reference: unknown): unknown => (typeof reference === 'function' ? reference() : reference);

// Status: the error's own, else that of its query code, else by whose fault it is (F-21).
function readError(schema: readonly unknown[]): ErrorModel {
  const shape = shapeOf(schema);
  const name = String(schema[2]);
  const { error, httpError, awsQueryError } = shape.getMergedTraits();
  const [queryCode, queryStatus] = Array.isArray(awsQueryError) ? awsQueryError : [];
  const fault = error === 'server' ? 'server' : 'client';
  const status = httpError ?? queryStatus ?? (fault === 'server' ? 500 : 400);
  return { name, shape, fault, status: Number(status), queryCode: String(queryCode ?? name) };
}

// A shape's own name wins over another shape's query code.
function indexError(errors: Map<string, ErrorModel>, error: ErrorModel): void {
  errors.set(error.name, error);
  if (!errors.has(error.queryCode)) errors.set(error.queryCode, error);
}
