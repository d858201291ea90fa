import {
  CancelStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { createWorkgroup, makeNamespace, refusal } from '../redshift-serverless/account.ts';
import { makeDataWarehouse, openDataAccount } from './warehouse.ts';

const seconds = (account: { later(minutes: number): void }, count: number) => account.later(count / 60);

describe('a statement', () => {
  it('waits for a cold warehouse, then runs, then has finished (F-450, F-457)', async () => {
    const account = await openDataAccount();
    const id = await account.start('SELECT 1');
    expect(await account.describe(id)).toMatchObject({ Status: 'SUBMITTED', Duration: -1, HasResultSet: false });
    seconds(account, 25);
    expect((await account.describe(id)).Status).toBe('FINISHED');
    const warm = await account.start('SELECT 1');
    expect((await account.describe(warm)).Status).toBe('STARTED');
    seconds(account, 1);
    const { Status, Duration = 0 } = await account.describe(warm);
    expect(Status).toBe('FINISHED');
    expect(Duration).toBeGreaterThanOrEqual(0.1e9);
    expect(Duration).toBeLessThanOrEqual(0.6e9);
  });

  it('finds the warehouse asleep again when nothing has run for some minutes (F-457)', async () => {
    const account = await openDataAccount();
    await account.run('SELECT 1');
    account.later(6);
    expect((await account.describe(await account.start('SELECT 1'))).Status).toBe('SUBMITTED');
  });

  it('tells how many rows it returned or changed, and whether it has a result', async () => {
    const account = await openDataAccount();
    expect(await account.run('CREATE TABLE t (id int)')).toMatchObject({ HasResultSet: false, ResultRows: -1 });
    expect(await account.run('INSERT INTO t VALUES (1), (2)')).toMatchObject({ HasResultSet: false, ResultRows: 2 });
    expect(await account.run('SELECT * FROM t WHERE id > 5')).toMatchObject({ HasResultSet: true, ResultRows: 0 });
    expect(await account.run('SELECT id FROM t')).toMatchObject({ ResultRows: 2, ResultSize: 2 });
  });

  it('is described as it was sent, with the database, user, secret and workgroup it had', async () => {
    const account = await openDataAccount();
    expect(await account.run('SELECT 1')).toMatchObject({
      QueryString: 'SELECT 1',
      Database: 'dev',
      DbUser: 'admin',
      WorkgroupName: 'sales',
      SecretArn: account.sales.secret,
      RedshiftPid: expect.any(Number),
      RedshiftQueryId: expect.any(Number),
      ResultFormat: 'JSON',
    });
  });

  it('fails with what the warehouse says', async () => {
    const account = await openDataAccount();
    const failed = await account.run('SELECT * FROM nowhere');
    expect(failed).toMatchObject({ Status: 'FAILED', HasResultSet: false, ResultRows: -1 });
    expect(failed.Error).toBe('ERROR: relation "nowhere" does not exist');
  });

  it('is at most 100 KB long', async () => {
    const account = await openDataAccount();
    const long = (bytes: number) => `SELECT '${'x'.repeat(bytes - 9)}'`;
    expect(await account.run(long(100 * 1024))).toMatchObject({ Status: 'FINISHED' });
    expect((await refusal(account.start(long(100 * 1024 + 1)))).name).toBe('ValidationException');
  });

  it('is known for 24 hours (F-454)', async () => {
    const account = await openDataAccount();
    const id = await account.start('SELECT 1');
    account.later(24 * 60 - 1);
    expect((await account.describe(id)).Status).toBe('FINISHED');
    account.later(2);
    expect(await refusal(account.describe(id))).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Query does not exist.',
    });
  });

  it('is refused while 500 others of its workgroup are not done (F-454)', async () => {
    const account = await openDataAccount();
    const other = await makeDataWarehouse(account, 'other');
    for (let sent = 0; sent < 500; sent++) await account.start('SHOW search_path');
    expect((await refusal(account.start('SELECT 1'))).name).toBe('ActiveStatementsExceededException');
    await account.start('SELECT 1', { WorkgroupName: 'other', SecretArn: other.secret });
    account.later(5);
    expect(await account.run('SELECT 1')).toMatchObject({ Status: 'FINISHED' });
  });
});

