import { createHash } from 'node:crypto';
import { ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { SecretsManagerClient, UpdateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientConfigOf } from '../../support/simulator.ts';
import { refusal } from '../redshift-serverless/account.ts';
import { makeDataWarehouse, openDataAccount } from './warehouse.ts';

const md5 = (password: string, user: string) =>
  `md5${createHash('md5')
    .update(password + user)
    .digest('hex')}`;

describe('a secret', () => {
  it('that Redshift keeps for the administrator makes a superuser, in its own namespace only', async () => {
    const account = await openDataAccount();
    const sql = 'SELECT current_user, usesuper FROM pg_user WHERE usename = current_user';
    expect(await account.query(sql)).toEqual([['admin', true]]);
    const other = await makeDataWarehouse(account, 'other');
    const { Status, Error: error } = await account.run('SELECT 1', { SecretArn: other.secret });
    expect(Status).toBe('FAILED');
    expect(error).toBe('FATAL: password authentication failed for user "admin"');
  });

  it('opens for a user whose password was given as a digest', async () => {
    const account = await openDataAccount();
    await account.run(`CREATE USER reader PASSWORD '${md5('Secret123', 'reader')}'`);
    const SecretArn = await account.makeSecret('reader', { username: 'reader', password: 'Secret123' });
    expect(await account.query('SELECT current_user', { SecretArn })).toEqual([['reader']]);
    expect(await account.query('SELECT current_user', { SecretArn: 'reader' })).toEqual([['reader']]);
  });

  it('with a wrong password lets the statement fail, and so does one for nobody', async () => {
    const account = await openDataAccount();
    await account.run("CREATE USER reader PASSWORD 'Secret123'");
    const wrong = await account.makeSecret('wrong', { username: 'reader', password: 'Secret124' });
    expect(await account.run('SELECT 1', { SecretArn: wrong })).toMatchObject({
      Status: 'FAILED',
      DbUser: 'reader',
      Error: 'FATAL: password authentication failed for user "reader"',
    });
    const nobody = await account.makeSecret('nobody', { username: 'nobody', password: 'Secret123' });
    expect((await account.run('SELECT 1', { SecretArn: nobody })).Error).toMatch(/^FATAL: password authentication/);
  });

  it('counts with the value that it has now', async () => {
    const account = await openDataAccount();
    await account.run("CREATE USER reader PASSWORD 'Secret123'");
    const SecretArn = await account.makeSecret('reader', { username: 'reader', password: 'Secret123' });
    await account.run("ALTER USER reader PASSWORD 'Secret456'");
    expect(await account.run('SELECT 1', { SecretArn })).toMatchObject({ Status: 'FAILED' });
    const secrets = new SecretsManagerClient(clientConfigOf(account.url));
    const SecretString = JSON.stringify({ username: 'reader', password: 'Secret456' });
    await secrets.send(new UpdateSecretCommand({ SecretId: SecretArn, SecretString }));
    secrets.destroy();
    expect(await account.run('SELECT 1', { SecretArn })).toMatchObject({ Status: 'FINISHED' });
  });

  it('must be there, and be JSON with username and password', async () => {
    const account = await openDataAccount();
    const absent = account.sales.secret.replace(/.{6}$/, 'zzzzzz');
    expect(await refusal(account.start('SELECT 1', { SecretArn: absent }))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("can't find the specified secret"),
    });
    for (const [index, value] of ['plain text', { username: 'reader' }, '[]', 'null'].entries()) {
      const SecretArn = await account.makeSecret(`odd-${index}`, value);
      expect((await refusal(account.start('SELECT 1', { SecretArn }))).name).toBe('ValidationException');
    }
  });
});

describe('without a secret (F-456)', () => {
  it("the user follows from the caller's identity", async () => {
    const account = await openDataAccount();
    expect(await account.query('SELECT current_user', { SecretArn: undefined })).toEqual([['iam:rsds']]);
    const role = await account.dataAs('analyst', 'today');
    const sent = await role.send(
      new ExecuteStatementCommand({ WorkgroupName: 'sales', Database: 'dev', Sql: 'SELECT 1' }),
    );
    expect(sent.DbUser).toBe('IAMR:analyst');
  });

  it('the user has the rights of PUBLIC alone', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE t (id int)');
    expect(await account.run('SELECT * FROM t', { SecretArn: undefined })).toMatchObject({
      Status: 'FAILED',
      Error: 'ERROR: permission denied for table t',
    });
    await account.run('GRANT SELECT ON t TO PUBLIC');
    expect(await account.query('SELECT * FROM t', { SecretArn: undefined })).toEqual([]);
  });
});
