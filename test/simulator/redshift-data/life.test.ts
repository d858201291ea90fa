import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { GetStatementResultCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientConfigOf, startTestSimulator } from '../../support/simulator.ts';
import { type DataAccount, openDataAccount } from './warehouse.ts';

const sum = async (account: DataAccount, MetricName: string, dimensions: Record<string, string> = {}) => {
  const client = new CloudWatchClient(clientConfigOf(account.url));
  onTestFinished(() => client.destroy());
  const { now } = account.place();
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/Redshift-Serverless',
      MetricName,
      Dimensions: Object.entries({ Workgroup: 'sales', ...dimensions }).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now + 60_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
};

describe('a warehouse at work', () => {
  it('is paid for a minute at least each time it wakes up, not for each statement (F-458)', async () => {
    const account = await openDataAccount();
    for (let sent = 0; sent < 3; sent++) await account.start('SELECT 1');
    account.later(2);
    expect(await sum(account, 'ComputeSeconds')).toBe(60 * 8);
    account.later(10);
    await account.run('SELECT 1');
    expect(await sum(account, 'ComputeSeconds')).toBe(2 * 60 * 8);
  });

  it('shows in CloudWatch; an idle one shows nothing (F-458)', async () => {
    const account = await openDataAccount();
    expect(await sum(account, 'DatabaseConnections')).toBe(0);
    await account.run('SELECT 1');
    await account.run('SELECT * FROM nowhere');
    account.later(1);
    expect(await sum(account, 'DatabaseConnections')).toBe(2);
    expect(await sum(account, 'QueriesRunning', { QueryType: 'SELECT' })).toBe(2);
    expect(await sum(account, 'QueriesSucceeded', { QueryType: 'SELECT' })).toBe(1);
    expect(await sum(account, 'QueriesFailed', { QueryType: 'SELECT' })).toBe(1);
  });

  it('is known by a world that was saved and loaded, with what ran in it', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE t (id int)');
    await account.run('INSERT INTO t VALUES (5)');
    const { Id } = await account.run('SELECT id FROM t');
    const saved = JSON.parse(JSON.stringify(await account.simulator.save()));
    const { clientConfig } = await startTestSimulator({ virtual: true, saved });
    const data = new RedshiftDataClient(clientConfig);
    onTestFinished(() => data.destroy());
    const { Records } = await data.send(new GetStatementResultCommand({ Id }));
    expect(Records).toEqual([[{ longValue: 5 }]]);
  });
});