describe('where a statement runs (F-451)', () => {
  it('is named by a workgroup, by its ARN too', async () => {
    const account = await openDataAccount();
    const byArn = await account.run('SELECT 1', { WorkgroupName: account.sales.workgroupArn });
    expect(byArn).toMatchObject({ Status: 'FINISHED', WorkgroupName: 'sales' });
    expect(await refusal(account.start('SELECT 1', { WorkgroupName: undefined }))).toEqual({
      name: 'ValidationException',
      message: 'Either ClusterIdentifier or WorkgroupName needs to be specified.',
    });
    expect(await refusal(account.start('SELECT 1', { WorkgroupName: 'elsewhere' }))).toEqual({
      name: 'ValidationException',
      message: "Redshift endpoint doesn't exist in this region.",
    });
  });

  it('must be a workgroup that has come up', async () => {
    const account = await openDataAccount();
    await makeNamespace(account, 'young');
    await createWorkgroup(account, 'young');
    expect((await refusal(account.start('SELECT 1', { WorkgroupName: 'young' }))).message).toContain('CREATING');
  });

  it('needs a database, which must exist', async () => {
    const account = await openDataAccount();
    expect((await refusal(account.start('SELECT 1', { Database: undefined }))).name).toBe('ValidationException');
    const { Status, Error: error } = await account.run('SELECT 1', { Database: 'nope' });
    expect({ Status, error }).toEqual({ Status: 'FAILED', error: 'FATAL: database "nope" does not exist' });
  });
});

describe('a client token (F-459)', () => {
  it('gives the first statement again, failed or not, and runs nothing twice', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE t (id int)');
    const first = await account.start('INSERT INTO t VALUES (1)', { ClientToken: 'once' });
    expect(await account.start('INSERT INTO t VALUES (1)', { ClientToken: 'once' })).toBe(first);
    expect(await account.query('SELECT count(*) FROM t')).toEqual([[1]]);
    const failed = await account.start('SELECT * FROM nowhere', { ClientToken: 'failing' });
    account.later(1);
    expect(await account.start('SELECT * FROM nowhere', { ClientToken: 'failing' })).toBe(failed);
  });

  it('is refused for another request', async () => {
    const account = await openDataAccount();
    await account.start('SELECT 1', { ClientToken: 'once' });
    expect((await refusal(account.start('SELECT 2', { ClientToken: 'once' }))).name).toBe('ValidationException');
  });

  it('is forgotten after 8 hours', async () => {
    const account = await openDataAccount();
    const first = await account.start('SELECT 1', { ClientToken: 'once' });
    account.later(8 * 60 - 1);
    expect(await account.start('SELECT 1', { ClientToken: 'once' })).toBe(first);
    account.later(2);
    expect(await account.start('SELECT 1', { ClientToken: 'once' })).not.toBe(first);
  });
});

describe('cancelling', () => {
  it('ends a statement that has not ended', async () => {
    const account = await openDataAccount();
    const id = await account.start('SELECT 1');
    expect(await account.data.send(new CancelStatementCommand({ Id: id }))).toMatchObject({ Status: true });
    account.later(1);
    expect(await account.describe(id)).toMatchObject({ Status: 'ABORTED', HasResultSet: false, Duration: 0 });
    const result = account.data.send(new GetStatementResultCommand({ Id: id }));
    expect((await refusal(result)).name).toBe('ResourceNotFoundException');
  });

  it('is refused for one that has', async () => {
    const account = await openDataAccount();
    const { Id } = await account.run('SELECT 1');
    expect(await refusal(account.data.send(new CancelStatementCommand({ Id })))).toEqual({
      name: 'ValidationException',
      message: `Could not cancel a query that is already in FINISHED state with ID: ${Id}`,
    });
  });
});

