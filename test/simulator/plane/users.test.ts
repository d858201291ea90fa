/** Users, groups, roles and what they may do. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDataPlane } from '../../../src/simulator/plane/index.ts';
import { openWarehouses, refusal, type Warehouse, type Warehouses } from './warehouses.ts';

let account: Warehouses;
let sales: Warehouse;
const ann = { user: 'ann' };

beforeEach(() => {
  account = openWarehouses();
  sales = account.warehouse('sales');
});

const code = async (sql: string | readonly string[], who = {}) => (await refusal(sales.run(sql, who))).code;
const makeAnn = () => sales.run("CREATE USER ann PASSWORD 'Ann-123456'");

describe('a password', () => {
  const plane = createDataPlane();
  const opens = (user: string, password: string) =>
    plane.authenticates(account.world.place('us-east-1'), sales.id, user, password);

  it.each([
    ['in plain text', 'Secret-123'],
    [
      'as an md5 digest of itself and the user (F-407)',
      `md5${createHash('md5').update('Secret-123ann').digest('hex')}`,
    ],
    ['as a salted sha256 digest (F-407)', `sha256|${createHash('sha256').update('Secret-123salt').digest('hex')}|salt`],
  ])('can be given %s', async (_, given) => {
    await sales.run(`CREATE USER ann PASSWORD '${given}'`);
    expect([
      opens('ann', 'Secret-123'),
      opens('ANN', 'Secret-123'),
      opens('ann', 'Secret-124'),
      opens('ann', given),
    ]).toEqual([true, true, false, given === 'Secret-123']);
  });

  it('can be changed, and be disabled', async () => {
    await makeAnn();
    await sales.run("ALTER USER ann PASSWORD 'Ann-654321'");
    expect([opens('ann', 'Ann-123456'), opens('ann', 'Ann-654321')]).toEqual([false, true]);
    await sales.run('ALTER USER ann PASSWORD DISABLE');
    expect(opens('ann', 'Ann-654321')).toBe(false);
    await sales.run('CREATE USER bob PASSWORD DISABLE');
    expect([opens('bob', ''), opens('nobody', '')]).toEqual([false, false]);
  });

  it.each(['short1A', 'lower-case-1', 'UPPER-CASE-1', 'No-digits-here'])('can not be %s', async (password) => {
    expect(await code(`CREATE USER ann PASSWORD '${password}'`)).toBe('22023');
  });

  it('must be given, and goes with a new name when it was an md5 digest (F-407)', async () => {
    expect(await code('CREATE USER ann')).toBe('42601');
    await makeAnn();
    await sales.run('ALTER USER ann RENAME TO anna');
    expect([opens('ann', 'Ann-123456'), opens('anna', 'Ann-123456')]).toEqual([false, false]);
  });

  it('of its own is all that an ordinary user may change (F-408)', async () => {
    await makeAnn();
    await sales.run("ALTER USER ann PASSWORD 'Ann-654321'", ann);
    expect(opens('ann', 'Ann-654321')).toBe(true);
    for (const sql of [
      'ALTER USER ann CREATEUSER',
      "ALTER USER admin PASSWORD 'Ann-654321'",
      "ALTER USER ann PASSWORD 'Ann-1234567' CREATEDB",
    ])
      expect(await code(sql, ann)).toMatch(/^42/);
    expect(await sales.value("SELECT superuser FROM svv_user_info WHERE user_name = 'ann'")).toBe('f');
  });
});

describe('users', () => {
  it('belong to one namespace: the same name may stand in another (F-406)', async () => {
    const other = account.warehouse('other');
    await makeAnn();
    await other.run("CREATE USER ann PASSWORD 'Other-1234'");
    expect(await code("CREATE USER ANN PASSWORD 'Ann-123456'")).toBe('42710');
    await sales.run(['CREATE TABLE t (id int)', 'GRANT SELECT ON t TO ann']);
    await other.run('CREATE TABLE t (id int)');
    expect(await sales.value('SELECT count(*) FROM t', ann)).toBe('0');
    expect(await refusal(other.run('SELECT * FROM t', ann))).toMatchObject({ code: '42501' });
  });

  it('are listed with what they may do', async () => {
    await sales.run(
      "CREATE USER ann WITH PASSWORD 'Ann-123456' CREATEDB SESSION TIMEOUT 3600 CONNECTION LIMIT 5 VALID UNTIL '2027-01-01'",
    );
    expect(await sales.rows('SELECT usename, usecreatedb, usesuper, valuntil FROM pg_user ORDER BY 1')).toEqual([
      ['admin', 't', 't', null],
      ['ann', 't', 'f', '2027-01-01 00:00:00'],
    ]);
    const info = "SELECT session_timeout, connection_limit FROM svv_user_info WHERE user_name = 'ann'";
    expect(await sales.rows(info)).toEqual([['3600', '5']]);
    await sales.run('ALTER USER ann RESET SESSION TIMEOUT NOCREATEDB');
    expect(await sales.rows(info)).toEqual([['0', '5']]);
    expect(await code('ALTER USER ann SESSION TIMEOUT 59')).toBe('22023');
  });

  it('are known by their own name to SQL', async () => {
    await makeAnn();
    expect(await sales.rows('SELECT current_user, session_user, user', ann)).toEqual([['ann', 'ann', 'ann']]);
    expect((await sales.run('SELECT current_user')).fields.map(({ name }) => name)).toEqual(['current_user']);
  });

  it.each([
    'SET SESSION AUTHORIZATION admin',
    'RESET SESSION AUTHORIZATION',
    'SET ROLE admin',
    'RESET ROLE',
    'SET LOCAL ROLE admin',
    'DISCARD ALL',
  ])('can not become somebody else by %s', async (sql) => {
    await makeAnn();
    expect(await code(sql, ann)).toBe('0A000');
    expect(await code(sql)).toBe('0A000');
  });

  it('with CREATEUSER are superusers, and no longer without', async () => {
    await sales.run(["CREATE USER ann PASSWORD 'Ann-123456' CREATEUSER", 'CREATE TABLE t (id int)']);
    await sales.run('CREATE SCHEMA hers', ann);
    expect(await sales.value('SELECT count(*) FROM t', ann)).toBe('0');
    await sales.run('ALTER USER ann NOCREATEUSER');
    expect(await code('SELECT * FROM t', ann)).toBe('42501');
    expect(await code("CREATE USER bob PASSWORD 'Bob-123456'", ann)).toBe('42501');
  });
});

describe('an ordinary user', () => {
  beforeEach(makeAnn);

  it('may create in public until that is taken from everybody (F-405)', async () => {
    await sales.run('CREATE TABLE hers (id int)', ann);
    await sales.run('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    expect(await refusal(sales.run('CREATE TABLE more (id int)', ann))).toEqual({
      code: '42501',
      message: 'permission denied for schema public',
    });
    expect(await sales.value('SELECT count(*) FROM hers', ann)).toBe('0');
  });

  it('has no secrets from superusers', async () => {
    await sales.run(['CREATE TABLE hers (id int)', 'INSERT INTO hers VALUES (1)'], ann);
    expect(await sales.value('SELECT id FROM hers')).toBe('1');
    await sales.run('DROP TABLE hers');
  });

  it('has what was granted: tables, all tables of a schema, tables to come', async () => {
    await sales.run(['CREATE SCHEMA x', 'CREATE TABLE x.a (id int)', 'CREATE TABLE x.b (id int)']);
    expect(await refusal(sales.run('SELECT * FROM x.a', ann))).toMatchObject({
      message: 'permission denied for schema x',
    });
    await sales.run(['GRANT USAGE ON SCHEMA x TO ann', 'GRANT SELECT, INSERT ON TABLE x.a TO ann']);
    await sales.run(['INSERT INTO x.a VALUES (1)', 'SELECT * FROM x.a'], ann);
    expect(await code('SELECT * FROM x.b', ann)).toBe('42501');
    await sales.run([
      'GRANT SELECT ON ALL TABLES IN SCHEMA x TO ann',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA x GRANT SELECT ON TABLES TO ann',
      'CREATE TABLE x.c (id int)',
    ]);
    await sales.run(['SELECT * FROM x.b', 'SELECT * FROM x.c'], ann);
    await sales.run('REVOKE ALL ON x.a FROM ann');
    expect(await code('SELECT * FROM x.a', ann)).toBe('42501');
  });

  it('has what was granted to a group or to everybody of the namespace', async () => {
    await sales.run([
      'CREATE TABLE t (id int)',
      'CREATE GROUP readers',
      'ALTER GROUP readers ADD USER ann',
      'GRANT SELECT ON t TO GROUP readers',
    ]);
    await sales.run('SELECT * FROM t', ann);
    await sales.run('ALTER GROUP readers DROP USER ann');
    expect(await code('SELECT * FROM t', ann)).toBe('42501');
    await sales.run('GRANT SELECT ON t TO PUBLIC');
    await sales.run('SELECT * FROM t', ann);
  });

  it('can be asked about whatever else has its name, superusers too', async () => {
    await sales.run([
      'CREATE GROUP ann',
      'CREATE SCHEMA x',
      'GRANT USAGE ON SCHEMA x TO ann',
      "CREATE USER root2 CREATEUSER PASSWORD 'Root-123456'",
    ]);
    const asked =
      "SELECT has_schema_privilege('ann', 'x', 'usage'), has_schema_privilege('root2', 'x', 'create'), has_schema_privilege('admin', 'x', 'create')";
    expect(await sales.rows(asked)).toEqual([['t', 't', 't']]);
  });

  it('starts with the settings that were set for it (F-415)', async () => {
    await sales.run([
      'CREATE SCHEMA x',
      'GRANT USAGE ON SCHEMA x TO ann',
      'ALTER USER ann SET search_path TO x, public',
    ]);
    expect(await sales.rows('SELECT current_schemas(false)', ann)).toEqual([['{x,public}']]);
    await sales.run('ALTER USER ann SET search_path TO DEFAULT');
    expect(await sales.rows('SELECT current_schemas(false)', ann)).toEqual([['{public}']]);
  });

  it('can be asked about', async () => {
    await sales.run(['CREATE SCHEMA x', 'CREATE TABLE x.a (id int)', 'GRANT USAGE ON SCHEMA x TO ann']);
    const asked =
      "SELECT has_schema_privilege('ann', 'x', 'usage'), has_schema_privilege('ann', 'x', 'create'), has_table_privilege('ann', 'x.a', 'select')";
    expect(await sales.rows(asked)).toEqual([['t', 'f', 'f']]);
  });
});

describe('somebody who is to be dropped', () => {
  beforeEach(makeAnn);

  it('must own nothing and have been granted nothing (F-409)', async () => {
    await sales.run('CREATE TABLE hers (id int)', ann);
    expect(await refusal(sales.run('DROP USER ann'))).toEqual({
      code: '55006',
      message: `user "ann" can't be dropped because the user owns some object`,
    });
    await sales.run(['ALTER TABLE hers OWNER TO admin', 'GRANT SELECT ON hers TO ann']);
    expect((await refusal(sales.run('DROP USER ann'))).message).toMatch(/has a privilege on some object$/);
    await sales.run(['REVOKE SELECT ON hers FROM ann', 'DROP USER ann']);
    expect(await sales.rows("SELECT usename FROM pg_user WHERE usename = 'ann'")).toEqual([]);
    expect(await refusal(() => sales.session(ann))).toMatchObject({ code: '28000' });
  });

  it('is named for what it still owns even when somebody else may go', async () => {
    await sales.run(['CREATE USER bob PASSWORD DISABLE', 'GRANT USAGE ON DATABASE dev TO ann']);
    expect(await code('DROP USER bob, ann')).toBe('55006');
    expect(await sales.value("SELECT count(*) FROM pg_user WHERE usename = 'bob'")).toBe('1');
    await sales.run(['REVOKE USAGE ON DATABASE dev FROM ann', 'DROP USER bob, ann']);
  });

  it('must be there, unless one says IF EXISTS; it is not the one who asks', async () => {
    expect(await code('DROP USER nobody')).toBe('42704');
    expect((await sales.run('DROP USER IF EXISTS nobody')).tag).toBe('DROP USER');
    expect(await code('DROP USER admin')).toBe('55006');
    expect(await code('DROP USER admin', ann)).toBe('42501');
  });

  it('leaves its groups, and a group its members', async () => {
    await sales.run([
      'CREATE GROUP g WITH USER ann',
      'DROP USER ann',
      'CREATE USER ann PASSWORD DISABLE',
      'CREATE TABLE t (id int)',
      'GRANT SELECT ON t TO GROUP g',
    ]);
    expect(await code('SELECT * FROM t', ann)).toBe('42501');
    await sales.run(['REVOKE SELECT ON t FROM GROUP g', 'DROP GROUP g', 'CREATE GROUP g']);
  });

  it('may have made tables in a schema whose new tables are shared', async () => {
    await sales.run([
      'CREATE DATASHARE s',
      'ALTER DATASHARE s ADD SCHEMA public',
      'ALTER DATASHARE s SET INCLUDENEW = TRUE FOR SCHEMA public',
    ]);
    await sales.run(['CREATE TABLE hers (id int)', 'DROP TABLE hers'], ann);
    await sales.run('DROP USER ann');
  });
});
