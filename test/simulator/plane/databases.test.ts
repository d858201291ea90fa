/** Databases, schemas and the catalog. */
import { beforeEach, describe, expect, it } from 'vitest';
import { openWarehouses, refusal, type Warehouse, type Warehouses } from './warehouses.ts';

let account: Warehouses;
let sales: Warehouse;
const other = { database: 'other' };

beforeEach(() => {
  account = openWarehouses();
  sales = account.warehouse('sales');
});

const fails = (sql: string | readonly string[], who = {}) => refusal(sales.run(sql, who));

describe('a database', () => {
  it('has a public schema and its own tables', async () => {
    await sales.run(['CREATE DATABASE other', 'CREATE TABLE t (id int)']);
    expect(await fails('SELECT * FROM t', other)).toMatchObject({ code: '42P01' });
    await sales.run(['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (7)'], other);
    expect(await sales.value('SELECT max(id) FROM other.public.t')).toBe('7');
    expect(await sales.value('SELECT count(*) FROM dev.public.t')).toBe('0');
  });

  it('is only read from another one', async () => {
    await sales.run('CREATE DATABASE other');
    await sales.run('CREATE TABLE t (id int)', other);
    expect(await fails('INSERT INTO other.public.t VALUES (1)')).toMatchObject({ code: '0A000' });
    expect(
      (await sales.run('INSERT INTO dev.public.t SELECT 1 WHERE false; '.replace('dev', 'other'), other)).tag,
    ).toBe('INSERT 0 0');
  });

  it('is made once, renamed, and dropped when nobody is in it', async () => {
    await sales.run('CREATE DATABASE other WITH CONNECTION LIMIT 10');
    expect(await fails('CREATE DATABASE other')).toMatchObject({ code: '42P04' });
    await sales.run('ALTER DATABASE other RENAME TO another');
    expect(await fails('DROP DATABASE other')).toMatchObject({ code: '3D000' });
    expect(await fails('DROP DATABASE another', { database: 'another' })).toMatchObject({ code: '55006' });
    await sales.run('DROP DATABASE another');
    expect(await refusal(() => sales.session({ database: 'another' }))).toEqual({
      code: '3D000',
      message: 'database "another" does not exist',
    });
  });
});

describe('a schema', () => {
  it('is made once, unless one says IF NOT EXISTS', async () => {
    await sales.run([
      'CREATE SCHEMA x',
      'CREATE SCHEMA IF NOT EXISTS x',
      'CREATE SCHEMA IF NOT EXISTS y AUTHORIZATION admin',
    ]);
    expect(await fails('CREATE SCHEMA x')).toEqual({ code: '42P06', message: 'schema "x" already exists' });
    expect(await sales.rows("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY 1")).toEqual([
      ['information_schema'],
      ['public'],
      ['x'],
      ['y'],
    ]);
  });

  it('is dropped when it is empty, or with all that is in it', async () => {
    await sales.run(['CREATE SCHEMA x', 'CREATE TABLE x.t (id int)']);
    expect(await fails('DROP SCHEMA x')).toMatchObject({ code: '2BP01', message: expect.not.stringContaining('~') });
    await sales.run(['DROP SCHEMA x CASCADE', 'DROP SCHEMA IF EXISTS x']);
    expect(await fails('DROP SCHEMA x')).toMatchObject({ code: '3F000' });
  });

  it('keeps its tables under a new name', async () => {
    await sales.run(['CREATE SCHEMA x', 'CREATE TABLE x.t (id int)', 'ALTER SCHEMA x RENAME TO y']);
    expect(await sales.value('SELECT count(*) FROM y.t')).toBe('0');
    expect(await fails('SELECT * FROM x.t')).toMatchObject({ code: '42P01' });
  });

  it('is made by superusers, the owner of the database, and whoever may CREATE in it (F-414)', async () => {
    await sales.run([
      "CREATE USER ann PASSWORD 'Ann-123456'",
      'CREATE GROUP makers WITH USER ann',
      'GRANT USAGE ON DATABASE dev TO ann',
    ]);
    expect(await fails('CREATE SCHEMA a', { user: 'ann' })).toMatchObject({ code: '42501' });
    await sales.run('GRANT CREATE ON DATABASE dev TO GROUP makers');
    await sales.run(['CREATE SCHEMA a', 'CREATE TABLE a.t (id int)'], { user: 'ann' });
    await sales.run('REVOKE ALL ON DATABASE dev FROM GROUP makers');
    expect(await fails('CREATE SCHEMA b', { user: 'ann' })).toMatchObject({ code: '42501' });
    expect(await sales.rows('SELECT identity_name, privilege_type FROM svv_database_privileges')).toEqual([
      ['ann', 'USAGE'],
    ]);
  });

  it('stays in its shares under a new name, and so does its database', async () => {
    await sales.run([
      'CREATE DATABASE first',
      'CREATE SCHEMA x',
      'CREATE DATASHARE s',
      'ALTER DATASHARE s ADD SCHEMA x',
      'ALTER SCHEMA x RENAME TO y',
    ]);
    expect(await sales.rows('SELECT object_name FROM svv_datashare_objects')).toEqual([['y']]);
    await sales.run('ALTER DATABASE dev RENAME TO prod', { database: 'first' });
    expect(await sales.rows('SELECT source_database FROM svv_datashares', { database: 'prod' })).toEqual([['prod']]);
    expect(await refusal(sales.run('ALTER DATABASE prod RENAME TO other', { database: 'prod' }))).toMatchObject({
      code: '55006',
    });
  });

  it('belongs to whoever it is made for', async () => {
    await sales.run(["CREATE USER ann PASSWORD 'Ann-123456'", 'CREATE SCHEMA hers AUTHORIZATION ann']);
    await sales.run('CREATE TABLE hers.t (id int)', { user: 'ann' });
    expect(await sales.value('SELECT count(*) FROM hers.t')).toBe('0');
    expect(await fails('CREATE SCHEMA more', { user: 'ann' })).toMatchObject({ code: '42501' });
    await sales.run('DROP SCHEMA hers CASCADE', { user: 'ann' });
  });
});

