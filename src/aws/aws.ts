/** AWS as rsds uses it: one thin file a service, loaded when it is first called, all behind one connection. */
import type { CloudWatch } from './cloudwatch.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import type { Data } from './data.ts';
import type { DynamoDb } from './dynamodb.ts';
import type { Ec2 } from './ec2.ts';
import type { Elb } from './elb.ts';
import type { Iam } from './iam.ts';
import type { Kms } from './kms.ts';
import type { Quotas } from './quotas.ts';
import type { S3 } from './s3.ts';
import type { Secrets } from './secrets.ts';
import type { Serverless } from './serverless.ts';
import type { Shares } from './shares.ts';
import type { Ssm } from './ssm.ts';
import type { Sts } from './sts.ts';
import type { Tagging } from './tagging.ts';

export type { ApiCall, CallOptions } from './connection.ts';
export type AwsOptions = ConnectionOptions;

/** Every function of these answers a promise and fails with a `ServiceError`. */
export interface Aws {
  readonly region: string;
  readonly sts: Sts;
  readonly ec2: Ec2;
  readonly kms: Kms;
  readonly iam: Iam;
  readonly secrets: Secrets;
  readonly serverless: Serverless;
  readonly data: Data;
  readonly shares: Shares;
  readonly elb: Elb;
  readonly dynamodb: DynamoDb;
  readonly s3: S3;
  readonly quotas: Quotas;
  readonly cloudwatch: CloudWatch;
  readonly tagging: Tagging;
  readonly ssm: Ssm;
  /** AWS's own time, ms since the epoch, by its last answer; undefined before the first. */
  now(): number | undefined;
  /** Closes the sockets that are kept alive. */
  close(): void;
}

/** Nothing is loaded and no credentials are looked for until the first call. */
export function createAws(options: AwsOptions): Aws {
  const { clock } = options;
  let connection: Promise<Connection> | undefined;
  let opened: Connection | undefined;
  const connect = () => {
    connection ??= import('./connection.ts').then(({ Connection }) => (opened = new Connection(options)));
    return connection;
  };
  // Loading is I/O, too: untracked, virtual time would run away under it.
  const lazy = <Service extends object>(load: () => Promise<(connection: Connection) => Service>) =>
    onFirstCall(() => clock.track(Promise.all([load(), connect()]).then(([open, shared]) => open(shared))));
  return {
    region: options.region,
    sts: lazy(() => import('./sts.ts').then(({ sts }) => sts)),
    ec2: lazy(() => import('./ec2.ts').then(({ ec2 }) => ec2)),
    kms: lazy(() => import('./kms.ts').then(({ kms }) => kms)),
    iam: lazy(() => import('./iam.ts').then(({ iam }) => iam)),
    secrets: lazy(() => import('./secrets.ts').then(({ secrets }) => secrets)),
    serverless: lazy(() => import('./serverless.ts').then(({ serverless }) => serverless)),
    data: lazy(() => import('./data.ts').then(({ data }) => data)),
    shares: lazy(() => import('./shares.ts').then(({ shares }) => shares)),
    elb: lazy(() => import('./elb.ts').then(({ elb }) => elb)),
    dynamodb: lazy(() => import('./dynamodb.ts').then(({ dynamodb }) => dynamodb)),
    s3: lazy(() => import('./s3.ts').then(({ s3 }) => s3)),
    quotas: lazy(() => import('./quotas.ts').then(({ quotas }) => quotas)),
    cloudwatch: lazy(() => import('./cloudwatch.ts').then(({ cloudwatch }) => cloudwatch)),
    tagging: lazy(() => import('./tagging.ts').then(({ tagging }) => tagging)),
    ssm: lazy(() => import('./ssm.ts').then(({ ssm }) => ssm)),
    now: () => opened?.awsNow(),
    close: () => opened?.close(),
  };
}

/** A stand-in whose functions load the service when one is called. Every function of a service answers a promise. */
function onFirstCall<Service extends object>(load: () => Promise<Service>): Service {
  let loading: Promise<Service> | undefined;
  const functionOf =
    (name: keyof Service) =>
    async (...input: unknown[]): Promise<unknown> => {
      loading ??= load();
      const called = (await loading)[name] as (...input: unknown[]) => Promise<unknown>;
      return called(...input);
    };
  return new Proxy({} as Service, {
    // `then` must stay unknown, or awaiting the stand-in would call it.
    get: (_, name) => (name === 'then' ? undefined : functionOf(name as keyof Service)),
  });
}
