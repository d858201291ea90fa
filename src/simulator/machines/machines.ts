/**
 * What runs on simulated instances: processes of this machine, each standing for an instance's agent that runs one
 * command.
 *
 * P1. A command and everything that it starts is one group of processes. It ends with the command, its time-out, its
 *     cancellation, its instance and the simulator, however that ends: a watcher in the group waits for its other end of
 *     a pipe to go, and kills the group.
 * P2. The processes see the network as their instance does where they are Python (sitecustomize.py). Gap: others see this
 *     machine's.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Clock, RealClock } from '../../shared/clock.ts';
import { isGone } from '../services/ec2/instance-lookup.ts';
import type { World } from '../world.ts';
import type { MachineId } from './metadata.ts';
import type { Pass, Router } from './router.ts';

export interface Order extends MachineId {
  readonly script: string;
  readonly directory: string | undefined;
  /** Of the account's time. */
  readonly timeoutMs: number;
}

export interface Ending {
  readonly how: 'exited' | 'timed out' | 'cancelled' | 'instance gone';
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly ended: Promise<Ending>;
  cancel(): void;
}

export interface MachinesOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly router: Router;
}

const lookMs = 200;

/** More than anybody can be shown of it. */
const outputMax = 100_000;

/** F-745: the document's interpreter. `$1` is the script; the watcher has descriptor 3, the script has not. */
const shell = '/bin/sh';
const supervised = `{ read -r _ <&3; kill -9 -$$; } >/dev/null 2>&1 & exec 3<&-; exec ${shell} -c "$1"`;

const pythonPath = fileURLToPath(new URL('./python', import.meta.url));

export class Machines {
  readonly #options: MachinesOptions;
  readonly #realTime = new RealClock();
  readonly #running = new Map<ChildProcess, Promise<Ending>>();
  readonly #closing = new AbortController();

  constructor(options: MachinesOptions) {
    this.#options = options;
  }

  /** Runs a command on an instance. */
  run(order: Order): Run {
    const pass = this.#options.router.admit(order);
    const child = start(order, pass);
    const limits = new AbortController();
    const ended = this.#follow(child, order, limits).finally(() => {
      pass.end();
      this.#running.delete(child);
    });
    this.#running.set(child, ended);
    return { ended, cancel: () => limits.abort('cancelled') };
  }

  /** Ends everything that runs. */
  async close(): Promise<void> {
    this.#closing.abort('instance gone');
    await Promise.all(this.#running.values());
    this.#options.router.close();
  }

  async #follow(child: ChildProcess, order: Order, limits: AbortController): Promise<Ending> {
    const stop = AbortSignal.any([limits.signal, this.#closing.signal]);
    stop.addEventListener('abort', () => endGroup(child));
    if (stop.aborted) endGroup(child);
    const over = new AbortController();
    void this.#limit(order, limits, over.signal);
    const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
    const exitCode = await exitOf(child);
    over.abort();
    const how = stop.aborted ? (stop.reason as Ending['how']) : 'exited';
    return { how, exitCode, stdout: stdout(), stderr: stderr() };
  }

  /** Notices when the time is over, and when the instance has gone. */
  async #limit({ region, instanceId, timeoutMs }: Order, limits: AbortController, over: AbortSignal): Promise<void> {
    const { clock, world } = this.#options;
    const endsAt = clock.elapsed() + timeoutMs;
    while (!over.aborted) {
      await this.#realTime.sleep(lookMs, { signal: over, background: true }).catch(() => undefined);
      if (isGone(world.place(region), instanceId)) limits.abort('instance gone');
      else if (clock.elapsed() >= endsAt) limits.abort('timed out');
    }
  }
}

function start({ script, directory }: Order, { variables }: Pass): ChildProcess {
  return spawn(shell, ['-c', supervised, shell, script], {
    cwd: directory ?? tmpdir(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: tmpdir(),
      LANG: 'C.UTF-8',
      PYTHONPATH: pythonPath,
      // What Python would keep beside the simulator's own files is of no use to anybody.
      PYTHONDONTWRITEBYTECODE: '1',
      ...variables,
    },
  });
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child[name]?.on('data', (chunk: Buffer) => {
    if (size < outputMax) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Resolves when the command and all that it started have ended, and their output has been read. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    let exitCode = -1;
    child.once('error', () => resolve(exitCode));
    child.once('exit', (code) => {
      exitCode = code ?? -1;
      endGroup(child);
    });
    child.once('close', () => resolve(exitCode));
  });
}

const endedGroups = new WeakSet<ChildProcess>();

/** Once only: the watcher is in the group until then, and its number can't have become another's. */
function endGroup(child: ChildProcess): void {
  if (endedGroups.has(child)) return;
  endedGroups.add(child);
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The watcher was faster.
  }
  child.stdio[3]?.destroy();
}
