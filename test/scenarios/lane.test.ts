/**
 * The workgroup lane in an account where others create, patch and get stuck, and where a run died in it. AWS leaves
 * workgroups that are made at once in MODIFYING for good here (F-150).
 */
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  DeleteWorkgroupCommand,
  paginateListWorkgroups,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless';
import { beforeAll, describe, expect, test } from 'vitest';
import { laneKey } from '../../src/lock/lane.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { buildStanding, openStanding, type Standing, somebody } from '../diagnose/standing.ts';
import { type Account, accountOf } from '../support/account.ts';
import type { Project, Ran } from '../support/project.ts';
import { beginWarehouse } from '../support/stranger.ts';

const minute = 60_000;
const leaseMs = minute;
const lane = laneKey('123456789012', 'us-east-1');

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding();
});

/** The environment of two consumers, in an account with whatever `begin` makes. */
async function open(begin: (account: Account, project: Project) => Promise<unknown>): Promise<Project> {
  const project = await openStanding(standing);
  await begin(accountOf(project), project);
  return project;
}

/** One consumer more: one workgroup to create. */
const scaleOut = async (project: Project): Promise<Ran> => {
  const ran = await project.run('scale', { options: { consumers: 3 } });
  expect(ran.error).toBeUndefined();
  return ran;
};

const waitsOf = ({ events }: Ran) => events.flatMap((event) => (event.event === 'lock-waiting' ? event : []));

async function statuses(project: Project): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  for await (const { workgroups = [] } of paginateListWorkgroups({ client: accountOf(project).serverless }, {}))
    for (const { workgroupName = '', status } of workgroups) found[workgroupName] = status;
  return found;
}

const creating = (account: Account) => beginWarehouse(account, 'theirs');

/** A warehouse of somebody else that was made hours ago. */
async function old(account: Account, project: Project): Promise<void> {
  await creating(account);
  await project.clock.sleep(180 * minute);
}

async function patching(account: Account, project: Project): Promise<void> {
  await old(account, project);
  await account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'theirs', baseCapacity: 16 }));
}

/** Two that were made at once, hours ago. */
async function stuck(account: Account, project: Project): Promise<void> {
  const { network } = await creating(account);
  await account.serverless.send(new CreateNamespaceCommand({ namespaceName: 'beside', manageAdminPassword: true }));
  await project.clock.sleep(minute / 2);
  const names = { workgroupName: 'beside', namespaceName: 'beside', baseCapacity: 8 };
  const { subnetIds, groupId } = network;
  await account.serverless.send(new CreateWorkgroupCommand({ ...names, subnetIds, securityGroupIds: [groupId] }));
  await project.clock.sleep(180 * minute);
}

async function deleting(account: Account, project: Project): Promise<void> {
  await old(account, project);
  await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'theirs' }));
  await project.clock.sleep(15_000);
}

describe('a workgroup of somebody else', () => {
  test('that is being created is waited for, by name, and nobody gets stuck', async () => {
    const project = await open(creating);
    const ran = await scaleOut(project);
    expect(waitsOf(ran).map(({ why }) => why)).toContainEqual(expect.stringContaining('theirs (CREATING)'));
    expect(await statuses(project)).toMatchObject({ theirs: 'AVAILABLE', 'airline-dev-consumer-3': 'AVAILABLE' });
  });

  test('that is AVAILABLE for the first moment is waited for, too', async () => {
    const project = await open(creating);
    // Looks again and again until that moment has come, which lasts for seconds.
    while ((await statuses(project)).theirs !== 'AVAILABLE') await project.clock.sleep(1_000);
    const ran = await scaleOut(project);
    expect(waitsOf(ran).map(({ why }) => why)).toContainEqual(
      expect.stringContaining('theirs (AVAILABLE a moment ago)'),
    );
    expect(await statuses(project)).toMatchObject({ theirs: 'AVAILABLE', 'airline-dev-consumer-3': 'AVAILABLE' });
  });

  test.each([
    ['that is being patched', patching, { theirs: 'MODIFYING' }],
    ['that is stuck', stuck, { beside: 'MODIFYING' }],
    ['that is being deleted', deleting, { theirs: 'DELETING' }],
  ])('%s is not waited for', async (_how, begin, status) => {
    const project = await open(begin);
    expect(await statuses(project)).toMatchObject(status);
    expect(waitsOf(await scaleOut(project))).toEqual([]);
    expect((await statuses(project))['airline-dev-consumer-3']).toBe('AVAILABLE');
  });
});

