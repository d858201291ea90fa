import { beforeEach, describe, expect, it } from 'vitest';
import { type Aws, createAws } from '../../src/aws/aws.ts';
import { DynamoLock, describeHolder } from '../../src/lock/dynamo-lock.ts';
import type { AcquireOptions } from '../../src/lock/lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { startTestSimulator } from '../support/simulator.ts';

const key = 'env#airline#dev';
const leaseMs = 60_000;

let simulator: Simulator;
let clock: Clock;
let aws: Aws;
let table: LockTable;

beforeEach(async () => {
  const started = await startTestSimulator({ virtual: true });
  ({ simulator, clock } = started);
  const { endpoint, region, credentials } = started.clientConfig;
  aws = createAws({ endpoint, region, credentials, clock, random: seededRandom(3), environment: {} });
  table = new LockTable('rsds-locks', aws.dynamodb);
});

async function makeTable(): Promise<void> {
  await table.create({ Name: 'rsds-locks' });
  while (!(await table.exists())) await clock.sleep(1_000);
}

const lockOf = (seed: number) => new DynamoLock({ table, clock, random: seededRandom(seed), leaseMs });

const asking = (user: string, more: Partial<AcquireOptions> = {}): AcquireOptions => ({
  info: { user, host: 'laptop', pid: 4711, operation: 'up' },
  waitMs: 10 * 60_000,
  signal: new AbortController().signal,
  ...more,
});

