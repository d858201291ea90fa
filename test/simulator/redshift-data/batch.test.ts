import { GetStatementResultCommand, ListStatementsCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { refusal } from '../redshift-serverless/account.ts';
import { type DataAccount, openDataAccount } from './warehouse.ts';

const runBatch = async (account: DataAccount, sqls: string[], ExecutionMode?: 'AUTO_COMMIT') => {
  const id = await account.startBatch(sqls, { ExecutionMode });
  account.later(1);
  return account.describe(id);
};

const statuses = ({ SubStatements = [] }: Awaited<ReturnType<typeof runBatch>>) =>
  SubStatements.map(({ Status }) => Status);

describe('a batch', () => {
  it('is described with its statements, each with its own id (F-463)', async () => {
    const account = await openDataAccount();
    const batch = await runBatch(account, ['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1)', 'SELECT id FROM t']);
    expect(batch).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: -1 });
    expect(batch.SubStatements).toMatchObject([
      { Id: `${batch.Id}:1`, QueryString: 'CREATE TABLE t (id int)', Status: 'FINISHED', HasResultSet: false },
      { Id: `${batch.Id}:2`, ResultRows: 1, HasResultSet: false },
      { Id: `${batch.Id}:3`, ResultRows: 1, HasResultSet: true },
    ]);
  });

  it('has results of its statements only', async () => {
    const account = await openDataAccount();
    const { Id } = await runBatch(account, ['SELECT 1', 'SELECT 2']);
    const second = await account.data.send(new GetStatementResultCommand({ Id: `${Id}:2` }));
    expect(second.Records).toEqual([[{ longValue: 2 }]]);
    const whole = account.data.send(new GetStatementResultCommand({ Id }));
    expect((await refusal(whole)).name).toBe('ValidationException');
    const third = account.data.send(new GetStatementResultCommand({ Id: `${Id}:3` }));
    expect((await refusal(third)).name).toBe('ResourceNotFoundException');
    expect(await account.describe(`${Id}:2`)).toMatchObject({ Id: `${Id}:2`, QueryString: 'SELECT 2', ResultRows: 1 });
  });

  it('is one transaction: nothing stays of it when one statement fails', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE t (id int)');
    const batch = await runBatch(account, ['INSERT INTO t VALUES (1)', 'SELECT * FROM nowhere', 'SELECT 1']);
    expect(batch).toMatchObject({ Status: 'FAILED', Error: 'ERROR: relation "nowhere" does not exist' });
    expect(statuses(batch)).toEqual(['ABORTED', 'FAILED', 'ABORTED']);
    expect(await account.query('SELECT count(*) FROM t')).toEqual([[0]]);
  });

  it('fails with a statement that refuses a transaction', async () => {
    const account = await openDataAccount();
    const batch = await runBatch(account, ['SELECT 1', 'CREATE DATABASE other']);
    expect(batch.Status).toBe('FAILED');
    expect(batch.Error).toMatch(/CREATE DATABASE cannot run inside a transaction block/);
    expect(await account.run('CREATE DATABASE other')).toMatchObject({ Status: 'FINISHED' });
  });

  it('commits each statement by itself when told to, whatever becomes of the others (F-461)', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE t (id int)');
    const sqls = ['INSERT INTO t VALUES (1)', 'SELECT * FROM nowhere', 'INSERT INTO t VALUES (2)'];
    const batch = await runBatch(account, sqls, 'AUTO_COMMIT');
    expect(statuses(batch)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(batch.Status).toBe('FAILED');
    expect(await account.query('SELECT count(*) FROM t')).toEqual([[2]]);
  });

  it('has 1 to 40 statements', async () => {
    const account = await openDataAccount();
    expect((await refusal(account.startBatch(Array(41).fill('SELECT 1')))).name).toBe('ValidationException');
    expect((await refusal(account.startBatch([]))).name).toBe('ValidationException');
    expect(await runBatch(account, Array(40).fill('SELECT 1'))).toMatchObject({ Status: 'FINISHED' });
  });

  it('is listed once, with its statements', async () => {
    const account = await openDataAccount();
    await runBatch(account, ['SELECT 1', 'SELECT 2']);
    const { Statements } = await account.data.send(new ListStatementsCommand({}));
    expect(Statements).toMatchObject([{ IsBatchStatement: true, QueryStrings: ['SELECT 1', 'SELECT 2'] }]);
  });
});
