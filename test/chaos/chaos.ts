/**
 * Chaos: AWS on its worst day. Each request of every service is throttled, fails, gets lost or loses its answer by
 * chance, from a seed; a run must converge, or stop with a coded error and converge when it is run again in peace.
 */
import { RsdsError } from '../../src/shared/errors.ts';
import type { Fault } from '../../src/simulator/simulator.ts';
import { smallProject, smallSchema } from '../crash/small-project.ts';
import { faultsAfter, makeStateBucket, settledWorld, stateInS3 } from '../support/aftermath.ts';
import { type Project, type Ran, startProject } from '../support/project.ts';

/** Of all requests, so many are struck so. */
const shares: readonly (readonly [share: number, fault: Fault])[] = [
  [0.3, { kind: 'throttle' }],
  [0.05, { kind: 'error', status: 500 }],
  [0.05, { kind: 'error', status: 503 }],
  [0.05, { kind: 'lost-request' }],
  [0.05, { kind: 'lost-response' }],
];

/** A fault is asked only where those before it did not strike: its chance is its share of what they leave. */
export function badDay(seed: number): Fault[] {
  let left = 1;
  return shares.map(([share, fault], index) => {
    const probability = share / left;
    left -= share;
    return { ...fault, probability, seed: seed * 10 + index };
  });
}

export interface Step {
  readonly verb: string;
  readonly options?: Readonly<Record<string, number>>;
}

export const steps: readonly Step[] = [{ verb: 'up' }, { verb: 'scale', options: { consumers: 3 } }, { verb: 'down' }];

/** Every so manieth seed has its ledger in S3, whose calls fail like those of others. */
const remoteEvery = 5;

async function open(seed: number): Promise<Project> {
  const remote = seed % remoteEvery === 0;
  const yaml = `${smallProject}${remote ? stateInS3 : ''}`;
  const project = await startProject({ yaml, files: { 'schema.sql': smallSchema }, seed });
  if (remote) await makeStateBucket(project);
  return project;
}

/** The account after each step, undisturbed. */
export async function undisturbed(): Promise<readonly unknown[]> {
  const project = await open(1);
  const worlds: unknown[] = [];
  try {
    for (const { verb, options } of steps) {
      const ran = await project.run(verb, options ? { options } : {});
      if (ran.error) throw ran.error;
      worlds.push(settledWorld(project));
    }
    return worlds;
  } finally {
    await project.close();
  }
}

export interface Outcome {
  readonly verb: string;
  /** Undefined where the run converged under fire; else the code with which it stopped. */
  readonly stoppedWith: string | undefined;
  readonly struck: number;
  readonly minutes: number;
  /** What is not as it should be. */
  readonly wrong: readonly string[];
}

/** Takes the first so many steps, each on a bad day of its own. */
export async function drill(seed: number, count: number, expected: readonly unknown[]): Promise<Outcome[]> {
  const project = await open(seed);
  const outcomes: Outcome[] = [];
  try {
    for (const [index, step] of steps.slice(0, count).entries()) {
      outcomes.push(await take(project, step, { seed: seed * 3 + index, expected: expected[index] }));
    }
    return outcomes;
  } finally {
    await project.close();
  }
}

async function take(
  project: Project,
  { verb, options }: Step,
  day: { seed: number; expected: unknown },
): Promise<Outcome> {
  const { faults } = project.simulator;
  const since = project.clock.elapsed();
  for (const fault of badDay(day.seed)) faults.add(fault);
  const ran = await project.run(verb, options ? { options } : {});
  const struck = faults.list().reduce((sum, fault) => sum + fault.struck, 0);
  faults.clear();
  const minutes = (project.clock.elapsed() - since) / 60_000;
  const wrong = [...faultsOf(ran)];
  if (ran.exitCode !== 0) {
    const again = await project.run(verb, options ? { options } : {});
    if (again.exitCode !== 0)
      wrong.push(`again in peace: exit ${again.exitCode}: ${again.error?.code} ${again.error?.message}`);
  }
  wrong.push(...(await faultsAfter(project, verb, day.expected)));
  return { verb, stoppedWith: ran.error?.code, struck, minutes, wrong };
}

/** Stopping is allowed, with a code and a reason; a bug is not. */
function faultsOf({ exitCode, error, stderr }: Ran): string[] {
  if (exitCode === 0) return [];
  if (exitCode === 70 || !(error instanceof RsdsError)) return [`exit ${exitCode}: ${error?.stack}`];
  return /^\s+at /m.test(`${error.message}\n${stderr}`) ? [`a stack trace: ${error.message}`] : [];
}
