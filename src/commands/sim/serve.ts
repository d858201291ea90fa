/**
 * The simulator's process: serves the world of a folder until it is told to stop, gets SIGTERM, or has been idle for
 * ten minutes. The world is saved shortly after each mutation and at the end; its time stands still in between.
 */
import { resolve } from 'node:path';
import { type Clock, RealClock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import { buildOf, findSimulator } from './background.ts';
import { type ControlHandlers, serveControl } from './control.ts';
import type { FaultKindName } from './fault-kinds.ts';
import { IdleWatch } from './idle-watch.ts';
import { Keeper } from './keeper.ts';
import { claimPortFile, discardPortFile, type PortFile, readPortFile } from './port-file.ts';
import { loadWorld } from './world-file.ts';

/** One request as the simulator remembers it; what `sim log` shows. */
export interface SimRequest {
  readonly n: number;
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  readonly mutating: boolean;
  readonly durationMs: number;
}

/** Where on this machine something listens that AWS would have in a VPC. */
export interface SimAddress {
  readonly kind: string;
  readonly name: string;
  readonly region: string;
  readonly dnsName: string;
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly local: string;
  /** Whether a client gets an answer there. */
  readonly answers: boolean;
}

export interface SimCounts {
  readonly total: number;
  readonly mutating: number;
  readonly failed: number;
}

/** A fault of the simulator, as it comes from `sim fault add` and goes to `sim fault list`. */
export interface SimFault {
  readonly kind: FaultKindName;
  readonly target?: string;
  readonly services: readonly string[];
  readonly operations: readonly string[];
  readonly after?: number;
  readonly times?: number;
  readonly probability?: number;
  readonly seed?: number;
  readonly delayMs?: number;
  readonly status?: number;
}

export type SetSimFault = SimFault & { readonly id: number; readonly met: number; readonly struck: number };

/** What this process needs of a running simulator. */
export interface ServedSimulator<Saved> {
  readonly url: string;
  readonly world: { now(): number; readonly settings: { readonly account: string } };
  readonly requests: { since(n: number): readonly SimRequest[]; counts(): SimCounts };
  readonly faults: { add(fault: SimFault): unknown; list(): unknown; clear(id?: number): number };
  save(): Promise<Saved>;
  addresses(): Promise<readonly SimAddress[]>;
  /** Changes whenever a client asks for something. */
  activity(): number;
  close(): Promise<void>;
}

export type StartSimulator<Saved> = (options: {
  readonly clock: Clock;
  readonly directory: string;
  readonly onMutation: () => void;
  readonly keep: (saved: Saved) => void;
  /** The access key that may send commands to instances. */
  readonly operatorKey: string;
  readonly saved?: Saved;
}) => Promise<ServedSimulator<Saved>>;

export interface ServeOptions<Saved> {
  readonly directory: string;
  readonly speed: number;
  readonly program: string;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly start: StartSimulator<Saved>;
  log(text: string): void;
}

const lookMs = 5_000;

/** What `sim status` shows. */
export interface SimStatus extends SimCounts {
  readonly url: string;
  readonly pid: number;
  readonly speed: number;
  readonly account: string;
  /** World time, ms since the epoch. */
  readonly now: number;
  readonly directory: string;
  readonly endsInMs: number;
}

export async function serve<Saved>(options: ServeOptions<Saved>): Promise<void> {
  const directory = resolve(options.directory);
  const realTime = new RealClock();
  const keeper = new Keeper<Saved>({ directory, clock: realTime, log: options.log });
  const saved = loadWorld<Saved>(directory);
  const accessKeyId = `AKIA${options.random.hex(32).toUpperCase()}`;
  const simulator = await options.start({
    clock: new RealClock(options.speed),
    directory,
    onMutation: () => keeper.touch(),
    keep: (saved) => keeper.write(saved),
    operatorKey: accessKeyId,
    ...(saved === undefined ? {} : { saved }),
  });
  keeper.keep(() => simulator.save());
  const ending = new AbortController();
  const idle = new IdleWatch(realTime, () => simulator.activity());
  const token = options.random.hex(32);
  const status = (): SimStatus => ({
    url: simulator.url,
    pid: process.pid,
    speed: options.speed,
    account: simulator.world.settings.account,
    now: simulator.world.now(),
    directory,
    endsInMs: idle.leftMs(),
    ...simulator.requests.counts(),
  });
  const control = await serveControl(token, handlers(simulator, status, idle, keeper, ending));
  try {
    const portFile: PortFile = {
      version: 1,
      pid: process.pid,
      port: Number(new URL(simulator.url).port),
      controlPort: control.port,
      token,
      accessKeyId,
      build: buildOf(options.program),
      speed: options.speed,
    };
    if (!(await claim(directory, portFile))) {
      options.log('another simulator serves this folder already');
      keeper.discard();
      return;
    }
    options.log(`serving ${simulator.url}, ${options.speed} times as fast as AWS`);
    const until = AbortSignal.any([ending.signal, options.signal]);
    options.log(await untilEnd(realTime, idle, until, () => readPortFile(directory)?.token === token, keeper));
  } finally {
    control.close();
    await keeper.finish();
    await simulator.close();
    discardPortFile(directory, token);
  }
}

const handlers = <Saved>(
  simulator: ServedSimulator<Saved>,
  status: () => SimStatus,
  idle: IdleWatch,
  keeper: Keeper<Saved>,
  ending: AbortController,
): ControlHandlers => ({
  '/ping': () => idle.touch(),
  '/status': status,
  '/log': (query) => simulator.requests.since(Number(query.get('since') ?? 0)),
  '/addresses': () => simulator.addresses(),
  '/fault/add': (query) => simulator.faults.add(JSON.parse(query.get('fault') ?? '') as SimFault),
  '/fault/list': () => simulator.faults.list(),
  '/fault/clear': (query) => {
    const id = query.get('id');
    return { cleared: simulator.faults.clear(id === null ? undefined : Number(id)) };
  },
  '/stop': () => ending.abort(),
  '/discard': () => {
    keeper.discard();
    ending.abort();
  },
});

// The claim is exclusive. A file whose simulator doesn't answer was left by a killed process and is passed over.
async function claim(directory: string, portFile: PortFile): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (claimPortFile(directory, portFile)) return true;
    if (await findSimulator(directory)) return false;
    discardPortFile(directory, readPortFile(directory)?.token);
  }
  return false;
}

async function untilEnd<Saved>(
  clock: Clock,
  idle: IdleWatch,
  until: AbortSignal,
  isOurs: () => boolean,
  keeper: Keeper<Saved>,
): Promise<string> {
  while (!until.aborted) {
    await clock.sleep(lookMs, { signal: until }).catch(() => undefined);
    if (until.aborted) break;
    if (!isOurs()) {
      // The folder was deleted, or another simulator has taken over: its world must not be overwritten.
      keeper.discard();
      return 'ending: the port file is not ours any more';
    }
    if (idle.leftMs() <= 0) return 'ending: idle for ten minutes';
  }
  return 'ending: told to';
}
