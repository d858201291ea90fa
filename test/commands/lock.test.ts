/** `lock show` tells who holds a lock, and since when, in the time of the account. */
import { expect, test } from 'vitest';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { buildStanding, openStanding, somebody } from '../diagnose/standing.ts';

test('a lock that has been held for five minutes is shown with that age', async () => {
  const project = await openStanding(await buildStanding());
  const { clock } = project;
  const table = new LockTable('rsds-locks', somebody(project).dynamodb);
  const lock = new DynamoLock({ table, clock, random: seededRandom(9), leaseMs: 60_000 });
  const info = { user: 'ana', host: 'build-7', pid: 4711, operation: 'up' };
  const lease = await lock.acquire('env#airline#dev', { info, waitMs: 0, signal: new AbortController().signal });
  await clock.sleep(5 * 60_000);
  const { stdout } = await project.run('lock show');
  expect(stdout).toMatch(/held by ana@build-7 \(pid 4711\), rsds up, since 5m 0\ds/);
  await lease.release();
});