describe('without a table', () => {
  it('says what is missing and how it comes about', async () => {
    await expect(lockOf(1).acquire(key, asking('ana'))).rejects.toMatchObject({ code: 'lock/no-table' });
    expect(await lockOf(1).show(key)).toBeUndefined();
  });

  it('is made once, on demand and protected from deletion, whoever asks twice', async () => {
    await makeTable();
    await table.create({ Name: 'rsds-locks' });
    const described = await aws.dynamodb.describeTable('rsds-locks');
    expect(described).toMatchObject({
      DeletionProtectionEnabled: true,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
  });
});

describe('a lock', () => {
  beforeEach(makeTable);

  it('shows who holds it, and nobody after its release; its fence stays', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    expect(await lockOf(2).show(key)).toMatchObject({
      fence: 1,
      holder: { user: 'ana', host: 'laptop', operation: 'up' },
    });
    await lease.release();
    expect(await lockOf(2).show(key)).toMatchObject({ fence: 1, holder: undefined });
    expect((await lockOf(2).acquire(key, asking('ben'))).fence).toBe(2);
  });

  it('is refused with the holder in the message when waiting is not wanted', async () => {
    await lockOf(1).acquire(key, asking('ana'));
    await expect(lockOf(2).acquire(key, asking('ben', { waitMs: 0 }))).rejects.toMatchObject({
      code: 'lock/held',
      exitCode: 4,
      message: expect.stringContaining('ana@laptop (pid 4711), rsds up'),
    });
  });

  it('passes on within two seconds of its release', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    const waiting = lockOf(2).acquire(key, asking('ben'));
    await clock.sleep(90_000);
    const released = clock.elapsed();
    await lease.release();
    expect((await waiting).fence).toBe(2);
    expect(clock.elapsed() - released).toBeLessThanOrEqual(2_000);
  });

  it('stays with a holder who works for many leases', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    await expect(lockOf(2).acquire(key, asking('ben', { waitMs: 15 * 60_000 }))).rejects.toMatchObject({
      code: 'lock/held',
    });
    await lease.check();
    expect(lease.signal.aborted).toBe(false);
  });

  it('costs a holder at most one write in twenty seconds', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    const before = simulator.requests.mutating().length;
    await clock.sleep(10 * 60_000);
    expect(simulator.requests.mutating().length - before).toBeLessThanOrEqual(30);
    await lease.release();
  });

  it('is taken over from a dead holder after one whole lease, with a higher fence', async () => {
    await table.takeFree(
      { key, holder: { id: 'dead', since: 0, ...asking('ana').info }, version: 'version', leaseMs },
      undefined,
    );
    const since = clock.elapsed();
    const lease = await lockOf(2).acquire(key, asking('ben'));
    expect(lease.fence).toBe(2);
    expect(clock.elapsed() - since).toBeGreaterThanOrEqual(leaseMs);
    expect(clock.elapsed() - since).toBeLessThan(leaseMs + 5_000);
  });

  it('is not taken over while what the dead holder was at is unsettled', async () => {
    await table.takeFree(
      { key, holder: { id: 'dead', since: 0, ...asking('ana').info, workgroup: 'w' }, version: 'version', leaseMs },
      undefined,
    );
    const mayTakeOver = async () => clock.elapsed() > 200_000;
    await lockOf(2).acquire(key, asking('ben', { mayTakeOver }));
    expect(clock.elapsed()).toBeGreaterThan(200_000);
  });

  it('is lost when somebody else took it over: the next check says so', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    const { version } = (await table.read(key)) ?? { version: '' };
    await table.takeOver(
      { key, holder: { id: 'thief', since: 0, ...asking('ben').info }, version: 'other', leaseMs },
      version,
    );
    await clock.sleep(31_000);
    await expect(lease.check()).rejects.toMatchObject({
      code: 'lock/lost',
      exitCode: 4,
      message: expect.stringContaining('ben@laptop'),
    });
    await lease.release();
    expect((await table.read(key))?.holder?.id).toBe('thief');
  });

  it('recognises its own write when the answer was lost', async () => {
    let lost = false;
    simulator.intercept(({ operation }) => {
      if (operation !== 'UpdateItem' || lost) return undefined;
      lost = true;
      return 'lose-response';
    });
    const lease = await lockOf(1).acquire(key, asking('ana'));
    expect([lost, lease.fence]).toEqual([true, 1]);
  });

  it('outlives a heartbeat that fails', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    let failures = 1;
    simulator.intercept(() =>
      failures-- > 0 ? { error: { code: 'InternalServerError', message: 'oops', status: 500 } } : undefined,
    );
    await clock.sleep(120_000);
    await lease.check();
    expect((await table.read(key))?.holder?.user).toBe('ana');
  });

  it('is lost after a whole lease of failing heartbeats', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    simulator.intercept(() => ({ error: { code: 'InternalServerError', message: 'oops', status: 500 } }));
    await clock.sleep(120_000);
    expect(lease.signal.aborted).toBe(true);
    await expect(lease.check()).rejects.toMatchObject({ code: 'lock/lost' });
  });

  it('stops waiting when it is interrupted', async () => {
    await lockOf(1).acquire(key, asking('ana'));
    const stop = new AbortController();
    const waiting = lockOf(2).acquire(key, asking('ben', { signal: stop.signal }));
    const stopped = expect(waiting).rejects.toThrow('enough');
    await clock.sleep(5_000);
    stop.abort(new Error('enough'));
    await stopped;
  });

  it('keeps data beside the lock, through release and the next holder', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    await lockOf(1).keep(lease, { digest: 'abc' });
    await lease.release();
    await lockOf(2).acquire(key, asking('ben'));
    expect((await lockOf(3).show(key))?.data).toEqual({ digest: 'abc' });
    await expect(lockOf(1).keep(lease, { digest: 'late' })).rejects.toMatchObject({ code: 'lock/lost' });
  });
});

describe('a network that loses answers', () => {
  beforeEach(makeTable);

  /** Carries the nth of the lock's writes out and loses its answer; `then` runs when it was made. */
  function loseAnswerOf(nth: number, then: () => void = () => {}): void {
    let writes = 0;
    simulator.intercept(({ operation }) => {
      if (operation !== 'UpdateItem' || ++writes !== nth) return undefined;
      then();
      return 'lose-response';
    });
  }

  it('makes no lease older than it seems to others: it counts from a heartbeat of its own', async () => {
    loseAnswerOf(1);
    let watched = '';
    const acquiring = lockOf(1).acquire(key, asking('ana'));
    void clock.sleep(1).then(async () => {
      watched = (await table.read(key))?.version ?? '';
    });
    await acquiring;
    expect(watched).not.toBe('');
    expect((await table.read(key))?.version).not.toBe(watched);
  });

  it('does not keep a lock that was given back', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    loseAnswerOf(1);
    await lease.release();
    expect((await table.read(key))?.holder).toBeUndefined();
  });

  it('does not keep the lock of who gave up', async () => {
    const stop = new AbortController();
    loseAnswerOf(1, () => stop.abort(new Error('enough')));
    await expect(lockOf(1).acquire(key, asking('ana', { signal: stop.signal }))).rejects.toThrow('enough');
    expect(await table.read(key)).toMatchObject({ fence: 1, holder: undefined });
  });

  it('takes no lock from who holds it when a heartbeat fails and half of the lease has gone', async () => {
    const lease = await lockOf(1).acquire(key, asking('ana'));
    const since = clock.elapsed();
    simulator.intercept(({ operation }) =>
      operation === 'UpdateItem' && clock.elapsed() - since < 40_000
        ? { error: { code: 'InternalServerError', message: 'oops', status: 500 } }
        : undefined,
    );
    await clock.sleep(31_000);
    await lease.check();
    expect(clock.elapsed() - since).toBeLessThan(leaseMs);
  });
});

