/** `status` tells of lock tables that would let two runs into the workgroup lane at once. */
import { beforeAll, describe, expect, test } from 'vitest';
import { LockTable } from '../../src/lock/lock-table.ts';
import { buildStanding, openStanding, type Standing, somebody } from '../diagnose/standing.ts';

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding();
});

async function withTable(name: string, tags: Record<string, string>) {
  const project = await openStanding(standing);
  const table = new LockTable(name, somebody(project).dynamodb);
  await table.create({ Name: name, ...tags });
  while (!(await table.exists())) await project.clock.sleep(1_000);
  // Tags are found a little later than they are set (F-654).
  project.simulator.world.skip(60_000);
  return project;
}

const otherTables = (stdout: string) => (JSON.parse(stdout) as { lock: { otherTables: unknown } }).lock.otherTables;

describe('another lock table in the account and region', () => {
  test('that rsds made is named, with what it means and what mends it', async () => {
    const project = await withTable('team-b-locks', { 'rsds:shared': 'lock' });
    const { stdout, exitCode } = await project.run('status');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      'other lock tables: team-b-locks; runs that use them do not see the workgroup lane in rsds-locks',
    );
    expect(otherTables((await project.run('status', { json: true })).stdout)).toEqual(['team-b-locks']);
  });

  test('that is of something else is nothing to tell', async () => {
    const project = await withTable('terraform-locks', {});
    expect((await project.run('status')).stdout).not.toContain('other lock tables');
    expect(otherTables((await project.run('status', { json: true })).stdout)).toEqual([]);
  });

  test('is said to be unchecked where tags may not be read', async () => {
    const project = await openStanding(standing);
    project.simulator.intercept(({ operation }) =>
      operation === 'GetResources'
        ? { error: { code: 'AccessDeniedException', message: 'no', status: 400 } }
        : undefined,
    );
    const { stdout, exitCode } = await project.run('status');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('other lock tables: not checked (AccessDenied on tagging GetResources)');
    expect(otherTables((await project.run('status', { json: true })).stdout)).toBe('not checked');
  });
});
