/** An environment that stands as described: running `up` again costs a look, and nothing else. */
import { describe, expect, test } from 'vitest';
import { nameOf } from '../support/account.ts';
import {
  buildStandingProject,
  fullYaml,
  openStandingProject,
  plainYaml,
  type StandingProject,
} from '../support/standing.ts';

/** Each is built once, whoever asks first. */
const built = new Map<string, Promise<StandingProject>>();
function standing(yaml: string): Promise<StandingProject> {
  const there = built.get(yaml) ?? buildStandingProject(yaml);
  built.set(yaml, there);
  return there;
}

describe.each([2, 8, 24])('with %i consumers', { timeout: 60_000 }, (count) => {
  const open = async () => openStandingProject(await standing(plainYaml(count)));

  test('up says that there is nothing to do, in 23 reads, and changes nothing', async () => {
    const project = await open();
    const before = project.ledger();
    const { exitCode, stdout, requests } = await project.run('up');
    expect({ exitCode, error: undefined }).toEqual({ exitCode: 0, error: undefined });
    expect(stdout).toContain('nothing to do: everything is as described');
    expect(requests.length).toBe(23);
    expect(requests.filter(({ mutating }) => mutating).map(nameOf)).toEqual([]);
    expect(requests.filter(({ service }) => service === 'redshift-data')).toEqual([]);
    expect(project.ledger()).toEqual(before);
  });

  test('plan --check is silent about it: exit 0', async () => {
    const project = await open();
    const { exitCode, stdout, requests } = await project.run('plan', { json: true, options: { check: true } });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ items: [], changes: 0 });
    expect(requests.length).toBeLessThanOrEqual(30);
  });
});

test('with one of everything that is optional, too', async () => {
  const project = await openStandingProject(await standing(fullYaml));
  const { stdout, requests } = await project.run('up');
  expect(stdout).toContain('nothing to do');
  expect(requests.length).toBeLessThanOrEqual(30);
  expect(requests.filter(({ mutating }) => mutating)).toEqual([]);
});

test('a ledger that was lost is written again from what stands, without waking a warehouse', async () => {
  const before = await standing(plainYaml(2));
  const project = await openStandingProject(before, { ledger: undefined });
  const { exitCode, requests } = await project.run('up');
  expect(exitCode).toBe(0);
  const changed = requests.filter(({ mutating, service }) => mutating && service !== 'dynamodb').map(nameOf);
  expect(changed).toEqual([]);
  expect(Object.keys(project.ledger().resources)).toEqual(
    expect.arrayContaining(Object.keys(JSON.parse(before.ledger).resources)),
  );
});

test('looking by SQL finds nothing to do either', async () => {
  const project = await openStandingProject(await standing(plainYaml(2)));
  const { exitCode, stdout } = await project.run('plan', { json: true, options: { check: true, sql: true } });
  expect(JSON.parse(stdout)).toMatchObject({ items: [] });
  expect(exitCode).toBe(0);
});
