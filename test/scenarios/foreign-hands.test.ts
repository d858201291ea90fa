/**
 * Somebody else is at work in the account while rsds is: what was looked at is changed or deleted before the change that
 * stands on it. A run ends well or stops with a code, never with a stack trace, and the next one makes everything right.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteEndpointAccessCommand,
  DeleteNamespaceCommand,
  DeleteWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless';
import { beforeAll, describe, expect, test } from 'vitest';
import { RsdsError } from '../../src/shared/errors.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { type Account, accountOf } from '../support/account.ts';
import { inventoryOf } from '../support/inventory.ts';
import type { Project, Ran } from '../support/project.ts';
import { full, seed } from '../support/seed.ts';
import { buildStandingProject, fullYaml, openStandingProject, type StandingProject } from '../support/standing.ts';
import { controlPlaneDrifts } from './drifts/control-plane.ts';
import type { Drift } from './drifts/drift.ts';
import { networkDrifts } from './drifts/network.ts';

let standing: StandingProject;
beforeAll(async () => {
  // Who updates a workgroup while another is made may leave it stuck for good, which nobody mends: not here.
  standing = await buildStandingProject(fullYaml, { settings: { workgroupConcurrency: 'fine' } });
}, 60_000);

const all = [...networkDrifts, ...controlPlaneDrifts];
const deletions = all.filter(([what]) => what.includes('deleted'));

/** All of them in `npm run test:full`, else some, by the seed. */
function sample(drifts: readonly Drift[], count: number): readonly Drift[] {
  if (full) return drifts;
  const random = seededRandom(seed);
  return [...drifts]
    .map((drift) => ({ drift, key: random.next() }))
    .sort((one, other) => one.key - other.key)
    .slice(0, count)
    .map(({ drift }) => drift);
}

/** Does it when the run is about to make its nth change: it has looked at everything, and asks for nothing again. */
function meddle(project: Project, cause: Drift[2], nth: number): { done(): Promise<void> } {
  const account = accountOf(project);
  let left = nth;
  let done: Promise<void> | undefined;
  project.simulator.intercept(({ mutating, service, operation }) => {
    const counts = mutating && service !== 'dynamodb' && operation !== 'ExecuteStatement';
    if (!counts || done || left-- > 0) return undefined;
    // What is meddled with may be gone by then: to whoever meddles that is an error.
    done = project.clock.track(
      Promise.resolve(cause(account)).then(
        () => {},
        () => {},
      ),
    );
    // Its own requests pass; the run's waits until they are through.
    return { delayMs: 20_000 };
  });
  return { done: async () => done };
}

/** Ended well, or with a code and a reason. */
function mustBeSound({ exitCode, error, stderr }: Ran, what: string): void {
  expect([0, 1, 2, 4], `${what}: ${error?.stack}`).toContain(exitCode);
  if (exitCode !== 0) expect(error, what).toBeInstanceOf(RsdsError);
  expect(`${error?.message}\n${stderr}`, what).not.toMatch(/^\s+at /m);
}

describe(`while it scales out (seed ${seed})`, { timeout: 60_000 }, () => {
  test.each(sample(all, 10))('%s', async (what, _named, cause) => {
    const project = await openStandingProject(standing);
    const meddling = meddle(project, cause, 1);
    mustBeSound(await project.run('scale', { options: { consumers: 3 } }), what);
    await meddling.done();
    project.simulator.intercept(undefined);
    // What AWS is still at, e.g. a deletion, ends.
    project.simulator.world.skip(15 * 60_000);
    const again = await project.run('up');
    expect([again.error, again.exitCode]).toEqual([undefined, 0]);
    const plan = await project.run('plan', { options: { check: true, sql: true } });
    expect([plan.error, plan.exitCode], plan.stdout).toEqual([undefined, 0]);
  });
});

describe(`while it takes everything down (seed ${seed})`, { timeout: 60_000 }, () => {
  test.each(sample(deletions, 4))('%s', async (what, _named, cause) => {
    const project = await openStandingProject(standing);
    const meddling = meddle(project, cause, 1);
    mustBeSound(await project.run('down', { options: { finalSnapshot: false } }), what);
    await meddling.done();
    project.simulator.intercept(undefined);
    project.simulator.world.skip(15 * 60_000);
    const again = await project.run('down', { options: { finalSnapshot: false } });
    expect([again.error, again.exitCode]).toEqual([undefined, 0]);
    const { namespaces, workgroups, balancers, vpcs, secrets } = await inventoryOf(accountOf(project));
    // One VPC is the account's default.
    expect([namespaces, workgroups, balancers, vpcs?.length, secrets]).toEqual([[], [], [], 1, []]);
  });
});

describe('what is still on its way out under our name', { timeout: 60_000 }, () => {
  const names = { endpointName: 'airline-dev-consumer-2', workgroupName: 'airline-dev-consumer-2' };
  const namespaceName = names.workgroupName;
  const deleteEndpoint = ({ serverless }: Account) => serverless.send(new DeleteEndpointAccessCommand(names));
  const deleteWorkgroup = async (account: Account) => {
    await deleteEndpoint(account);
    account.settle();
    await account.serverless.send(new DeleteWorkgroupCommand(names));
  };
  const deleteNamespace = async (account: Account) => {
    await deleteWorkgroup(account);
    account.settle();
    await account.serverless.send(new DeleteNamespaceCommand({ namespaceName }));
  };

  test.each([
    ['an endpoint', deleteEndpoint],
    ['a workgroup', deleteWorkgroup],
    ['a namespace', deleteNamespace],
  ])('%s in DELETING is waited for, and made anew', async (_what, begin) => {
    const project = await openStandingProject(standing);
    await begin(accountOf(project));
    const up = await project.run('up');
    expect([up.error, up.exitCode]).toEqual([undefined, 0]);
    expect(up.requests.map(({ operation }) => operation)).toContain('CreateEndpointAccess');
    const plan = await project.run('plan', { options: { check: true, sql: true } });
    expect([plan.error, plan.exitCode], plan.stdout).toEqual([undefined, 0]);
  });
});

test('a table of our name that is not of locks is told, and left alone', async () => {
  const project = await openStandingProject(standing);
  const { dynamodb } = accountOf(project);
  const TableName = 'orders';
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  accountOf(project).settle();
  writeFileSync(join(project.folder, 'rsds.yaml'), `${fullYaml}lock: { table: ${TableName} }\n`);
  const ran = await project.run('scale', { options: { consumers: 3 } });
  expect(ran.error).toMatchObject({ code: 'lock/foreign-table', message: expect.stringContaining('the table orders') });
  expect(ran.requests.filter(({ mutating, service }) => mutating && service !== 'dynamodb')).toEqual([]);
});
