/** Several environments and projects in one account and region: none sees, changes or takes away what is another's. */
import { ListWorkgroupsCommand } from '@aws-sdk/client-redshift-serverless';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import { accountOf, planned } from '../support/account.ts';
import { type Inventory, inventoryOf } from '../support/inventory.ts';
import { openBeside, openProject, type Project, startProject } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';
import { beginWarehouse } from '../support/stranger.ts';

const files = { 'schema.sql': schemaSql };
const yaml = plainYaml(1, 'environments:\n  dev: {}\n  prod: { consumers: { count: 2 } }\n');
/** Its name begins as that of the first does, and its environment is called alike. */
const otherYaml = plainYaml(1).replace('project: airline', 'project: airline-dev');

/** The account with dev in it. */
let saved: SavedSimulator;
beforeAll(async () => {
  const project = await startProject({ yaml, files });
  const up = await project.run('up');
  if (up.error) throw up.error;
  saved = await project.simulator.save();
  await project.close();
}, 60_000);

/** Seen from a folder without a ledger. */
const open = (from: SavedSimulator) => openProject({ yaml, files, saved: from });

const inventory = (project: Project) => {
  project.simulator.world.skip(20 * 60_000);
  return inventoryOf(accountOf(project));
};

/** What of an inventory is still there, as it was, in another. */
function kept(before: Inventory, after: Inventory) {
  const kinds = Object.keys(before) as (keyof Inventory)[];
  const lost = kinds.map((kind) => {
    const there = new Set((after[kind] ?? []).map((one) => JSON.stringify(one)));
    return [kind, (before[kind] ?? []).filter((one) => !there.has(JSON.stringify(one)))] as const;
  });
  return Object.fromEntries(lost.filter(([, list]) => list.length > 0));
}

async function tagged(project: Project, filters: Record<string, string>): Promise<string[]> {
  const tagging = new ResourceGroupsTaggingAPIClient(clientConfigOf(project.simulator.url));
  const TagFilters = Object.entries(filters).map(([Key, value]) => ({ Key, Values: [value] }));
  const arns: string[] = [];
  let PaginationToken: string | undefined;
  do {
    const page = await tagging.send(new GetResourcesCommand({ TagFilters, PaginationToken }));
    arns.push(...(page.ResourceTagMappingList ?? []).flatMap(({ ResourceARN }) => ResourceARN ?? []));
    PaginationToken = page.PaginationToken || undefined;
  } while (PaginationToken);
  return arns;
}

const others: readonly (readonly [string, (project: Project) => { project: Project; env: string }])[] = [
  ['another environment of the project', (project) => ({ project, env: 'prod' })],
  ['another project', (project) => ({ project: openBeside(project, { yaml: otherYaml, files }), env: 'dev' })],
];

describe.each(others)('%s', { timeout: 60_000 }, (_what, move) => {
  /** The account with both. */
  let both: SavedSimulator;
  beforeAll(async () => {
    const dev = await startProject({ yaml, files, saved });
    const { project, env } = move(dev);
    const up = await project.run('up', { env });
    if (up.error) throw up.error;
    both = await dev.simulator.save();
    await dev.close();
  }, 60_000);

  test('is all new to its own plan', async () => {
    const { project, env } = move(await open(saved));
    const { stdout } = await project.run('plan', { env, json: true });
    const { items } = JSON.parse(stdout) as { items: { action: string }[] };
    expect(new Set(items.map(({ action }) => action))).toEqual(new Set(['create', 'register', 'sql']));
  });

  test('is nothing to the plan of the first', async () => {
    const dev = await open(both);
    const own = await dev.run('plan', { env: 'dev', json: true, options: { check: true } });
    expect({ exit: own.exitCode, named: planned(own.stdout) }).toEqual({ exit: 0, named: [] });
  });

  test('comes, is scaled and goes while the first stays as it was', async () => {
    const before = await inventory(await open(saved));
    const dev = await open(both);
    const { project, env } = move(dev);
    const scaled = await project.run('scale', { env, options: { consumers: 3 } });
    expect(scaled.error).toBeUndefined();
    expect(kept(before, await inventory(dev))).toEqual({});
    const down = await project.run('down', { env, options: { finalSnapshot: false } });
    expect({ exitCode: down.exitCode, error: down.error }).toEqual({ exitCode: 0, error: undefined });
    const after = await inventory(dev);
    expect(kept(before, after)).toEqual({});
    expect(Object.keys(kept(after, before))).toEqual(['keys']);
  });

  test('stays when the first goes, and nothing is left to do for it', async () => {
    const dev = await open(both);
    const { project, env } = move(dev);
    await dev.run('down', { env: 'dev', options: { finalSnapshot: false } });
    const plan = await project.run('plan', { env, json: true, options: { check: true, sql: true } });
    expect({ exit: plan.exitCode, named: planned(plan.stdout) }).toEqual({ exit: 0, named: [] });
  });

  test('carries tags of its own', async () => {
    const own = { 'rsds:project': 'airline', 'rsds:environment': 'dev' };
    const before = await tagged(await open(saved), own);
    const dev = await open(both);
    const { project, env } = move(dev);
    const name = project === dev ? 'airline' : 'airline-dev';
    const theirs = await tagged(dev, { 'rsds:project': name, 'rsds:environment': env });
    expect(theirs.length).toBeGreaterThan(15);
    expect(theirs.filter((arn) => before.includes(arn))).toEqual([]);
    expect((await tagged(dev, own)).sort()).toEqual(before.sort());
  });
});

test('two environments built at the same time take turns with their workgroups, and both stand', async () => {
  const first = await openProject({ yaml, files, settings: { workgroupConcurrency: 'stuck' } });
  const second = openBeside(first, { yaml: otherYaml, files, seed: 5 });
  const runs = await Promise.all([first.run('up', { env: 'prod' }), second.run('up')]);
  expect(runs.map(({ exitCode, error }) => ({ exitCode, error }))).toEqual(
    runs.map(() => ({ exitCode: 0, error: undefined })),
  );
  const waits = runs.flatMap(({ events }) => events.filter(({ event }) => event === 'lock-waiting'));
  expect(waits.length).toBeGreaterThan(0);
}, 60_000);

test('a workgroup of a project whose name begins as ours is waited for like any other', async () => {
  const project = await openProject({ yaml, files, settings: { workgroupConcurrency: 'stuck' } });
  const account = accountOf(project);
  await beginWarehouse(account, 'airline-dev-test-producer');
  const up = await project.run('up');
  expect({ exitCode: up.exitCode, error: up.error }).toEqual({ exitCode: 0, error: undefined });
  const why = up.events.flatMap((event) => (event.event === 'lock-waiting' ? event.why : []));
  expect(why).toContainEqual(expect.stringContaining('airline-dev-test-producer (CREATING)'));
  const list = await account.serverless.send(new ListWorkgroupsCommand({}));
  const status = Object.fromEntries((list.workgroups ?? []).map((one) => [one.workgroupName, one.status]));
  expect(status).toMatchObject({ 'airline-dev-test-producer': 'AVAILABLE', 'airline-dev-consumer-1': 'AVAILABLE' });
}, 60_000);
