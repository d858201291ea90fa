/** AWS on loopback: a world, the services that act in it, and the server through which clients reach them. */
import type { Clock } from '../shared/clock.ts';
import { RsdsError } from '../shared/errors.ts';
import type { Fault } from './faults/fault.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import { Machines } from './machines/machines.ts';
import { Router } from './machines/router.ts';
import { type LoopbackAddress, Network } from './network/network.ts';
import { RequestLog } from './request-log.ts';
import { createServices, type Staffing } from './services/index.ts';
import { principalOf } from './services/sts/identity.ts';
import { Gateway } from './wire/gateway.ts';
import type { Intercept } from './wire/intercept.ts';
import { startServer } from './wire/server.ts';
import { World, type WorldSettings, type WorldSnapshot } from './world.ts';

export type { Fault, SetFault } from './faults/fault.ts';
export type { LoopbackAddress } from './network/network.ts';
export type { LoggedRequest, RequestCounts } from './request-log.ts';
export type { Intercept, InterceptedCall, Interception } from './wire/intercept.ts';

/** Everything that a simulator holds, to go on from later. */
export interface SavedSimulator {
  readonly version: 1;
  readonly world: WorldSnapshot;
  /** What the raw services hold, by service. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface SimulatorOptions {
  readonly clock: Clock;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly settings?: Partial<WorldSettings>;
  readonly saved?: SavedSimulator | undefined;
  readonly faults?: readonly Fault[];
  /** Lets clients of this machine connect to warehouses and load balancers. Not for virtual time. */
  readonly network?: boolean;
  /**
   * The access key with which commands may be sent to instances, which are processes of this machine: to be known to the
   * owner of the simulator only. Without it, and without `network`, nobody can.
   */
  readonly operatorKey?: string | undefined;
  /** Told after each request that may have changed something. */
  readonly onMutation?: () => void;
  /** Given all that stands after each change by a service, before the change is answered. */
  readonly keep?: (saved: SavedSimulator) => void;
}

export interface Simulator {
  readonly world: World;
  /** `http://127.0.0.1:<port>`: the endpoint for every client. */
  readonly url: string;
  readonly requests: RequestLog;
  /** What is to go wrong, for every service alike. */
  readonly faults: FaultPlan;
  /** Lets `hook` decide on the fate of every request from now on; `undefined` takes it away. */
  intercept(hook: Intercept | undefined): void;
  save(): Promise<SavedSimulator>;
  /** Changes whenever a client asks for something, in AWS's protocols or in Postgres's. */
  activity(): number;
  /** Where warehouses and load balancers listen on this machine; nothing without `network`. */
  addresses(): Promise<readonly LoopbackAddress[]>;
  /** Ends the server with all its connections, and everything behind it. */
  close(): Promise<void>;
}

/**
 * Starts a simulator; it listens when the promise resolves.
 * @throws RsdsError `sim/unreadable` for a saved simulator of another version; Node's EADDRINUSE for a port that is taken
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, saved } = options;
  if (saved !== undefined && saved.version !== 1) throw unreadable(saved.version);
  const world = new World(clock, options.settings, saved?.world);
  const house: { machines?: Machines } = {};
  const staffing = createServices({
    machines: () => house.machines,
    operatorKey: options.operatorKey,
    onEnd: () => options.onMutation?.(),
  });
  await restoreRaw(staffing, saved);
  registerEvents(world, staffing);
  const requests = new RequestLog();
  const gateway = new Gateway({
    clock,
    log: requests,
    staff: staffOf(world, staffing),
    onMutation: () => options.onMutation?.(),
    ...keeping(options, () => save(world, staffing)),
  });
  for (const fault of options.faults ?? []) gateway.faults.add(fault);
  const network = options.network ? networkOf(options, world, staffing, gateway) : undefined;
  const server = await listen(options, world, gateway).catch((error: unknown) => dismiss(staffing, error));
  if (network) house.machines = await machinesOf(options, world, network, server.port);
  return {
    world,
    requests,
    faults: gateway.faults,
    url: `http://127.0.0.1:${server.port}`,
    intercept: (hook) => {
      gateway.intercept = hook;
    },
    // Between two requests, so that world, tables and databases belong together.
    save: () => gateway.alone(() => save(world, staffing)),
    activity: () => requests.counts().total + (network?.activity ?? 0),
    addresses: async () => (await network?.addresses()) ?? [],
    close: async () => {
      await house.machines?.close();
      await network?.close();
      await server.close();
      await gateway.alone(() => close(staffing));
    },
  };
}

const networkOf = (options: SimulatorOptions, world: World, { plane }: Staffing, gateway: Gateway) =>
  new Network({
    world,
    plane,
    clock: options.clock,
    settle: () => gateway.settle(),
    onChange: () => options.onMutation?.(),
  });

async function machinesOf({ clock }: SimulatorOptions, world: World, network: Network, servicesPort: number) {
  const router = await Router.open({ world, network, servicesPort });
  return new Machines({ world, clock, router });
}

const keeping = ({ keep }: SimulatorOptions, read: () => Promise<SavedSimulator>) =>
  keep === undefined ? {} : { keep: async () => keep(await read()) };

const listen = ({ port = 0, clock }: SimulatorOptions, world: World, gateway: Gateway) =>
  startServer({ port, now: () => world.now(), serve: (exchange) => clock.track(gateway.serve(exchange)) });

async function dismiss(staffing: Staffing, error: unknown): Promise<never> {
  await close(staffing);
  throw error;
}

async function close({ rawServices, plane }: Staffing): Promise<void> {
  await plane.close();
  for (const raw of rawServices) await raw.close();
}

const unreadable = (version: unknown) =>
  new RsdsError('sim/unreadable', `the saved world has version ${String(version)}, this rsds reads version 1`);

function staffOf(world: World, { services, rawServices }: Staffing) {
  return {
    world,
    services: new Map(services.map((service) => [service.name, service])),
    rawServices: new Map(rawServices.map((service) => [service.name, service])),
    principalOf: (accessKeyId: string) => principalOf(world.place('us-east-1'), accessKeyId),
  };
}

function registerEvents(world: World, { services }: Staffing): void {
  for (const service of services) {
    for (const [kind, handler] of Object.entries(service.events ?? {})) world.handle(kind, handler);
  }
}

async function restoreRaw({ rawServices }: Staffing, saved: SavedSimulator | undefined): Promise<void> {
  for (const raw of rawServices) {
    const held = saved?.raw[raw.name];
    if (held !== undefined) await raw.restore(held);
  }
}

async function save(world: World, { rawServices }: Staffing): Promise<SavedSimulator> {
  const raw: Record<string, unknown> = {};
  for (const service of rawServices) raw[service.name] = await service.save();
  return { version: 1, world: world.snapshot(), raw };
}
