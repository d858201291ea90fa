/** Who gets into a warehouse, for how long and how often, and what CloudWatch sees of it. */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { GetCredentialsCommand } from '@aws-sdk/client-redshift-serverless';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Live, openLive, refusalOf, rowOf } from '../../support/live.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';

let live: Live;

beforeAll(async () => {
  const { saved } = await buildStandingProject(
    plainYaml(1, 'workloads: { analytics: { baseCapacity: 8, database: analytics } }\n'),
  );
  live = await openLive(saved, 60);
});

afterAll(() => live.close());

const administrator = async () => live.connect(await live.asAdministrator('producer'));
const as = async (user: string, password: string) => {
  const { port, database } = await live.asAdministrator('producer');
  return { port, database, user, password } as pg.ClientConfig;
};
const credentials = async (dbName?: string) => {
  const workgroupName = 'airline-dev-producer';
  const { dbUser = '', dbPassword = '' } = await live.clients.serverless.send(
    new GetCredentialsCommand({ workgroupName, ...(dbName && { dbName }) }),
  );
  return as(dbUser, dbPassword);
};

describe('temporary credentials (F-707)', () => {
  it('open connections to their workgroup, with nobody’s rights but PUBLIC’s', async () => {
    const config = await credentials();
    const client = await live.connect(config);
    expect(await rowOf(client, 'SELECT current_user AS me')).toEqual({ me: config.user?.toLowerCase() });
    expect(await refusalOf(client.query('SELECT * FROM flights'))).toMatchObject({ code: '42501' });
    await (await administrator()).query(`GRANT SELECT ON flights TO "${config.user}"`);
    expect((await client.query('SELECT * FROM flights')).rowCount).toBeGreaterThan(0);
  });

  it('open none to another workgroup, nor to another database than was named', async () => {
    const config = await credentials();
    const { port } = await live.asAdministrator('analytics');
    expect(await refusalOf(live.connect({ ...config, port }))).toMatchObject({ code: '28P01' });
    const bound = await credentials('elsewhere');
    expect(await refusalOf(live.connect(bound))).toMatchObject({ code: '28P01' });
  });

  it('expire, and connections that stand go on', async () => {
    const config = await credentials();
    const client = await live.connect(config);
    live.simulator.world.skip(901_000);
    expect(await refusalOf(live.connect(config))).toMatchObject({ code: '28P01' });
    expect(await rowOf(client, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });
});

describe('a user (F-708)', () => {
  it.each([
    ['o"brien', "Pass'word1\\"],
    ['żółw 🐢', 'Gęśla123 🪿 ;--$$'],
    ['with space', '  Spaces 1  '],
  ])('may be called %s, with a password of any kind', async (name, password) => {
    const client = await administrator();
    const [user, literal] = [
      `"${name.replaceAll('"', '""')}"`,
      `'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    ];
    await client.query(`CREATE USER ${user} PASSWORD ${literal}`);
    expect(await rowOf(await live.connect(await as(name, password)), 'SELECT current_user AS me')).toEqual({
      me: name,
    });
    expect(await refusalOf(live.connect(await as(name, `${password} `)))).toMatchObject({ code: '28P01' });
  });

  it('has no more connections than its limit, and one more when one ends', async () => {
    await (await administrator()).query("CREATE USER few PASSWORD 'Few12345' CONNECTION LIMIT 2");
    const config = await as('few', 'Few12345');
    const [first] = [await live.connect(config), await live.connect(config)];
    expect(await refusalOf(live.connect(config))).toMatchObject({ code: '53300' });
    await first.end();
    await expect
      .poll(() =>
        live.connect(config).then(
          () => 'connected',
          () => 'refused',
        ),
      )
      .toBe('connected');
  });

  it('gets in until its password is not valid any more', async () => {
    const client = await administrator();
    const until = (seconds: number) => new Date(live.simulator.world.now() + seconds * 1000).toISOString().slice(0, 19);
    await client.query(`CREATE USER passing PASSWORD 'Passing1' VALID UNTIL '${until(600)}'`);
    await live.connect(await as('passing', 'Passing1'));
    live.simulator.world.skip(601_000);
    expect(await refusalOf(live.connect(await as('passing', 'Passing1')))).toMatchObject({ code: '28P01' });
    await client.query("ALTER USER passing VALID UNTIL 'infinity'");
    await live.connect(await as('passing', 'Passing1'));
    expect(await refusalOf(client.query("ALTER USER passing VALID UNTIL 'some day'"))).toMatchObject({ code: '22007' });
  });

  it('that is dropped while it is connected is told so, and let go', async () => {
    const client = await administrator();
    await client.query("CREATE USER leaving PASSWORD 'Leaving1'");
    const leaving = await live.connect(await as('leaving', 'Leaving1'));
    await client.query('DROP USER leaving');
    expect(await refusalOf(leaving.query('SELECT 1'))).toMatchObject({ code: '28000' });
    expect(await refusalOf(leaving.query('SELECT 1'))).toBeDefined();
  });

  it('whose database is dropped meanwhile is let go, too', async () => {
    const client = await administrator();
    await client.query('CREATE DATABASE passing_by');
    const inside = await live.connect({ ...(await live.asAdministrator('producer')), database: 'passing_by' });
    await client.query('DROP DATABASE passing_by');
    expect(await refusalOf(inside.query('SELECT 1'))).toMatchObject({ code: '3D000' });
  });
});

describe('DatabaseConnections in CloudWatch (F-458)', () => {
  const points = async (dimensions: Record<string, string>) => {
    const client = new CloudWatchClient(clientConfigOf(live.simulator.url));
    onTestFinished(() => client.destroy());
    const now = live.simulator.world.now();
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Redshift-Serverless',
        MetricName: 'DatabaseConnections',
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(now - 5 * 60_000),
        EndTime: new Date(now),
        Period: 60,
        Statistics: ['Maximum'],
      }),
    );
    return Datapoints.map(({ Maximum }) => Maximum);
  };

  it('has a point each minute while connections are open, whether they do anything or not, and none afterwards', async () => {
    const config = await live.asAdministrator('analytics');
    const clients = await Promise.all([1, 2, 3].map(() => live.connect(config)));
    live.simulator.world.skip(8 * 60_000);
    const seen = async (database?: string) => {
      await live.simulator.addresses();
      return points({ Workgroup: 'airline-dev-analytics', ...(database && { Database: database }) });
    };
    expect((await seen()).slice(0, 4)).toEqual([3, 3, 3, 3]);
    expect((await seen(config.database)).slice(0, 4)).toEqual([3, 3, 3, 3]);
    await Promise.all(clients.map((client) => client.end()));
    live.simulator.world.skip(7 * 60_000);
    expect(await seen()).toEqual([]);
  });
});