describe('the list of statements', () => {
  it('shows those that finished, others by their status, the latest first (F-464)', async () => {
    const account = await openDataAccount();
    const list = async (Status?: 'ALL' | 'FAILED' | 'STARTED') => {
      const { Statements = [] } = await account.data.send(new ListStatementsCommand({ Status }));
      return Statements.map(({ QueryString }) => QueryString);
    };
    await account.run('SELECT 1');
    await account.run('SELECT * FROM nowhere');
    await account.start('SELECT 2');
    expect(await list()).toEqual(['SELECT 1']);
    expect(await list('FAILED')).toEqual(['SELECT * FROM nowhere']);
    expect(await list('STARTED')).toEqual(['SELECT 2']);
    expect(await list('ALL')).toEqual(['SELECT 2', 'SELECT * FROM nowhere', 'SELECT 1']);
  });

  it('is searched by the beginning of a name, by workgroup and by database', async () => {
    const account = await openDataAccount();
    await account.run('SELECT 1', { StatementName: 'load-1' });
    await account.run('SELECT 2', { StatementName: 'load-2' });
    await account.run('SELECT 3', { StatementName: 'Load-3', Database: 'nope' });
    const list = async (input: { StatementName?: string; WorkgroupName?: string; Database?: string }) => {
      const { Statements = [] } = await account.data.send(new ListStatementsCommand({ Status: 'ALL', ...input }));
      return Statements.map(({ StatementName }) => StatementName);
    };
    expect(await list({ StatementName: 'load-' })).toEqual(['load-2', 'load-1']);
    expect(await list({ WorkgroupName: 'sales', Database: 'nope' })).toEqual(['Load-3']);
    expect(await list({ WorkgroupName: account.sales.workgroupArn, StatementName: 'load-1' })).toEqual(['load-1']);
    expect(await list({ WorkgroupName: 'elsewhere' })).toEqual([]);
  });

  it('comes in pages', async () => {
    const account = await openDataAccount();
    for (let sent = 0; sent < 7; sent++) await account.run('SELECT 1');
    const first = await account.data.send(new ListStatementsCommand({}));
    expect(first.Statements).toHaveLength(5);
    const second = await account.data.send(new ListStatementsCommand({ NextToken: first.NextToken }));
    expect(second.Statements).toHaveLength(2);
    expect(second.NextToken).toBeUndefined();
    const all = await account.data.send(new ListStatementsCommand({ MaxResults: 100 }));
    expect(all.Statements).toHaveLength(7);
    const made = account.data.send(new ListStatementsCommand({ NextToken: 'made-up' }));
    expect((await refusal(made)).name).toBe('ValidationException');
  });
});

describe('who sees a statement (F-455)', () => {
  it('is not somebody else', async () => {
    const account = await openDataAccount();
    const { Id } = await account.run('SELECT 1');
    const stranger = await account.dataAs('analyst', 'today');
    const look = stranger.send(new GetStatementResultCommand({ Id }));
    expect((await refusal(look)).name).toBe('ResourceNotFoundException');
    expect((await stranger.send(new ListStatementsCommand({ Status: 'ALL' }))).Statements).toEqual([]);
  });

  it('is the same role in another session, unless only this session is asked for', async () => {
    const account = await openDataAccount();
    const today = await account.dataAs('analyst', 'today');
    const where = { WorkgroupName: 'sales', Database: 'dev', SecretArn: account.sales.secret };
    await today.send(new ExecuteStatementCommand({ ...where, Sql: 'SELECT 1' }));
    account.later(1);
    const tomorrow = await account.dataAs('analyst', 'tomorrow');
    expect((await tomorrow.send(new ListStatementsCommand({}))).Statements).toHaveLength(1);
    expect((await tomorrow.send(new ListStatementsCommand({ RoleLevel: false }))).Statements).toEqual([]);
  });
});
