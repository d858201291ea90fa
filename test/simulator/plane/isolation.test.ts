/** What one warehouse must never see of another, and what would leave its role, hang its engine, or go unrecorded. */
import { describe, expect, it } from 'vitest';
import { openWarehouses, refusal } from './warehouses.ts';

/** A warehouse beside another one that has something to hide. */
async function neighbours() {
  const account = openWarehouses();
  const [mine, theirs] = [account.warehouse('mine'), account.warehouse('theirs')];
  await theirs.run([
    'CREATE TABLE hidden (secret_column int)',
    'CREATE VIEW hidden_view AS SELECT 1 AS secret_column',
    'CREATE FUNCTION hidden_function() RETURNS int STABLE AS $$ SELECT 1 $$ LANGUAGE sql',
    "CREATE USER hidden_user PASSWORD 'Hidden-123'",
  ]);
  await mine.run(['CREATE TABLE t (id int IDENTITY(1, 1), n int NOT NULL)', 'INSERT INTO t (n) VALUES (1)']);
  return { account, mine, theirs };
}

describe('another namespace', () => {
  it.each([
    "SELECT relname FROM pg_class WHERE relname LIKE 'hidden%'",
    "SELECT relname FROM pg_catalog.pg_class WHERE relname LIKE 'hidden%'",
    "SELECT attname FROM pg_attribute WHERE attname = 'secret_column'",
    "SELECT proname FROM pg_catalog.pg_proc WHERE proname LIKE 'hidden%'",
    "SELECT usename FROM pg_user WHERE usename LIKE 'hidden%'",
    "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'hidden%'",
    "SELECT table_name FROM svv_all_tables WHERE table_name LIKE 'hidden%'",
  ])('does not show in %s', async (sql) => {
    const { mine } = await neighbours();
    expect(await mine.rows(sql)).toEqual([]);
  });

  it.each(['pg_roles', 'pg_authid', 'pg_stat_user_tables', 'pg_catalog.pg_stats', 'pg_rewrite', 'pg_settings'])(
    'does not show in Postgres’s own %s, which is closed',
    async (view) => {
      const { mine } = await neighbours();
      expect(await refusal(mine.run(`SELECT * FROM ${view}`))).toMatchObject({ code: '42501' });
    },
  );

  it.each([
    ['SELECT * FROM "~s3".hidden', '42602'],
    ['SELECT * FROM U&"\\007es3".hidden', '0A000'],
    ['SELECT * FROM rsds.svv_tables', '3F000'],
    ['SELECT * FROM visible_schemas', '42P01'],
    ["SELECT query_to_xml('SELECT 1', true, false, '')", '42501'],
    ["SELECT pg_get_viewdef('svv_tables'::regclass)", '42501'],
  ])('is out of reach of %s', async (sql, code) => {
    const { mine } = await neighbours();
    expect(await refusal(mine.run(sql))).toMatchObject({ code });
  });

  it('never shows in the path, in plans and in errors: physical names stay inside', async () => {
    const { mine } = await neighbours();
    expect(await mine.rows('SELECT current_schema, current_schema(), current_schemas(true)')).toEqual([
      ['public', 'public', '{public}'],
    ]);
    expect((await mine.rows('EXPLAIN VERBOSE SELECT * FROM t')).flat().join('\n')).toMatch(/Scan on public\.t /);
    const { message } = await refusal(mine.run('SELECT * FROM information_schema.routines'));
    expect(message).toBe('relation "information_schema.routines" does not exist');
  });

  it('is not reached by a search path that names what only Postgres knows', async () => {
    const { mine } = await neighbours();
    const session = mine.session();
    session.settings.set('search_path', '"~s3", rsds, public');
    expect(await mine.value('SELECT current_schema')).toBe('public');
  });
});

describe('the role of a session', () => {
  it.each([
    ["SELECT set_config('role', 'postgres', false)", '42501'],
    ['SET ROLE postgres', '0A000'],
    ['SET LOCAL ROLE postgres', '0A000'],
    ['RESET ROLE', '0A000'],
    ['SET SESSION AUTHORIZATION postgres', '0A000'],
    ['RESET SESSION AUTHORIZATION', '0A000'],
    ['DO $$ BEGIN SET ROLE postgres; END $$', '0A000'],
    ['DISCARD ALL', '0A000'],
    ['CREATE PROCEDURE p() AS $$ BEGIN SET ROLE postgres; END $$ LANGUAGE plpgsql', '0A000'],
    ["CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'SET ' || 'ROLE postgres'; END $$ LANGUAGE plpgsql", '0A000'],
    ['CREATE FUNCTION f() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql SET role = postgres', '0A000'],
  ])('is not left by %s', async (sql, code) => {
    const sales = openWarehouses().warehouse('w');
    expect(await refusal(sales.run(sql))).toMatchObject({ code });
  });
});

