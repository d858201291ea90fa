/** What redshift_connector, psycopg and ODBC drivers send: statements described first, pipelines, named cursors. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Live, openLive } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import {
  bind,
  closeStatement,
  describePortal,
  describeStatement,
  execute,
  flush,
  parse,
  query,
  shown,
  sync,
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

const driver = () => WireClient.login(producer, { client_protocol_version: '2' });
const run = (sql: string) => [parse('', sql), bind(''), execute()];
const three = 'SELECT * FROM generate_series(1, 3) AS n';

describe('redshift_connector', () => {
  it('describes a statement, waits for that, and binds its values then', async () => {
    const client = await driver();
    await client.ask(parse('', 'begin transaction'), bind(''), execute(), sync);
    const sql = 'SELECT id, carrier FROM flights WHERE id = $1';
    expect(
      await client.ask(parse('redshift_connector_1', sql, [20]), describeStatement('redshift_connector_1'), sync),
    ).toEqual(['1', 't 20', 'T id|carrier', 'Z T']);
    expect(
      await client.ask(bind('redshift_connector_1', { values: ['1'], results: [1, 0] }), execute(), sync),
    ).toContain('C SELECT 1');
    expect(await client.ask(closeStatement('redshift_connector_1'), sync)).toEqual(['3', 'Z T']);
  });
});

describe('a pipeline', () => {
  it('is answered in order, in one go', async () => {
    const client = await driver();
    expect(await client.ask(...run('SELECT 1'), ...run('SELECT 2'), sync)).toEqual([
      '1',
      '2',
      'D 1',
      'C SELECT 1',
      '1',
      '2',
      'D 2',
      'C SELECT 1',
      'Z I',
    ]);
  });

  it('is skipped from an error to its Sync, and what it had done is undone', async () => {
    const client = await driver();
    expect(
      await client.ask(
        ...run("INSERT INTO flights VALUES (800, 'AA')"),
        ...run('SELECT nonsense'),
        ...run('SELECT 2'),
        sync,
      ),
    ).toEqual(['1', '2', 'C INSERT 0 1', '1', '2', 'E 42703', 'Z I']);
    expect(await client.ask(...run('SELECT count(*) FROM flights WHERE id = 800'), sync)).toContain('D 0');
  });

  it('without an error is done as a whole', async () => {
    const client = await driver();
    const insert = run("INSERT INTO flights VALUES (801, 'AA')");
    expect(await client.ask(...insert, ...insert, sync)).toEqual([
      '1',
      '2',
      'C INSERT 0 1',
      '1',
      '2',
      'C INSERT 0 1',
      'Z I',
    ]);
    expect(await client.ask(query('DELETE FROM flights WHERE id = 801'))).toEqual(['C DELETE 2', 'Z I']);
  });

  it('may begin and end transactions of its own', async () => {
    const client = await driver();
    const insert = run("INSERT INTO flights VALUES (802, 'AA')");
    expect(await client.ask(...insert, ...run('BEGIN'), ...insert, sync)).toContain('Z T');
    expect(await client.ask(...run('ROLLBACK'), ...insert, ...run('COMMIT'), sync)).toContain('Z I');
    expect(await client.ask(query('DELETE FROM flights WHERE id = 802'))).toEqual(['C DELETE 1', 'Z I']);
  });

  it('is answered as far as it has come where the client asks for that with Flush', async () => {
    const client = await driver();
    client.send(...run('SELECT 1'), flush);
    expect((await client.until('C')).map(shown)).toEqual(['1', '2', 'D 1', 'C SELECT 1']);
    expect(await client.ask(sync)).toEqual(['Z I']);
  });

  it('that never ends is answered all the same', async () => {
    const client = await driver();
    const long = run("SELECT repeat('x', 100000) AS x");
    client.send(...long, ...long, ...long);
    expect((await client.until('C')).map(({ type }) => type)).toEqual(['1', '2', 'D', 'C']);
    expect(await client.ask(sync)).toContain('Z I');
  });

  it('may have empty statements in it', async () => {
    const client = await driver();
    expect(await client.ask(parse('', ' -- nothing'), bind(''), describePortal(''), execute(), sync)).toEqual([
      '1',
      '2',
      'n',
      'I',
      'Z I',
    ]);
    expect(await client.ask(query(';'))).toEqual(['I', 'Z I']);
  });
});

describe('a named cursor (F-706)', () => {
  it('hands its rows out by the piece, until its transaction ends', async () => {
    const client = await driver();
    await client.ask(query(`BEGIN; DECLARE "c" CURSOR WITHOUT HOLD FOR ${three}`));
    expect(await client.ask(query('FETCH FORWARD 2 FROM "c"'))).toEqual(['T n', 'D 1', 'D 2', 'C FETCH 2', 'Z T']);
    expect(await client.ask(query('FETCH c'))).toContain('D 3');
    expect(await client.ask(query('FETCH NEXT FROM c'))).toEqual(['T n', 'C FETCH 0', 'Z T']);
    expect(await client.ask(query('COMMIT'))).toEqual(['C COMMIT', 'Z I']);
    expect(await client.ask(query('BEGIN; FETCH c'))).toEqual(['C BEGIN', 'E 34000', 'Z E']);
  });

  it('is described as a portal, and takes values', async () => {
    const client = await driver();
    await client.ask(query('BEGIN'));
    const declare = parse('', 'DECLARE c CURSOR FOR SELECT n FROM generate_series(1, $1) AS n', [23]);
    expect(await client.ask(declare, bind('', { values: ['4'] }), execute(), sync)).toContain('C DECLARE CURSOR');
    expect(await client.ask(describePortal('c'), sync)).toEqual(['T n', 'Z T']);
    expect(await client.ask(parse('', 'FETCH 3 FROM c'), bind(''), describePortal(''), execute(), sync)).toEqual([
      '1',
      '2',
      'T n',
      'D 1',
      'D 2',
      'D 3',
      'C FETCH 3',
      'Z T',
    ]);
    expect(await client.ask(parse('', 'FETCH ALL FROM c'), bind('', { results: [1] }), execute(), sync)).toEqual([
      '1',
      '2',
      'D \0\0\0\x04',
      'C FETCH 1',
      'Z T',
    ]);
  });

  it('is one at a time, and for queries in transactions only', async () => {
    const client = await driver();
    expect(await client.ask(query(`DECLARE c CURSOR FOR ${three}`))).toEqual(['E 25P01', 'Z I']);
    expect(await client.ask(query('BEGIN; DECLARE c CURSOR FOR DELETE FROM flights'))).toContain('E 42601');
    await client.ask(query(`ROLLBACK; BEGIN; DECLARE c CURSOR FOR ${three}`));
    expect(await client.ask(query(`CLOSE c`))).toEqual(['C CLOSE CURSOR', 'Z T']);
    await client.ask(query(`DECLARE c CURSOR FOR ${three}`));
    expect(await client.ask(query(`DECLARE d CURSOR FOR ${three}`))).toEqual(['E 0A000', 'Z E']);
  });
});

describe('PREPARE, EXECUTE and DEALLOCATE', () => {
  it('keep statements of the session, under the names that the protocol knows, too', async () => {
    const client = await driver();
    const sql = 'PREPARE add (int, int) AS SELECT $1 + $2 AS sum';
    expect(await client.ask(query(sql))).toEqual(['C PREPARE', 'Z I']);
    expect(await client.ask(query(sql))).toEqual(['E 42P05', 'Z I']);
    expect(await client.ask(query('EXECUTE add (2, 3 * (4 - 2))'))).toEqual(['T sum', 'D 8', 'C SELECT 1', 'Z I']);
    await client.ask(parse('_pg3_0', 'SELECT 1'), sync);
    expect(await client.ask(query('DEALLOCATE "_pg3_0"'))).toEqual(['C DEALLOCATE', 'Z I']);
    expect(await client.ask(bind('_pg3_0'), sync)).toEqual(['E 26000', 'Z I']);
    expect(await client.ask(query('DEALLOCATE ALL'))).toEqual(['C DEALLOCATE', 'Z I']);
    expect(await client.ask(query('EXECUTE add (1, 1)'))).toEqual(['E 26000', 'Z I']);
  });

  it('write, too', async () => {
    const client = await driver();
    await client.ask(query('PREPARE put (bigint, char(2)) AS INSERT INTO flights VALUES ($1, $2)'));
    expect(await client.ask(query("EXECUTE put (810, 'O''')"))).toEqual(['C INSERT 0 1', 'Z I']);
    expect(await client.ask(query("DELETE FROM flights WHERE id = 810 AND carrier = 'O'''"))).toEqual([
      'C DELETE 1',
      'Z I',
    ]);
  });
});
