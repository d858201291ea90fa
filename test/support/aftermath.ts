/** What must hold after a run that came to its end, whatever happened before: of the ledger, of the lock, of the account. */
import { readFileSync } from 'node:fs';
import { createAws } from '../../src/aws/aws.ts';
import { environmentKey } from '../../src/commands/environment/locks.ts';
import { parseDocument } from '../../src/ledger/document.ts';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { S3State } from '../../src/simulator/services/s3/state.ts';
import { canonicalWorld } from './canonical-world.ts';
import type { Project } from './project.ts';
import { clientConfigOf } from './simulator.ts';

export const stateBucket = 'airline-state';
/** As a line of rsds.yaml. */
export const stateInS3 = `state: s3://${stateBucket}/team\n`;

/** Makes the bucket that `stateInS3` names. */
export async function makeStateBucket({ simulator, clock }: Project): Promise<void> {
  const aws = createAws({ ...clientConfigOf(simulator.url), clock, random: seededRandom(3), environment: {} });
  await aws.s3.createBucket(stateBucket);
  aws.close();
}

/** The account once AWS has tidied up by itself, such as the secret of a namespace that has gone. */
export function settledWorld({ simulator }: Project): unknown {
  simulator.world.skip(15 * 60_000);
  return canonicalWorld(simulator.world.snapshot());
}

/** The text of a file, undefined where there is none. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is wrong after `verb`; nothing is what is hoped for. */
export async function faultsAfter(project: Project, verb: string, expected: unknown): Promise<string[]> {
  const faults = [...ledgerFaults(project, verb), ...(await lockFaults(project))];
  if (JSON.stringify(settledWorld(project)) !== JSON.stringify(expected)) faults.push('another world');
  return faults;
}

/** The ledger can be read, and knows of nothing that is half-done; after `down` it knows of nothing. */
function ledgerFaults(project: Project, verb: string): string[] {
  const text = textOf(project.ledgerPath) ?? remoteLedger(project);
  // A `down` that finds nothing has nothing to write.
  if (text === undefined) return verb === 'down' ? [] : ['no ledger'];
  const { resources } = parseDocument(text, project.ledgerPath, {
    ...{ project: 'airline', environment: 'dev', region: 'us-east-1' },
    account: project.simulator.world.settings.account,
  });
  const done = (state: string) => verb !== 'down' && (state === 'settled' || state === 'removed');
  const open = Object.entries(resources).filter(([, { state }]) => !done(state));
  return open.map(([id, { state }]) => `${id} is ${state} in the ledger`);
}

/** The ledger of a project whose state is in S3, at `stateInS3`. */
function remoteLedger({ simulator }: Project): string | undefined {
  const { buckets } = (simulator.world.snapshot().states.s3 ?? { buckets: {} }) as S3State;
  const [newest] = buckets[stateBucket]?.objects[`team/airline-dev.json`] ?? [];
  return newest && Buffer.from(newest.body, 'base64').toString();
}

const leaseMs = 60_000;

/** Whoever wants the environment's lock gets it within one lease, also where a dead process is still its holder. */
async function lockFaults({ clock, simulator }: Project): Promise<string[]> {
  const random = seededRandom(3);
  const aws = createAws({ ...clientConfigOf(simulator.url), clock, random, environment: {} });
  const lock = new DynamoLock({ table: new LockTable('rsds-locks', aws.dynamodb), clock, random, leaseMs });
  const info = { user: 'next', host: 'here', pid: 1, operation: 'up' };
  const { signal } = new AbortController();
  try {
    const lease = await lock.acquire(environmentKey('airline', 'dev'), { info, signal, waitMs: leaseMs + 3_000 });
    await lease.release();
    return [];
  } catch (error) {
    return [`the lock is not free within a lease: ${String(error)}`];
  } finally {
    aws.close();
  }
}