describe('the one engine', () => {
  it.each([
    ['COPY t FROM STDIN', '0A000'],
    ['LISTEN x', '0A000'],
    ["SELECT pg_notify('x', 'y')", '42501'],
    ['SELECT pg_sleep(60)', '42501'],
    ['SELECT pg_advisory_lock(1)', '42501'],
    ['SELECT lo_create(0)', '42501'],
  ])('is not kept from others by %s', async (sql, code) => {
    const sales = openWarehouses().warehouse('w');
    expect(await refusal(sales.run(sql))).toMatchObject({ code });
  });

  it('lets a query change nothing, not even by a function: no journal would know of it', async () => {
    const { mine } = await neighbours();
    await mine.run(
      'CREATE FUNCTION sly() RETURNS int VOLATILE AS $$ INSERT INTO t (n) VALUES (9); SELECT 1 $$ LANGUAGE sql',
    );
    expect(await refusal(mine.run('SELECT sly()'))).toMatchObject({ code: '25006' });
    expect(await refusal(mine.transaction(['DELETE FROM t', 'SELECT sly()']))).toMatchObject({ code: '25006' });
    expect(await mine.value('SELECT count(*) FROM t')).toBe('1');
  });

  it('may read and write in turn within a transaction', async () => {
    const { mine } = await neighbours();
    const count = 'SELECT count(*) FROM t';
    const results = await mine.transaction([count, 'INSERT INTO t (n) VALUES (2)', count, 'DELETE FROM t', count]);
    expect(results.map(({ rows }) => rows[0]?.[0])).toEqual(['1', undefined, '2', undefined, '0']);
  });
});

describe('a world made again from its journal', () => {
  it('numbers its rows as before, failures in between or not', async () => {
    const { account, mine } = await neighbours();
    await refusal(mine.run('INSERT INTO t (n) VALUES (2), (NULL)'));
    await mine.run('INSERT INTO t (n) VALUES (3)');
    const rows = await mine.rows('SELECT id, n FROM t ORDER BY id');
    const again = openWarehouses({ saved: account.world.snapshot() }).warehouse('mine');
    expect(await again.rows('SELECT id, n FROM t ORDER BY id')).toEqual(rows);
  });

  it('keeps a namespace that is first asked for while a transaction fails', async () => {
    const { account, mine } = await neighbours();
    const failing = refusal(mine.transaction(['DELETE FROM t', 'SELECT * FROM nowhere']));
    const newcomer = account.warehouse('newcomer');
    const made = newcomer.run('CREATE TABLE first (id int)');
    expect(await failing).toMatchObject({ code: '42P01' });
    await made;
    expect(await newcomer.value('SELECT count(*) FROM first')).toBe('0');
    expect(await mine.value('SELECT count(*) FROM t')).toBe('1');
  });

  it('opens sessions without changing anything', async () => {
    const { account, mine } = await neighbours();
    const before = JSON.stringify(account.world.snapshot().states['data-plane']);
    mine.session();
    account.warehouse('mine').session({ database: 'dev' });
    expect(JSON.stringify(account.world.snapshot().states['data-plane'])).toBe(before);
  });
});

describe('the body of a function', () => {
  it('names tables as its statement would', async () => {
    const { mine } = await neighbours();
    await mine.run([
      'CREATE SCHEMA finance',
      'CREATE TABLE finance.rates (r int)',
      'INSERT INTO finance.rates VALUES (7)',
      'CREATE FUNCTION rate(int) RETURNS int STABLE AS $$ SELECT $1 * max(r) FROM finance.rates $$ LANGUAGE sql',
      `CREATE PROCEDURE add_rate(r int) AS $$
       BEGIN
         IF r > 5 THEN INSERT INTO finance.rates VALUES (r); ELSE DELETE FROM finance.rates; END IF;
         UPDATE finance.rates SET r = rates.r + 1;
       END $$ LANGUAGE plpgsql`,
      'CALL add_rate(9)',
    ]);
    expect(await mine.rows('SELECT r FROM finance.rates ORDER BY r')).toEqual([['8'], ['10']]);
    expect(await mine.value('SELECT rate(2)')).toBe('20');
  });
});
