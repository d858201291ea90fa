/**
 * Rounds of `kill -9`: the shipped program is killed at some moment of a run, and run again in the same folder, beside
 * a simulator that is a process of its own.
 *
 * Moments are named by what the program tells (`change-started vpc/vpc #2` is the second change of the VPC), so that
 * they are the same in every run, whatever is faster or slower this time.
 */
import type { ChildProcess } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readPortFile } from '../../src/commands/sim/port-file.ts';
import type { SimRequest } from '../../src/commands/sim/serve.ts';
import { loadWorld } from '../../src/commands/sim/world-file.ts';
import { ledgerPath } from '../../src/ledger/file-ledger.ts';
import type { LedgerDocument } from '../../src/ledger/ledger.ts';
import { RealClock, VirtualClock } from '../../src/shared/clock.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { type SavedSimulator, startSimulator } from '../../src/simulator/simulator.ts';
import { smallProject, smallSchema } from '../crash/small-project.ts';
import { canonicalWorld } from '../support/canonical-world.ts';
import {
  createSandbox,
  type Finished,
  finished,
  type ProgramEvent,
  type Sandbox,
  watchEvents,
} from '../support/program.ts';

/** Leases are real time, so nothing is gained by more; a machine that is busy for a second loses minutes. */
const speed = 400;

/** A folder with the small project and its simulator running; as `from` was left, where it is given. */
export async function openRound(from?: string): Promise<Sandbox> {
  // Not the first use on this machine: what Postgres starts from is in the cache.
  const XDG_CACHE_HOME = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const box = createSandbox({ XDG_CACHE_HOME });
  writeFileSync(join(box.folder, 'rsds.yaml'), smallProject);
  writeFileSync(join(box.folder, 'schema.sql'), smallSchema);
  if (from !== undefined) cpSync(from, box.folder, { recursive: true });
  await startSimulated(box);
  return box;
}

export const startSimulated = (box: Sandbox) => box.ask('sim', 'start', '--speed', String(speed));

/** Names events: what it was, of what, in which status, for the how manieth time. */
export function createNaming(): (event: ProgramEvent) => string {
  const times = new Map<string, number>();
  return ({ event, resource, status }) => {
    const name = [event, resource?.id, event === 'resource-waiting' ? status : undefined].filter(Boolean).join(' ');
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    return `${name} #${nth}`;
  };
}

export interface Moment {
  readonly name: string;
  /** Real ms after the event. */
  readonly delayMs: number;
}

/** `count` moments spread evenly over the changes of a run, chosen by the seed; none so late that the run may be over. */
export function chooseMoments(events: readonly ProgramEvent[], count: number, seed: number): Moment[] {
  const random = seededRandom(seed);
  const name = createNaming();
  // How often a change has to be tried is chance.
  const retried = new Set(events.filter(({ event }) => event === 'retry').map(({ resource }) => resource?.id));
  const changes = events
    .map((event) => ({ ...event, name: name(event) }))
    .filter(({ event }) => event === 'change-started')
    .filter(({ name: named, resource }) => named.endsWith(' #1') || !retried.has(resource?.id));
  changes.splice(-Math.min(5, Math.ceil(changes.length / 5)));
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor(((index + random.next()) / count) * changes.length);
    return { name: changes[at]?.name ?? '', delayMs: Math.floor(40 * random.next()) };
  });
}

export interface Struck extends Finished {
  readonly pid: number;
}

/** Runs what is typed, e.g. `scale --consumers 3`, and strikes, once, when the moment has come. */
export async function runUntil(
  box: Sandbox,
  typed: string,
  moment: Moment,
  strike: (child: ChildProcess) => void,
): Promise<Struck> {
  const child = box.start(...typed.split(' '), '--sim', '--yes', '--json');
  const ended = finished(child);
  const name = createNaming();
  const clock = new RealClock();
  watchEvents(child, (event) => {
    if (name(event) === moment.name) void clock.sleep(moment.delayMs).then(() => strike(child));
  });
  return { ...(await ended), pid: child.pid ?? 0 };
}

