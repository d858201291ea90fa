/**
 * `lock show` tells who holds a lock, and since when, in the time of the account; `lock release` frees one whose holder
 * is dead; `--lock-wait` says how long a verb waits for it.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { forceRelease } from '../../src/lock/forced-release.ts';
import type { Lease } from '../../src/lock/lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { buildStanding, openStanding, type Standing, smallYaml, somebody } from '../diagnose/standing.ts';
import type { Project } from '../support/project.ts';

const key = 'env#airline#dev';
const lane = 'workgroups#123456789012#us-east-1';
const leaseMs = 60_000;
const info = { user: 'ana', host: 'build-7', pid: 4711, operation: 'up' };

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding();
});

const tableOf = (project: Project) => new LockTable('rsds-locks', somebody(project).dynamodb);

/** A run elsewhere that holds the lock and renews it. */
function holdLock(project: Project): Promise<Lease> {
  const lock = new DynamoLock({ table: tableOf(project), clock: project.clock, random: seededRandom(9), leaseMs });
  return lock.acquire(key, { info, waitMs: 0, signal: new AbortController().signal });
}

/** A lock whose holder was killed. */
async function leaveLock(project: Project, id: string, of = key): Promise<LockTable> {
  const table = tableOf(project);
  const holder = { id, since: project.clock.now(), ...info };
  await table.takeFree({ key: of, holder, version: id, leaseMs }, (await table.read(of))?.fence);
  return table;
}

const release = (project: Project, id: string | undefined, more: { lane?: boolean; force?: boolean } = {}) =>
  project.run('lock release', { options: { id, ...more } });

describe('lock show', () => {
  test('tells for how long a lock has been held', async () => {
    const project = await openStanding(standing);
    const lease = await holdLock(project);
    await project.clock.sleep(5 * 60_000);
    const { stdout } = await project.run('lock show');
    expect(stdout).toMatch(/held by ana@build-7 \(pid 4711\), rsds up, since 5m 0\ds/);
    await lease.release();
  });

  test('names the command that frees the lock of a process that is dead', async () => {
    const project = await openStanding(standing);
    await leaveLock(project, 'dead');
    await leaveLock(project, 'gone', lane);
    const { stdout } = await project.run('lock show');
    expect(stdout).toContain('if pid 4711 on build-7 is dead: rsds lock release --id dead');
    expect(stdout).toContain('if pid 4711 on build-7 is dead: rsds lock release --lane --id gone');
  });
});

