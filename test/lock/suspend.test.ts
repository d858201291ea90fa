/** Machines that sleep or have their clocks set while they hold the lock: noticed before the next change. */
import { expect, test } from 'vitest';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import type { Lease } from '../../src/lock/lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { Machine, Timeline } from './model/machine.ts';
import { MemoryTable } from './model/memory-table.ts';
import { calm, Network } from './model/network.ts';

const key = 'env#airline#dev';
const leaseMs = 60_000;

/** Machines around one table, in model time. */
function openModel() {
  const timeline = new Timeline();
  const table = new MemoryTable();
  const network = new Network({ timeline, table, random: seededRandom(1), weather: calm });
  /** Lets time pass until it has come about. */
  const outcome = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    await timeline.runUntil(timeline.now + 60 * leaseMs, () => settled);
    return promise;
  };
  const acquire = async (user: string, seed: number) => {
    const machine = new Machine({ timeline, rate: 1 });
    const lockTable = new LockTable('locks', network.callsOf(machine));
    const lock = new DynamoLock({ table: lockTable, clock: machine, random: seededRandom(seed), leaseMs });
    const info = { user, host: 'laptop', pid: seed, operation: 'up' };
    const lease = await outcome(
      lock.acquire(key, { info, waitMs: 20 * leaseMs, signal: new AbortController().signal }),
    );
    return { machine, lease };
  };
  const pass = (ms: number) => timeline.runUntil(timeline.now + ms);
  const version = () => table.getItem({ TableName: '', Key: { lock: { S: key } } }).Item?.version?.S;
  return { timeline, acquire, outcome, pass, version };
}

const kinds = [
  ['was stopped', false],
  ['slept, its monotonic clock with it', true],
] as const;

test.each(kinds)(
  'a machine that %s for longer than a lease finds that somebody else has taken over',
  async (_how, sleeping) => {
    const { acquire, outcome, pass } = openModel();
    const { machine, lease } = await acquire('ana', 1);
    machine.stop(sleeping);
    await pass(1);
    const other = await acquire('ben', 2);
    machine.resume();
    await expect(outcome(lease.check())).rejects.toMatchObject({
      code: 'lock/lost',
      message: expect.stringContaining('ben@laptop took it over'),
    });
    await outcome(lease.release());
    await outcome(other.lease.check());
  },
);

test.each(kinds)(
  'a machine that %s does not go on when another run came and went meanwhile',
  async (_how, sleeping) => {
    const { acquire, outcome } = openModel();
    const { machine, lease } = await acquire('ana', 1);
    machine.stop(sleeping);
    const other = await acquire('ben', 2);
    await outcome(other.lease.release());
    machine.resume();
    await expect(outcome(lease.check())).rejects.toMatchObject({ code: 'lock/lost' });
  },
);

test.each(kinds)(
  'a machine that %s renews before its next change when nobody wanted the lock',
  async (_how, sleeping) => {
    const { acquire, outcome, pass, version } = openModel();
    const { machine, lease } = await acquire('ana', 1);
    machine.stop(sleeping);
    await pass(5 * leaseMs);
    const before = version();
    machine.resume();
    await outcome(lease.check());
    expect(version()).not.toBe(before);
  },
);

test('a heartbeat that was under way when the machine fell asleep does not count as one of now', async () => {
  const { acquire, outcome, pass, version } = openModel();
  const { machine, lease } = await acquire('ana', 1);
  const first = version();
  // Up to the heartbeat's arrival; its answer comes after the machine woke up.
  while (version() === first) await pass(1);
  machine.stop(true);
  await pass(2 * leaseMs);
  const before = version();
  machine.resume();
  await outcome(lease.check());
  expect(version()).not.toBe(before);
});

async function setWall(offset: number): Promise<{ lease: Lease; renewed: boolean }> {
  const { acquire, outcome, version } = openModel();
  const { machine, lease } = await acquire('ana', 1);
  const before = version();
  machine.setWall(offset);
  await outcome(lease.check());
  return { lease, renewed: version() !== before };
}

test('a wall clock that is set forward costs one heartbeat, not the lock', async () => {
  const { lease, renewed } = await setWall(24 * 60 * leaseMs);
  expect([renewed, lease.signal.aborted]).toEqual([true, false]);
});

test('a wall clock that is set back changes nothing', async () => {
  const { lease, renewed } = await setWall(-24 * 60 * leaseMs);
  expect([renewed, lease.signal.aborted]).toEqual([false, false]);
});
