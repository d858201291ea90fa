/** `down` leaves nothing that rsds made, and touches nothing that it did not make. */
import { CreateSubnetCommand } from '@aws-sdk/client-ec2';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import { accountOf, mutations } from '../support/account.ts';
import { type Inventory, inventoryOf } from '../support/inventory.ts';
import { openProject, type Project, startProject } from '../support/project.ts';
import {
  buildStandingProject,
  fullYaml,
  openStandingProject,
  type StandingProject,
  schemaSql,
} from '../support/standing.ts';
import { moveIn } from '../support/stranger.ts';

/** The account with the stranger alone, and with our environment beside. */
let before: { saved: SavedSimulator; inventory: Inventory; theirs: readonly string[] };
let standing: StandingProject;

beforeAll(async () => {
  const empty = await startProject();
  const account = accountOf(empty);
  const theirs = await moveIn(account);
  before = { saved: await empty.simulator.save(), inventory: await inventoryOf(account), theirs };
  await empty.close();
  standing = await buildStandingProject(fullYaml, { saved: before.saved });
});

const down = (project: Project, finalSnapshot = true) => project.run('down', { options: { finalSnapshot } });

/** What stands now that did not stand before, by kind; with the things that were changed. */
async function more(project: Project): Promise<Partial<Record<keyof Inventory, readonly unknown[]>>> {
  project.simulator.world.skip(20 * 60_000);
  const now = await inventoryOf(accountOf(project));
  const kinds = Object.keys(now) as (keyof Inventory)[];
  const had = (kind: keyof Inventory) => new Set((before.inventory[kind] ?? []).map((one) => JSON.stringify(one)));
  const missing = kinds.filter((kind) => (now[kind]?.length ?? 0) < (before.inventory[kind]?.length ?? 0));
  expect(missing).toEqual([]);
  const found = kinds.map((kind) => [kind, (now[kind] ?? []).filter((one) => !had(kind).has(JSON.stringify(one)))]);
  return Object.fromEntries(found.filter(([, list]) => list?.length));
}

const lockTable = { tables: ['rsds-locks'] };
const aliasName = 'alias/airline-dev';

describe('an environment beside a stranger', () => {
  test('goes but for its final snapshot and the key of it; the stranger stays as it was', async () => {
    const project = await openStandingProject(standing);
    const { exitCode, error, stdout, requests } = await down(project);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: undefined });
    expect(stdout).toContain('airline-dev is gone');
    expect(stdout).toMatch(/the final snapshot airline-dev-\S*final-\w+, and the key that it needs, are kept/);
    expect(stdout).toContain('under /aws/redshift/airline-dev-producer/');
    expect(await more(project)).toEqual({
      ...lockTable,
      snapshots: [expect.objectContaining({ namespaceName: 'airline-dev-producer', status: 'AVAILABLE' })],
      keys: [expect.objectContaining({ KeyState: 'Enabled', Description: 'namespaces of airline-dev' })],
      aliases: [expect.objectContaining({ AliasName: aliasName })],
    });
    expect(requests.filter(({ service }) => service === 'redshift-data')).toEqual([]);
  });

  test('goes with --no-final-snapshot but for the key, which is scheduled for deletion', async () => {
    const project = await openStandingProject(standing);
    expect(await down(project, false)).toMatchObject({ exitCode: 0, error: undefined });
    expect(await more(project)).toEqual({
      ...lockTable,
      keys: [expect.objectContaining({ KeyState: 'PendingDeletion' })],
    });
  });

  test('is taken down, and was built, without a change that names anything of the stranger', async () => {
    const project = await openProject({ yaml: fullYaml, files: { 'schema.sql': schemaSql }, saved: before.saved });
    const runs = [await project.run('up'), await down(project)];
    const changes = runs.flatMap(({ requests }) => requests.filter(({ mutating }) => mutating));
    expect(changes.length).toBeGreaterThan(100);
    const named = changes.filter(({ input }) => before.theirs.some((id) => JSON.stringify(input).includes(`${id}"`)));
    expect(named).toEqual([]);
  });

  test('goes without its ledger, too', async () => {
    const project = await openStandingProject(standing, { ledger: undefined });
    expect(await down(project, false)).toMatchObject({ exitCode: 0, error: undefined });
    // Usage limits go with their workgroup; nothing that could not be found by name or tags is left.
    expect(Object.keys(await more(project)).sort()).toEqual(['keys', 'tables']);
  });
});

