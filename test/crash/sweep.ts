/**
 * The crash sweep: runs a verb once undisturbed and keeps account and ledger between any two of its steps, then goes on
 * from each of these states with the same verb. A step is a mutating call, those of the locks included, or a write of
 * the ledger; heartbeats are none. What a crash leaves after one step is what it leaves before the next, so that n steps
 * have n + 1 states:
 *   after a call:  it had its effect, its answer was lost with the process;
 *   before a call: the intent is in the ledger, the call was not made.
 * From each, the run must end as the undisturbed one did.
 */

import type { LoggedRequest, SavedSimulator } from '../../src/simulator/simulator.ts';
import type { WorldSnapshot } from '../../src/simulator/world.ts';
import { faultsAfter, settledWorld, textOf } from '../support/aftermath.ts';
import { type Project, type Ran, startProject, type VerbOptions } from '../support/project.ts';
import { kindOfWrite, WatchfulClock } from './ledger-writes.ts';
import { smallSchema } from './small-project.ts';

const files = { 'schema.sql': smallSchema };

/** What a process that dies leaves behind. */
export interface Standing {
  readonly saved: SavedSimulator;
  readonly ledger: string | undefined;
}

export interface CrashState extends Standing {
  /** The steps between which the process dies, e.g. `ledger.intended` and `ec2.CreateSubnet`. */
  readonly after: string;
  readonly before: string;
  /** `12 after ledger.intended, before ec2.CreateSubnet`. */
  readonly name: string;
}

export interface Drill {
  readonly verb: string;
  readonly options?: VerbOptions['options'];
  readonly yaml: string;
  /** Where it begins; undefined: in an empty account. */
  readonly from?: Standing | undefined;
}

export interface Recording {
  readonly drill: Drill;
  readonly states: readonly CrashState[];
  /** The account as the undisturbed run left it. */
  readonly expected: unknown;
  /** What the run left, to start another verb's recording from. */
  readonly end: Standing;
}

/** Runs the verb undisturbed and keeps every state that a crash could leave. */
export async function record(drill: Drill): Promise<Recording> {
  const { verb, yaml, from, options } = drill;
  const recorder = new Recorder();
  const { clock } = recorder;
  const onMutation = () => recorder.called();
  const project = await startProject({ yaml, files, saved: from?.saved, ledger: from?.ledger, clock, onMutation });
  try {
    await recorder.begin(project);
    const ran = await project.run(verb, { ...(options ? { options } : {}) });
    if (ran.exitCode !== 0) throw ran.error ?? new Error(`${verb} ended with ${ran.exitCode}`);
    const states = await recorder.end();
    const end = { saved: await project.simulator.save(), ledger: textOf(project.ledgerPath) };
    return { drill, states, expected: settledWorld(project), end };
  } finally {
    await project.close();
  }
}

interface Kept {
  readonly after: string;
  readonly world: WorldSnapshot;
  /** What the lock tables hold is read after the step; they change by steps only. */
  readonly raw: Promise<SavedSimulator['raw']>;
  readonly ledger: string | undefined;
}

class Recorder {
  readonly clock = new WatchfulClock();
  readonly #kept: Kept[] = [];
  #project: Project | undefined;
  #raw: Kept['raw'] = Promise.resolve({});
  #ledger: string | undefined;

  async begin(project: Project): Promise<void> {
    this.#project = project;
    this.#ledger = textOf(project.ledgerPath);
    this.#readTables();
    this.#keep('the start');
    await this.#raw;
    this.clock.onIo = () => this.#wrote();
  }

  /** The simulator has handled a request that changes something, and has not answered it yet. */
  called(): void {
    const request = this.#project?.simulator.requests.all().at(-1);
    if (!request || request.errorCode !== undefined || isHeartbeat(request)) return;
    if (request.service === 'dynamodb') this.#readTables();
    this.#keep(`${request.service}.${request.operation}`);
  }

  async end(): Promise<CrashState[]> {
    this.clock.onIo = undefined;
    const names = this.#kept.map(({ after }) => after);
    return Promise.all(
      this.#kept.map(async ({ after, world, raw, ledger }, n) => {
        const before = names[n + 1] ?? 'the end';
        const saved: SavedSimulator = { version: 1, world, raw: await raw };
        return { after, before, name: `${n} after ${after}, before ${before}`, saved, ledger };
      }),
    );
  }

  #wrote(): void {
    const text = this.#project && textOf(this.#project.ledgerPath);
    if (text === undefined || text === this.#ledger) return;
    const kind = kindOfWrite(this.#ledger, text);
    this.#ledger = text;
    this.#keep(kind);
  }

  #keep(after: string): void {
    const world = this.#project?.simulator.world.snapshot();
    if (world) this.#kept.push({ after, world, raw: this.#raw, ledger: this.#ledger });
  }

  #readTables(): void {
    const simulator = this.#project?.simulator;
    if (simulator) this.#raw = this.clock.track(simulator.save()).then(({ raw }) => raw);
  }
}

/** Changes neither who holds the key nor what is kept with it. */
const isHeartbeat = ({ service, input }: LoggedRequest) =>
  service === 'dynamodb' && /^SET version\b/.test((input as { UpdateExpression?: string }).UpdateExpression ?? '');

/** Goes on from a crash with the same verb; answers what is wrong afterwards, nothing being what is hoped for. */
export async function resume({ drill, expected }: Recording, state: CrashState): Promise<string[]> {
  const { verb, yaml, options } = drill;
  const { saved, ledger } = state;
  const project = await startProject({ yaml, files, saved, ledger, seed: 2 });
  try {
    const ran = await project.run(verb, { ...(options ? { options } : {}) });
    const wrong = [...faultsOf(ran), ...(await faultsAfter(project, verb, expected))];
    return wrong.map((what) => `${state.name}: ${what}`);
  } finally {
    await project.close();
  }
}

const faultsOf = ({ exitCode, error }: Ran) => (exitCode === 0 ? [] : [`exit ${exitCode}: ${error?.message}`]);
