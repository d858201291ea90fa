/** A warehouse of a simulated account, and SQL through the Data API. Time stands still unless a test lets it pass. */
import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, expect, onTestFinished } from 'vitest';
import { createDataPlane } from '../../../src/simulator/plane/index.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { type Account, createWorkgroup, makeNamespace, openAccount } from '../redshift-serverless/account.ts';

// All simulators of a process share one Postgres; somebody who stays keeps it from starting anew for each test.
const stayer = createDataPlane();
afterAll(() => stayer.close());

export interface Warehouse {
  readonly name: string;
  readonly namespaceId: string;
  readonly namespaceArn: string;
  readonly workgroupArn: string;
  /** ARN of the secret that Redshift keeps for the administrator. */
  readonly secret: string;
}

export interface DataAccount extends Account {
  readonly data: RedshiftDataClient;
  readonly sales: Warehouse;
  /** A client with the credentials of a role's session. */
  dataAs(role: string, session: string): Promise<RedshiftDataClient>;
  /** Sends a statement as the administrator of `sales` (or as `more` says) and answers its id. */
  start(Sql: string, more?: Partial<ExecuteStatementCommandInput>): Promise<string>;
  startBatch(Sqls: string[], more?: Partial<BatchExecuteStatementCommandInput>): Promise<string>;
  describe(Id: string): Promise<Description>;
  /** Sends a statement, waits until it has ended, and describes it. */
  run(Sql: string, more?: Partial<ExecuteStatementCommandInput>): Promise<Description>;
  /** The rows of a statement that must succeed, each value in whichever field it came. */
  query(Sql: string, more?: Partial<ExecuteStatementCommandInput>): Promise<unknown[][]>;
  makeSecret(name: string, value: unknown): Promise<string>;
}

export type Description = Awaited<ReturnType<typeof describeWith>>;

const describeWith = (data: RedshiftDataClient, Id: string) => data.send(new DescribeStatementCommand({ Id }));

export async function openDataAccount(): Promise<DataAccount> {
  const account = await openAccount();
  const data = clientOf(new RedshiftDataClient(clientConfigOf(account.url)));
  const secrets = clientOf(new SecretsManagerClient(clientConfigOf(account.url)));
  const sales = await makeDataWarehouse(account, 'sales');
  const where = { WorkgroupName: 'sales', Database: 'dev', SecretArn: sales.secret };
  const start: DataAccount['start'] = async (Sql, more = {}) =>
    (await data.send(new ExecuteStatementCommand({ ...where, Sql, ...more }))).Id ?? '';
  const run: DataAccount['run'] = async (Sql, more) => {
    const id = await start(Sql, more);
    account.later(1);
    return describeWith(data, id);
  };
  return {
    ...account,
    data,
    sales,
    start,
    run,
    dataAs: async (role, session) => {
      const sts = clientOf(new STSClient(clientConfigOf(account.url)));
      const RoleArn = `arn:aws:iam::123456789012:role/${role}`;
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: session }));
      const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = Credentials ?? {};
      const credentials = { accessKeyId, secretAccessKey };
      return clientOf(new RedshiftDataClient({ ...clientConfigOf(account.url), credentials }));
    },
    startBatch: async (Sqls, more = {}) =>
      (await data.send(new BatchExecuteStatementCommand({ ...where, Sqls, ...more }))).Id ?? '',
    describe: (id) => describeWith(data, id),
    query: async (sql, more) => {
      const { Id, Error: error } = await run(sql, more);
      expect(error).toBeUndefined();
      const { Records = [] } = await data.send(new GetStatementResultCommand({ Id }));
      return Records.map((row) => row.map((field) => (field.isNull ? null : Object.values(field)[0])));
    },
    makeSecret: async (Name, value) => {
      const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
      return (await secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN ?? '';
    },
  };
}

/** A namespace whose administrator's password Redshift keeps, and its workgroup, both at rest. */
export async function makeDataWarehouse(account: Account, name: string): Promise<Warehouse> {
  const namespace = await makeNamespace(account, name, { manageAdminPassword: true });
  const { workgroup } = await createWorkgroup(account, name);
  account.later(10);
  return {
    name,
    namespaceId: namespace?.namespaceId ?? '',
    namespaceArn: namespace?.namespaceArn ?? '',
    workgroupArn: workgroup?.workgroupArn ?? '',
    secret: namespace?.adminPasswordSecretArn ?? '',
  };
}

function clientOf<C extends { destroy(): void }>(client: C): C {
  onTestFinished(() => client.destroy());
  return client;
}
