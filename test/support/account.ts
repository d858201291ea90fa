/** The account as anybody else sees it: clients of the SDK, and what tests ask of a run's requests. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { GetNamespaceCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { LoggedRequest } from '../../src/simulator/simulator.ts';
import type { Project } from './project.ts';
import { clientConfigOf } from './simulator.ts';

export type Account = ReturnType<typeof accountOf>;

export type Clients = ReturnType<typeof clientsAt>;

/** Clients of the SDK for the simulator at `url`, with an access key of their own or any. */
export function clientsAt(url: string, accessKeyId?: string) {
  const config = clientConfigOf(url, accessKeyId);
  return {
    ec2: new EC2Client(config),
    elb: new ElasticLoadBalancingV2Client(config),
    kms: new KMSClient(config),
    iam: new IAMClient(config),
    secrets: new SecretsManagerClient(config),
    dynamodb: new DynamoDBClient(config),
    serverless: new RedshiftServerlessClient(config),
    data: new RedshiftDataClient(config),
    ssm: new SSMClient(config),
  };
}

export function accountOf(project: Project) {
  const clients = clientsAt(project.simulator.url);
  const { serverless, data } = clients;
  return {
    ...clients,
    /** The id that the ledger recorded for a resource. */
    id: (resource: string) => String(project.ledger().resources[resource]?.data.id ?? ''),
    /** The id of the namespace of a warehouse, as recorded. */
    namespaceId: (short: string) => String(project.ledger().resources[`${short}/namespace`]?.data.namespaceId ?? ''),
    /** Lets AWS work for so long, minutes by default more than anything takes. */
    settle: (ms = 15 * 60_000) => project.simulator.world.skip(ms),
    /** Runs a statement as the administrator of a warehouse, e.g. `consumer-1`. */
    async sql(short: string, Database: string, Sql: string) {
      const name = `airline-dev-${short}`;
      const { namespace } = await serverless.send(new GetNamespaceCommand({ namespaceName: name }));
      const SecretArn = namespace?.adminPasswordSecretArn;
      const { Id } = await data.send(new ExecuteStatementCommand({ WorkgroupName: name, Database, Sql, SecretArn }));
      project.simulator.world.skip(120_000);
      return Id ?? '';
    },
  };
}

/** Names of the requests that changed something, but for the locks: `ec2.CreateVpc`. */
export const mutations = (requests: readonly LoggedRequest[]): string[] =>
  requests.filter(({ mutating, service }) => mutating && service !== 'dynamodb').map(nameOf);

export const nameOf = ({ service, operation }: LoggedRequest) => `${service}.${operation}`;

/** Which resources a plan names, from its JSON document. */
export const planned = (stdout: string): string[] =>
  (JSON.parse(stdout) as { items: { id: string }[] }).items.map(({ id }) => id);
