/** What becomes of SQL that ran: which failures pass by themselves, and what rows look like. */
import { describe, expect, it, test } from 'vitest';
import { ServiceError } from '../../src/shared/errors.ts';
import { alreadyThere, type DataCalls, type SqlIo, SqlSession, sqlError } from '../../src/steps/datashare/session.ts';

const failure = (reason: string) => sqlError('CREATE DATASHARE s', 'w', reason);

describe('DDL at the same time as somebody else’s (F-614)', () => {
  it.each([
    'ERROR: conflict with concurrent transaction on table 1',
    'ERROR: deadlock detected (SQLSTATE 40P01)',
    '25P02',
  ])('is tried again after %s', (reason) => {
    const error = failure(reason);
    expect(error instanceof ServiceError && error.kind).toBe('conflict');
  });

  it.each(['ERROR: relation "t" does not exist', 'ERROR: permission denied for schema public'])(
    'is given up after %s',
    (reason) => {
      expect(failure(reason)).not.toBeInstanceOf(ServiceError);
    },
  );
});

test('what is there already is as good as made (F-418, F-420, F-422)', () => {
  expect(alreadyThere(failure('ERROR: datashare "s" already exists'))).toBe(true);
  expect(alreadyThere(failure('ERROR: SQLSTATE 42P06'))).toBe(true);
  expect(alreadyThere(failure('ERROR: syntax error'))).toBe(false);
});

test('padding of catalog columns is cut off, other values stay as they are (F-613)', async () => {
  const calls: DataCalls = {
    executeStatement: async () => ({ Id: 'id' }),
    batchExecuteStatement: async () => ({ Id: 'id' }),
    describeStatement: async () => ({ Status: 'FINISHED', $metadata: {}, Id: 'id' }),
    statementResult: async () => [
      [{ stringValue: 'airline   ' }, { longValue: 0 }, { booleanValue: false }, { isNull: true }],
    ],
  };
  const io: SqlIo = {
    permit: async () => {},
    until: async (_what, look) => {
      const found = await look();
      if (found === undefined) throw new Error('it has not ended');
      return found;
    },
  };
  const session = new SqlSession({ workgroup: 'w', database: 'd', secretArn: 's' }, calls, io);
  expect(await session.query('SELECT …', 'look')).toEqual([['airline', 0, false, null]]);
});
