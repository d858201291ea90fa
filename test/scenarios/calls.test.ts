/** What waiting costs in calls. Times are those of the request log, on virtual time. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { LoggedRequest } from '../../src/simulator/simulator.ts';
import { type MeasuredUp, measureUp } from '../support/makespan.ts';
import { startTestSimulator } from '../support/simulator.ts';

const of = (requests: readonly LoggedRequest[], operation: string) =>
  requests.filter((request) => request.operation === operation);

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

const gaps = (times: readonly number[]) => times.slice(1).map((at, index) => at - (times[index] ?? 0));

describe('an up of three consumers, one workgroup at a time', { timeout: 60_000 }, () => {
  let up: MeasuredUp;
  beforeAll(async () => {
    up = await measureUp({ consumers: 3, atOnce: 1, seed: 4 });
  }, 60_000);

  /** When workgroups were listed for the workgroup that was made first, ms after it was asked for. */
  const looks = () => {
    const [first, second] = up.bound.warehouses;
    return of(up.ran.requests, 'ListWorkgroups')
      .filter(({ at }) => first && second && at > first.createdAt && at < second.createdAt)
      .map(({ at }) => at - (first?.createdAt ?? 0));
  };

  test('looks every half minute at first, every five seconds around the usual time', () => {
    const usualMs = 210_000;
    const early = looks().filter((ms) => ms > 15_000 && ms < 0.6 * usualMs);
    const late = looks().filter((ms) => ms >= 0.6 * usualMs);
    // Four, and one look of each workgroup whose turn has not come.
    expect(early.length).toBeLessThanOrEqual(7);
    expect(late.length).toBeGreaterThan(5);
    expect(Math.max(...gaps(late))).toBeLessThanOrEqual(5_000);
    expect(Math.min(...gaps(late))).toBeGreaterThanOrEqual(2_500);
  });

  test('asks for namespaces only where a workgroup says it is AVAILABLE', () => {
    const busy = up.bound.warehouses.reduce((sum, { workgroupMs }) => sum + workgroupMs, 0);
    expect(of(up.ran.requests, 'ListNamespaces').length).toBeLessThan(busy / 5_000 / 2);
  });

  test('renews each of its two leases every twenty seconds, no more often', () => {
    const renewals = groupBy(of(up.ran.requests, 'UpdateItem').filter(isRenewal), lockOf);
    expect([...renewals.keys()].sort()).toEqual(['env#airline#dev', 'workgroups#123456789012#us-east-1']);
    for (const [key, list] of renewals) {
      expect(Math.min(...gaps(list.map(({ at }) => at))), key).toBeGreaterThanOrEqual(20_000);
      expect(list.length, key).toBeLessThanOrEqual(up.ms / 20_000);
    }
  });

  test('runs the same few statements for each consumer, and asks after each once it may have ended', () => {
    const statements = of(up.ran.requests, 'ExecuteStatement');
    const perWorkgroup = groupBy(statements, ({ input }) => (input as { WorkgroupName: string }).WorkgroupName);
    const counts = ['consumer-1', 'consumer-2', 'consumer-3'].map(
      (short) => perWorkgroup.get(`airline-dev-${short}`)?.length,
    );
    expect(counts).toEqual([10, 10, 10]);
    const asked = groupBy(of(up.ran.requests, 'DescribeStatement'), ({ input }) => (input as { Id: string }).Id);
    for (const [id, list] of asked) {
      expect(
        gaps(list.map(({ at }) => at)).every((ms) => ms >= 1_000),
        id,
      ).toBe(true);
    }
    expect(asked.size).toBeGreaterThan(30);
  });
});

test('several workgroups that are made at once are looked at with one list', async () => {
  const { ran, bound } = await measureUp({ consumers: 4, atOnce: 4, seed: 2 });
  const from = Math.max(...bound.warehouses.slice(0, 4).map(({ createdAt }) => createdAt)) + 15_000;
  const to = Math.min(...bound.warehouses.slice(0, 4).map(({ createdAt, workgroupMs }) => createdAt + workgroupMs));
  const looks = of(ran.requests, 'ListWorkgroups').filter(({ at }) => at > from && at < to);
  expect(to - from).toBeGreaterThan(100_000);
  expect(looks.length).toBeGreaterThan(5);
  expect(Math.min(...gaps(looks.map(({ at }) => at)))).toBeGreaterThanOrEqual(2_500);
}, 60_000);

test('a lock that is given up is taken within two seconds by whoever waits for it', async () => {
  const { simulator, clock, clientConfig } = await startTestSimulator({ virtual: true });
  const aws = createAws({ ...clientConfig, clock, random: seededRandom(1), environment: {} });
  const table = new LockTable('rsds-locks', aws.dynamodb);
  await table.create({});
  simulator.world.skip(60_000);
  const acquire = (seed: number) =>
    new DynamoLock({ table, clock, random: seededRandom(seed), leaseMs: 60_000 }).acquire('env#airline#dev', {
      info: { user: 'ana', host: 'laptop', pid: seed, operation: 'up' },
      waitMs: 600_000,
      signal: new AbortController().signal,
    });
  let holder = await acquire(1);
  for (let turn = 2; turn < 12; turn++) {
    const next = acquire(turn);
    await clock.sleep(turn * 1_700);
    const releasedAt = clock.elapsed();
    await holder.release();
    holder = await next;
    expect(clock.elapsed() - releasedAt).toBeLessThanOrEqual(2_000);
  }
}, 60_000);

const isRenewal = ({ input }: LoggedRequest) =>
  (input as { UpdateExpression?: string }).UpdateExpression?.startsWith('SET version') === true;

const lockOf = ({ input }: LoggedRequest) => (input as { Key: { lock: { S: string } } }).Key.lock.S;