test('down again says that nothing is there, and changes nothing', async () => {
  const project = await openStandingProject(standing);
  await down(project);
  const { exitCode, stdout, requests } = await down(project);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('nothing to do: airline-dev is not there');
  expect(requests.filter(({ mutating }) => mutating)).toEqual([]);
});

test('down where nothing was ever made changes nothing, and makes no lock table', async () => {
  const project = await openProject({ yaml: fullYaml, files: { 'schema.sql': schemaSql }, saved: before.saved });
  expect(await down(project)).toMatchObject({ exitCode: 0 });
  expect(await more(project)).toEqual({});
});

const halfway = [
  'ec2.CreateRouteTable',
  'kms.CreateAlias',
  'redshift-serverless.CreateWorkgroup',
  'redshift-serverless.CreateEndpointAccess',
  'elasticloadbalancing.CreateListener',
  'redshift-data.ExecuteStatement',
];

test.each(halfway)('an environment whose building ended at %s goes', async (call) => {
  const project = await openProject({ yaml: fullYaml, files: { 'schema.sql': schemaSql }, saved: before.saved });
  project.simulator.intercept(({ service, operation }) =>
    `${service}.${operation}` === call
      ? { error: { code: 'AccessDeniedException', message: 'no', status: 403 } }
      : undefined,
  );
  expect(await project.run('up')).toMatchObject({
    exitCode: 1,
    error: { code: expect.stringMatching(/^(aws\/denied|step\/failed)$/) },
  });
  project.simulator.intercept(undefined);
  expect(await down(project, false)).toMatchObject({ exitCode: 0, error: undefined });
  const left = await more(project);
  expect(Object.keys(left).filter((kind) => kind !== 'keys')).toEqual(['tables']);
  expect(left.keys ?? []).toEqual(
    (left.keys ?? []).map(() => expect.objectContaining({ KeyState: 'PendingDeletion' })),
  );
});

describe('up after down', () => {
  test.each([true, false])('finds its key again, though names linger (final snapshot: %s)', async (finalSnapshot) => {
    const project = await openStandingProject(standing);
    const account = accountOf(project);
    const KeyId = account.id('producer/key');
    await down(project, finalSnapshot);
    const up = await project.run('up');
    expect({ exitCode: up.exitCode, error: up.error }).toEqual({ exitCode: 0, error: undefined });
    expect(mutations(up.requests)).not.toContain('kms.CreateKey');
    const { KeyMetadata } = await account.kms.send(new DescribeKeyCommand({ KeyId: aliasName }));
    expect(KeyMetadata).toMatchObject({ KeyId, KeyState: 'Enabled' });
    expect(await project.run('plan', { options: { check: true, sql: true } })).toMatchObject({ exitCode: 0 });
  });

  test('takes another final snapshot when it goes again', async () => {
    const project = await openStandingProject(standing);
    await down(project);
    await project.run('up');
    expect(await down(project)).toMatchObject({ exitCode: 0, error: undefined });
    expect((await more(project)).snapshots).toHaveLength(2);
  });
});

