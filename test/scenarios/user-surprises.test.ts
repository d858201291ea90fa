/** What somebody who tries rsds out comes across first: a mistake in SQL, a workload taken out, a count changed by hand. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProject } from '../support/project.ts';
import { buildStandingProject, openStandingProject, plainYaml } from '../support/standing.ts';

const yaml = `project: airline
region: us-east-1
producer: { initSql: [rows.sql] }
consumers: { count: 1 }
workloads: { analytics: { baseCapacity: 8 } }
`;
const mistaken = '-- rows\nCREATE TABLE things (id INT);\n\nINSERT INTO thingz VALUES (1);\nSELECT 1;\n';

test('a mistake in initial SQL is told with file and line; once mended, up goes on', async () => {
  const project = await openProject({ yaml, files: { 'rows.sql': mistaken } });
  const { error } = await project.run('up');
  expect(error).toMatchObject({ code: 'sql/failed', hint: expect.stringContaining('mend rows.sql:4') });
  expect(error?.message).toContain('at rows.sql:4: relation "thingz" does not exist');

  writeFileSync(join(project.folder, 'rows.sql'), mistaken.replace('thingz', 'things'));
  expect(await project.run('up')).toMatchObject({ exitCode: 0, error: undefined });

  writeFileSync(join(project.folder, 'rsds.yaml'), yaml.replace(/workloads.*\n/, ''));
  const { stdout, exitCode } = await project.run('up');
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain('analytics');
}, 60_000);

test('a file of initial SQL that has run and was changed is refused by the plan already, without SQL', async () => {
  const text = 'CREATE TABLE things (id INT);\n';
  const one = plainYaml(1).replace('schema.sql', 'rows.sql');
  const project = await openProject({ yaml: one, files: { 'rows.sql': text } });
  expect((await project.run('up')).error).toBeUndefined();

  const changed = text.replace('id INT', 'id BIGINT');
  writeFileSync(join(project.folder, 'rows.sql'), changed);
  for (const command of ['plan', 'up'] as const) {
    const { error, exitCode, requests } = await project.run(command);
    expect(error).toMatchObject({ code: 'sql/init-changed', message: expect.stringContaining('rows.sql was changed') });
    expect(exitCode).toBe(2);
    expect(requests.filter(({ service, mutating }) => mutating || service === 'redshift-data')).toEqual([]);
  }

  writeFileSync(join(project.folder, 'rows.sql'), `${text}CREATE TABLE others (id INT);\n`);
  expect((await project.run('plan')).error).toMatchObject({ code: 'sql/init-changed' });

  writeFileSync(join(project.folder, 'rows.sql'), text);
  writeFileSync(join(project.folder, 'more.sql'), 'CREATE TABLE others (id INT);\n');
  writeFileSync(join(project.folder, 'rsds.yaml'), one.replace('rows.sql', 'rows.sql, more.sql'));
  expect(await project.run('up')).toMatchObject({ exitCode: 0, error: undefined });
}, 60_000);

test('the plan of down tells no price of what it removes', async () => {
  const project = await openStandingProject(await buildStandingProject(plainYaml(1)));
  const { stderr } = await project.run('down', { options: { finalSnapshot: true } });
  expect(stderr).toContain('final snapshot');
  expect(stderr).toContain('what is written after it was begun is lost');
  expect(stderr).not.toMatch(/^idle:|^at work:/m);
});

test('under --sim scale leaves the file alone and says so; a count that is then changed in the file counts', async () => {
  const project = await openStandingProject(await buildStandingProject(plainYaml(1)));
  const scaled = await project.run('scale', { options: { consumers: 2 } });
  expect(scaled.stderr).toMatch(/the simulator alone keeps 2 consumers; rsds\.yaml is not changed/);
  const settled = await project.run('plan', { options: { check: true } });
  expect(settled.exitCode).toBe(0);
  expect(settled.stderr).toMatch(/consumers\.count is 2, as rsds scale left it in the simulator; rsds\.yaml says 1/);

  writeFileSync(join(project.folder, 'rsds.yaml'), plainYaml(3));
  const edited = await project.run('plan', { options: { check: true } });
  expect(edited.exitCode).toBe(3);
  expect(edited.stdout).toContain('consumer-3/workgroup');
}, 60_000);
