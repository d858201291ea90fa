import {
  type DataShare,
  DescribeDataSharesCommand,
  DescribeDataSharesForConsumerCommand,
  DescribeDataSharesForProducerCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import { DeleteNamespaceCommand, DeleteWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientConfigOf } from '../../support/simulator.ts';
import { type DataAccount, makeDataWarehouse, openDataAccount, type Warehouse } from '../redshift-data/warehouse.ts';
import { refusal } from '../redshift-serverless/account.ts';

interface Sharing extends DataAccount {
  readonly redshift: RedshiftClient;
  /** Another warehouse, which `sales` may grant shares to. */
  readonly branch: Warehouse;
  inBranch(sql: string): Promise<void>;
}

async function openSharing(): Promise<Sharing> {
  const account = await openDataAccount();
  const branch = await makeDataWarehouse(account, 'branch');
  const redshift = new RedshiftClient(clientConfigOf(account.url));
  onTestFinished(() => redshift.destroy());
  const inBranch = async (sql: string) => {
    const ran = await account.run(sql, { WorkgroupName: 'branch', SecretArn: branch.secret });
    expect(ran.Error).toBeUndefined();
  };
  return { ...account, branch, redshift, inBranch };
}

const must = async (account: DataAccount, ...sqls: string[]) => {
  for (const sql of sqls) expect((await account.run(sql)).Error).toBeUndefined();
};

const grant = (share: string, { namespaceId }: Warehouse) =>
  `GRANT USAGE ON DATASHARE ${share} TO NAMESPACE '${namespaceId}'`;

const forProducer = async ({ redshift, sales }: Sharing): Promise<DataShare[]> =>
  (await redshift.send(new DescribeDataSharesForProducerCommand({ ProducerArn: sales.namespaceArn }))).DataShares ?? [];

const states = (shares: readonly DataShare[]) =>
  shares.map(({ DataShareAssociations = [] }) => DataShareAssociations.map(({ Status }) => Status));

describe("a producer's datashares", () => {
  it('are named by namespace and share, and list who may use them (F-470)', async () => {
    const account = await openSharing();
    const { sales, branch } = account;
    await must(account, 'CREATE DATASHARE flights', grant('flights', branch));
    expect(await forProducer(account)).toEqual([
      {
        DataShareArn: `arn:aws:redshift:us-east-1:123456789012:datashare:${sales.namespaceId}/flights`,
        ProducerArn: sales.namespaceArn,
        AllowPubliclyAccessibleConsumers: false,
        DataShareType: 'INTERNAL',
        DataShareAssociations: [
          {
            ConsumerIdentifier: branch.namespaceId,
            Status: 'AVAILABLE',
            ConsumerRegion: 'us-east-1',
            CreatedDate: expect.any(Date),
            StatusChangeDate: expect.any(Date),
          },
        ],
      },
    ]);
  });

  it('are ACTIVE once the consumer has made a database of them, and lose who is revoked (F-471)', async () => {
    const account = await openSharing();
    const { sales, branch } = account;
    await must(account, 'CREATE DATASHARE flights', grant('flights', branch));
    await account.inBranch(`CREATE DATABASE remote FROM DATASHARE flights OF NAMESPACE '${sales.namespaceId}'`);
    expect(states(await forProducer(account))).toEqual([['ACTIVE']]);
    await must(account, `REVOKE USAGE ON DATASHARE flights FROM NAMESPACE '${branch.namespaceId}'`);
    expect(states(await forProducer(account))).toEqual([[]]);
  });

  it('say whether publicly accessible warehouses may use them', async () => {
    const account = await openSharing();
    await must(account, 'CREATE DATASHARE flights SET PUBLICACCESSIBLE TRUE');
    expect((await forProducer(account))[0]?.AllowPubliclyAccessibleConsumers).toBe(true);
  });

  it('go with their namespace', async () => {
    const account = await openSharing();
    await must(account, 'CREATE DATASHARE flights');
    await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    account.later(10);
    await account.serverless.send(new DeleteNamespaceCommand({ namespaceName: 'sales' }));
    account.later(10);
    expect(await refusal(forProducer(account))).toMatchObject({ name: 'InvalidNamespaceFault' });
    expect((await account.redshift.send(new DescribeDataSharesCommand({}))).DataShares).toEqual([]);
  });

  it('are read without waking the warehouse', async () => {
    const account = await openSharing();
    await must(account, 'CREATE DATASHARE flights');
    account.later(10);
    await forProducer(account);
    expect((await account.describe(await account.start('SELECT 1'))).Status).toBe('SUBMITTED');
  });
});

describe('datashares', () => {
  it('are found by what a consumer may use, in which state', async () => {
    const account = await openSharing();
    const { sales, branch } = account;
    await must(account, 'CREATE DATASHARE mine', 'CREATE DATASHARE yours', 'CREATE DATASHARE used');
    await must(account, grant('yours', branch), grant('used', branch));
    await account.inBranch(`CREATE DATABASE remote FROM DATASHARE used OF NAMESPACE '${sales.namespaceId}'`);
    const names = async (Status?: 'ACTIVE' | 'AVAILABLE') => {
      const input = { ConsumerArn: branch.namespaceArn, Status };
      const { DataShares = [] } = await account.redshift.send(new DescribeDataSharesForConsumerCommand(input));
      return DataShares.map(({ DataShareArn }) => DataShareArn?.split('/').at(-1)).sort();
    };
    expect(await names()).toEqual(['used', 'yours']);
    expect(await names('ACTIVE')).toEqual(['used']);
    expect(await names('AVAILABLE')).toEqual(['yours']);
  });

  it('come in pages', async () => {
    const account = await openSharing();
    for (let made = 0; made < 6; made++) await must(account, `CREATE DATASHARE share_${made}`);
    const first = await account.redshift.send(new DescribeDataSharesCommand({}));
    const second = await account.redshift.send(new DescribeDataSharesCommand({ Marker: first.Marker }));
    expect([first.DataShares?.length, second.DataShares?.length, second.Marker]).toEqual([5, 1, undefined]);
  });

  it('are found by their ARN; one that names nothing is an error', async () => {
    const account = await openSharing();
    await must(account, 'CREATE DATASHARE flights', 'CREATE DATASHARE crews');
    const DataShareArn = `arn:aws:redshift:us-east-1:123456789012:datashare:${account.sales.namespaceId}/crews`;
    const { DataShares } = await account.redshift.send(new DescribeDataSharesCommand({ DataShareArn }));
    expect(DataShares).toMatchObject([{ DataShareArn }]);
    const other = new DescribeDataSharesCommand({ DataShareArn: `${DataShareArn}_2` });
    expect((await refusal(account.redshift.send(other))).name).toBe('InvalidDataShareFault');
    const { namespaceArn } = account.sales;
    for (const ConsumerArn of [namespaceArn.slice(0, -1), namespaceArn.replace('us-east-1', 'eu-west-1')]) {
      const nowhere = new DescribeDataSharesForConsumerCommand({ ConsumerArn });
      expect((await refusal(account.redshift.send(nowhere))).name).toBe('InvalidNamespaceFault');
    }
  });
});
