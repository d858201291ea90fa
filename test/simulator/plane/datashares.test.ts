/** Datashares as producer and consumer see them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { openWarehouses, refusal, type Warehouse, type Warehouses } from './warehouses.ts';

let account: Warehouses;
let producer: Warehouse;
let consumer: Warehouse;

beforeEach(async () => {
  account = openWarehouses();
  producer = account.warehouse('producer');
  consumer = account.warehouse('consumer');
  await producer.run(['CREATE TABLE flights (id int)', 'INSERT INTO flights VALUES (1), (2)']);
});

const grant = () => `GRANT USAGE ON DATASHARE s TO NAMESPACE '${consumer.id}'`;
const fromShare = (more = '') => `CREATE DATABASE airline ${more} FROM DATASHARE s OF NAMESPACE '${producer.id}'`;

/** The share `s` with schema public and its tables, granted, and the consumer's database `airline` made of it. */
async function share() {
  await producer.run([
    'CREATE DATASHARE s',
    'ALTER DATASHARE s ADD SCHEMA public',
    'ALTER DATASHARE s ADD ALL TABLES IN SCHEMA public',
    grant(),
  ]);
  account.later(10);
  await consumer.run(fromShare());
}

const count = (who = {}) => consumer.value('SELECT count(*) FROM airline.public.flights', who);

describe('a consumer', () => {
  it('reads live what the producer writes', async () => {
    await share();
    expect(await count()).toBe('2');
    await producer.run('INSERT INTO flights VALUES (3)');
    expect(await count()).toBe('3');
  });

  it('may connect to the shared database and name its tables without it', async () => {
    await share();
    expect(await consumer.value('SELECT max(id) FROM flights', { database: 'airline' })).toBe('2');
    expect(await consumer.value('SELECT max(f.id) FROM public.flights f', { database: 'airline' })).toBe('2');
    expect(await consumer.value('SELECT current_database()', { database: 'airline' })).toBe('airline');
  });

  it('joins shared tables with its own, and keeps copies', async () => {
    await share();
    await consumer.run([
      'CREATE TABLE mine (id int)',
      'INSERT INTO mine SELECT id FROM airline.public.flights WHERE id > 1',
    ]);
    expect(await consumer.rows('SELECT m.id FROM mine m JOIN airline.public.flights f ON f.id = m.id')).toEqual([
      ['2'],
    ]);
  });

  it.each([
    'INSERT INTO airline.public.flights VALUES (9)',
    'UPDATE airline.public.flights SET id = 9',
    'DELETE FROM airline.public.flights',
    'TRUNCATE airline.public.flights',
    'DROP TABLE airline.public.flights',
    'CREATE TABLE airline.public.mine (id int)',
  ])('does not write: %s', async (sql) => {
    await share();
    expect(await refusal(consumer.run(sql))).toMatchObject({
      code: '0A000',
      message: expect.stringMatching(/only be read/),
    });
    expect(await producer.value('SELECT count(*) FROM flights')).toBe('2');
  });

  it.each(['INSERT INTO flights VALUES (9)', 'CREATE TABLE mine (id int)', 'CREATE SCHEMA mine', 'DROP TABLE flights'])(
    'does not write when connected to the shared database either: %s',
    async (sql) => {
      await share();
      expect(await refusal(consumer.run(sql, { database: 'airline' }))).toMatchObject({ code: '0A000' });
    },
  );

  it('does not see tables that are not in the share (F-428)', async () => {
    await share();
    await producer.run(['CREATE TABLE secrets (id int)', 'CREATE SCHEMA hidden', 'CREATE TABLE hidden.t (id int)']);
    expect(await refusal(consumer.run('SELECT * FROM airline.public.secrets'))).toMatchObject({
      code: '42P01',
      message: 'relation "secrets" does not exist',
    });
    expect(await refusal(consumer.run('SELECT * FROM secrets', { database: 'airline' }))).toMatchObject({
      code: '42P01',
    });
    expect(await refusal(consumer.run('SELECT * FROM airline.hidden.t'))).toMatchObject({ code: '3F000' });
  });

  it('is a namespace of its own: the same names stand for other tables', async () => {
    await share();
    await consumer.run(['CREATE TABLE flights (id int)', 'INSERT INTO flights VALUES (70)']);
    expect(await consumer.value('SELECT max(id) FROM public.flights')).toBe('70');
    expect(await producer.value('SELECT max(id) FROM public.flights')).toBe('2');
    expect(await consumer.value('SELECT current_namespace')).toBe(consumer.id);
    expect(await producer.value('SELECT current_namespace')).toBe(producer.id);
  });

  it('loses access at once when the grant is revoked, and has it back with a new one (F-427)', async () => {
    await share();
    await consumer.run('CREATE VIEW v AS SELECT * FROM airline.public.flights WITH NO SCHEMA BINDING');
    await producer.run(`REVOKE USAGE ON DATASHARE s FROM NAMESPACE '${consumer.id}'`);
    expect(await refusal(count())).toMatchObject({ code: '42501' });
    expect(await refusal(consumer.run('SELECT * FROM v'))).toMatchObject({ code: '42501' });
    await producer.run(grant());
    expect(await count()).toBe('2');
    expect(await consumer.value('SELECT count(*) FROM v')).toBe('2');
  });

  it('is left with an empty shell when the share is dropped, to be dropped by hand (F-424)', async () => {
    await share();
    await producer.run('DROP DATASHARE s');
    expect(
      await consumer.rows("SELECT database_name FROM svv_redshift_databases WHERE database_type = 'shared'"),
    ).toEqual([['airline']]);
    expect(await consumer.rows("SELECT * FROM svv_redshift_schemas WHERE database_name = 'airline'")).toEqual([]);
    expect(await refusal(count())).toMatchObject({ code: '42501' });
    await consumer.run('DROP DATABASE airline');
    expect(await refusal(count())).toMatchObject({ code: '3D000' });
  });

  it('has no views of shared tables but late-binding ones (F-435)', async () => {
    await share();
    for (const kind of ['VIEW', 'MATERIALIZED VIEW'])
      expect(await refusal(consumer.run(`CREATE ${kind} v AS SELECT * FROM airline.public.flights`))).toMatchObject({
        code: '0A000',
      });
  });

  it('has two-part names for a shared schema by an external schema', async () => {
    await share();
    await consumer.run([
      "CREATE EXTERNAL SCHEMA air FROM REDSHIFT DATABASE 'airline' SCHEMA 'public'",
      "CREATE EXTERNAL SCHEMA IF NOT EXISTS air FROM REDSHIFT DATABASE 'airline' SCHEMA 'public'",
    ]);
    expect(await consumer.value('SELECT count(*) FROM air.flights')).toBe('2');
    expect(await refusal(consumer.run('DELETE FROM air.flights'))).toMatchObject({ code: '0A000' });
    expect(await consumer.rows('SELECT schemaname, databasename FROM svv_external_schemas')).toEqual([
      ['air', 'airline'],
    ]);
  });
});

