/** Who watches a held lock tells a run that is at work, or has just ended, from one that was killed. */
import { expect, test } from 'vitest';
import { watchHeartbeat } from '../../src/lock/heartbeat.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { VirtualClock } from '../../src/shared/clock.ts';
import { MemoryTable } from './model/memory-table.ts';

const key = 'env#airline#dev';
const leaseMs = 60_000;

/** Watches a lock to which something happens after twenty seconds. */
async function watched(happens: (table: LockTable) => Promise<unknown>) {
  const memory = new MemoryTable();
  const table = new LockTable('locks', {
    getItem: async (input) => ({ $metadata: {}, ...memory.getItem(input) }),
    updateItem: async (input) => ({ $metadata: {}, ...memory.updateItem(input) }),
    createTable: async () => {},
    describeTable: async () => undefined,
  });
  const clock = new VirtualClock();
  const holder = { id: 'ana-1', user: 'ana', host: 'laptop', pid: 1, operation: 'up', since: 0 };
  const { item } = await table.takeFree({ key, holder, version: 'v1', leaseMs }, undefined);
  if (!item) throw new Error('not taken');
  void clock.sleep(20_000).then(() => happens(table));
  return watchHeartbeat({ item, clock, signal: new AbortController().signal, read: () => table.read(key) });
}

test.each([
  ['a heartbeat', (table: LockTable) => table.renew(key, 'ana-1', 'v2', 1)],
  ['a release, which leaves the version as it was', (table: LockTable) => table.release(key, 'ana-1')],
])('%s is seen at the next look', async (_what, happens) => {
  const { changed, watchedMs } = await watched(happens);
  expect(changed).toBe(true);
  expect(watchedMs).toBeLessThan(22_000);
});

test('of a dead holder nothing is seen for a whole lease', async () => {
  const { changed, watchedMs } = await watched(async () => {});
  expect(changed).toBe(false);
  expect(watchedMs).toBeGreaterThanOrEqual(leaseMs);
});
