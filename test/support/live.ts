/** An environment whose warehouses and load balancer can be connected to from here, as `rsds up --sim` leaves one. */
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetNamespaceCommand } from '@aws-sdk/client-redshift-serverless';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';
import { systemRandom } from '../../src/shared/random.ts';
import { type SavedSimulator, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Clients, clientsAt } from './account.ts';

export interface Live {
  readonly simulator: Simulator;
  readonly clients: Clients;
  /** The key of the clients, which may send commands to instances. */
  readonly accessKeyId: string;
  /** Passwords by user. */
  readonly passwords: { readonly reporter: string };
  readonly loadBalancer: { readonly arn: string; readonly listenerArn: string; readonly targetGroupArn: string };
  /** The port here of what has this name: a workgroup's short name, or `nlb`. */
  port(name: string): Promise<number>;
  /** A client that is connected, and closed with the test; as the reader through the load balancer unless told otherwise. */
  connect(config?: pg.ClientConfig): Promise<pg.Client>;
  /** How to connect to a warehouse as its administrator. */
  asAdministrator(short: string): Promise<pg.ClientConfig>;
  close(): Promise<void>;
}

/** Where nobody checks the certificate: it is signed by nobody but itself. */
export const encrypted = { rejectUnauthorized: false };

/** Goes on with a simulated account that was saved, in real time, its warehouses and load balancers within reach. */
export async function openLive(saved: SavedSimulator, speed = 60): Promise<Live> {
  // Nobody else on this machine may have commands run by it.
  const accessKeyId = `AKIA${systemRandom.hex(32).toUpperCase()}`;
  const simulator = await startSimulator({
    clock: new RealClock(speed),
    saved,
    network: true,
    operatorKey: accessKeyId,
  });
  const clients = clientsAt(simulator.url, accessKeyId);
  const { elb, secrets, serverless } = clients;
  const secret = async (SecretId: string) => {
    const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return JSON.parse(SecretString) as { username: string; password: string };
  };
  const port = async (name: string) => {
    const addresses = await simulator.addresses();
    const found = addresses.find((one) => one.name === `airline-dev-${name}` && one.kind !== 'endpoint access');
    return Number(found?.local.split(':')[1]);
  };
  const { password } = await secret('airline-dev/reader');
  const arn = (await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const listeners = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
  const groups = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: arn }));
  const balancerPort = await port('nlb');
  return {
    simulator,
    accessKeyId,
    clients,
    passwords: { reporter: password },
    loadBalancer: {
      arn,
      listenerArn: listeners.Listeners?.[0]?.ListenerArn ?? '',
      targetGroupArn: groups.TargetGroups?.[0]?.TargetGroupArn ?? '',
    },
    port,
    connect: (config) =>
      connected({
        ...{ host: '127.0.0.1', port: balancerPort, database: 'airline', user: 'reporter', password, ssl: encrypted },
        ...config,
      }),
    asAdministrator: async (short) => {
      const found = await serverless.send(new GetNamespaceCommand({ namespaceName: `airline-dev-${short}` }));
      const { username: user, password: own } = await secret(found.namespace?.adminPasswordSecretArn ?? '');
      return { port: await port(short), database: found.namespace?.dbName, user, password: own };
    },
    close: () => simulator.close(),
  };
}

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  // A client that is let go by its server says so by an event, too.
  client.on('error', () => undefined);
  onTestFinished(() => client.end().catch(() => undefined));
  await client.connect();
  return client;
}

/** What a warehouse or a load balancer answered instead of a result: SQLSTATE, or the system's own code. */
export async function refusalOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return { code, message };
  }
  throw new Error('what should have been refused was done');
}

/** The first row of a query. */
export const rowOf = async (client: pg.Client, sql: string, values?: unknown[]): Promise<Record<string, unknown>> =>
  (await client.query(sql, values)).rows[0] as Record<string, unknown>;
