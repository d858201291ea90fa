/**
 * The network as it looks from a simulated instance: a port of 127.0.0.1 to which the processes of instances turn when
 * they resolve a name or open a connection.
 *
 * R1. Whoever turns here says for which instance by a token that only its processes have.
 * R2. `RESOLVE <token> <name>` is answered with `FOUND <addresses>`, `UNKNOWN` or `AGAIN`, and ends.
 * R3. `CONNECT <token> <address> <port>` is answered with `o`, and from then on is the connection itself; with `r` where
 *     it is refused; and with nothing at all where packets would be dropped.
 */
import { connect, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { RealClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/random.ts';
import { type AwsCertificate, awsCertificate } from '../network/certificate.ts';
import { listen, portOf, stopListening } from '../network/listening.ts';
import type { Network } from '../network/network.ts';
import { outages } from '../outages.ts';
import { leadsToService, runningInstance, sideOf } from '../services/ec2/instance-lookup.ts';
import { interfaceAt } from '../services/ec2/interfaces.ts';
import { mayConnect } from '../services/ec2/lookup.ts';
import type { InstanceRecord } from '../services/ec2/records.ts';
import type { Place, World } from '../world.ts';
import { type MachineId, MetadataService, metadataAddress } from './metadata.ts';
import { resolve } from './resolver.ts';

/** How long a client may take to say what it wants, and how long one waits that gets no answer, in real ms. */
const greetingMs = 5_000;
const unansweredMs = 130_000;
const greetingBytesMax = 600;

export interface RouterOptions {
  readonly world: World;
  readonly network: Network;
  /** The port at which AWS's services answer, without encryption. */
  readonly servicesPort: number;
}

/** What a process needs to stand for an instance. */
export interface Pass {
  readonly variables: Readonly<Record<string, string>>;
  /** Nobody comes in by it any more. */
  end(): void;
}

type Way =
  | { readonly kind: 'metadata' }
  | { readonly kind: 'service' }
  | { readonly kind: 'inside'; readonly networkInterfaceId: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unanswered' };

export class Router {
  readonly #options: RouterOptions;
  readonly #server: Server;
  readonly #certificate: AwsCertificate;
  readonly #metadata: MetadataService;
  readonly #machines = new Map<string, MachineId>();
  readonly #sockets = new Set<Socket>();
  readonly #realTime = new RealClock();

  private constructor(options: RouterOptions, server: Server, certificate: AwsCertificate) {
    this.#options = options;
    this.#server = server;
    this.#certificate = certificate;
    this.#metadata = new MetadataService(options.world);
    server.on('connection', (socket) => void this.#greet(socket));
  }

  static async open(options: RouterOptions): Promise<Router> {
    const server = await listen('router', () => undefined, 0);
    return new Router(options, server, await awsCertificate());
  }

  /** Lets a process in that stands for an instance. */
  admit(machine: MachineId): Pass {
    const token = systemRandom.hex(32);
    this.#machines.set(token, machine);
    const way = `${portOf(this.#server)}:${token}`;
    return {
      variables: { SIMULATED_NETWORK: way, SIMULATED_AUTHORITY: this.#certificate.pem },
      end: () => this.#machines.delete(token),
    };
  }

  close(): void {
    stopListening(this.#server);
    for (const socket of this.#sockets) socket.destroy();
  }

  async #greet(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    const [verb, token = '', ...words] = (await this.#greetingOf(socket)).split(' ');
    const machine = this.#machines.get(token);
    if (machine && verb === 'RESOLVE') this.#resolve(socket, machine, words[0] ?? '');
    else if (machine && verb === 'CONNECT') this.#connect(socket, machine, words[0] ?? '', Number(words[1]));
    else socket.destroy();
  }

  /** The first line; empty where none comes in time. The client says no more before it is answered. */
  #greetingOf(socket: Socket): Promise<string> {
    const over = new AbortController();
    return new Promise((resolve) => {
      let received = '';
      const done = (line: string) => {
        over.abort();
        socket.off('data', take);
        socket.pause();
        resolve(line);
      };
      const take = (chunk: Buffer) => {
        received += chunk.toString('latin1');
        if (received.endsWith('\n')) done(received.trimEnd());
        else if (received.length > greetingBytesMax) done('');
      };
      socket.on('data', take);
      socket.once('close', () => done(''));
      const patience = this.#realTime.sleep(greetingMs, { signal: over.signal, background: true });
      patience.then(
        () => done(''),
        () => undefined,
      );
    });
  }

  #resolve(socket: Socket, { region, instanceId }: MachineId, name: string): void {
    const place = this.#options.world.place(region);
    const instance = runningInstance(place, instanceId);
    const found = instance ? resolve(place, instance.vpcId, name) : { kind: 'unanswered' as const };
    if (found.kind === 'found') socket.end(`FOUND ${found.addresses.join(' ')}\n`);
    else socket.end(found.kind === 'unknown' ? 'UNKNOWN\n' : 'AGAIN\n');
  }

  #connect(socket: Socket, machine: MachineId, address: string, port: number): void {
    const place = this.#options.world.place(machine.region);
    const instance = runningInstance(place, machine.instanceId);
    const way: Way = instance ? wayTo(place, instance, address, port) : { kind: 'unanswered' };
    if (way.kind === 'refused') socket.end('r');
    else if (way.kind === 'unanswered') this.#leave(socket);
    else this.#open(socket, machine, way, port);
  }

  #open(socket: Socket, machine: MachineId, way: Exclude<Way, { kind: 'refused' | 'unanswered' }>, port: number): void {
    if (way.kind === 'inside') {
      const { networkInterfaceId } = way;
      const verdict = this.#options.network.arrive(socket, { region: machine.region, networkInterfaceId, port }, () =>
        socket.write('o'),
      );
      if (verdict === 'refused') socket.end('r');
      if (verdict === 'unanswered') this.#leave(socket);
      return;
    }
    socket.write('o');
    if (way.kind === 'metadata') this.#metadata.serve(socket, machine);
    else this.#serveAws(socket);
  }

  /** AWS's services, with the encryption that clients expect of them. */
  #serveAws(socket: Socket): void {
    const encrypted = new TLSSocket(socket, { isServer: true, secureContext: this.#certificate.context });
    const service = connect(this.#options.servicesPort, '127.0.0.1');
    for (const one of [encrypted, service]) one.on('error', () => undefined);
    encrypted.pipe(service).pipe(encrypted);
    encrypted.on('close', () => service.destroy());
    service.on('close', () => encrypted.destroy());
  }

  /** As behind a security group: the client waits until it or its system gives up. */
  #leave(socket: Socket): void {
    socket.resume();
    const gone = new AbortController();
    socket.on('close', () => gone.abort());
    void this.#realTime.sleep(unansweredMs, { signal: gone.signal, background: true }).then(
      () => socket.destroy(),
      () => undefined,
    );
  }
}

function wayTo(place: Place, instance: InstanceRecord, address: string, port: number): Way {
  if (address === metadataAddress) return port === 80 ? { kind: 'metadata' } : { kind: 'unanswered' };
  const there = interfaceAt(place, instance.vpcId, address);
  const { zones: out } = outages(place);
  if (!there || [instance, there].some(({ availabilityZone }) => out.includes(availabilityZone))) {
    return { kind: 'unanswered' };
  }
  if (!mayConnect(place, sideOf(place, instance), { groupIds: there.groupIds, address }, port)) {
    return { kind: 'unanswered' };
  }
  const { networkInterfaceId } = there;
  if (!leadsToService(place, instance.vpcId, networkInterfaceId)) return { kind: 'inside', networkInterfaceId };
  return port === 443 ? { kind: 'service' } : { kind: 'refused' };
}
