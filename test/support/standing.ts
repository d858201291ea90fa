/** Environments that stand, built once by the verb itself: most scenarios begin where one does. */
import { readFileSync } from 'node:fs';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import { openProject, type Project, type ProjectOptions, startProject } from './project.ts';

export interface StandingProject {
  readonly yaml: string;
  readonly files: Readonly<Record<string, string>>;
  readonly saved: SavedSimulator;
  /** Text of the ledger. */
  readonly ledger: string;
}

export const schemaSql =
  'CREATE TABLE flights (id BIGINT NOT NULL, carrier CHAR(2));\nINSERT INTO flights VALUES (1);\n';

/** One of everything that is optional, as small as it can be. */
export const fullYaml = `project: airline
region: us-east-1
network:
  enhancedVpcRouting: true
producer:
  s3Buckets: [airline-landing]
  initSql: [schema.sql]
  usageLimits: [{ rpuHours: 100, period: daily, action: log }]
consumers:
  count: 2
workloads:
  analytics: { baseCapacity: 8, database: analytics }
datashare:
  externalSchemas: true
`;

/** Without anything optional, with so many consumers. */
export const plainYaml = (consumers: number, more = '') =>
  `project: airline\nregion: us-east-1\nproducer: { initSql: [schema.sql] }\nconsumers: { count: ${consumers} }\n${more}`;

/** Brings an environment up and leaves it alone for two hours, so that AWS has made recovery points. */
export async function buildStandingProject(yaml: string, options: ProjectOptions = {}): Promise<StandingProject> {
  const files = { 'schema.sql': schemaSql };
  const project = await startProject({ yaml, files, ...options });
  try {
    const up = await project.run('up');
    if (up.error) throw up.error;
    project.simulator.world.skip(2 * 60 * 60_000);
    return standingOf(project, yaml, files);
  } finally {
    await project.close();
  }
}

async function standingOf(
  project: Project,
  yaml: string,
  files: Readonly<Record<string, string>>,
): Promise<StandingProject> {
  const saved = await project.simulator.save();
  return { yaml, files, saved, ledger: readFileSync(project.ledgerPath, 'utf8') };
}

/** The same account and folder once more, for the running test. */
export const openStandingProject = (standing: StandingProject, options: ProjectOptions = {}): Promise<Project> =>
  openProject({ ...standing, ...options });
