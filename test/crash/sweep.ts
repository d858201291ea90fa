/**
 * The crash sweep: runs a verb once undisturbed, keeping the account and the ledger at every moment at which the
 * process could have died, then goes on from each of them with the same verb. Two moments a mutating call:
 *   before: the intent is in the ledger, the call was not made;
 *   after:  the call had its effect, its answer was lost with the process.
 * "After the ledger's write" is "before the next call". Each must end as the undisturbed run did.
 */
import { readFileSync } from 'node:fs';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import type { WorldSettings, WorldSnapshot } from '../../src/simulator/world.ts';
import { canonicalWorld } from '../support/canonical-world.ts';
import { type Project, type Ran, startProject } from '../support/project.ts';
import { smallSchema } from './small-project.ts';

const files = { 'schema.sql': smallSchema };

export interface CrashState {
  /** `12 before ec2.CreateSubnet`. */
  readonly name: string;
  readonly side: 'before' | 'after';
  /** `ec2.CreateSubnet` */
  readonly call: string;
  readonly world: WorldSnapshot;
  readonly ledger: string | undefined;
}

export interface Recording {
  readonly verb: string;
  readonly states: readonly CrashState[];
  /** The account as the undisturbed run left it. */
  readonly expected: unknown;
  readonly ran: Ran;
  readonly yaml: string;
  readonly settings: Partial<WorldSettings>;
  /** Tables with the lock held by the process that died. */
  readonly held: SavedSimulator;
  /** What the run left, to start another verb's recording from. */
  readonly end: Standing;
}

export interface Standing {
  readonly saved: SavedSimulator;
  readonly ledger: string | undefined;
}

export interface RecordOptions {
  readonly verb: string;
  readonly yaml: string;
  readonly from?: Standing | undefined;
  readonly settings?: Partial<WorldSettings>;
}

const ledgerOf = (project: Project) => {
  try {
    return readFileSync(project.ledgerPath, 'utf8');
  } catch {
    return undefined;
  }
};

/** What AWS tidies up by itself, such as the secret of a namespace that has gone, is given its time. */
function settledWorld({ simulator }: Project): unknown {
  simulator.world.skip(15 * 60_000);
  return canonicalWorld(simulator.world.snapshot());
}

/** Runs the verb undisturbed and keeps every state that a crash could leave. */
export async function record(options: RecordOptions): Promise<Recording> {
  const { verb, yaml, from, settings = {} } = options;
  const states: CrashState[] = [];
  let last: { name: string; call: string } | undefined;
  const keep = (side: 'before' | 'after', name: string, call: string) =>
    states.push({ name, side, call, world: project.simulator.world.snapshot(), ledger: ledgerOf(project) });
  const project = await startProject({
    yaml,
    files,
    settings,
    saved: from?.saved,
    ledger: from?.ledger,
    onMutation: () => {
      if (last) keep('after', `${last.name} after ${last.call}`, last.call);
      last = undefined;
    },
  });
  let held: SavedSimulator | undefined;
  let holding: Promise<void> | undefined;
  project.simulator.intercept(({ n, service, operation, mutating }) => {
    if (!mutating || service === 'dynamodb') return undefined;
    last = { name: String(n), call: `${service}.${operation}` };
    keep('before', `${n} before ${last.call}`, last.call);
    // Once: tables as they are while this process holds its lock.
    holding ??= project.clock.track(project.simulator.save()).then((saved) => {
      held = saved;
    });
    return undefined;
  });
  try {
    const ran = await project.run(verb);
    if (ran.exitCode !== 0) throw ran.error ?? new Error(`${verb} ended with ${ran.exitCode}`);
    await holding;
    const saved = await project.simulator.save();
    const ledger = ledgerOf(project);
    if (!held) throw new Error(`${verb} changed nothing`);
    const expected = settledWorld(project);
    return { verb, states, expected, ran, yaml, settings, held, end: { saved, ledger } };
  } finally {
    await project.close();
  }
}

export interface Resumed {
  readonly ran: Ran;
  readonly world: unknown;
}

/** Goes on from a crash with the same verb. */
export async function resume({ verb, yaml, settings, held }: Recording, state: CrashState): Promise<Resumed> {
  const saved: SavedSimulator = { ...held, world: state.world };
  const project = await startProject({ yaml, files, settings, saved, ledger: state.ledger, seed: 2 });
  try {
    const ran = await project.run(verb);
    return { ran, world: settledWorld(project) };
  } finally {
    await project.close();
  }
}
