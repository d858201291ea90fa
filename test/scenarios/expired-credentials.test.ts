/** Credentials that expire half-way: the run stops with a coded error, and goes on when there are new ones. */
import { expect, test } from 'vitest';
import { accountOf, mutations } from '../support/account.ts';
import { inventoryOf } from '../support/inventory.ts';
import { openProject, type Project } from '../support/project.ts';
import { full } from '../support/seed.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';

const open = () => openProject({ yaml: plainYaml(2), files: { 'schema.sql': schemaSql } });

/** From the nth changing call on, AWS takes the credentials no more. */
function expireAt(project: Project, nth: number): void {
  let left = nth;
  let expired = false;
  project.simulator.intercept(({ mutating, service }) => {
    if (mutating && service !== 'dynamodb') expired ||= left-- <= 0;
    const error = { code: 'ExpiredTokenException', message: 'The security token is expired', status: 400 };
    return expired ? { error } : undefined;
  });
}

/** Some of them; in `npm run test:full` every third. */
const moments = full ? Array.from({ length: 24 }, (_, index) => 3 * index) : [0, 6, 23, 50, 68];

test.each(moments)('after %i calls of up', { timeout: 60_000 }, async (nth) => {
  const project = await open();
  expireAt(project, nth);
  const stopped = await project.run('up');
  expect(stopped).toMatchObject({ exitCode: 1, error: { code: 'aws/expired-credentials' } });
  expect(stopped.error?.hint).toContain('log in again');
  // Those under way are refused, too; nothing is tried again.
  const refused = stopped.requests.filter(({ errorCode }) => errorCode === 'ExpiredTokenException');
  expect(refused.length).toBeLessThan(20);

  project.simulator.intercept(undefined);
  const resumed = await project.run('up');
  expect({ exitCode: resumed.exitCode, error: resumed.error }).toEqual({ exitCode: 0, error: undefined });
  const { namespaces, workgroups, vpcs, keys, balancers } = await inventoryOf(accountOf(project));
  const counts = [namespaces, workgroups, vpcs, keys, balancers].map((list) => list?.length);
  // One VPC is the account's default.
  expect(counts).toEqual([3, 3, 2, 1, 1]);
  expect(await project.run('plan', { options: { check: true, sql: true } })).toMatchObject({ exitCode: 0 });
});

test.each([0, 2, 5, 8])('after %i calls of scale', { timeout: 60_000 }, async (nth) => {
  const project = await open();
  await project.run('up');
  const scale = () => project.run('scale', { options: { consumers: 3 } });
  expireAt(project, nth);
  expect(await scale()).toMatchObject({ exitCode: 1, error: { code: 'aws/expired-credentials' } });
  project.simulator.intercept(undefined);
  const resumed = await scale();
  expect({ exitCode: resumed.exitCode, error: resumed.error }).toEqual({ exitCode: 0, error: undefined });
  const { namespaces, workgroups } = await inventoryOf(accountOf(project));
  expect([namespaces?.length, workgroups?.length]).toEqual([4, 4]);
  expect(await project.run('plan', { options: { check: true, sql: true } })).toMatchObject({ exitCode: 0 });
});

test.each(full ? [2, 5, 9, 14, 20] : [9])('after %i calls of down', { timeout: 60_000 }, async (nth) => {
  const project = await open();
  await project.run('up');
  expireAt(project, nth);
  expect(await project.run('down')).toMatchObject({ exitCode: 1, error: { code: 'aws/expired-credentials' } });
  project.simulator.intercept(undefined);
  const resumed = await project.run('down');
  expect({ exitCode: resumed.exitCode, error: resumed.error }).toEqual({ exitCode: 0, error: undefined });
  const { workgroups, snapshots } = await inventoryOf(accountOf(project));
  expect([workgroups, snapshots?.length]).toEqual([[], 1]);
  expect(mutations(resumed.requests)).not.toContain('redshift-serverless.CreateSnapshot');
});