describe('lock release', () => {
  test('frees the lock of a dead holder after one lease without a heartbeat, and says so while it watches', async () => {
    const project = await openStanding(standing);
    const table = await leaveLock(project, 'dead');
    const before = project.clock.elapsed();
    const { exitCode, stdout, stderr } = await release(project, 'dead');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('watching the lock of airline-dev for a heartbeat, up to 1m 00s');
    expect(stdout).toContain('freed the lock of airline-dev; it was held by ana@build-7 (pid 4711), rsds up');
    expect(project.clock.elapsed() - before).toBeGreaterThanOrEqual(leaseMs);
    expect((await table.read(key))?.holder).toBeUndefined();
  });

  test('keeps the fence and what is kept beside the lock', async () => {
    const project = await openStanding(standing);
    const table = await leaveLock(project, 'dead');
    const { fence, data } = (await table.read(key)) ?? {};
    await release(project, 'dead', { force: true });
    expect(await table.read(key)).toMatchObject({ fence, data });
  });

  test('frees the lock of workgroups with --lane, and leaves that of the environment alone', async () => {
    const project = await openStanding(standing);
    const table = await leaveLock(project, 'dead');
    await leaveLock(project, 'gone', lane);
    expect((await release(project, 'gone', { lane: true })).exitCode).toBe(0);
    expect([(await table.read(lane))?.holder?.id, (await table.read(key))?.holder?.id]).toEqual([undefined, 'dead']);
  });

  test('is refused while the holder is alive, with the holder and the way out', async () => {
    const project = await openStanding(standing);
    const lease = await holdLock(project);
    const { error, exitCode } = await release(project, lease.id);
    expect(error).toMatchObject({
      code: 'lock/alive',
      message: expect.stringContaining('ana@build-7 (pid 4711), rsds up'),
      hint: expect.stringContaining('--force'),
    });
    expect(exitCode).toBe(4);
    await lease.check();
    await lease.release();
  });

  test('loses to a heartbeat that comes between the watching and the write', async () => {
    const project = await openStanding(standing);
    const table = await leaveLock(project, 'dead');
    const { dynamodb } = somebody(project);
    const beatenTo = new LockTable('rsds-locks', {
      getItem: (input) => dynamodb.getItem(input),
      createTable: (input) => dynamodb.createTable(input),
      describeTable: (name) => dynamodb.describeTable(name),
      updateItem: async (input) => {
        await table.renew(key, 'dead', 'alive', 1);
        return dynamodb.updateItem(input);
      },
    });
    const releasing = forceRelease({
      ...{ table: beatenTo, clock: project.clock, key, id: 'dead', force: false },
      signal: new AbortController().signal,
      describe: ({ user }) => user,
      confirm: async () => {},
      onWatch: () => {},
    });
    await expect(releasing).rejects.toMatchObject({ code: 'lock/alive' });
    expect((await table.read(key))?.holder?.id).toBe('dead');
  });

  test('with --force waits for nothing, and the holder notices at its next heartbeat', async () => {
    const project = await openStanding(standing);
    const lease = await holdLock(project);
    const before = project.clock.elapsed();
    expect((await release(project, lease.id, { force: true })).exitCode).toBe(0);
    expect(project.clock.elapsed() - before).toBeLessThan(1_000);
    await project.clock.sleep(leaseMs / 2);
    await expect(lease.check()).rejects.toMatchObject({
      code: 'lock/lost',
      message: expect.stringContaining('released by somebody else'),
    });
  });

  test('is refused for an id that is not the holder, even with --force, and says who it is', async () => {
    const project = await openStanding(standing);
    const table = await leaveLock(project, 'other');
    const { error, exitCode } = await release(project, 'dead', { force: true });
    expect(error).toMatchObject({
      code: 'lock/other-holder',
      message: expect.stringMatching(/not held by dead: ana@build-7 \(pid 4711\), rsds up, .*, id other, holds it/),
    });
    expect(exitCode).toBe(4);
    expect((await table.read(key))?.holder?.id).toBe('other');
  });

  test('finds nothing to do when the lock is free', async () => {
    const project = await openStanding(standing);
    const { exitCode, stdout } = await release(project, 'dead');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('the lock of airline-dev is free: nothing to do');
  });

  test('has freed the lock although the answer was lost', async () => {
    const project = await openStanding(standing);
    const table = await leaveLock(project, 'dead');
    let lost = false;
    project.simulator.intercept(({ operation }) => {
      if (operation !== 'UpdateItem' || lost) return undefined;
      lost = true;
      return 'lose-response';
    });
    const { stdout } = await release(project, 'dead', { force: true });
    expect(stdout).toContain('freed the lock of airline-dev');
    expect((await table.read(key))?.holder).toBeUndefined();
  });

  test('answers a document with --json', async () => {
    const project = await openStanding(standing);
    await leaveLock(project, 'dead');
    const options = { id: 'dead', force: true };
    const freed = JSON.parse((await project.run('lock release', { json: true, options })).stdout);
    expect(freed).toMatchObject({ table: 'rsds-locks', key, released: true, forced: true, holder: { id: 'dead' } });
    const again = JSON.parse((await project.run('lock release', { json: true, options })).stdout);
    expect(again).toMatchObject({ released: false, holder: null });
  });

  test('does not go without an id', async () => {
    const project = await openStanding(standing);
    expect((await release(project, undefined)).error).toMatchObject({ code: 'usage/invalid', exitCode: 2 });
  });
});

describe('--lock-wait', () => {
  const verbs = [
    ['up', {}],
    ['scale', { consumers: 3 }],
    ['down', {}],
  ] as const;

  /** The environment, with one more consumer wanted than there is. */
  const wanting = () => openStanding({ ...standing, yaml: smallYaml.replace('count: 2', 'count: 3') });

  test.each(verbs)('0 fails %s at once while somebody holds the lock, and changes nothing', async (verb, more) => {
    const project = await wanting();
    const lease = await holdLock(project);
    const before = project.clock.elapsed();
    const { error, exitCode, requests } = await project.run(verb, { options: { ...more, lockWait: 0 } });
    expect([exitCode, error?.code]).toEqual([4, 'lock/held']);
    expect(error?.message).toContain('ana@build-7 (pid 4711), rsds up');
    expect(project.clock.elapsed() - before).toBeLessThan(10_000);
    expect(requests.filter(({ mutating, service }) => mutating && service !== 'dynamodb')).toEqual([]);
    await lease.release();
  });

  test('makes a verb wait as long as it says, whatever rsds.yaml does', async () => {
    const project = await wanting();
    const lease = await holdLock(project);
    const before = project.clock.elapsed();
    const { error } = await project.run('down', { options: { lockWait: 90_000 } });
    expect(error?.code).toBe('lock/held');
    expect(project.clock.elapsed() - before).toBeGreaterThanOrEqual(90_000);
    expect(project.clock.elapsed() - before).toBeLessThan(120_000);
    await lease.release();
  });
});
