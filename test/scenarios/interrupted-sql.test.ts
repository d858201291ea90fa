/** What SQL made is believed from the ledger, but not while it is being changed. */
import { expect, test } from 'vitest';
import { RsdsError } from '../../src/shared/errors.ts';
import { accountOf, planned } from '../support/account.ts';
import { buildStandingProject, openStandingProject, plainYaml } from '../support/standing.ts';

test('a repair that was stopped between two statements is ended by the next up, with or without --sql', async () => {
  const project = await openStandingProject(await buildStandingProject(plainYaml(1)));
  const account = accountOf(project);
  for (const sql of ['REVOKE USAGE ON DATABASE airline FROM reporter', 'DROP USER reporter'])
    await account.sql('consumer-1', 'dev', sql);
  const stop = new AbortController();
  project.simulator.intercept(({ input }) => {
    const made = String((input as { Sql?: unknown }).Sql).startsWith('CREATE USER');
    if (made) stop.abort(new RsdsError('run/interrupted', 'stopped'));
    return undefined;
  });
  const stopped = await project.run('up', { options: { sql: true }, signal: stop.signal });
  expect(stopped.error).toMatchObject({ code: 'run/interrupted' });

  const plan = await project.run('plan', { json: true });
  expect(planned(plan.stdout)).toContain('consumer-1/reader');
  const { error, events } = await project.run('up');
  expect(error).toBeUndefined();
  const made = events.flatMap((event) => (event.event === 'change-applied' ? [event.title] : []));
  expect(made).toContain('GRANT USAGE ON DATABASE "airline" TO "reporter"');
  expect((await project.run('plan', { options: { check: true, sql: true } })).exitCode).toBe(0);
});
