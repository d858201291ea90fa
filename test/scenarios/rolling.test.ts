/** A change of the consumers goes one at a time: out of the load balancer, changed, back when healthy. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProject, type Project, type Ran } from '../support/project.ts';

const yaml = (count: number, baseCapacity: number) => `project: airline
region: us-east-1
producer: { database: airline_dw, baseCapacity: 8 }
consumers: { count: ${count}, baseCapacity: ${baseCapacity} }
datashare: { name: airline_share, schemas: [public], consumerDatabase: airline, reader: reporter }
`;

async function standing(count: number): Promise<Project> {
  const project = await openProject({ yaml: yaml(count, 8) });
  expect((await project.run('up')).error).toBeUndefined();
  writeFileSync(join(project.folder, 'rsds.yaml'), yaml(count, 16));
  return project;
}

const calls = ({ requests }: Ran) =>
  requests
    .filter(({ mutating, errorCode }) => mutating && errorCode === undefined)
    .filter(({ operation }) => /Workgroup|Targets/.test(operation))
    .map(({ operation, at, input }) => ({ operation, at, name: (input as { workgroupName?: string }).workgroupName }));

const once = ['DeregisterTargets', 'UpdateWorkgroup', 'RegisterTargets'];

describe('a change of the size of all consumers', { timeout: 60_000 }, () => {
  it('takes them out of the load balancer one after the other, and each is back before the next leaves', async () => {
    const project = await standing(3);
    const { stdout } = await project.run('plan');
    expect(stdout).toContain('take consumer-2 out of the load balancer and let its connections end');
    expect(stdout).not.toContain('interrupts');
    const ran = await project.run('up');
    expect(ran.error).toBeUndefined();
    const made = calls(ran);
    expect(made.map(({ operation }) => operation)).toEqual([...once, ...once, ...once]);
    expect(new Set(made.flatMap(({ name }) => name ?? [])).size).toBe(3);
    for (const [index, { operation, at }] of made.entries()) {
      if (operation === 'UpdateWorkgroup') expect(at - (made[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(180_000);
      // Registered, then healthy: not before its first checks.
      if (operation === 'DeregisterTargets' && index > 0)
        expect(at - (made[index - 1]?.at ?? 0)).toBeGreaterThan(15_000);
    }
    expect(await project.run('plan', { options: { check: true } })).toMatchObject({ exitCode: 0 });
  });

  it('goes on where it was stopped while connections ended: nothing is changed before they have', async () => {
    const project = await standing(2);
    const stop = new AbortController();
    project.simulator.intercept(({ operation }) => {
      if (operation === 'DeregisterTargets') stop.abort();
      return undefined;
    });
    const stopped = await project.run('up', { signal: stop.signal });
    expect(calls(stopped).map(({ operation }) => operation)).toEqual(['DeregisterTargets']);
    project.simulator.intercept(() => undefined);
    const begun = project.clock.now();
    const ran = await project.run('up');
    expect(ran.error).toBeUndefined();
    const made = calls(ran);
    expect(made.map(({ operation }) => operation)).toEqual([...once.slice(1), ...once]);
    expect((made[0]?.at ?? 0) - begun).toBeGreaterThanOrEqual(180_000);
  });

  it('is made in place where there is only one: nobody else could take its clients', async () => {
    const project = await standing(1);
    const { stdout } = await project.run('plan');
    expect(stdout).toContain('interrupts: AWS may cancel queries');
    const ran = await project.run('up');
    expect([ran.error, calls(ran).map(({ operation }) => operation)]).toEqual([undefined, ['UpdateWorkgroup']]);
  });
});
