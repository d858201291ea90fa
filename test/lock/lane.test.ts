/** The workgroup lane on a lock in the simulated DynamoDB. */
import { expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { type LaneWorkgroup, laneKey, WorkgroupLane } from '../../src/lock/lane.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { VirtualClock } from '../../src/shared/clock.ts';
import { ServiceError } from '../../src/shared/errors.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { startTestSimulator } from '../support/simulator.ts';

const info = { user: 'ana', host: 'laptop', pid: 4711, operation: 'up' };

async function openLane(list: (elapsedMs: number) => Promise<readonly LaneWorkgroup[]>) {
  const { clock, clientConfig } = await startTestSimulator({ virtual: true });
  const { endpoint, region, credentials } = clientConfig;
  const aws = createAws({ endpoint, region, credentials, clock, random: seededRandom(3), environment: {} });
  const table = new LockTable('rsds-locks', aws.dynamodb);
  await table.create({ Name: 'rsds-locks' });
  while (!(await table.exists())) await clock.sleep(1_000);
  const lock = new DynamoLock({ table, clock, random: seededRandom(1), leaseMs: 60_000 });
  const options = {
    ...{ lock, account: '1', region, info, clock, waitMs: 600_000, atOnce: 1, foreign: 'wait' as const },
    list: () => list(clock.elapsed()),
    onWait: () => {},
    warn: () => {},
  };
  const lane = new WorkgroupLane(options);
  /** Another run's. */
  const beside = ({ clock: other, atOnce }: { clock: VirtualClock; atOnce: number }) =>
    new WorkgroupLane({
      ...options,
      lock: new DynamoLock({ table, clock: other, random: seededRandom(2), leaseMs: 60_000 }),
      clock: other,
      atOnce,
      foreign: 'ignore',
    });
  return { lane, beside, clock, table, holder: async () => (await lock.show(laneKey('1', region)))?.holder };
}

const never = new AbortController().signal;

test('a look at the workgroups of others that fails leaves the lane free for the next one', async () => {
  let fails = true;
  const { lane, holder } = await openLane(async () => {
    if (!fails) return [];
    throw new ServiceError('aws/failed', 'no', {
      kind: 'transient',
      service: 'redshift-serverless',
      operation: 'ListWorkgroups',
      awsCode: 'InternalServerException',
    });
  });
  await expect(lane.enter('one', never, 0)).rejects.toMatchObject({ kind: 'transient' });
  expect(await holder()).toBeUndefined();
  fails = false;
  const pass = await lane.enter('two', never, 1);
  expect(await holder()).toMatchObject({ workgroup: 'two' });
  await pass.leave();
});

/** As AWS makes a workgroup: it is AVAILABLE for a moment before its last part. */
const made = async (elapsedMs: number): Promise<readonly LaneWorkgroup[]> => {
  const second = elapsedMs / 1_000;
  const status = second < 100 ? 'CREATING' : second < 104 ? 'AVAILABLE' : second < 150 ? 'MODIFYING' : 'AVAILABLE';
  const theirs = { name: 'theirs', status, ours: false, fresh: true, inTheWay: status !== 'AVAILABLE' };
  return [theirs];
};

test('the lane of a dead run is not taken in the pause before its workgroup has settled', async () => {
  const { lane, clock, table } = await openLane(made);
  // For whom time stands still, so that no heartbeat comes.
  const dead = new DynamoLock({ table, clock: new VirtualClock(), random: seededRandom(2), leaseMs: 60_000 });
  const work = { ...info, workgroup: 'theirs' };
  await clock.track(dead.acquire(laneKey('1', 'us-east-1'), { info: work, waitMs: 0, signal: never }));
  const pass = await lane.enter('one', never, 0);
  expect(clock.elapsed()).toBeGreaterThan(150_000);
  await pass.leave();
});

test('nor is a workgroup of others taken for settled then', async () => {
  const { lane, clock } = await openLane(made);
  await clock.sleep(92_000 - clock.elapsed());
  const pass = await lane.enter('one', never, 0);
  expect(clock.elapsed()).toBeGreaterThan(150_000);
  await pass.leave();
});

test('who is stopped while waiting for workgroups of others gives the lane back', async () => {
  const stop = new AbortController();
  const { lane, clock, holder } = await openLane(async () => [
    { name: 'theirs', status: 'CREATING', ours: false, inTheWay: true, fresh: false },
  ]);
  const entering = lane.enter('one', stop.signal, 0);
  void clock.sleep(5_000).then(() => stop.abort(new Error('stopped')));
  await expect(entering).rejects.toThrow();
  expect(await holder()).toBeUndefined();
});

test('with several at once, the record names them all, and who takes over waits for each', async () => {
  const late = async (elapsedMs: number): Promise<readonly LaneWorkgroup[]> =>
    ['first', 'second'].map((name, index) => {
      const busy = elapsedMs < (index + 1) * 150_000;
      return { name, status: busy ? 'CREATING' : 'AVAILABLE', ours: false, fresh: false, inTheWay: busy };
    });
  const { lane, clock, table, holder, beside } = await openLane(late);
  // Two of one run, whose time then stands still, so that no heartbeat comes.
  const stopped = new VirtualClock();
  const theirs = beside({ clock: stopped, atOnce: 2 });
  await clock.track(theirs.enter('first', never, 0));
  await clock.track(theirs.enter('second', never, 1));
  expect(await holder()).toMatchObject({ workgroup: 'first, second' });
  expect((await table.read(laneKey('1', 'us-east-1')))?.fence).toBe(1);
  const pass = await lane.enter('one', never, 0);
  expect(clock.elapsed()).toBeGreaterThan(300_000);
  await pass.leave();
});

test('what a task left unsettled, since it failed, is waited for before the next of the same run', async () => {
  let createdAt = Number.POSITIVE_INFINITY;
  const mine = async (elapsedMs: number): Promise<readonly LaneWorkgroup[]> => {
    const busy = elapsedMs - createdAt < 150_000;
    const status = busy ? 'CREATING' : 'AVAILABLE';
    return [{ name: 'one', status, ours: true, fresh: false, inTheWay: busy }];
  };
  const { lane, clock } = await openLane(mine);
  const pass = await lane.enter('one', never, 0);
  createdAt = clock.elapsed();
  await pass.leave({ unsettled: true });
  const next = await lane.enter('two', never, 1);
  expect(clock.elapsed() - createdAt).toBeGreaterThanOrEqual(150_000);
  await next.leave();
  // Whoever goes on with it does not wait for itself.
  createdAt = clock.elapsed();
  await (await lane.enter('one', never, 0)).leave({ unsettled: true });
  const begun = clock.elapsed();
  await (await lane.enter('one', never, 0)).leave();
  expect(clock.elapsed() - begun).toBeLessThan(10_000);
});
