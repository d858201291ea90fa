/**
 * What of the simulated network can be reached on this machine: warehouses and load balancers, each at a port of its
 * own on 127.0.0.1.
 *
 * N1. The world decides what there is; it is looked at every `lookMs` of real time, and what stands here follows.
 * N2. A client on this machine stands for one whose address the security groups let in. Where they let in none, where a
 *     warehouse is down or its zone is out, no answer comes at all.
 * N3. A load balancer hands a connection to its target as it is: one connection, one target, for good.
 */
import type { Server, Socket } from 'node:net';
import { RealClock } from '../../shared/clock.ts';
import { outages } from '../outages.ts';
import { converse } from '../postgres/conversation.ts';
import { interfaceById } from '../services/ec2/interfaces.ts';
import { admitsClients } from '../services/ec2/lookup.ts';
import {
  type Destination,
  destinationOf,
  fateOf,
  frontDoors,
  hashOf,
  interfaceOfTarget,
  type Leaving,
  leavingTargets,
  listenerAt,
  meets,
  stragglersMs,
} from '../services/elasticloadbalancing/forwarding.ts';
import { answers, warehouseDoors, workgroupBehind } from '../services/redshift-serverless/doors.ts';
import type { Place } from '../world.ts';
import { BlackHole } from './black-hole.ts';
import { listen, portOf, stopListening } from './listening.ts';
import { type FrontOptions, Fronts } from './warehouse-front.ts';

const lookMs = 200;

/** Where on this machine something listens that AWS would have in a VPC. */
export interface LoopbackAddress {
  readonly kind: 'workgroup' | 'endpoint access' | 'load balancer';
  readonly name: string;
  readonly region: string;
  readonly dnsName: string;
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly local: string;
  /** Whether a client gets an answer there. */
  readonly answers: boolean;
}

interface DoorSpec extends Pick<LoopbackAddress, 'kind' | 'name' | 'region' | 'dnsName' | 'port' | 'answers'> {
  serve(socket: Socket): void;
}

interface Door {
  spec: DoorSpec;
  server?: Server | undefined;
  hole?: BlackHole | undefined;
}

interface Connection {
  readonly socket: Socket;
  readonly region: string;
  readonly workgroupName: string;
  /** The way through a load balancer, if there is one. */
  readonly through?: { readonly listenerArn: string; readonly destination: Destination } | undefined;
  bytes: number;
  /** World time of the last byte. */
  activeAt: number;
}

