/**
 * A project in a folder of its own and a simulated account, on virtual time: the verbs themselves run, in process, as
 * the command line would run them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type CommandContext, type LocalAddresses, noLocalAddresses } from '../../src/commands/context.ts';
import { commands } from '../../src/commands/list.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { ledgerPath } from '../../src/ledger/file-ledger.ts';
import type { LedgerDocument } from '../../src/ledger/ledger.ts';
import { linesBoard } from '../../src/report/board.ts';
import { paintFor } from '../../src/report/colour.ts';
import { createNotices } from '../../src/report/notices.ts';
import { createOutput } from '../../src/report/output.ts';
import type { Prompter } from '../../src/report/prompter.ts';
import { type Clock, VirtualClock } from '../../src/shared/clock.ts';
import { InvariantError, RsdsError } from '../../src/shared/errors.ts';
import { seededRandom } from '../../src/shared/random.ts';
import {
  type LoggedRequest,
  type SavedSimulator,
  type Simulator,
  startSimulator,
} from '../../src/simulator/simulator.ts';
import type { WorldSettings } from '../../src/simulator/world.ts';
import { clientConfigOf } from './simulator.ts';

export interface ProjectOptions {
  /** Text of rsds.yaml; undefined: the built-in example. */
  readonly yaml?: string;
  readonly settings?: Partial<WorldSettings>;
  readonly saved?: SavedSimulator | undefined;
  /** Text of the ledger to begin with. */
  readonly ledger?: string | undefined;
  readonly onMutation?: () => void;
  readonly seed?: number;
  /** Default: one of its own. */
  readonly clock?: VirtualClock;
  /** Further files of the project's folder, e.g. of SQL: name → text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a verb did: as a shell and its user would see it. */
export interface Ran {
  readonly exitCode: number;
  readonly error: RsdsError | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly RunEvent[];
  /** Every request that it made, in order. */
  readonly requests: readonly LoggedRequest[];
}

