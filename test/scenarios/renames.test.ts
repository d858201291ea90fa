/** A wish of the datashare that is changed after the fact: what stood for the old one is not left open to anybody. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProject, type Project, type Ran } from '../support/project.ts';

const yaml = `project: airline
region: us-east-1
producer: { initSql: [rows.sql] }
consumers: { count: 1, baseCapacity: 8 }
datashare:
  name: airline_share
  schemas: [public, sales]
  consumerDatabase: airline
  reader: reporter
  externalSchemas: true
`;
const files = {
  'rows.sql':
    'CREATE TABLE things (id INT);\nCREATE SCHEMA sales;\nCREATE TABLE sales.orders (id INT);\nCREATE TABLE sales.prices (id INT);\n',
};

async function standing(): Promise<Project> {
  const project = await openProject({ yaml, files });
  expect((await project.run('up')).error).toBeUndefined();
  return project;
}

const rewrite = (project: Project, from: string, to: string) =>
  writeFileSync(join(project.folder, 'rsds.yaml'), yaml.replace(from, to));

/** The SQL that changed something, in its order. */
const changing = ({ requests }: Ran): string[] =>
  requests
    .map(({ input }) => String((input as { Sql?: unknown } | undefined)?.Sql ?? ''))
    .filter((sql) => /^(ALTER|CREATE|DROP|GRANT|REVOKE)/.test(sql));

/** Makes the change and looks by SQL: nothing is left to do. */
async function changed(project: Project): Promise<Ran> {
  const ran = await project.run('up');
  expect(ran.error).toBeUndefined();
  expect(await project.run('plan', { options: { check: true, sql: true } })).toMatchObject({ exitCode: 0 });
  return ran;
}

test('another reader: the plan says that the old login is closed, and it is', async () => {
  const project = await standing();
  rewrite(project, 'reader: reporter', 'reader: analyst');
  const { stdout } = await project.run('plan');
  expect(stdout).toContain('close the login reporter');
  expect(stdout).toContain('interrupts: clients that log in as reporter');
  const sql = changing(await changed(project));
  expect(sql).toContain('ALTER USER "reporter" PASSWORD DISABLE');
  expect(sql).toContain('GRANT USAGE ON DATABASE "airline" TO "analyst"');
});

test('another name of the shared database: the old one makes way, and the login may use the new one', async () => {
  const project = await standing();
  rewrite(project, 'consumerDatabase: airline', 'consumerDatabase: flights');
  const { stdout } = await project.run('plan');
  expect(stdout).toContain('airline becomes flights');
  expect(stdout).toContain('interrupts: clients of the database airline');
  const sql = changing(await changed(project));
  expect(sql.slice(0, 2)).toEqual(['DROP DATABASE "airline"', expect.stringContaining('CREATE DATABASE "flights"')]);
  expect(sql).toContain('GRANT USAGE ON DATABASE "flights" TO "reporter"');
  expect(sql).toContain('DROP SCHEMA IF EXISTS "airline_sales"');
});

test('a schema that is shared no longer is taken out of the share, and told by the plan', async () => {
  const project = await standing();
  rewrite(project, '[public, sales]', '[public]');
  const { stdout } = await project.run('plan');
  expect(stdout).toContain('no longer share sales');
  expect(stdout).toContain('interrupts: readers of sales');
  const sql = changing(await changed(project));
  expect(sql).toContain('ALTER DATASHARE "airline_share" REMOVE SCHEMA "sales"');
  expect(sql).toContain('DROP SCHEMA IF EXISTS "airline_sales"');
});

test('a schema of which single tables stay shared loses the others, and those to come', async () => {
  const project = await standing();
  rewrite(project, '[public, sales]', '[public]\n  tables: [sales.orders]');
  const sql = changing(await changed(project));
  expect(sql.filter((one) => one.includes('DATASHARE'))).toEqual([
    'ALTER DATASHARE "airline_share" SET INCLUDENEW = FALSE FOR SCHEMA "sales"',
    'ALTER DATASHARE "airline_share" REMOVE TABLE "sales"."prices"',
  ]);
  rewrite(project, '[public, sales]', '[public]');
  const then = changing(await changed(project));
  expect(then.filter((one) => one.includes('DATASHARE'))).toEqual([
    'ALTER DATASHARE "airline_share" REMOVE TABLE "sales"."orders"',
    'ALTER DATASHARE "airline_share" REMOVE ALL TABLES IN SCHEMA "sales"',
    'ALTER DATASHARE "airline_share" REMOVE SCHEMA "sales"',
  ]);
});

test('another name of the datashare is refused before anything is touched', async () => {
  const project = await standing();
  rewrite(project, 'name: airline_share', 'name: flight_share');
  const ran = await project.run('up');
  expect(ran.error).toMatchObject({ code: 'plan/refused', hint: expect.stringContaining('back to airline_share') });
  expect(ran.exitCode).toBe(2);
  expect(ran.requests.filter(({ mutating }) => mutating)).toEqual([]);
});

test('a database that another datashare stands behind is never dropped', async () => {
  const project = await standing();
  rewrite(project, 'name: airline_share', 'name: flight_share');
  // Another checkout, whose ledger knows nothing of the first name.
  rmSync(project.ledgerPath);
  const ran = await project.run('up');
  expect(ran.error).toMatchObject({
    code: 'sql/failed',
    message: expect.stringContaining('another datashare, airline_share'),
  });
  expect(changing(ran).filter((sql) => sql.startsWith('DROP'))).toEqual([]);
});
