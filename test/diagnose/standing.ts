/** A whole environment, built once by `up`, and opened anew for each fault that is put into it. */
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { type Aws, createAws } from '../../src/aws/aws.ts';
import type { Finding } from '../../src/diagnose/finding.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import type { WorldSettings } from '../../src/simulator/world.ts';
import { openProject, type Project, type Ran, startProject } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';

export const smallYaml = `project: airline
region: us-east-1
producer: { database: airline_dw }
consumers: { count: 2 }
datashare: { name: airline_share }
`;

export interface Standing {
  readonly yaml: string;
  readonly saved: SavedSimulator;
  readonly ledger: string;
}

/** Everything that `up` makes of `yaml`, settled. */
export async function buildStanding(yaml = smallYaml, settings: Partial<WorldSettings> = {}): Promise<Standing> {
  const project = await startProject({ yaml, settings });
  try {
    const up = await project.run('up');
    if (up.error) throw up.error;
    return { yaml, saved: await project.simulator.save(), ledger: readFileSync(project.ledgerPath, 'utf8') };
  } finally {
    await project.close();
  }
}

export const openStanding = ({ yaml, saved, ledger }: Standing): Promise<Project> =>
  openProject({ yaml, saved, ledger });

/** The hand of somebody else in the account. */
export function somebody(project: Project): Aws {
  const { endpoint, region, credentials } = clientConfigOf(project.simulator.url);
  const { clock } = project;
  const aws = createAws({ endpoint, region, credentials, clock, random: seededRandom(5), environment: {} });
  onTestFinished(() => aws.close());
  return aws;
}

export interface Diagnosis extends Ran {
  readonly findings: readonly Finding[];
}

/** `rsds diagnose [workgroup] --json`, parsed. */
export async function diagnosed(project: Project, workgroup?: string): Promise<Diagnosis> {
  const named = workgroup === undefined ? {} : { arguments: { workgroup } };
  const ran = await project.run('diagnose', { json: true, ...named });
  if (ran.error) throw ran.error;
  return { ...ran, findings: (JSON.parse(ran.stdout) as { findings: Finding[] }).findings };
}

/** Every finding that is not well, as `consumer-1 target: fail`. */
export const unwell = ({ findings }: Diagnosis) =>
  findings
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ subject, check, verdict }) => `${subject} ${check}: ${verdict}`);

export function findingOf({ findings }: Diagnosis, subject: string, check: string): Finding {
  const own = findings.filter((one) => one.subject === subject && one.check === check);
  const found = own.find(({ verdict }) => verdict !== 'pass') ?? own[0];
  if (!found) throw new Error(`no finding ${check} of ${subject}`);
  return found;
}