export interface VerbOptions {
  readonly json?: boolean;
  readonly env?: string;
  /** With `--debug` (default), or with `--verbose` alone. */
  readonly debug?: boolean;
  /** Default: yes. */
  readonly verbose?: boolean;
  readonly signal?: AbortSignal;
  /** Where things of the simulated VPC listen; default: nowhere. */
  readonly localAddresses?: LocalAddresses;
  /** Who answers questions; default: yes to all. */
  readonly confirm?: (question: string) => Promise<void>;
  readonly options?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly arguments?: Readonly<Record<string, string>>;
}

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'rsds-project-'));
  readonly clock: Clock;
  readonly simulator: Simulator;
  /** Others in the same account. */
  readonly beside: Project[] = [];
  readonly #seed: number;
  readonly #accessKeyId: string | undefined;
  #runs = 0;

  constructor(parts: { clock: Clock; simulator: Simulator; seed: number; accessKeyId?: string }) {
    this.clock = parts.clock;
    this.simulator = parts.simulator;
    this.#seed = parts.seed;
    this.#accessKeyId = parts.accessKeyId;
  }

  get stateDirectory(): string {
    return join(this.folder, '.rsds');
  }

  get ledgerPath(): string {
    return ledgerPath(this.stateDirectory, { project: 'airline', environment: 'dev' });
  }

  ledger(): LedgerDocument {
    return JSON.parse(readFileSync(this.ledgerPath, 'utf8')) as LedgerDocument;
  }

  /** Runs a verb, e.g. `up` or `lock show`, answering every confirmation with yes. Never throws what a verb throws. */
  async run(name: string, how: VerbOptions = {}): Promise<Ran> {
    const command = commands.find((one) => one.name === name);
    if (!command) throw new InvariantError(`no command ${name}`);
    const picture = new Picture();
    const before = this.simulator.requests.next - 1;
    const input = { options: { ...defaultsOf(command.options), ...how.options }, arguments: how.arguments ?? {} };
    const begun = async () => {
      command.check(input);
      return command.run(input, this.#context(name, picture, how));
    };
    const outcome = await begun().then(
      (exitCode) => ({ exitCode: exitCode ?? 0, error: undefined }),
      (error: unknown) => ({ exitCode: error instanceof RsdsError ? error.exitCode : 70, error: asRsdsError(error) }),
    );
    return { ...outcome, ...picture.taken(), requests: this.simulator.requests.since(before) };
  }

  async close(): Promise<void> {
    await this.simulator.close();
    for (const { folder } of [this, ...this.beside]) rmSync(folder, { recursive: true, force: true });
  }

  #context(command: string, picture: Picture, how: VerbOptions): CommandContext {
    const { endpoint, region, credentials } = clientConfigOf(this.simulator.url, this.#accessKeyId);
    const paint = paintFor(0);
    return {
      command,
      version: '0.0.0-test',
      program: '',
      flags: {
        config: undefined,
        env: how.env,
        profile: undefined,
        region,
        sim: true,
        json: how.json ?? false,
        yes: true,
        color: false,
        quiet: false,
        verbose: how.verbose ?? true,
        debug: how.debug ?? true,
      },
      cwd: this.folder,
      environment: {},
      clock: this.clock,
      random: seededRandom(this.#seed * 1_000 + this.#runs++),
      signal: how.signal ?? new AbortController().signal,
      aws: { endpoint, credentials },
      stateDirectory: this.stateDirectory,
      localAddresses: how.localAddresses ?? noLocalAddresses,
      out: createOutput(picture.stdout, { json: how.json ?? false, paint }),
      notices: createNotices(picture.stderr, { paint, quiet: false, verbose: true, debug: how.debug ?? true }),
      prompter: how.confirm ? { ...yes, confirm: how.confirm } : yes,
      reporter: async () => ({ emit: (event) => picture.events.push(event), close: async () => {} }),
      board: async () => linesBoard((line) => picture.stderr.write(`${line}\n`)),
    };
  }
}

/** Streams that remember. */
class Picture {
  readonly events: RunEvent[] = [];
  #out = '';
  #err = '';
  readonly stdout = { write: (text: string) => (this.#out += text) };
  readonly stderr = { write: (text: string) => (this.#err += text) };

  taken() {
    return { stdout: this.#out, stderr: this.#err, events: this.events };
  }
}

const unexpected = () => Promise.reject(new InvariantError('an unexpected question'));
const yes: Prompter = {
  interactive: false,
  confirm: async () => {},
  confirmByTyping: async () => {},
  text: unexpected,
  integer: unexpected,
  select: unexpected,
};

const asRsdsError = (error: unknown) =>
  error instanceof RsdsError
    ? error
    : new InvariantError(`not an RsdsError: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });

function defaultsOf(options: Readonly<Record<string, { type: string; unless?: boolean }>>) {
  return Object.fromEntries(
    Object.entries(options).map(([key, { type, unless }]) => [
      key,
      type === 'flag' ? unless === true : type === 'list' ? [] : undefined,
    ]),
  );
}

function furnish({ folder }: Project, { yaml, files = {} }: Pick<ProjectOptions, 'yaml' | 'files'>): void {
  if (yaml !== undefined) writeFileSync(join(folder, 'rsds.yaml'), yaml);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** Opens a project and leaves closing it to the caller. */
export async function startProject(options: ProjectOptions = {}): Promise<Project> {
  const { clock = new VirtualClock(), settings, saved, onMutation, seed = 1 } = options;
  const simulator = await startSimulator({
    clock,
    ...(settings ? { settings } : {}),
    saved,
    ...(onMutation ? { onMutation } : {}),
  });
  return projectIn({ clock, simulator, seed }, options);
}

/** A project in an account that is served already, with which it ends. */
export function projectIn(
  parts: { clock: Clock; simulator: Simulator; seed: number; accessKeyId?: string },
  options: Pick<ProjectOptions, 'yaml' | 'files' | 'ledger'>,
): Project {
  const project = new Project(parts);
  furnish(project, options);
  if (options.ledger !== undefined) {
    mkdirSync(project.stateDirectory, { recursive: true });
    writeFileSync(project.ledgerPath, options.ledger);
  }
  return project;
}

/** Another project in a folder of its own, in the account of `project`, with which it ends. */
export function openBeside(project: Project, options: Pick<ProjectOptions, 'yaml' | 'files' | 'seed'>): Project {
  const { clock, simulator } = project;
  const beside = new Project({ clock, simulator, seed: options.seed ?? 2 });
  furnish(beside, options);
  project.beside.push(beside);
  return beside;
}

/** Opens a project that ends with the running test. */
export async function openProject(options: ProjectOptions = {}): Promise<Project> {
  const project = await startProject(options);
  onTestFinished(() => project.close());
  return project;
}
