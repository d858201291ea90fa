/** What belongs to one session alone, however many share the warehouse. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Live, openLive, refusalOf, rowOf } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';

let live: Live;

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(1));
  live = await openLive(saved, 600);
});

afterAll(() => live.close());

const producer = async () => live.connect(await live.asAdministrator('producer'));
const numbers = async (client: pg.Client, sql: string) =>
  (await client.query({ text: sql, rowMode: 'array' })).rows.flat().map(Number);

describe('a temporary table', () => {
  it.each([
    ['CREATE TEMP TABLE mine (id int)', 'mine'],
    ['CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS mine (id int)', 'mine'],
    ['CREATE TABLE #mine (id int)', '#mine'],
    ['CREATE TEMP TABLE mine AS SELECT 1 AS id WHERE false', 'mine'],
    ['CREATE TEMP TABLE mine (LIKE flights)', 'mine'],
    ['SELECT 1 AS id INTO TEMP TABLE mine WHERE false', 'mine'],
    ['SELECT 1 AS id INTO #mine WHERE false', '#mine'],
    ['WITH one AS (SELECT 1 AS id) SELECT id INTO TEMPORARY mine FROM one WHERE false', 'mine'],
  ])('%s: two sessions have one each, until they end', async (sql, name) => {
    const [one, other] = [await producer(), await producer()];
    await one.query(sql);
    await one.query(`INSERT INTO ${name} VALUES (1)`);
    expect(await refusalOf(other.query(`SELECT * FROM ${name}`))).toMatchObject({ code: '42P01' });
    await other.query(sql);
    await other.query(`INSERT INTO ${name} VALUES (2)`);
    expect(await numbers(one, `SELECT id FROM ${name}`)).toEqual([1]);
    expect(await numbers(other, `SELECT id FROM ${name}`)).toEqual([2]);
    await one.end();
    expect(await numbers(other, `UPDATE ${name} SET id = 3`)).toEqual([]);
    expect(await numbers(await producer(), `SELECT count(*) FROM pg_tables WHERE tablename = '${name}'`)).toEqual([0]);
    expect(await numbers(other, `SELECT id FROM ${name}`)).toEqual([3]);
  });

  it('hides a table of the same name, and gives it back when it is dropped', async () => {
    const client = await producer();
    await client.query('CREATE TEMP TABLE flights (id int)');
    expect(await numbers(client, 'SELECT count(*) FROM flights')).toEqual([0]);
    expect(await numbers(client, 'SELECT count(*) FROM public.flights')).not.toEqual([0]);
    await client.query('DROP TABLE flights');
    expect(await numbers(client, 'SELECT count(*) FROM flights')).not.toEqual([0]);
  });

  it('is in nobody’s way: what is made for good beside it is there for all', async () => {
    const [one, other] = [await producer(), await producer()];
    await one.query('CREATE TEMP TABLE source (id int); INSERT INTO source VALUES (5)');
    await one.query('CREATE TABLE lasting AS SELECT * FROM source');
    await one.query('SELECT * INTO copied FROM source');
    await one.query('CREATE VIEW seen AS SELECT id FROM lasting');
    await one.query('CREATE FUNCTION five() RETURNS int IMMUTABLE AS $$ SELECT 5 $$ LANGUAGE sql');
    expect(
      await numbers(other, 'SELECT id FROM lasting UNION ALL SELECT id FROM copied UNION ALL SELECT id FROM seen'),
    ).toEqual([5, 5, 5]);
    expect(await numbers(other, 'SELECT five()')).toEqual([5]);
    expect(await rowOf(one, 'SELECT current_schema() AS schema')).toEqual({ schema: 'public' });
    await one.end();
    expect(await numbers(other, 'SELECT id FROM lasting')).toEqual([5]);
    await other.query('DROP VIEW seen; DROP TABLE lasting; DROP TABLE copied; DROP FUNCTION five()');
  });

  it('goes with its transaction when that is rolled back, and stays when it is committed', async () => {
    const client = await producer();
    await client.query('BEGIN; CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1); ROLLBACK');
    expect(await refusalOf(client.query('SELECT * FROM t'))).toMatchObject({ code: '42P01' });
    await client.query('BEGIN; CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1); COMMIT');
    expect(await numbers(client, 'SELECT id FROM t')).toEqual([1]);
    await client.query('BEGIN; DELETE FROM t; ROLLBACK');
    expect(await numbers(client, 'SELECT id FROM t')).toEqual([1]);
  });

  it('can be made by whoever may not make any other', async () => {
    const administrator = await producer();
    await administrator.query("CREATE USER visitor PASSWORD 'Visitor12'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    const { port, database } = await live.asAdministrator('producer');
    const visitor = await live.connect({ port, database, user: 'visitor', password: 'Visitor12' } as pg.ClientConfig);
    expect(await refusalOf(visitor.query('CREATE TABLE t (id int)'))).toMatchObject({ code: '42501' });
    await visitor.query('CREATE TEMP TABLE t AS SELECT 7 AS id');
    expect(await numbers(visitor, 'SELECT id FROM t')).toEqual([7]);
    await visitor.end();
    await administrator.query('DROP USER visitor; GRANT CREATE ON SCHEMA public TO PUBLIC');
  });

  it('made by a procedure is its caller’s', async () => {
    const [one, other] = [await producer(), await producer()];
    const body =
      'BEGIN DROP TABLE IF EXISTS made; CREATE TEMP TABLE made AS SELECT 4 AS id; CREATE TABLE kept (id int); END';
    await one.query(`CREATE PROCEDURE make() AS $$ ${body} $$ LANGUAGE plpgsql`);
    await one.query('CALL make()');
    expect(await numbers(one, 'SELECT id FROM made')).toEqual([4]);
    expect(await refusalOf(other.query('SELECT * FROM made'))).toMatchObject({ code: '42P01' });
    expect(await numbers(other, 'SELECT count(*) FROM kept')).toEqual([0]);
    await other.query('DROP TABLE kept; CALL make(); DROP TABLE kept; DROP PROCEDURE make()');
    expect(await numbers(other, 'SELECT id FROM made')).toEqual([4]);
  });

  it('is still there after a statement that took Postgres with it', async () => {
    const client = (await producer()) as pg.Client & { processID: number; secretKey: number };
    await client.query('CREATE TEMP TABLE t AS SELECT 9 AS id');
    await cancelSoon(client);
    expect(await refusalOf(client.query('SELECT count(*) FROM generate_series(1, 2000000000)'))).toMatchObject({
      code: '57014',
    });
    expect(await numbers(client, 'SELECT id FROM t')).toEqual([9]);
  });
});

async function cancelSoon({ processID, secretKey, port }: pg.Client & { processID: number; secretKey: number }) {
  const { WireClient, cancelRequest } = await import('../../support/wire.ts');
  setTimeout(async () => (await WireClient.open(port)).send(cancelRequest(processID, secretKey)), 300);
}

it('a simulator that goes on with a saved account has no temporary tables of sessions that ended with the one before', async () => {
  const client = await producer();
  await client.query('CREATE TEMP TABLE left_over AS SELECT 1 AS id');
  const saved = JSON.parse(JSON.stringify(await live.simulator.save()));
  const later = await openLive(saved, 600);
  onTestFinished(() => later.close());
  const other = await later.connect(await later.asAdministrator('producer'));
  expect(await numbers(other, "SELECT count(*) FROM pg_tables WHERE tablename = 'left_over'")).toEqual([0]);
  await other.query('CREATE TEMP TABLE left_over AS SELECT 2 AS id');
  expect(await numbers(other, 'SELECT id FROM left_over')).toEqual([2]);
  expect(await numbers(client, 'SELECT id FROM left_over')).toEqual([1]);
});
