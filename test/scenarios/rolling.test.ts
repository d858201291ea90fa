/** A change of the consumers goes one at a time: out of the load balancer, changed, back when healthy. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RedshiftServerlessClient, UpdateWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { openProject, type Project, type Ran } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { somebodyAt } from '../support/somebody.ts';

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

  it('waits for a consumer that AWS or somebody else is at, and the others do not wait for that', async () => {
    const project = await openProject({ yaml: yaml(2, 8), settings: { workgroupConcurrency: 'fine' } });
    await project.run('up');
    writeFileSync(join(project.folder, 'rsds.yaml'), yaml(2, 16));
    const client = new RedshiftServerlessClient(clientConfigOf(project.simulator.url));
    const configParameters = [{ parameterKey: 'max_query_execution_time', parameterValue: '60' }];
    const update = new UpdateWorkgroupCommand({ workgroupName: 'airline-dev-consumer-1', configParameters });
    await project.clock.track(client.send(update));
    client.destroy();
    const ran = await project.run('up');
    expect(ran.error).toBeUndefined();
    // Two rolls of some ten minutes.
    expect(ran.events.at(-1)).toMatchObject({ event: 'run-ended' });
    const took = (ran.requests.at(-1)?.at ?? 0) - (ran.requests[0]?.at ?? 0);
    expect(took).toBeLessThan(40 * 60_000);
  });

  it('is made in place where there is only one: nobody else could take its clients', async () => {
    const project = await standing(1);
    const { stdout } = await project.run('plan');
    expect(stdout).toContain('interrupts: AWS may cancel queries');
    const ran = await project.run('up');
    expect([ran.error, calls(ran).map(({ operation }) => operation)]).toEqual([undefined, ['UpdateWorkgroup']]);
  });

  it('stops at the first that does not come back: the others serve as they are', async () => {
    const project = await standing(3);
    project.simulator.intercept(({ operation }) =>
      operation === 'UpdateWorkgroup'
        ? { error: { code: 'ValidationException', message: 'no', status: 400 } }
        : undefined,
    );
    const ran = await project.run('up');
    expect(ran.error).toMatchObject({ exitCode: 1, message: expect.stringContaining('did not come back') });
    expect(calls(ran).map(({ operation }) => operation)).toEqual(['DeregisterTargets']);
    project.simulator.intercept(() => undefined);
    const again = await project.run('up');
    expect(again.error).toBeUndefined();
    expect(calls(again).map(({ operation }) => operation)).toEqual([...once.slice(1), ...once, ...once]);
  });

  it('leaves a consumer alone whose queries do not end, out of the load balancer, and says what runs', async () => {
    const project = await standing(2);
    for (const short of ['consumer-1', 'consumer-2']) somebodyAt(project, short, 'work');
    const ran = await project.run('up');
    expect(ran.error).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/consumer-\d is still at work for clients after .* query \d+ of session/),
    });
    expect(calls(ran).map(({ operation }) => operation)).toEqual(['DeregisterTargets']);
  });
});