describe('a lock that is waited for', () => {
  beforeEach(makeTable);

  it('is not kept by who was interrupted while the write was under way', async () => {
    const stop = new AbortController();
    simulator.intercept(({ operation }) => {
      if (operation === 'UpdateItem') stop.abort(new Error('enough'));
      return undefined;
    });
    await expect(lockOf(1).acquire(key, asking('ana', { signal: stop.signal }))).rejects.toThrow('enough');
    expect(await table.read(key)).toMatchObject({ fence: 1, holder: undefined });
  });

  it('is looked at less and less often while DynamoDB does not answer, and given up with its error', async () => {
    const looks: number[] = [];
    simulator.intercept(({ operation }) => {
      if (operation !== 'UpdateItem') return undefined;
      looks.push(clock.elapsed());
      return { error: { code: 'InternalServerError', message: 'oops', status: 500 } };
    });
    await expect(lockOf(1).acquire(key, asking('ana', { waitMs: 0 }))).rejects.toMatchObject({ kind: 'transient' });
    const pauses = looks.slice(1, 5).map((at, index) => at - (looks[index] ?? 0));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  });
});

describe('a request that comes late, or twice', () => {
  beforeEach(makeTable);
  const ana = { id: 'ana-1', since: 0, ...asking('ana').info };
  const claim = { key, holder: ana, version: 'v1', leaseMs };

  it('does not take again what was released', async () => {
    await table.takeFree(claim, undefined);
    await table.release(key, ana.id);
    expect(await table.takeFree(claim, undefined)).toMatchObject({ done: false, item: { holder: undefined } });
    const again = { ...claim, version: 'v2' };
    await table.takeFree(again, 1);
    await table.release(key, ana.id);
    expect((await table.takeFree(again, 1)).done).toBe(false);
  });

  it('does not bring back a version that others have watched', async () => {
    await table.takeFree(claim, undefined);
    await table.renew(key, ana.id, 'v2', 1);
    await table.renew(key, ana.id, 'v3', 2);
    expect(await table.renew(key, ana.id, 'v2', 1)).toMatchObject({ done: false, item: { version: 'v3' } });
  });

  it('neither takes over nor frees what is meanwhile held by somebody else', async () => {
    await table.takeFree(claim, undefined);
    const ben = { ...claim, holder: { ...ana, id: 'ben-1' }, version: 'v2' };
    await table.takeOver(ben, 'v1');
    const cleo = { ...claim, holder: { ...ana, id: 'cleo-1' }, version: 'v3' };
    expect((await table.takeOver(cleo, 'v1')).done).toBe(false);
    expect((await table.release(key, ana.id)).done).toBe(false);
    expect((await table.renew(key, ana.id, 'v4', 9)).done).toBe(false);
    expect(await table.read(key)).toMatchObject({ fence: 2, version: 'v2', holder: { id: 'ben-1' } });
  });
});

describe('a holder in words', () => {
  it('says who, where, doing what, since when', () => {
    const holder = {
      id: 'x',
      user: 'ana',
      host: 'laptop',
      pid: 1,
      operation: 'up',
      since: 0,
      workgroup: 'w-1',
      heartbeatAgeMs: 4_000,
    };
    expect(describeHolder(holder, 192_000)).toBe(
      'ana@laptop (pid 1), rsds up, since 3m 12s, working on w-1, last heartbeat 4s ago',
    );
  });
});
