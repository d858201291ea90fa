import {
  DescribeTableCommand,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListTablesCommand,
} from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { refusal } from '../redshift-serverless/account.ts';
import { type DataAccount, openDataAccount } from './warehouse.ts';

const where = ({ sales }: DataAccount) => ({ WorkgroupName: 'sales', SecretArn: sales.secret });

describe('the catalog without SQL', () => {
  it('lists databases, page by page', async () => {
    const account = await openDataAccount();
    await account.run('CREATE DATABASE other');
    const input = { ...where(account), Database: 'dev', MaxResults: 1 };
    const first = await account.data.send(new ListDatabasesCommand(input));
    const second = await account.data.send(new ListDatabasesCommand({ ...input, NextToken: first.NextToken }));
    expect([first.Databases, second.Databases, second.NextToken]).toEqual([['dev'], ['other'], undefined]);
  });

  it('lists the schemas of a database that a pattern fits, connected to another one (F-465)', async () => {
    const account = await openDataAccount();
    await account.run('CREATE DATABASE other');
    for (const schema of ['sales_eu', 'sales_us', 'staff'])
      await account.run(`CREATE SCHEMA ${schema}`, { Database: 'other' });
    const list = async (input: { SchemaPattern?: string; ConnectedDatabase?: string }) =>
      (await account.data.send(new ListSchemasCommand({ ...where(account), Database: 'other', ...input }))).Schemas;
    expect(await list({})).toEqual(expect.arrayContaining(['public', 'sales_eu', 'sales_us', 'staff']));
    expect(await list({ SchemaPattern: 'sales%' })).toEqual(['sales_eu', 'sales_us']);
    expect(await list({ SchemaPattern: 'sales%', ConnectedDatabase: 'dev' })).toEqual(['sales_eu', 'sales_us']);
  });

  it('lists tables and views, and describes a table', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE flights (id bigint NOT NULL, code varchar(8), fare numeric(8,2))');
    await account.run('CREATE VIEW late AS SELECT id FROM flights');
    const input = { ...where(account), Database: 'dev' };
    const { Tables } = await account.data.send(new ListTablesCommand({ ...input, SchemaPattern: 'public' }));
    expect(Tables).toEqual([
      { schema: 'public', name: 'flights', type: 'TABLE' },
      { schema: 'public', name: 'late', type: 'VIEW' },
    ]);
    const table = await account.data.send(new DescribeTableCommand({ ...input, Schema: 'public', Table: 'flights' }));
    expect(table).toMatchObject({
      TableName: 'flights',
      ColumnList: [
        { name: 'id', typeName: 'int8', nullable: 0 },
        { name: 'code', typeName: 'varchar', nullable: 1, length: 8 },
        { name: 'fare', typeName: 'numeric', precision: 8, scale: 2 },
      ],
    });
  });

  it('says when it can not connect', async () => {
    const account = await openDataAccount();
    const SecretArn = await account.makeSecret('wrong', { username: 'admin', password: 'wrong' });
    const wrong = new ListDatabasesCommand({ ...where(account), Database: 'dev', SecretArn });
    expect((await refusal(account.data.send(wrong))).name).toBe('DatabaseConnectionException');
    const nowhere = new ListDatabasesCommand({ ...where(account), Database: 'nope' });
    expect((await refusal(account.data.send(nowhere))).name).toBe('DatabaseConnectionException');
    const through = new ListSchemasCommand({ ...where(account), Database: 'dev', ConnectedDatabase: 'nope' });
    expect((await refusal(account.data.send(through))).name).toBe('DatabaseConnectionException');
  });
});