describe('an ordinary user of a consumer', () => {
  const reporter = { user: 'reporter' };
  beforeEach(async () => {
    await share();
    await consumer.run("CREATE USER reporter PASSWORD 'Report1ng'");
  });

  it('needs USAGE on an external schema, and that is enough (F-434)', async () => {
    await consumer.run("CREATE EXTERNAL SCHEMA air FROM REDSHIFT DATABASE 'airline' SCHEMA 'public'");
    const read = 'SELECT count(*) FROM air.flights';
    expect(await refusal(consumer.run(read, reporter))).toMatchObject({
      code: '42501',
      message: 'permission denied for schema air',
    });
    await consumer.run('GRANT USAGE ON SCHEMA air TO reporter');
    expect(await consumer.value(read, reporter)).toBe('2');
    expect(await refusal(count(reporter))).toMatchObject({ code: '42501' });
    await consumer.run('ALTER USER reporter SET search_path TO air');
    expect(await consumer.value('SELECT count(*) FROM flights', reporter)).toBe('2');
    await consumer.run('REVOKE USAGE ON SCHEMA air FROM reporter');
    expect(await refusal(consumer.run(read, reporter))).toMatchObject({ code: '42501' });
    expect(await refusal(consumer.run('SELECT count(*) FROM flights', reporter))).toMatchObject({ code: '42P01' });
  });

  it('sees the share in the catalog when it may read it (F-441)', async () => {
    const names = () => consumer.rows('SELECT share_name, share_type FROM svv_datashares', reporter);
    expect(await names()).toEqual([]);
    await consumer.run('GRANT USAGE ON DATABASE airline TO reporter');
    expect(await names()).toEqual([['s', 'INBOUND']]);
  });

  it('needs USAGE on the database, and has all that is in it then (F-423)', async () => {
    expect(await refusal(count(reporter))).toMatchObject({
      code: '42501',
      message: 'permission denied for database airline',
    });
    await consumer.run('GRANT USAGE ON DATABASE airline TO reporter');
    expect(await count(reporter)).toBe('2');
    await consumer.run('REVOKE USAGE ON DATABASE airline FROM reporter');
    expect(await refusal(count(reporter))).toMatchObject({ code: '42501' });
  });

  it.each([
    ['everybody', [], 'PUBLIC'],
    ['a group', ['CREATE GROUP readers WITH USER reporter'], 'GROUP readers'],
    ['a role', ['CREATE ROLE reading', 'GRANT ROLE reading TO reporter'], 'ROLE reading'],
    [
      'a role of a role',
      [
        'CREATE ROLE reading',
        'CREATE ROLE outer',
        'GRANT ROLE outer TO ROLE reading',
        'GRANT ROLE reading TO reporter',
      ],
      'ROLE outer',
    ],
  ])('may be granted it as %s', async (_, made, to) => {
    await consumer.run([...made, `GRANT USAGE ON DATABASE airline TO ${to}`]);
    expect(await count(reporter)).toBe('2');
    await consumer.run(`REVOKE USAGE ON DATABASE airline FROM ${to}`);
    expect(await refusal(count(reporter))).toMatchObject({ code: '42501' });
  });

  it('can not connect to it before', async () => {
    expect(await refusal(() => consumer.session({ ...reporter, database: 'airline' }))).toMatchObject({
      code: '42501',
    });
    await consumer.run('GRANT USAGE ON DATABASE airline TO reporter');
    expect(await consumer.value('SELECT count(*) FROM flights', { ...reporter, database: 'airline' })).toBe('2');
  });

  it('neither makes nor drops databases and shares', async () => {
    for (const sql of [
      'CREATE DATABASE d',
      'CREATE DATASHARE d',
      'DROP DATABASE airline',
      'GRANT USAGE ON DATABASE airline TO reporter',
    ])
      expect(await refusal(consumer.run(sql, reporter))).toMatchObject({ code: '42501' });
  });
});

