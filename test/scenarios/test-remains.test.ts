/** Test instances that nobody has removed: `down` finds them, and other verbs leave them alone. */
import { beforeAll, expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { readConfig } from '../../src/config/load.ts';
import { desire } from '../../src/model/desired.ts';
import { findSite, instancesVantage } from '../../src/probe/instances/vantage.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { findRemains, isNothing } from '../../src/steps/remains/find.ts';
import type { Project } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { buildStandingProject, openStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(plainYaml(2));
});

/** As a test that was killed leaves them. */
async function leaveInstances(project: Project) {
  const { clock, simulator } = project;
  const random = seededRandom(5);
  const { credentials } = clientConfigOf('');
  const aws = createAws({ region: 'us-east-1', clock, random, environment: {}, endpoint: simulator.url, credentials });
  const source = { text: standing.yaml, file: undefined, readSql: async (name: string) => standing.files[name] ?? '' };
  const { config } = await readConfig(source, { cwd: '/', environment: {}, sim: true } as never);
  const owner = { aws, desired: desire(config) };
  const options = { ...owner, clock, random, run: 'killed', tell: () => undefined };
  await instancesVantage(options, await findSite(aws, owner.desired, 2), new AbortController().signal);
  return owner;
}

test('they are no change to anybody but down, which removes them before what they stand in', async () => {
  const project = await openStandingProject(standing);
  const owner = await leaveInstances(project);
  expect(await findRemains(owner)).toMatchObject({
    instanceIds: { length: 2 },
    endpointIds: { length: 3 },
    role: true,
  });

  const up = await project.run('up');
  expect(up).toMatchObject({ exitCode: 0, error: undefined });
  expect(up.requests.filter(({ mutating }) => mutating)).toEqual([]);

  const down = await project.run('down', { options: { finalSnapshot: false } });
  expect({ exitCode: down.exitCode, error: down.error }).toEqual({ exitCode: 0, error: undefined });
  expect(isNothing(await findRemains(owner))).toBe(true);
  const deleted = down.requests.map(({ operation }) => operation);
  expect(deleted.lastIndexOf('TerminateInstances')).toBeLessThan(deleted.indexOf('DeleteSubnet'));
  expect(deleted).toContain('DeleteInstanceProfile');
  owner.aws.close();
});