describe('a final snapshot of a down that went no further', () => {
  const denied = { error: { code: 'AccessDenied', message: 'no', status: 403 } };
  const given = async () => {
    const project = await openStandingProject(standing);
    project.simulator.intercept(({ operation }) => (/^(Delete|Deregister)/.test(operation) ? denied : undefined));
    expect(await down(project)).toMatchObject({ exitCode: 1 });
    project.simulator.intercept(undefined);
    return project;
  };

  test('is not the last word a day later: what was written since would be lost', async () => {
    const project = await given();
    project.simulator.world.skip(24 * 3_600_000);
    expect(await down(project)).toMatchObject({ exitCode: 0, error: undefined });
    expect((await more(project)).snapshots).toHaveLength(2);
  });

  test('serves the down that is run again at once', async () => {
    const project = await given();
    expect(await down(project)).toMatchObject({ exitCode: 0, error: undefined });
    expect((await more(project)).snapshots).toHaveLength(1);
  });
});

test('data that a down without a snapshot came to spare is not lost by one that was to save it', async () => {
  const project = await openStandingProject(standing);
  const denied = { error: { code: 'AccessDenied', message: 'no', status: 403 } };
  project.simulator.intercept(({ operation }) => (operation === 'DeleteNamespace' ? denied : undefined));
  expect(await down(project, false)).toMatchObject({ exitCode: 1 });
  project.simulator.intercept(undefined);
  const { error, requests } = await down(project);
  expect(error).toMatchObject({ code: 'step/broken', hint: expect.stringContaining('--no-final-snapshot') });
  expect(mutations(requests)).not.toContain('redshift-serverless.DeleteNamespace');
});

describe('what cannot be deleted is told, exit 1, and all else is gone', () => {
  test('a subnet of somebody else in our VPC', async () => {
    const project = await openStandingProject(standing);
    const { ec2, id } = accountOf(project);
    await ec2.send(new CreateSubnetCommand({ VpcId: id('vpc/vpc'), CidrBlock: '10.0.100.0/24' }));
    const { exitCode, error } = await down(project, false);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 1, code: 'step/leftovers' });
    expect(error?.message).toBe('still there after down: VPC airline-dev-vpc');
    expect(error?.cause).toMatchObject({ message: expect.stringContaining('DependencyViolation') });
    expect(Object.keys(await more(project)).sort()).toEqual([
      'keys',
      'routeTables',
      'securityGroups',
      'subnets',
      'tables',
      'vpcs',
    ]);
  });

  test('a role that somebody gave more rights', async () => {
    const project = await openStandingProject(standing);
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    const RoleName = 'airline-dev-us-east-1';
    await accountOf(project).iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'more', PolicyDocument }));
    const { exitCode, error } = await down(project, false);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 1, code: 'step/leftovers' });
    expect(error?.message).toBe('still there after down: role airline-dev-us-east-1');
    expect(Object.keys(await more(project)).sort()).toEqual(['keys', 'roles', 'tables']);
  });

  test('what the caller may not delete; with the right to it, the next down ends it', async () => {
    const project = await openStandingProject(standing);
    const denied = { error: { code: 'AccessDenied', message: 'no', status: 403 } };
    project.simulator.intercept(({ operation }) => (operation === 'DeleteTargetGroup' ? denied : undefined));
    const { exitCode, error } = await down(project, false);
    expect(exitCode).toBe(1);
    expect(error).toMatchObject({
      message: 'still there after down: VPC airline-dev-vpc, target group airline-dev-targets',
      hint: 'grant elasticloadbalancing:DeleteTargetGroup',
    });
    project.simulator.intercept(undefined);
    expect(await down(project, false)).toMatchObject({ exitCode: 0, error: undefined });
    expect(Object.keys(await more(project)).sort()).toEqual(['keys', 'tables']);
  });

  test('without a permission to look nothing is begun, and the permission is named', async () => {
    const project = await openStandingProject(standing);
    const denied = { error: { code: 'AccessDeniedException', message: 'no', status: 403 } };
    project.simulator.intercept(({ operation }) => (operation === 'ListSnapshots' ? denied : undefined));
    const { error, requests } = await down(project, false);
    expect(error).toMatchObject({ code: 'aws/denied', hint: 'grant redshift-serverless:ListSnapshots' });
    expect(mutations(requests)).toEqual([]);
  });
});
