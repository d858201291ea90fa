/** Clients of the warehouses and clients of AWS’s services at the same time. */
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeStatementCommand, ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Live, openLive, rowOf } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import { WireClient } from '../../support/wire.ts';

let live: Live;

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(1));
  live = await openLive(saved, 600);
});

afterAll(() => live.close());

const producer = async () => live.connect(await live.asAdministrator('producer'));
const statement = new ExecuteStatementCommand({
  WorkgroupName: 'airline-dev-producer',
  Database: 'airline_dw',
  Sql: 'SELECT 1',
});

describe('a transaction that has Postgres', () => {
  it('keeps the Data API waiting, and no other service', async () => {
    const client = await producer();
    await client.query('BEGIN; CREATE TABLE held (id int)');
    const sent = live.clients.data.send(statement);
    for (let n = 0; n < 5; n++) await live.clients.elb.send(new DescribeLoadBalancersCommand({}));
    expect(await rowOf(client, 'SELECT count(*)::int AS n FROM held')).toEqual({ n: 0 });
    await client.query('ROLLBACK');
    const { Id } = await sent;
    const { Status } = await live.clients.data.send(new DescribeStatementCommand({ Id }));
    expect(Status).not.toBe('FAILED');
  });
});

describe('many short connections', () => {
  it('leave no listeners, sockets or sessions behind, and the Data API answers meanwhile', async () => {
    const config = await live.asAdministrator('producer');
    const before = process.getActiveResourcesInfo().length;
    const come = async () => {
      const client = await WireClient.open(Number(config.port));
      client.socket.end();
      await client.until('nothing');
    };
    for (let round = 0; round < 10; round++) {
      const sent = live.clients.data.send(statement);
      await Promise.all(Array.from({ length: 50 }, come));
      expect((await sent).Id).toBeDefined();
    }
    await expect.poll(() => process.getActiveResourcesInfo().length).toBeLessThan(before + 20);
  });

  it('that log in and go are forgotten, sixty at a time', async () => {
    const clients = await Promise.all(Array.from({ length: 60 }, producer));
    const answers = await Promise.all(clients.map((client, n) => rowOf(client, `SELECT ${n} AS n`)));
    expect(answers).toEqual(clients.map((_, n) => ({ n })));
    await Promise.all(clients.map((client) => client.end()));
  });
});
