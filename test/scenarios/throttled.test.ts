/** An account in which others leave little of the rate: slower, told with --verbose, and nothing else. */
import { expect, test } from 'vitest';
import { openProject } from '../support/project.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';

test('a throttled run waits with growing, uneven pauses, tells each with --verbose, and gets there', async () => {
  const project = await openProject({ yaml: plainYaml(1), files: { 'schema.sql': schemaSql } });
  project.simulator.faults.add({ kind: 'throttle', services: ['redshift-serverless', 'ec2'], probability: 0.4 });
  const { exitCode, error, stderr, events } = await project.run('up', { debug: false });
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: undefined });

  const told = [
    ...stderr.matchAll(/^(\S+ \w+) (?:ThrottlingException|RequestLimitExceeded) after .*again in (\d+)s/gm),
  ];
  expect(told.length).toBeGreaterThan(20);
  expect(stderr).not.toMatch(/^redshift-serverless ListNamespaces \d+ ms/m);
  const seconds = told.map(([, , pause]) => Number(pause));
  expect([Math.min(...seconds) <= 1, Math.max(...seconds) >= 4]).toEqual([true, true]);

  // Changes are repeated by the engine, which tells so by events: every renderer shows them.
  const retries = events.filter((event) => event.event === 'retry');
  expect(new Set(retries.map(({ kind }) => kind))).toContain('throttled');
  const firsts = retries.filter(({ kind, attempt }) => kind === 'throttled' && attempt === 1);
  expect(new Set(firsts.map(({ inMs }) => inMs)).size).toBe(firsts.length);
});

test('a service that throttles everything ends the run with a code after minutes, and the next run goes on', async () => {
  const project = await openProject({ yaml: plainYaml(1), files: { 'schema.sql': schemaSql } });
  project.simulator.faults.add({ kind: 'throttle', operations: ['CreateLoadBalancer'] });
  const stopped = await project.run('up');
  expect(stopped).toMatchObject({ exitCode: 1, error: { code: 'aws/throttled' } });
  expect(project.clock.elapsed()).toBeLessThan(60 * 60_000);
  const tried = stopped.requests.filter(({ operation }) => operation === 'CreateLoadBalancer');
  expect(tried.length).toBeLessThan(50);
  project.simulator.faults.clear();
  expect(await project.run('up')).toMatchObject({ exitCode: 0, error: undefined });
});
