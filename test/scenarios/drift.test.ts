/**
 * Whatever is changed or deleted behind rsds's back: `plan --check` exits 3 and names it, `up` repairs that and nothing
 * else, and afterwards `plan --check` exits 0. Each row is one drift: what happened, whose it is, how, and the calls
 * that mend it.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { accountOf, mutations, planned } from '../support/account.ts';
import { buildStandingProject, fullYaml, openStandingProject, type StandingProject } from '../support/standing.ts';
import { additions, deregisterOurs, registered } from './drifts/additions.ts';
import { controlPlaneDrifts } from './drifts/control-plane.ts';
import type { Drift } from './drifts/drift.ts';
import { networkDrifts } from './drifts/network.ts';
import { sqlDrifts, visibleDrifts } from './drifts/sql.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(fullYaml);
});

async function repair(cause: Drift[2], options: { sql: boolean }) {
  const project = await openStandingProject(standing);
  const account = accountOf(project);
  await cause(account);
  account.settle();
  const check = () => project.run('plan', { json: true, options: { check: true, ...options } });
  const before = await check();
  const up = await project.run('up', { options });
  const after = await check();
  return { project, before, up, after };
}

describe.each([
  ['the network', networkDrifts],
  ['the account', controlPlaneDrifts],
])('in %s', (_, drifts) => {
  test.each(drifts)('%s', async (_what, named, cause, repairs) => {
    const { before, up, after } = await repair(cause, { sql: false });
    expect(before.error).toBeUndefined();
    expect({ exit: before.exitCode, named: planned(before.stdout) }).toEqual({ exit: 3, named });
    expect(up.error).toBeUndefined();
    expect([...new Set(mutations(up.requests))].sort()).toEqual([...repairs].sort());
    expect({ exit: after.exitCode, named: planned(after.stdout) }).toEqual({ exit: 0, named: [] });
  });
});

describe('in what SQL made, seen with --sql', () => {
  test.each(sqlDrifts)('%s', async (_what, named, cause, statements) => {
    const { before, up, after, project } = await repair(cause, { sql: true });
    expect({ exit: before.exitCode, named: planned(before.stdout) }).toEqual({ exit: 3, named });
    expect(up.error).toBeUndefined();
    expect([...new Set(mutations(up.requests))]).toEqual(['redshift-data.ExecuteStatement']);
    expect(changesOf(up)).toEqual(statements);
    expect({ exit: after.exitCode, named: planned(after.stdout) }).toEqual({ exit: 0, named: [] });
    expect(project.ledger().resources['producer/datashare']?.state).toBe('settled');
  });

  test.each(visibleDrifts)('%s: seen without it, too', async (_what, named, cause, statements) => {
    const { before, up, after, project } = await repair(cause, { sql: false });
    expect({ exit: before.exitCode, named: planned(before.stdout) }).toEqual({ exit: 3, named });
    expect(up.error).toBeUndefined();
    expect([...new Set(mutations(up.requests))]).toEqual(['redshift-data.ExecuteStatement']);
    const told = changesOf(up).filter((title) => !title.startsWith('look '));
    expect(told.map((title) => title.replace(/ '.*/, ''))).toEqual(statements);
    expect({ exit: after.exitCode, named: planned(after.stdout) }).toEqual({ exit: 0, named: [] });
    const { exitCode } = await project.run('plan', { options: { check: true, sql: true } });
    expect(exitCode).toBe(0);
  });

  test('and believed from the ledger without it', async () => {
    const project = await openStandingProject(standing);
    await accountOf(project).sql('consumer-1', 'dev', 'DROP USER reporter');
    const { exitCode, requests } = await project.run('plan', { options: { check: true } });
    expect(exitCode).toBe(0);
    expect(requests.filter(({ service }) => service === 'redshift-data')).toEqual([]);
  });
});

describe('what others added is left alone', () => {
  test.each(additions)('%s', async (_what, add) => {
    const project = await openStandingProject(standing);
    const account = accountOf(project);
    await add(account);
    account.settle();
    const up = await project.run('up');
    expect(up.error).toBeUndefined();
    expect(up.stdout).toContain('nothing to do');
    expect(mutations(up.requests)).toEqual([]);
  });

  test('also while something of ours is mended beside it', async () => {
    const { project, up, after } = await repair(deregisterOurs, { sql: false });
    expect(mutations(up.requests)).toEqual(['elasticloadbalancing.RegisterTargets']);
    const account = accountOf(project);
    const ours = ['consumer-1/target', 'consumer-2/target'].map(account.id);
    expect(await registered(account)).toEqual([...ours, '10.0.5.200'].sort());
    expect(after.exitCode).toBe(0);
  });
});

/** The statements that changed something, as they are told. */
const changesOf = ({ events }: Awaited<ReturnType<typeof repair>>['up']) =>
  events
    .flatMap((event) => (event.event === 'change-applied' ? [event.title] : []))
    .filter((title) => !title.startsWith('read '));
