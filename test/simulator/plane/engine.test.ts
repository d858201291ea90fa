/** One Postgres for all worlds of a process: what it holds can be made again at any time. */
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../../../src/simulator/plane/engine.ts';
import { openWarehouses, refusal } from './warehouses.ts';

const fill = ['CREATE TABLE t (id int IDENTITY(1, 1), name text)', "INSERT INTO t (name) VALUES ('a'), ('b')"];

describe('a world', () => {
  it('that was saved has its rows, users and shares when it is loaded', async () => {
    const before = openWarehouses();
    const producer = before.warehouse('producer');
    await producer.run([
      ...fill,
      'CREATE DATASHARE s',
      "CREATE USER ann PASSWORD 'Ann-123456'",
      'GRANT SELECT ON t TO ann',
    ]);
    const after = openWarehouses({ saved: before.world.snapshot() }).warehouse('producer');
    expect(after.id).toBe(producer.id);
    expect(await after.rows('SELECT id, name FROM t ORDER BY id', { user: 'ann' })).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
    expect(await after.value('SELECT share_name FROM svv_datashares')).toBe('s');
  });

  it('goes on from where it was saved, whatever became of the first', async () => {
    const first = openWarehouses();
    await first.warehouse('w').run(fill);
    const second = openWarehouses({ saved: first.world.snapshot() });
    await first.warehouse('w').run('DELETE FROM t');
    await second.warehouse('w').run("INSERT INTO t (name) VALUES ('c')");
    expect(await first.warehouse('w').rows('SELECT name FROM t')).toEqual([]);
    expect(await second.warehouse('w').rows('SELECT id, name FROM t ORDER BY 1')).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
    ]);
  });

  it('takes turns with others, at the same time', async () => {
    const worlds = Array.from({ length: 3 }, () => openWarehouses().warehouse('w'));
    await Promise.all(worlds.map((one, n) => one.run([...fill, `DELETE FROM t WHERE id <= ${n}`])));
    const counts = await Promise.all(worlds.map((one) => one.value('SELECT count(*) FROM t')));
    expect(counts).toEqual(['2', '1', '0']);
  });

  it('has the same chance when it is loaded', async () => {
    const before = openWarehouses();
    await before
      .warehouse('w')
      .run(['CREATE TABLE t (r float)', 'INSERT INTO t SELECT RANDOM()', 'INSERT INTO t SELECT RANDOM()']);
    const rows = await before.warehouse('w').rows('SELECT r FROM t ORDER BY r');
    const after = openWarehouses({ saved: before.world.snapshot() }).warehouse('w');
    expect(await after.rows('SELECT r FROM t ORDER BY r')).toEqual(rows);
    expect(new Set(rows.flat()).size).toBe(2);
  });

  it('keeps nothing of what failed, whichever statement of a transaction it was', async () => {
    const statement = fc.constantFrom(
      "INSERT INTO t (name) VALUES ('x')",
      'DELETE FROM t WHERE id % 2 = 0',
      'CREATE TABLE u (id int)',
      'DROP TABLE u',
      'CREATE SCHEMA s',
      'DROP SCHEMA s',
      'CREATE USER ann PASSWORD DISABLE',
      'DROP USER ann',
      'CREATE DATASHARE d',
      'DROP DATASHARE d',
    );
    const look =
      'SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM svv_tables), (SELECT count(*) FROM svv_datashares), (SELECT count(*) FROM pg_user), (SELECT count(*) FROM pg_namespace)';
    const account = openWarehouses();
    const sales = account.warehouse('w');
    await sales.run(fill);
    const attempt = fc.array(statement, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(attempt, async (sqls) => {
        const before = await sales.rows(look);
        const failed = await sales.transaction(sqls).then(
          () => false,
          () => true,
        );
        const now = await sales.rows(look);
        if (failed) expect(now).toEqual(before);
        const again = openWarehouses({ saved: account.world.snapshot() }).warehouse('w');
        expect(await again.rows(look)).toEqual(now);
      }),
      { numRuns: 12 },
    );
  });

  it('forgets what a deleted namespace had', async () => {
    const account = openWarehouses();
    const [gone, stays] = [account.warehouse('gone'), account.warehouse('stays')];
    await gone.run([
      ...fill,
      'CREATE DATASHARE s',
      `GRANT USAGE ON DATASHARE s TO NAMESPACE '${stays.id}'`,
      "CREATE USER ann PASSWORD 'Ann-123456'",
    ]);
    await gone.run('CREATE TABLE hers (id int)', { user: 'ann' });
    account.later(10);
    await stays.run(`CREATE DATABASE d FROM DATASHARE s OF NAMESPACE '${gone.id}'`);
    account.deleteNamespace('gone');
    expect(await stays.rows("SELECT share_name FROM svv_datashares WHERE share_type = 'INBOUND'")).toEqual([]);
    expect(await refusal(stays.run('SELECT * FROM d.public.t'))).toMatchObject({ code: '42501' });
    await stays.run('DROP DATABASE d');
    const anew = account.warehouse('gone');
    expect(anew.id).not.toBe(gone.id);
    expect(await anew.rows('SELECT table_name FROM svv_tables')).toEqual([]);
  });
});

describe('a Postgres that has gone wrong', () => {
  // What the data plane refuses, because it does this to the embedded Postgres.
  it('is replaced: whoever comes next has a new one', async () => {
    const engine = new Engine({});
    onTestFinished(() => engine.close());
    await engine.exclusive((run) => run('CREATE TABLE rsds.t (a int)'));
    const asked = engine.exclusive((run) => run('COPY rsds.t FROM STDIN'));
    expect(await refusal(asked)).toMatchObject({ code: '57P01' });
    expect(await engine.exclusive((run) => run("SELECT to_regclass('rsds.t')"))).toMatchObject([{ rows: [[null]] }]);
    expect(engine.starts).toBe(2);
  });
});

describe('a statement that never ends', () => {
  const forever = 'WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x';

  it('is ended with its Postgres, and everything that was in it is there again', async () => {
    const sales = openWarehouses({ limitMs: 2_000 }).warehouse('w');
    await sales.run(fill);
    expect(await refusal(sales.run(forever))).toMatchObject({ code: '57014' });
    expect(await sales.value('SELECT count(*) FROM t')).toBe('2');
  });

  it('in a transaction takes the transaction with it', async () => {
    const sales = openWarehouses({ limitMs: 2_000 }).warehouse('w');
    await sales.run(fill);
    expect(await refusal(sales.transaction(['DELETE FROM t', `INSERT INTO t (name) ${forever}`]))).toMatchObject({
      code: '57014',
    });
    expect(await sales.value('SELECT count(*) FROM t')).toBe('2');
    await sales.run("INSERT INTO t (name) VALUES ('c')");
    expect(await sales.value('SELECT count(*) FROM t')).toBe('3');
  });
});
