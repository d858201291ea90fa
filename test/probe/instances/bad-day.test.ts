/** Test instances on AWS's worst day: they come, or they don't and it is said why, and nothing stays behind. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createAws } from '../../../src/aws/aws.ts';
import { readConfig } from '../../../src/config/load.ts';
import { desire } from '../../../src/model/desired.ts';
import { findSite, instancesVantage, removeRemains } from '../../../src/probe/instances/vantage.ts';
import { seededRandom } from '../../../src/shared/random.ts';
import { isMutating } from '../../../src/simulator/wire/verbs.ts';
import { findRemains, isNothing } from '../../../src/steps/remains/find.ts';
import type { Project } from '../../support/project.ts';
import { full, seed } from '../../support/seed.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { buildStandingProject, openStandingProject, plainYaml, type StandingProject } from '../../support/standing.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(plainYaml(2));
});

async function optionsFor({ clock, simulator }: Project, day: number) {
  const random = seededRandom(day);
  const { credentials } = clientConfigOf('');
  const aws = createAws({ region: 'us-east-1', clock, random, environment: {}, endpoint: simulator.url, credentials });
  const source = { text: standing.yaml, file: undefined, readSql: async (name: string) => standing.files[name] ?? '' };
  const { config } = await readConfig(source, { cwd: '/', environment: {}, sim: true } as never);
  return { aws, desired: desire(config), clock, random, run: `day-${day}`, tell: () => undefined };
}

const services = ['ec2', 'iam', 'ssm'];
const never = new AbortController().signal;
const days = Array.from({ length: full ? 40 : 4 }, (_, n) => seed + n);

describe('on a bad day', () => {
  it.each(days)('of seed %i', async (day) => {
    const project = await openStandingProject(standing);
    const { faults } = project.simulator;
    const options = await optionsFor(project, day);
    const site = await findSite(options.aws, options.desired, 2);
    faults.add({ kind: 'throttle', services, operations: [], probability: 0.15, seed: day });
    faults.add({ kind: 'error', services, operations: [], probability: 0.05, seed: day + 1 });
    faults.add({ kind: 'lost-request', services, operations: [], probability: 0.05, seed: day + 2 });
    faults.add({ kind: 'lost-response', services, operations: [], probability: 0.1, seed: day + 3 });
    const vantage = await instancesVantage(options, site, never);
    expect(vantage.name.split(', ')).toHaveLength(2);
    const { instanceIds, endpointIds, groupIds } = await findRemains(options);
    expect([...instanceIds].sort()).toEqual(vantage.name.split(', ').sort());
    expect([endpointIds.length, groupIds.length]).toEqual([3, 2]);
    await vantage.close();
    faults.clear();
    expect(isNothing(await findRemains(options))).toBe(true);
    options.aws.close();
  });

  it('that lets no instance come, what was made for it goes again', async () => {
    const project = await openStandingProject(standing);
    const options = await optionsFor(project, 1);
    const site = await findSite(options.aws, options.desired, 1);
    project.simulator.faults.add({ kind: 'denied', services: ['ec2'], operations: ['RunInstances'] });
    await expect(instancesVantage(options, site, never)).rejects.toMatchObject({ kind: 'denied' });
    await removeRemains(options);
    expect(isNothing(await findRemains(options))).toBe(true);
    options.aws.close();
  });
});

describe('killed at one of its calls', () => {
  const refused = { error: { code: 'UnauthorizedOperation', message: 'the process is gone', status: 403 } };

  /** Runs a test in which nothing that changes something gets through from the call `n` on, and counts those calls. */
  async function runUntil(project: Project, n: number, last: 'lose-request' | 'lose-response') {
    const options = await optionsFor(project, n);
    const site = await findSite(options.aws, options.desired, 1);
    let calls = 0;
    project.simulator.intercept(({ operation }) => {
      if (!isMutating(operation)) return undefined;
      calls++;
      return calls < n ? undefined : calls === n ? last : refused;
    });
    const ended = await instancesVantage(options, site, never)
      .then((vantage) => vantage.close())
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    project.simulator.intercept(undefined);
    return { options, ended, calls };
  }

  it('it leaves nothing that the next test does not find and remove', async () => {
    const { calls: all } = await runUntil(
      await openStandingProject(standing),
      Number.POSITIVE_INFINITY,
      'lose-request',
    );
    expect(all).toBeGreaterThan(20);
    const moments = Array.from({ length: all }, (_, n) => n + 1).filter((n) => full || (n + seed) % 6 === 0);
    for (const n of moments) {
      for (const last of ['lose-request', 'lose-response'] as const) {
        const project = await openStandingProject(standing);
        const { options, ended } = await runUntil(project, n, last);
        // The last call had its effect, so that nothing was left to be done.
        if (n < all || last === 'lose-request') expect([n, last, ended]).toEqual([n, last, expect.anything()]);
        await removeRemains(options);
        expect([n, last, await findRemains(options)]).toEqual([n, last, nothing]);
        options.aws.close();
        await project.close();
      }
    }
  }, 240_000);

  const nothing = { instanceIds: [], endpointIds: [], groupIds: [], role: false };
});