describe('CREATE DATABASE … FROM DATASHARE', () => {
  beforeEach(() => producer.run('CREATE DATASHARE s'));

  it('needs the grant, which shows some seconds later (F-421, F-422)', async () => {
    expect(await refusal(consumer.run(fromShare()))).toMatchObject({ code: '42704' });
    await producer.run(grant());
    const inbound = "SELECT share_name FROM svv_datashares WHERE share_type = 'INBOUND'";
    expect(await consumer.rows(inbound)).toEqual([]);
    expect(await refusal(consumer.run(fromShare()))).toMatchObject({ code: '42704' });
    account.later(10);
    expect(await consumer.rows(inbound)).toEqual([['s']]);
    expect((await consumer.run(fromShare())).tag).toBe('CREATE DATABASE');
  });

  it('makes one database of a share in a namespace', async () => {
    await producer.run(grant());
    account.later(10);
    await consumer.run(fromShare());
    expect(await refusal(consumer.run(fromShare()))).toMatchObject({
      code: '42P04',
      message: 'database "airline" already exists',
    });
    expect(await refusal(consumer.run(fromShare().replace('airline', 'second')))).toMatchObject({ code: '42710' });
  });

  it('takes WITH PERMISSIONS before FROM, and the account', async () => {
    await producer.run(grant());
    account.later(10);
    await consumer.run(fromShare('WITH PERMISSIONS').replace('OF', "OF ACCOUNT '123456789012'"));
    expect(await refusal(consumer.run(`${fromShare().replace('airline', 'b')} WITH PERMISSIONS`))).toMatchObject({
      code: '42601',
    });
  });

  it('refuses a transaction (F-426)', async () => {
    await producer.run(grant());
    account.later(10);
    expect(await refusal(consumer.transaction([fromShare()]))).toEqual({
      code: '25001',
      message: 'CREATE DATABASE cannot run inside a transaction block',
    });
  });
});