describe('the lane of a run that died', () => {
  /** A dead holder's record, as of a moment ago. */
  async function leaveLane(project: Project, workgroup: string): Promise<LockTable> {
    const table = new LockTable('rsds-locks', somebody(project).dynamodb);
    const since = project.clock.now();
    const holder = { id: 'dead', user: 'ben', host: 'laptop', pid: 1, operation: 'up', since, workgroup };
    const claim = { key: lane, holder, version: 'v1', leaseMs };
    expect((await table.takeFree(claim, (await table.read(lane))?.fence)).done).toBe(true);
    return table;
  }

  const takeoverOf = ({ requests }: Ran) =>
    requests.find(({ operation, input }) => {
      const { Key, ConditionExpression } = input as { Key?: { lock?: { S?: string } }; ConditionExpression?: string };
      return operation === 'UpdateItem' && Key?.lock?.S === lane && ConditionExpression === 'version = :seen';
    });

  /** When our workgroup was asked for, ms after `since`. */
  const createdAfter = ({ requests }: Ran, since: number) =>
    (requests.find(({ operation }) => operation === 'CreateWorkgroup')?.at ?? 0) - since;

  test('is taken over only after the workgroup at which it was has settled', async () => {
    const project = await open(creating);
    const table = await leaveLane(project, 'theirs');
    const { fence = 0 } = (await table.read(lane)) ?? {};
    const since = project.simulator.world.now();
    const ran = await scaleOut(project);
    // A workgroup takes two minutes at least, a lease is one.
    expect((takeoverOf(ran)?.at ?? 0) - since).toBeGreaterThan(110_000);
    expect(waitsOf(ran)[0]?.holder).toMatchObject({ user: 'ben', workgroup: 'theirs' });
    expect((await table.read(lane))?.fence).toBe(fence + 1);
    expect(await statuses(project)).toMatchObject({ theirs: 'AVAILABLE', 'airline-dev-consumer-3': 'AVAILABLE' });
  });

  test.each([
    ['has settled', old, 'theirs'],
    ['is being patched by AWS', patching, 'theirs'],
    ['is stuck', stuck, 'beside'],
    ['is gone', async () => {}, 'theirs'],
    ['is the one that we make now', async () => {}, 'airline-dev-consumer-3'],
  ])('is taken over after one lease when the workgroup at which it was %s', async (_how, begin, workgroup) => {
    const project = await open(begin);
    await leaveLane(project, workgroup);
    const since = project.simulator.world.now();
    const ran = await scaleOut(project);
    expect(createdAfter(ran, since)).toBeGreaterThanOrEqual(leaseMs);
    expect(createdAfter(ran, since)).toBeLessThan(leaseMs + 90_000);
    expect((await statuses(project))['airline-dev-consumer-3']).toBe('AVAILABLE');
  });

  test('looks at the workgroup at which it was every ten seconds, and sooner only when that seems to have settled', async () => {
    const project = await open(creating);
    await leaveLane(project, 'theirs');
    const since = project.simulator.world.now();
    const ran = await scaleOut(project);
    const looks = ran.requests
      .filter(({ operation, at }) => operation === 'ListWorkgroups' && at >= since + leaseMs)
      .filter(({ at }) => at < (takeoverOf(ran)?.at ?? 0))
      .map(({ at }) => at);
    expect(looks.length).toBeGreaterThan(3);
    const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(6_000);
    // It is AVAILABLE for a moment before the last part of its creation, and once more at the end.
    expect(gaps.filter((gap) => gap < 10_000).length).toBeLessThanOrEqual(2);
  });
});
