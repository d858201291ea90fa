/** What JDBC drivers send, message by message: pgjdbc's ways, which Amazon's own driver has from it. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Live, openLive } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import {
  bind,
  closePortal,
  closeStatement,
  describePortal,
  describeStatement,
  execute,
  int32,
  parse,
  query,
  sync,
  valuesOf,
  WireClient,
} from '../../support/wire.ts';

let live: Live;
let producer: pg.ClientConfig;

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(1));
  live = await openLive(saved, 600);
  producer = await live.asAdministrator('producer');
});

afterAll(() => live.close());

const driver = (parameters: Record<string, string> = {}) => WireClient.login(producer, parameters);
const begin = [parse('', 'BEGIN'), bind(''), execute('', 0)];

describe('a driver that connects', () => {
  it('may name itself in Amazon’s way, and set what Postgres’s startup message can', async () => {
    const client = await driver({
      client_encoding: 'UTF8',
      DateStyle: 'ISO',
      TimeZone: 'Europe/Berlin',
      options: '-c query_group=nightly',
      driver_version: 'Redshift JDBC Driver 2.1.0.30',
      os_version: 'Linux',
      plugin_name: 'none',
      client_protocol_version: '2',
    });
    expect(client.parameters.get('server_version')).toBe('8.0.2');
    expect(await client.ask(query('SHOW query_group'))).toContain('D nightly');
  });

  it.each([
    ['SET extra_float_digits = 3', ['C SET', 'Z I']],
    ["SET application_name = 'My App'", ['C SET', 'Z I']],
    ['SET SESSION search_path TO public', ['C SET', 'Z I']],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE', ['C SET', 'Z I']],
    ['SHOW TRANSACTION ISOLATION LEVEL', ['T transaction_isolation', 'D serializable', 'C SHOW', 'Z I']],
    ['select current_schema()', ['T current_schema', 'D public', 'C SELECT 1', 'Z I']],
  ])('%s', async (sql, answer) => {
    const client = await driver();
    expect(await client.ask(parse('', sql), bind(''), describePortal(''), execute(), sync)).toEqual([
      '1',
      '2',
      ...(answer[0]?.startsWith('T') ? [] : ['n']),
      ...answer,
    ]);
  });
});

describe('a transaction', () => {
  it('begins with a BEGIN of its own before the first statement', async () => {
    const client = await driver();
    const first = [parse('', 'SELECT 1 AS one'), bind(''), describePortal(''), execute('', 0), sync];
    expect(await client.ask(...begin, ...first)).toEqual([
      '1',
      '2',
      'C BEGIN',
      '1',
      '2',
      'T one',
      'D 1',
      'C SELECT 1',
      'Z T',
    ]);
    expect(await client.ask(parse('', 'COMMIT'), bind(''), execute('', 1), sync)).toEqual([
      '1',
      '2',
      'C COMMIT',
      'Z I',
    ]);
  });

  it('hands out rows by the fetch size, from as many portals as are open', async () => {
    const client = await driver();
    const rows = 'SELECT * FROM generate_series(1, 5) AS n';
    expect(
      await client.ask(
        ...begin,
        ...[parse('S_1', rows), bind('S_1', { portal: 'C_1' }), describePortal('C_1'), execute('C_1', 2), sync],
      ),
    ).toEqual(['1', '2', 'C BEGIN', '1', '2', 'T n', 'D 1', 'D 2', 's', 'Z T']);
    expect(await client.ask(bind('S_1', { portal: 'C_2' }), execute('C_2', 4), sync)).toEqual([
      '2',
      'D 1',
      'D 2',
      'D 3',
      'D 4',
      's',
      'Z T',
    ]);
    expect(await client.ask(execute('C_1', 2), sync)).toEqual(['D 3', 'D 4', 's', 'Z T']);
    expect(await client.ask(execute('C_1', 2), closePortal('C_1'), sync)).toEqual(['D 5', 'C SELECT 5', '3', 'Z T']);
    expect(await client.ask(execute('C_1', 2), sync)).toEqual(['E 34000', 'Z E']);
    expect(await client.ask(query('ROLLBACK'))).toEqual(['C ROLLBACK', 'Z I']);
    expect(await client.ask(execute('C_2', 2), sync)).toEqual(['E 34000', 'Z I']);
  });

  it('that was begun READ ONLY refuses writes', async () => {
    const client = await driver();
    await client.ask(query('BEGIN READ ONLY'));
    expect(await client.ask(query('INSERT INTO flights VALUES (1)'))).toEqual(['E 25006', 'Z E']);
    expect(await client.ask(query('ROLLBACK'))).toEqual(['C ROLLBACK', 'Z I']);
  });

  it('keeps what SET LOCAL set to itself', async () => {
    const client = await driver();
    await client.ask(query("SET query_group TO 'all'"));
    await client.ask(query("BEGIN; SET LOCAL query_group TO 'mine'"));
    expect(await client.ask(query('SHOW query_group'))).toContain('D mine');
    await client.ask(query('COMMIT'));
    expect(await client.ask(query('SHOW query_group'))).toContain('D all');
  });

  it('has no savepoints (F-705)', async () => {
    const client = await driver();
    await client.ask(query('BEGIN'));
    expect(await client.ask(query('SAVEPOINT one'))).toEqual(['E 0A000', 'Z E']);
    expect(await client.ask(query('ROLLBACK TO SAVEPOINT one'))).toEqual(['E 25P02', 'Z E']);
    expect(await client.ask(query('ROLLBACK'))).toEqual(['C ROLLBACK', 'Z I']);
  });
});

describe('values in binary', () => {
  const samples: [string, number, string, Buffer][] = [
    ['int2', 21, '-7', Buffer.from('fff9', 'hex')],
    ['int4', 23, '70000', Buffer.from('00011170', 'hex')],
    ['int8', 20, '-2', Buffer.from('fffffffffffffffe', 'hex')],
    ['float4', 700, '1.1', Buffer.from('3f8ccccd', 'hex')],
    ['float8', 701, '0.30000000000000004', Buffer.from('3fd3333333333334', 'hex')],
    ['bool', 16, 't', Buffer.from('01', 'hex')],
    ['varchar', 1043, "O'\\é", Buffer.from("O'\\é")],
    ['date', 1082, '2024-02-29', Buffer.from('00002279', 'hex')],
    ['timestamp', 1114, '2024-02-29 12:00:00.5', Buffer.from('0002b582c47fb120', 'hex')],
    ['numeric', 1700, '-12.345', Buffer.from('0002000040000003000c0d7a', 'hex')],
    ['bytea', 17, '\\x00ff', Buffer.from('00ff', 'hex')],
  ];

  it.each(samples)('of type %s reach a query and come back', async (name, type, shown, binary) => {
    const client = await driver({ extra_float_digits: '3' });
    const asked = parse('', name === 'bytea' ? 'SELECT $1' : `SELECT $1::"${name}"`, [type]);
    await client.ask(query('SET extra_float_digits = 3'));
    const sent = { values: [binary], formats: [1] };
    expect(await client.ask(asked, bind('', sent), execute(), sync)).toContain(`D ${shown}`);
    client.send(asked, bind('', { ...sent, results: [1] }), execute(), sync);
    const row = (await client.until('Z')).find((one) => one.type === 'D');
    expect(row && valuesOf(row.body)).toEqual([binary]);
  });

  it.each(samples.filter(([name]) => name !== 'bytea'))(
    'of type %s are written as they are',
    async (name, type, shown, binary) => {
      const client = await driver();
      await client.ask(
        query(`DROP TABLE IF EXISTS written; CREATE TABLE written (a ${name === 'numeric' ? 'numeric(10,3)' : name})`),
      );
      const insert = parse('S_1', 'INSERT INTO written VALUES ($1)', [type]);
      expect(await client.ask(insert, bind('S_1', { values: [binary], formats: [1] }), execute('', 1), sync)).toEqual([
        '1',
        '2',
        'C INSERT 0 1',
        'Z I',
      ]);
      expect(await client.ask(bind('S_1', { values: [shown] }), execute('', 1), sync)).toContain('C INSERT 0 1');
      client.send(parse('', 'SELECT a FROM written'), bind('', { results: [1] }), execute(), sync);
      const rows = (await client.until('Z')).filter((one) => one.type === 'D');
      expect(rows.map(({ body }) => valuesOf(body))).toEqual([[binary], [binary]]);
      await client.ask(query('DROP TABLE written'));
    },
  );
});

describe('a statement without rows', () => {
  it.each([
    ["INSERT INTO flights VALUES (820, 'AA')", 'C INSERT 0 1'],
    ['DELETE FROM flights WHERE id = 820', 'C DELETE 1'],
    ['VACUUM', 'C VACUUM'],
    ['CREATE DATABASE besides', 'C CREATE DATABASE'],
    ['DROP DATABASE besides', 'C DROP DATABASE'],
  ])('%s is described as such and done by itself, also where transactions are refused', async (sql, tag) => {
    const client = await driver();
    expect(await client.ask(parse('', sql), bind(''), describePortal(''), execute('', 0), sync)).toEqual([
      '1',
      '2',
      'n',
      tag,
      'Z I',
    ]);
    expect(await client.ask(...begin, parse('', 'VACUUM'), bind(''), describePortal(''), execute(), sync)).toEqual([
      '1',
      '2',
      'C BEGIN',
      '1',
      '2',
      'n',
      'E 25001',
      'Z E',
    ]);
  });

  it('has no generated keys to give back (F-710)', async () => {
    const client = await driver();
    const sql = 'INSERT INTO flights VALUES (821) RETURNING *';
    expect(await client.ask(parse('', sql), bind(''), describePortal(''), execute('', 0), sync)).toContain('E 42601');
    expect(await client.ask(query('SELECT count(*) FROM flights WHERE id = 821'))).toContain('D 0');
  });

  it('answers its plan where that is asked for', async () => {
    const client = await driver();
    const sql = 'EXPLAIN INSERT INTO flights VALUES (822)';
    const answer = await client.ask(parse('', sql), bind(''), describePortal(''), execute('', 0), sync);
    expect(answer.slice(0, 3)).toEqual(['1', '2', 'T QUERY PLAN']);
    expect(answer.at(-1)).toBe('Z I');
  });

  it('that calls a procedure answers what it gives out', async () => {
    const client = await driver();
    const body = 'BEGIN b := a + 1; END';
    await client.ask(
      query(`CREATE OR REPLACE PROCEDURE next(a IN int, b INOUT int) AS $$ ${body} $$ LANGUAGE plpgsql`),
    );
    expect(await client.ask(parse('', 'CALL next(1, 0)'), bind(''), describePortal(''), execute(), sync)).toEqual([
      '1',
      '2',
      'T b',
      'D 2',
      'C CALL',
      'Z I',
    ]);
  });
});

it('an encoding that there is none of is refused, and the client told that it gets UTF-8', async () => {
  const client = await driver({ client_encoding: 'LATIN1' });
  expect(client.parameters.get('client_encoding')).toBe('UTF8');
  expect(await client.ask(query("SET client_encoding TO 'LATIN1'"))).toEqual(['E 0A000', 'Z I']);
  expect(await client.ask(query("SET client_encoding TO 'UNICODE'"))).toEqual(['C SET', 'Z I']);
});

describe('prepared statements', () => {
  it('are described before they run: their parameters and their columns', async () => {
    const client = await driver();
    const insert = parse('S_1', 'INSERT INTO flights VALUES ($1, $2)', [0, 0]);
    expect(await client.ask(insert, describeStatement('S_1'), sync)).toEqual(['1', 't 20|1042', 'n', 'Z I']);
    const select = parse('S_2', 'SELECT id, carrier FROM flights WHERE id = $1');
    expect(await client.ask(select, describeStatement('S_2'), sync)).toEqual(['1', 't 20', 'T id|carrier', 'Z I']);
  });

  it('last until they are closed, and can’t be made twice', async () => {
    const client = await driver();
    expect(await client.ask(parse('S_1', 'SELECT 1'), sync)).toEqual(['1', 'Z I']);
    expect(await client.ask(parse('S_1', 'SELECT 2'), sync)).toEqual(['E 42P05', 'Z I']);
    expect(await client.ask(closeStatement('S_1'), parse('S_1', 'SELECT 2'), sync)).toEqual(['3', '1', 'Z I']);
    expect(await client.ask(bind('S_1'), execute(), sync)).toEqual(['2', 'D 2', 'C SELECT 1', 'Z I']);
  });
});

it('two hundred thousand rows come whole', async () => {
  const client = await driver();
  client.send(query("SELECT n, 'row number ' || n FROM generate_series(1, 200000) AS n"));
  const answer = await client.until('Z');
  expect(answer.filter(({ type }) => type === 'D')).toHaveLength(200_000);
  expect(answer.at(-3)?.body.subarray(2, 12)).toEqual(Buffer.concat([int32(6), Buffer.from('200000')]));
}, 30_000);

it('tables and columns are found as pgjdbc looks for them', async () => {
  const client = await driver();
  const tables = `SELECT n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, d.description AS REMARKS
    FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
    LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
    WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND n.nspname LIKE 'public'`;
  expect(await client.ask(query(tables))).toEqual([
    'T table_schem|table_name|remarks',
    'D public|flights|∅',
    'C SELECT 1',
    'Z I',
  ]);
});
