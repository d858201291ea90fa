/** A consumer that dies: clients are led past it, and whoever looks is told. */
import { beforeAll, expect, it } from 'vitest';
import type { Project } from '../support/project.ts';
import { buildStandingProject, openStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';

let standing: StandingProject;

beforeAll(async () => {
  standing = await buildStandingProject(plainYaml(3));
}, 60_000);

const minutes = (project: Project, count: number) => project.clock.sleep(count * 60_000);

it('is out of rotation within its health checks, is told of meanwhile, and is back when it returns', async () => {
  const project = await openStandingProject(standing);
  const { id } = project.simulator.faults.add({ kind: 'dead', target: 'airline-dev-consumer-2' });
  // Two checks of thirty seconds, the time-out of the second, and where in the interval they fall.
  await project.clock.sleep(100_000);
  const status = await project.run('status', { options: { check: true } });
  expect([status.exitCode, status.stdout]).toEqual([5, expect.stringContaining('airline-dev in us-east-1, account')]);
  expect(status.stdout).toMatch(/: degraded$/m);
  expect(status.stdout).toMatch(/airline-dev-consumer-2 .* unhealthy Target\.Timeout/);
  const diagnosis = await project.run('diagnose', { arguments: { workgroup: 'consumer-2' }, json: true });
  const { findings } = JSON.parse(diagnosis.stdout) as {
    findings: { check: string; verdict: string; cause: string; remedy: string }[];
  };
  const [fault, ...others] = findings.filter(({ verdict }) => verdict === 'fail');
  expect([diagnosis.exitCode, others]).toEqual([5, []]);
  expect(fault).toMatchObject({
    check: 'target-health',
    cause: expect.stringMatching(/neither the warehouse behind them/),
  });
  expect(fault?.remedy).toContain('rsds replace consumer-2');
  project.simulator.faults.clear(id);
  await minutes(project, 3);
  const later = await project.run('status', { options: { check: true } });
  expect([later.exitCode, later.stdout]).toEqual([0, expect.stringMatching(/: ready$/m)]);
});

it('is replaced while it is dead: another one takes its place, and it goes without being waited for', async () => {
  const project = await openStandingProject(standing);
  project.simulator.faults.add({ kind: 'dead', target: 'airline-dev-consumer-2' });
  await minutes(project, 3);
  const ran = await project.run('replace', { arguments: { consumer: 'consumer-2' } });
  expect(ran.error).toBeUndefined();
  const { stdout } = await project.run('status', { options: { check: true } });
  expect(stdout).toMatch(/: ready$/m);
  expect(stdout).not.toContain('consumer-2');
  expect(stdout).toContain('airline-dev-consumer-4');
});