export interface NetworkOptions extends FrontOptions {
  /** Brings the world up to date. */
  settle(): void;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #fronts: Fronts;
  readonly #realTime = new RealClock();
  readonly #closing = new AbortController();
  readonly #doors = new Map<string, Door>();
  readonly #connections = new Set<Connection>();
  /** Clients that get no answer. */
  readonly #unanswered = new Set<Socket>();
  readonly #leaving = new Map<string, Leaving>();
  #hole: Promise<BlackHole> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #flows = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#fronts = new Fronts(options);
    void this.#watch();
  }

  /** How many bytes clients have sent and been sent so far: whether it changes tells whether anybody is there. */
  get activity(): number {
    let bytes = this.#flows;
    for (const connection of this.#connections) bytes += connection.bytes;
    return bytes;
  }

  /** Everything that clients on this machine may connect to, as it is now. */
  async addresses(): Promise<LoopbackAddress[]> {
    await this.look();
    return Promise.all([...this.#doors.values()].map(async (door) => addressOf(door, await this.#localPort(door))));
  }

  /** Looks at the world and follows it. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#follow()).catch(() => undefined);
    return this.#looking;
  }

  /** Ends every connection and gives every port free. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#looking;
    for (const { socket } of this.#connections) socket.destroy();
    for (const socket of this.#unanswered) socket.destroy();
    await Promise.all([...this.#doors.values()].map(shut));
    await (await this.#hole)?.close();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#realTime.sleep(lookMs, { signal, background: true }).catch(() => undefined);
      if (!signal.aborted) await this.look();
    }
  }

  async #follow(): Promise<void> {
    const { world, settle } = this.#options;
    settle();
    this.#fronts.report();
    const places = world.regions().map((region) => world.place(region));
    for (const place of places) this.#noteLeaving(place);
    const wanted = new Map(places.flatMap((place) => this.#specsOf(place)).map((spec) => [keyOf(spec), spec]));
    for (const [key, door] of this.#doors) if (!wanted.has(key)) await this.#remove(key, door);
    for (const [key, spec] of wanted) await this.#set(key, spec);
    for (const connection of this.#connections) this.#judge(connection);
  }

  #noteLeaving(place: Place): void {
    for (const target of leavingTargets(place)) {
      this.#leaving.set(`${target.targetGroupArn} ${target.address}:${target.port}`, target);
    }
    for (const [key, { at }] of this.#leaving) if (place.now > at + stragglersMs) this.#leaving.delete(key);
  }

  #specsOf(place: Place): DoorSpec[] {
    const { region } = place;
    const warehouses = warehouseDoors(place)
      .filter(({ listens, workgroupName }) => listens && answers(place, workgroupName))
      .map(({ kind, name, dnsName, port, groupIds, workgroupName }): DoorSpec => {
        const admits = admitsClients(place, groupIds, port) && !isDown(place, workgroupName);
        const serve = (socket: Socket) => this.#serve({ socket, region, workgroupName, bytes: 0, activeAt: place.now });
        return { kind, name, region, dnsName, port, answers: admits, serve };
      });
    const balancers = frontDoors(place).map(({ name, dnsName, port, groupIds, listenerArn }): DoorSpec => {
      const admits = admitsClients(place, groupIds, port);
      const serve = (socket: Socket) => this.#forward(socket, region, listenerArn);
      return { kind: 'load balancer', name, region, dnsName, port, answers: admits, serve };
    });
    return [...warehouses, ...balancers];
  }

  async #set(key: string, spec: DoorSpec): Promise<void> {
    const door = this.#doors.get(key) ?? { spec };
    this.#doors.set(key, door);
    door.spec = spec;
    if (spec.answers && !door.server) {
      const port = door.hole?.port;
      await door.hole?.close();
      door.hole = undefined;
      door.server = await listen(key, (socket) => door.spec.serve(socket), port);
    } else if (!spec.answers && door.server) {
      const port = portOf(door.server);
      stopListening(door.server);
      door.server = undefined;
      door.hole = await BlackHole.open(port);
    }
  }

  async #remove(key: string, door: Door): Promise<void> {
    this.#doors.delete(key);
    await shut(door);
  }

  /** What never let anybody in has no port of its own: nobody could tell it from any other. */
  async #localPort({ server, hole }: Door): Promise<number> {
    if (server) return portOf(server);
    if (hole) return hole.port;
    this.#hole ??= BlackHole.open();
    return (await this.#hole).port;
  }

  /**
   * Takes a connection that has come to a network interface of a VPC past all security groups; `open` is called before
   * anything is said on it. Anything but `answered` leaves it with the caller.
   */
  arrive(
    socket: Socket,
    at: { readonly region: string; readonly networkInterfaceId: string; readonly port: number },
    open: () => void,
  ): 'answered' | 'refused' | 'unanswered' {
    const { region, networkInterfaceId, port } = at;
    const place = this.#options.world.place(region);
    const listener = listenerAt(place, networkInterfaceId, port);
    if (listener === 'no listener' || listener?.up === false) return 'unanswered';
    const workgroupName = listener ? undefined : workgroupBehind(place, networkInterfaceId);
    if (workgroupName !== undefined && isDown(place, workgroupName)) return 'unanswered';
    const listens = interfaceById(place, networkInterfaceId)?.listeningPort === port;
    if (!listener && (workgroupName === undefined || !listens)) return 'refused';
    open();
    if (listener) this.#forward(socket, region, listener.listenerArn, networkInterfaceId);
    else if (workgroupName) this.#serve({ socket, region, workgroupName, bytes: 0, activeAt: place.now });
    return 'answered';
  }

  #serve(connection: Connection): void {
    const { socket, region, workgroupName } = connection;
    this.#connections.add(connection);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(connection));
    void converse(socket, this.#fronts.of(region, workgroupName));
  }

  #forward(socket: Socket, region: string, listenerArn: string, nodeInterfaceId?: string): void {
    this.#options.settle();
    const place = this.#options.world.place(region);
    const flow = hashOf(listenerArn, socket.remotePort, this.#flows++);
    const caller = { flow, source: socket.remoteAddress, nodeInterfaceId };
    const destination = destinationOf(place, listenerArn, caller, [...this.#leaving.values()]);
    const met = destination ? meets(place, listenerArn, destination) : 'refused';
    const reached = destination && interfaceOfTarget(place, listenerArn, destination);
    const workgroupName = reached === undefined ? undefined : workgroupBehind(place, reached);
    if (met === 'refused') {
      refuse(socket);
    } else if (met === 'timeout' || !destination || workgroupName === undefined || isDown(place, workgroupName)) {
      this.#leaveUnanswered(socket);
    } else {
      const through = { listenerArn, destination };
      this.#serve({ socket, region, workgroupName, through, bytes: 0, activeAt: place.now });
    }
  }

  #leaveUnanswered(socket: Socket): void {
    this.#unanswered.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#unanswered.delete(socket));
    socket.resume();
  }

  /** Ends what can't go on: the warehouse has gone, or the load balancer lets go of it. */
  #judge(connection: Connection): void {
    const { socket, region, workgroupName, through } = connection;
    const place = this.#options.world.place(region);
    const bytes = socket.bytesRead + socket.bytesWritten;
    if (bytes !== connection.bytes) Object.assign(connection, { bytes, activeAt: place.now });
    const gone = !answers(place, workgroupName) || isDown(place, workgroupName);
    if (gone || (through && this.#isCut(place, connection, through))) refuse(socket);
  }

  #isCut(
    place: Place,
    { activeAt }: Connection,
    { listenerArn, destination }: NonNullable<Connection['through']>,
  ): boolean {
    const door = frontDoors(place).find((one) => one.listenerArn === listenerArn);
    if (!door || place.now - activeAt > door.idleTimeoutMs) return true;
    const stands = interfaceOfTarget(place, listenerArn, destination) !== undefined;
    return !stands || fateOf(place, listenerArn, destination) === 'cut';
  }
}

const keyOf = ({ dnsName, port }: Pick<DoorSpec, 'dnsName' | 'port'>) => `${dnsName}:${port}`;

const addressOf = ({ spec }: Door, port: number): LoopbackAddress => {
  const { kind, name, region, dnsName, answers: answering } = spec;
  return { kind, name, region, dnsName, port: spec.port, local: `127.0.0.1:${port}`, answers: answering };
};

async function shut({ server, hole }: Door): Promise<void> {
  if (server) stopListening(server);
  await hole?.close();
}

function refuse(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.resetAndDestroy();
}

/** Whether a warehouse is out of order, by itself or with the zone of all its endpoints. */
function isDown(place: Place, workgroupName: string): boolean {
  const { workgroups, zones } = outages(place);
  if (workgroups.includes(workgroupName)) return true;
  if (zones.length === 0) return false;
  const doors = warehouseDoors(place).filter((door) => door.workgroupName === workgroupName);
  return doors.every((door) => door.zones.every((zone) => zones.includes(zone)));
}
