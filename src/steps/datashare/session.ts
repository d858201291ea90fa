/**
 * SQL on one warehouse through the Data API, as its administrator (the namespace's managed secret) or as the login of
 * a secret. One statement a call: clearer errors, and each can be resumed.
 */
import type {
  BatchExecuteStatementCommandInput,
  DescribeStatementCommandOutput,
  ExecuteStatementCommandInput,
  Field,
} from '@aws-sdk/client-redshift-data';
import type { ApplyIo } from '../../engine/resource.ts';
import { type Clock, formatDuration } from '../../shared/clock.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';

/** The calls of the Data API that SQL is run with; aws/data.ts has them. */
export interface DataCalls {
  executeStatement(input: ExecuteStatementCommandInput): Promise<{ Id?: string | undefined }>;
  batchExecuteStatement(input: BatchExecuteStatementCommandInput): Promise<{ Id?: string | undefined }>;
  describeStatement(id: string): Promise<DescribeStatementCommandOutput>;
  /** All rows, over all pages. */
  statementResult(id: string): Promise<Field[][]>;
}

/** Where and as whom statements run. */
export interface SqlTarget {
  readonly workgroup: string;
  readonly database: string;
  readonly secretArn: string;
}

/** Waits as the engine waits; `look`s and `apply`s both have one. */
export type Until = ApplyIo['until'];

/** What running SQL needs of whoever runs it. */
export type SqlIo = Pick<ApplyIo, 'until' | 'permit'>;

export type Row = readonly (string | number | boolean | null)[];

/** Describing is cheap, not billed, and allowed often (F-603); a cold warehouse needs up to a minute first (F-457). */
const everyMs = 1_000;
/** Hardly any statement has ended by the time it was accepted; most have, half a second later. */
const firstMs = 500;
const timeoutMs = 30 * 60_000;

export class SqlSession {
  readonly target: SqlTarget;
  readonly #calls: DataCalls;
  readonly #io: SqlIo;

  constructor(target: SqlTarget, calls: DataCalls, io: SqlIo) {
    this.target = target;
    this.#calls = calls;
    this.#io = io;
  }

  /** The same place, with the login of another secret. */
  as(secretArn: string): SqlSession {
    return new SqlSession({ ...this.target, secretArn }, this.#calls, this.#io);
  }

  /**
   * Starts a statement; its id can be kept, and asked for again by a later run (results live 24 h). The same
   * `clientToken` with the same text within 8 h gives the first statement's id instead of a second one (F-459).
   */
  async start(sql: string, clientToken?: string): Promise<string> {
    const token = clientToken === undefined ? {} : { ClientToken: clientToken };
    await this.#io.permit();
    return idOf(await this.#calls.executeStatement({ ...this.#where(), Sql: sql, ...token }));
  }

  /** Starts statements that run as one transaction; `clientToken` as for `start`. */
  async startBatch(sqls: readonly string[], clientToken: string): Promise<string> {
    await this.#io.permit();
    return idOf(
      await this.#calls.batchExecuteStatement({ ...this.#where(), Sqls: [...sqls], ClientToken: clientToken }),
    );
  }

  /**
   * Waits for a statement to end. `what` names it in errors: the text may hold a password's hash. `placeOf` tells where
   * the statement of a batch that failed is written, by its index.
   */
  async finish(id: string, what: string, placeOf?: (index: number) => string | undefined): Promise<void> {
    const ended = await this.#io.until(`"${what}" on ${this.target.workgroup}`, () => this.#ended(id), {
      firstMs,
      everyMs,
      timeoutMs,
    });
    if (ended.Status === 'FINISHED') return;
    const failed = ended.SubStatements?.findIndex(({ Status }) => Status === 'FAILED') ?? 0;
    throw sqlError(what, this.target.workgroup, ended.Error ?? `it was ${ended.Status}`, placeOf?.(failed));
  }

  async run(sql: string, what: string): Promise<void> {
    await this.finish(await this.start(sql), what);
  }

  async query(sql: string, what: string): Promise<Row[]> {
    const id = await this.start(sql);
    await this.finish(id, what);
    const rows = await this.#calls.statementResult(id);
    return rows.map((row) => row.map(fieldValue));
  }

  async #ended(id: string): Promise<DescribeStatementCommandOutput | undefined> {
    const described = await this.#calls.describeStatement(id);
    return ['FINISHED', 'FAILED', 'ABORTED'].includes(described.Status ?? '') ? described : undefined;
  }

  #where() {
    const { workgroup, database, secretArn } = this.target;
    return { WorkgroupName: workgroup, Database: database, SecretArn: secretArn };
  }
}

function idOf({ Id }: { Id?: string | undefined }): string {
  if (Id === undefined) throw new RsdsError('sql/failed', 'the Data API answered without a statement id');
  return Id;
}

function fieldValue(field: Field): string | number | boolean | null {
  if (field.isNull) return null;
  // Character columns of catalog views may be padded (F-613).
  if (field.stringValue !== undefined) return field.stringValue.trimEnd();
  return field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}

/** A boolean of a catalog view, in whichever way the Data API gives it. */
export const isTrue = (value: unknown) => value === true || /^t(rue)?$/i.test(String(value));

/** Failures that go away by themselves: concurrent DDL on the same object, a share that is not visible yet (F-614). */
const passing =
  /conflict with concurrent transaction|concurrent transaction|could not serialize|deadlock|tuple concurrently updated|40P01|25P02/i;

/** `place` is where the user can mend it, e.g. `sql/02-rows.sql:4`. */
export function sqlError(what: string, workgroup: string, reason: string, place?: string): RsdsError {
  const at = place === undefined ? '' : ` at ${place}`;
  const message = `"${what}" failed on ${workgroup}${at}: ${reason.replace(/^ERROR:\s*/, '')}`;
  if (!passing.test(reason))
    return new RsdsError('sql/failed', message, {
      hint: `mend ${place ?? 'the cause'} and run the same command again`,
    });
  return new ServiceError('sql/failed', message, {
    kind: 'conflict',
    service: 'redshift-data',
    operation: 'ExecuteStatement',
    awsCode: 'FAILED',
  });
}

/**
 * "already exists" of a statement that the catalog said was missing: somebody was faster, which is as good (F-418, F-420,
 * F-422).
 */
export const alreadyThere = (error: unknown) =>
  error instanceof RsdsError && error.code === 'sql/failed' && /already exists|42P06|duplicate/i.test(error.message);

/** For looks outside of any change: they only read. No wait lasts longer than `mostMs`. */
export function lookingIo(clock: Clock, signal: AbortSignal, mostMs = Number.POSITIVE_INFINITY): SqlIo {
  return {
    permit: async () => signal.throwIfAborted(),
    until: async (what, check, how) => {
      const from = clock.elapsed();
      if (how.firstMs !== undefined) await clock.sleep(how.firstMs, { signal });
      for (;;) {
        const answer = await check();
        if (answer !== undefined) return answer;
        if (clock.elapsed() - from > mostMs) throw tooLong(what, mostMs);
        await clock.sleep(how.everyMs, { signal });
      }
    },
  };
}

const tooLong = (what: string, mostMs: number) =>
  new RsdsError('sql/failed', `${what} did not end within ${formatDuration(mostMs)}`);
