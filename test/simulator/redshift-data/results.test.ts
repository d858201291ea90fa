import { GetStatementResultCommand, GetStatementResultV2Command } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { refusal } from '../redshift-serverless/account.ts';
import { type DataAccount, openDataAccount } from './warehouse.ts';

const resultOf = async (account: DataAccount, sql: string) => {
  const { Id } = await account.run(sql);
  return account.data.send(new GetStatementResultCommand({ Id }));
};

describe('a result', () => {
  it('has a field for whole numbers, for floating point, for truth; all else is text (F-452)', async () => {
    const account = await openDataAccount();
    const sql = `SELECT 1::smallint, 2::int, 3::bigint, 0.5::real, 2.5::double precision, true, false, 'text'::varchar(10),
      12.30::numeric(8,2), '2026-01-02'::date, '2026-01-02 03:04:05'::timestamp, NULL::int`;
    const { Records } = await resultOf(account, sql);
    expect(Records).toEqual([
      [
        { longValue: 1 },
        { longValue: 2 },
        { longValue: 3 },
        { doubleValue: 0.5 },
        { doubleValue: 2.5 },
        { booleanValue: true },
        { booleanValue: false },
        { stringValue: 'text' },
        { stringValue: '12.30' },
        { stringValue: '2026-01-02' },
        { stringValue: '2026-01-02 03:04:05' },
        { isNull: true },
      ],
    ]);
  });

  it('describes its columns', async () => {
    const account = await openDataAccount();
    const sql = "SELECT 1 AS n, 'x'::varchar(20) AS word, 1.5::numeric(10,3) AS price";
    const { ColumnMetadata } = await resultOf(account, sql);
    expect(ColumnMetadata).toEqual([
      expect.objectContaining({ name: 'n', label: 'n', typeName: 'int4', isSigned: true }),
      expect.objectContaining({ name: 'word', typeName: 'varchar', length: 20, isSigned: false }),
      expect.objectContaining({ name: 'price', typeName: 'numeric', precision: 10, scale: 3 }),
    ]);
  });

  it('has no rows, but columns, when nothing was found', async () => {
    const account = await openDataAccount();
    const { Records, ColumnMetadata, TotalNumRows } = await resultOf(account, 'SELECT 1 AS n WHERE false');
    expect({ Records, TotalNumRows }).toEqual({ Records: [], TotalNumRows: 0 });
    expect(ColumnMetadata).toHaveLength(1);
  });

  it('comes in pages, cut by size (F-462)', async () => {
    const account = await openDataAccount();
    const { Id } = await account.run("SELECT n, repeat('x', 60000) FROM generate_series(1, 40) n");
    const seen: unknown[] = [];
    const sizes: number[] = [];
    for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
      const page = await account.data.send(new GetStatementResultCommand({ Id, NextToken }));
      expect(page.TotalNumRows).toBe(40);
      seen.push(...(page.Records ?? []).map(([first]) => first?.longValue));
      sizes.push(page.Records?.length ?? 0);
      NextToken = page.NextToken;
    }
    expect(sizes).toEqual([16, 16, 8]);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('is not there while the statement runs, after a failure, or where there are no rows to return', async () => {
    const account = await openDataAccount();
    const reasons = ['SELECT 1', 'SELECT * FROM nowhere', 'CREATE TABLE t (id int)'];
    for (const [index, sql] of reasons.entries()) {
      const Id = await account.start(sql);
      if (index > 0) account.later(1);
      expect(await refusal(account.data.send(new GetStatementResultCommand({ Id })))).toEqual({
        name: 'ResourceNotFoundException',
        message: 'Query does not have result. Please check query status with DescribeStatement.',
      });
    }
  });

  it('is CSV for those who asked for it, and only by the second version of the operation', async () => {
    const account = await openDataAccount();
    const { Id } = await account.run(`SELECT 1 AS n, 'say "hi", you' AS words, NULL AS nothing`, {
      ResultFormat: 'CSV',
    });
    const { Records, TotalNumRows, ResultFormat } = await account.data.send(new GetStatementResultV2Command({ Id }));
    expect({ Records, TotalNumRows, ResultFormat }).toEqual({
      Records: [{ CSVRecords: 'n,words,nothing\n1,"say ""hi"", you",' }],
      TotalNumRows: 1,
      ResultFormat: 'CSV',
    });
    const first = account.data.send(new GetStatementResultCommand({ Id }));
    expect((await refusal(first)).name).toBe('ValidationException');
    const { Id: json } = await account.run('SELECT 1');
    const second = account.data.send(new GetStatementResultV2Command({ Id: json }));
    expect((await refusal(second)).name).toBe('ValidationException');
  });
});

describe('parameters (F-453)', () => {
  it('take the place of values, as literals', async () => {
    const account = await openDataAccount();
    const Parameters = [
      { name: 'id', value: '7' },
      { name: 'name', value: "O'Hare \\ :id" },
    ];
    const rows = await account.query("SELECT :id::int, :name, ':id', 'a'::varchar", { Parameters });
    expect(rows).toEqual([[7, "O'Hare \\ :id", ':id', 'a']]);
  });

  it('never take the place of names', async () => {
    const account = await openDataAccount();
    await account.run('CREATE TABLE t (id int)');
    const { Status } = await account.run('SELECT * FROM :table', { Parameters: [{ name: 'table', value: 't' }] });
    expect(Status).toBe('FAILED');
  });

  it('must all be used, all be given, and not be empty', async () => {
    const account = await openDataAccount();
    const run = (sql: string, ...names: string[]) =>
      refusal(account.start(sql, { Parameters: names.map((name) => ({ name, value: name })) }));
    expect(await run('SELECT :a', 'a', 'b')).toEqual({
      name: 'ValidationException',
      message: 'Parameters list contains unused parameters. Unused parameters: [b]',
    });
    expect((await run("SELECT ':a'", 'a')).message).toContain('unused');
    expect(await run('SELECT :a, :b', 'a')).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('[b]'),
    });
    const empty = account.start('SELECT :a', { Parameters: [{ name: 'a', value: '' }] });
    expect((await refusal(empty)).name).toBe('ValidationException');
  });

  it('are shown with the statement, whose text stays as it was sent', async () => {
    const account = await openDataAccount();
    const Parameters = [{ name: 'id', value: '7' }];
    expect(await account.run('SELECT :id', { Parameters })).toMatchObject({
      QueryString: 'SELECT :id',
      QueryParameters: Parameters,
    });
  });

  it('are used over all statements of a batch together', async () => {
    const account = await openDataAccount();
    const Parameters = ['a', 'b'].map((name) => ({ name, value: name }));
    const id = await account.startBatch(['SELECT :a', 'SELECT :b'], { Parameters });
    account.later(1);
    expect((await account.describe(id)).Status).toBe('FINISHED');
  });
});
