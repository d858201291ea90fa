import { ListSessionsCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { refusal } from '../redshift-serverless/account.ts';
import { type DataAccount, openDataAccount } from './warehouse.ts';

/** Inside a session nothing else is named. */
const inside = (SessionId: string) => ({
  SessionId,
  WorkgroupName: undefined,
  Database: undefined,
  SecretArn: undefined,
});

const openSession = async (account: DataAccount, SessionKeepAliveSeconds = 600) => {
  const { SessionId = '' } = await account.run('SET search_path TO elsewhere', { SessionKeepAliveSeconds });
  return SessionId;
};

const sessions = async (account: DataAccount, input: { SessionId?: string; Status?: 'CLOSED' } = {}) => {
  const { Sessions = [] } = await account.data.send(new ListSessionsCommand(input));
  return Sessions.map(({ SessionId, Status }) => ({ SessionId, Status }));
};

describe('a session (F-460)', () => {
  it('keeps what was set in it, and nobody else has it', async () => {
    const account = await openDataAccount();
    const id = await openSession(account);
    expect(await account.query('SHOW search_path', inside(id))).toEqual([['elsewhere']]);
    expect(await account.query('SHOW search_path')).not.toEqual([['elsewhere']]);
    expect(await account.run('SELECT 1', inside(id))).toMatchObject({ SessionId: id, DbUser: 'admin' });
  });

  it('ends when it has been idle for as long as it was to be kept, and starts that anew with each statement', async () => {
    const account = await openDataAccount();
    const id = await openSession(account);
    account.later(8);
    await account.run('SELECT 1', inside(id));
    account.later(8);
    expect(await sessions(account)).toEqual([{ SessionId: id, Status: 'AVAILABLE' }]);
    account.later(2);
    expect(await sessions(account)).toEqual([]);
    expect(await sessions(account, { Status: 'CLOSED' })).toEqual([{ SessionId: id, Status: 'CLOSED' }]);
    expect((await refusal(account.start('SELECT 1', inside(id)))).message).toContain('not available');
  });

  it('ends after a day, however busy it was', async () => {
    const account = await openDataAccount();
    const id = await openSession(account, 86_400);
    account.later(23 * 60);
    await account.run('SELECT 1', inside(id));
    account.later(62);
    expect((await refusal(account.start('SELECT 1', inside(id)))).message).toContain('not available');
  });

  it('has temporary tables of its own, which go with it', async () => {
    const account = await openDataAccount();
    const { SessionId = '' } = await account.run('CREATE TEMP TABLE t AS SELECT 1 AS id', {
      SessionKeepAliveSeconds: 600,
    });
    account.later(1);
    expect(await account.query('SELECT id FROM t', inside(SessionId))).toEqual([[1]]);
    expect((await account.run('SELECT id FROM t')).Error).toContain('does not exist');
    account.later(11);
    expect(await account.query("SELECT count(*) FROM pg_tables WHERE tablename = 't'")).toEqual([[0]]);
  });

  it('runs one statement at a time', async () => {
    const account = await openDataAccount();
    const id = await openSession(account);
    const running = await account.start('SELECT 1', inside(id));
    expect(await sessions(account)).toEqual([{ SessionId: id, Status: 'BUSY' }]);
    expect((await refusal(account.start('SELECT 2', inside(id)))).message).toContain(running);
  });

  it('belongs to whoever opened it, and names its workgroup, database and secret by itself', async () => {
    const account = await openDataAccount();
    const id = await openSession(account);
    const stranger = await account.dataAs('analyst', 'today');
    expect((await stranger.send(new ListSessionsCommand({}))).Sessions).toEqual([]);
    const both = account.start('SELECT 1', { ...inside(id), WorkgroupName: 'sales' });
    expect((await refusal(both)).name).toBe('ValidationException');
  });
});