describe('names', () => {
  it('are folded to lower case, quoted or not (F-410)', async () => {
    await sales.run([
      'CREATE SCHEMA "Mixed"',
      'CREATE TABLE MIXED."Table" ("Id" int)',
      'INSERT INTO mixed.table_ SELECT 1'.replace('table_', '"TABLE"'),
    ]);
    expect((await sales.run('SELECT "ID" FROM "mixed"."table"')).fields.map(({ name }) => name)).toEqual(['id']);
  });
});

describe('the catalog', () => {
  beforeEach(() =>
    sales.run([
      'CREATE SCHEMA x',
      'CREATE TABLE x.t (id int NOT NULL, name varchar(12), price numeric(10, 2))',
      'CREATE VIEW v AS SELECT 1 AS one',
    ]),
  );

  it.each([
    [
      'SELECT table_catalog, table_schema, table_name, table_type FROM svv_tables ORDER BY 3',
      [
        ['dev', 'x', 't', 'BASE TABLE'],
        ['dev', 'public', 'v', 'VIEW'],
      ],
    ],
    [
      'SELECT database_name, schema_name, table_name, table_type FROM svv_all_tables ORDER BY 3',
      [
        ['dev', 'x', 't', 'TABLE'],
        ['dev', 'public', 'v', 'VIEW'],
      ],
    ],
    [
      'SELECT database_name, schema_name, table_name, table_owner FROM svv_redshift_tables ORDER BY 3',
      [
        ['dev', 'x', 't', 'admin'],
        ['dev', 'public', 'v', 'admin'],
      ],
    ],
    ["SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = 'x'", [['x', 't']]],
    [
      "SELECT column_name, data_type, character_maximum_length, numeric_scale, is_nullable FROM svv_columns WHERE table_name = 't' ORDER BY ordinal_position",
      [
        ['id', 'integer', null, null, 'NO'],
        ['name', 'character varying', '12', null, 'YES'],
        ['price', 'numeric', null, '2', 'YES'],
      ],
    ],
    ["SELECT schemaname, tablename, tableowner FROM pg_tables WHERE schemaname = 'x'", [['x', 't', 'admin']]],
    ["SELECT viewname FROM pg_catalog.pg_views WHERE schemaname = 'public'", [['v']]],
    [
      "SELECT c.relname FROM pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'x'",
      [['t']],
    ],
    ['SELECT "column", type FROM pg_table_def WHERE tablename = \'t\' ORDER BY 1', []],
    ['SELECT datname FROM pg_database', [['dev']]],
    ['SELECT database_name, database_type FROM svv_redshift_databases', [['dev', 'local']]],
    [
      "SELECT schema_name, schema_type FROM svv_redshift_schemas WHERE database_name = 'dev' ORDER BY 1",
      [
        ['public', 'local'],
        ['x', 'local'],
      ],
    ],
  ])('answers %s', async (sql, expected) => {
    expect(await sales.rows(sql)).toEqual(expected);
  });

  it('shows the tables in the search path with their columns', async () => {
    await sales.run('CREATE TABLE here (id int NOT NULL, name varchar(12))');
    expect(await sales.rows(`SELECT "column", type, "notnull" FROM pg_table_def WHERE tablename = 'here'`)).toEqual([
      ['id', 'integer', 't'],
      ['name', 'character varying(12)', 'f'],
    ]);
  });

  it('shows nothing of other databases and namespaces', async () => {
    await sales.run('CREATE DATABASE other');
    const neighbour = account.warehouse('neighbour');
    await neighbour.run(['CREATE SCHEMA foreigner', 'CREATE TABLE foreigner.alien (id int)']);
    const seen = await Promise.all(
      [
        'SELECT nspname FROM pg_namespace',
        'SELECT relname FROM pg_class',
        'SELECT table_name FROM svv_all_tables',
        'SELECT usename FROM pg_user',
      ].map((sql) => sales.rows(sql)),
    );
    expect(seen.flat(2)).not.toContain('alien');
    expect(seen.flat(2).join()).not.toMatch(/foreigner|~/);
    expect(await sales.rows('SELECT table_name FROM svv_tables', other)).toEqual([]);
  });

  it('shows ordinary users what they may use', async () => {
    await sales.run([
      "CREATE USER ann PASSWORD 'Ann-123456'",
      'CREATE TABLE hidden (id int)',
      'CREATE DATASHARE s',
      'GRANT SELECT ON v TO ann',
    ]);
    const ann = { user: 'ann' };
    expect(await sales.rows('SELECT table_name FROM svv_tables', ann)).toEqual([['v']]);
    expect(await sales.rows('SELECT share_name FROM svv_datashares', ann)).toEqual([]);
  });
});