export const kill = (child: ChildProcess) => void child.kill('SIGKILL');

/** Kills the simulator of the folder; its world is what it had saved until then. */
export function killSimulator({ state }: Sandbox): void {
  const { pid } = readPortFile(state) ?? {};
  if (pid === undefined) throw new Error('no simulator runs');
  process.kill(pid, 'SIGKILL');
}

/** What a run left, as far as chance and time do not decide it. */
export interface Left {
  readonly world: unknown;
  /** State of every resource in the ledger. */
  readonly ledger: Readonly<Record<string, string>>;
  /** Everything that was ever created, however short it lived: `ec2 CreateVpc`, sorted. */
  readonly created: readonly string[];
  /** Who still holds a lock, of all processes but those that were killed. */
  readonly holders: readonly number[];
}

interface LockDocument {
  readonly environment: LockState | null;
  readonly lane: LockState | null;
}

interface LockState {
  readonly holder: { readonly pid: number } | null;
}

/**
 * Looks at everything, and stops the simulator to read the world that it saved. The workgroup lane stays with a process
 * that was killed in it until somebody needs it.
 */
export async function look(box: Sandbox, killed: readonly number[] = []): Promise<Left> {
  const { requests } = await box.ask<{ requests: SimRequest[] }>('sim', 'log');
  const { environment, lane } = await box.ask<LockDocument>('lock', 'show', '--sim');
  const { exit, stderr } = await box.run('sim', 'stop');
  if (exit !== 0) throw new Error(stderr);
  return {
    world: await savedWorld(box.state),
    ledger: Object.fromEntries(Object.entries(readLedger(box).resources).map(([id, { state }]) => [id, state])),
    created: requests
      .filter(isCreation)
      .map(({ service, operation }) => `${service} ${operation}`)
      .sort(),
    holders: [environment, lane]
      .flatMap((lock) => lock?.holder ?? [])
      .map(({ pid }) => pid)
      .filter((pid) => !killed.includes(pid)),
  };
}

/**
 * Waiting for a dead run's lease takes half an hour of the account's time at this speed. By then a down that goes on
 * doesn't take the first final snapshot for the last word any more: it takes another, as it should.
 */
export function withoutLaterSnapshots(left: Left): Left {
  const created = left.created.filter((one, at) => !(isSnapshot(one) && left.created.findIndex(isSnapshot) < at));
  return { ...left, created, world: sparing(left.world) };
}

const isSnapshot = (creation: string) => creation === 'redshift-serverless CreateSnapshot';

function sparing(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((member) => !isLaterSnapshot(member)).map(sparing);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, sparing(member)]));
}

/** An entry of a map in the canonical world: of the snapshot itself, or of its tags. */
function isLaterSnapshot(member: unknown): boolean {
  if (!Array.isArray(member) || member.length !== 2) return false;
  const { name, Name } = (member[1] ?? {}) as { name?: unknown; Name?: unknown };
  return /-final-#-[2-9]$/.test(String(name ?? Name ?? ''));
}

const isCreation = ({ operation, status }: SimRequest) => operation.startsWith('Create') && status === 200;

export function readLedger({ state }: Sandbox): LedgerDocument {
  const path = ledgerPath(state, { project: 'airline', environment: 'dev' });
  return JSON.parse(readFileSync(path, 'utf8')) as LedgerDocument;
}

/** What AWS tidies up by itself is given its time. */
async function savedWorld(directory: string): Promise<unknown> {
  const saved = loadWorld<SavedSimulator>(directory);
  const simulator = await startSimulator({ clock: new VirtualClock(), saved });
  try {
    simulator.world.skip(15 * 60_000);
    return canonicalWorld(simulator.world.snapshot());
  } finally {
    await simulator.close();
  }
}