describe('a datashare', () => {
  const objects = () =>
    producer.rows(
      "SELECT object_type, object_name, include_new FROM svv_datashare_objects WHERE share_name = 's' ORDER BY 1, 2",
    );
  const fails = async (sql: string) => (await refusal(producer.run(sql))).code;

  it('can not be made twice, and knows no IF NOT EXISTS (F-418)', async () => {
    expect((await producer.run('CREATE DATASHARE s SET PUBLICACCESSIBLE = TRUE')).tag).toBe('CREATE DATASHARE');
    expect(await refusal(producer.run('CREATE DATASHARE s'))).toEqual({
      code: '42710',
      message: 'datashare "s" already exists',
    });
    expect(await fails('CREATE DATASHARE IF NOT EXISTS t')).toBe('42601');
    expect(await fails('DROP DATASHARE IF EXISTS s')).toBe('42601');
    expect(await producer.value('SELECT is_publicaccessible FROM svv_datashares')).toBe('t');
  });

  it('takes a schema once, then its tables, as often as one likes (F-420)', async () => {
    await producer.run('CREATE DATASHARE s');
    expect(await fails('ALTER DATASHARE s ADD ALL TABLES IN SCHEMA public')).toBe('3F000');
    expect(await fails('ALTER DATASHARE s ADD TABLE public.flights')).toBe('3F000');
    expect(await fails('ALTER DATASHARE s ADD SCHEMA nowhere')).toBe('3F000');
    await producer.run('ALTER DATASHARE s ADD SCHEMA public');
    expect(await fails('ALTER DATASHARE s ADD SCHEMA public')).toBe('42P06');
    expect(await objects()).toEqual([['schema', 'public', 'f']]);
    for (let twice = 0; twice < 2; twice++)
      await producer.run([
        'ALTER DATASHARE s ADD TABLE public.flights',
        'ALTER DATASHARE s ADD ALL TABLES IN SCHEMA public',
      ]);
    expect(await objects()).toEqual([
      ['schema', 'public', 'f'],
      ['table', 'public.flights', null],
    ]);
  });

  it('gives back tables and schemas', async () => {
    await producer.run([
      'CREATE DATASHARE s',
      'ALTER DATASHARE s ADD SCHEMA public',
      'ALTER DATASHARE s ADD ALL TABLES IN SCHEMA public',
    ]);
    await producer.run('ALTER DATASHARE s REMOVE TABLE public.flights');
    expect(await objects()).toEqual([['schema', 'public', 'f']]);
    await producer.run('ALTER DATASHARE s REMOVE SCHEMA public');
    expect(await objects()).toEqual([]);
    expect(await fails('ALTER DATASHARE s REMOVE SCHEMA public')).toBe('3F000');
  });

  it('with INCLUDENEW takes the tables to come, of whoever makes them, and no older ones (F-419)', async () => {
    await producer.run([
      'CREATE DATASHARE s',
      'ALTER DATASHARE s ADD SCHEMA public',
      'ALTER DATASHARE s SET INCLUDENEW = TRUE FOR SCHEMA public',
    ]);
    await producer.run(["CREATE USER maker PASSWORD 'Mak3r-of-tables'", 'CREATE TABLE later (id int)']);
    await producer.run('CREATE TABLE theirs (id int)', { user: 'maker' });
    await producer.run('CREATE VIEW seen AS SELECT * FROM later');
    expect(await objects()).toEqual([
      ['schema', 'public', 't'],
      ['table', 'public.later', null],
      ['table', 'public.theirs', null],
      ['view', 'public.seen', null],
    ]);
    await producer.run(['ALTER DATASHARE s SET INCLUDENEW FALSE FOR SCHEMA public', 'CREATE TABLE too_late (id int)']);
    expect((await objects()).flat()).not.toContain('public.too_late');
  });

  it('is granted to a namespace in quotes, nobody else (F-425)', async () => {
    await producer.run('CREATE DATASHARE s');
    const text = 'USAGE cannot be granted to users and groups on a datashare';
    for (const to of [`NAMESPACE "${consumer.id}"`, 'NAMESPACE consumer', 'admin', 'GROUP g'])
      expect((await refusal(producer.run(`GRANT USAGE ON DATASHARE s TO ${to}`))).message).toBe(text);
    await producer.run([grant(), grant(), "GRANT USAGE ON DATASHARE s TO ACCOUNT '210987654321'"]);
    expect(
      await producer.rows('SELECT consumer_account, consumer_namespace FROM svv_datashare_consumers ORDER BY 1'),
    ).toEqual([
      ['123456789012', consumer.id],
      ['210987654321', null],
    ]);
  });

  it('may be changed by others, given on by others, and given to another owner (F-417)', async () => {
    await share();
    await producer.run(["CREATE USER eve PASSWORD 'Eve-123456'", 'CREATE SCHEMA x']);
    const eve = { user: 'eve' };
    const [change, give] = [
      'ALTER DATASHARE s ADD SCHEMA x',
      `GRANT USAGE ON DATASHARE s TO NAMESPACE '${producer.id}'`,
    ];
    const see = 'SELECT share_name FROM svv_datashares';
    for (const sql of [change, give]) expect(await refusal(producer.run(sql, eve))).toMatchObject({ code: '42501' });
    expect(await producer.rows(see, eve)).toEqual([]);
    await producer.run('GRANT ALTER ON DATASHARE s TO eve');
    await producer.run(change, eve);
    expect(await producer.rows(see, eve)).toEqual([['s']]);
    expect(await refusal(producer.run(give, eve))).toMatchObject({ code: '42501' });
    await producer.run('GRANT SHARE ON DATASHARE s TO eve');
    await producer.run(give, eve);
    await producer.run(['REVOKE ALTER ON DATASHARE s FROM eve', 'REVOKE SHARE ON DATASHARE s FROM eve']);
    expect(await refusal(producer.run('DROP DATASHARE s', eve))).toMatchObject({ code: '42501' });
    await producer.run('ALTER DATASHARE s OWNER TO eve');
    await producer.run('DROP DATASHARE s', eve);
  });

  it('is bound to its database', async () => {
    await producer.run(['CREATE DATABASE other', 'CREATE DATASHARE s']);
    const elsewhere = producer.run('ALTER DATASHARE s ADD SCHEMA public', { database: 'other' });
    expect(await refusal(elsewhere)).toMatchObject({ code: '0A000' });
  });

  it('is changed in a transaction, but for PUBLICACCESSIBLE (F-426)', async () => {
    await producer.transaction([
      'CREATE DATASHARE s PUBLICACCESSIBLE TRUE',
      'ALTER DATASHARE s ADD SCHEMA public',
      'ALTER DATASHARE s SET INCLUDENEW = TRUE FOR SCHEMA public',
      'ALTER DATASHARE s ADD ALL TABLES IN SCHEMA public',
      grant(),
    ]);
    const refused = producer.transaction(['ALTER DATASHARE s SET PUBLICACCESSIBLE FALSE']);
    expect((await refusal(refused)).message).toMatch(/cannot run inside a transaction block$/);
    await producer.run('ALTER DATASHARE s SET PUBLICACCESSIBLE FALSE');
    expect(await producer.value('SELECT is_publicaccessible FROM svv_datashares')).toBe('f');
  });

  it('leaves nothing of a transaction that fails', async () => {
    const work = producer.transaction([
      'CREATE DATASHARE s',
      'ALTER DATASHARE s ADD SCHEMA public',
      'CREATE TABLE new (id int)',
      'SELECT 1/0',
    ]);
    expect(await refusal(work)).toMatchObject({ code: '22012' });
    expect(await producer.rows('SELECT share_name FROM svv_datashares')).toEqual([]);
    expect(await refusal(producer.run('SELECT * FROM new'))).toMatchObject({ code: '42P01' });
    await producer.run(['CREATE DATASHARE s', 'ALTER DATASHARE s ADD SCHEMA public']);
  });

  it('is shown by SHOW and DESC on both sides', async () => {
    await share();
    const names = async (at: Warehouse, sql: string, column: number) => (await at.rows(sql)).map((row) => row[column]);
    expect(await names(producer, 'SHOW DATASHARES', 5)).toEqual(['OUTBOUND']);
    expect(await names(consumer, "SHOW DATASHARES LIKE 's%'", 4)).toEqual(['airline']);
    expect(await names(consumer, "SHOW DATASHARES LIKE 'x%'", 4)).toEqual([]);
    expect(await names(producer, 'DESC DATASHARE s', 5)).toEqual(['public', 'public.flights']);
    expect(await names(consumer, `DESC DATASHARE s OF NAMESPACE '${producer.id}'`, 5)).toEqual([
      'public',
      'public.flights',
    ]);
  });

  it('goes with its database, and with a schema what was shared of it', async () => {
    await producer.run('CREATE DATABASE other');
    await producer.run(['CREATE SCHEMA x', 'CREATE DATASHARE o', 'ALTER DATASHARE o ADD SCHEMA x', 'DROP SCHEMA x'], {
      database: 'other',
    });
    expect(await producer.rows("SELECT * FROM svv_datashare_objects WHERE share_name = 'o'")).toEqual([]);
    await producer.run('DROP DATABASE other');
    expect(await producer.rows('SELECT share_name FROM svv_datashares')).toEqual([]);
  });
});
