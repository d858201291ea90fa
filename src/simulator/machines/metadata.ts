/** The instance metadata service, version 2, as far as programs ask it who they are and for their credentials (F-748). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { systemRandom } from '../../shared/random.ts';
import { runningInstance } from '../services/ec2/instance-lookup.ts';
import type { InstanceRecord } from '../services/ec2/records.ts';
import { roleOfProfile } from '../services/iam/lookup.ts';
import type { Role } from '../services/iam/state.ts';
import { openSession } from '../services/sts/identity.ts';
import type { Place, World } from '../world.ts';

export const metadataAddress = '169.254.169.254';

/** F-748: credentials of an instance's role hold for about six hours. */
const validMs = 6 * 3_600_000;

export interface MachineId {
  readonly region: string;
  readonly instanceId: string;
}

export class MetadataService {
  readonly #world: World;
  readonly #server: Server;
  readonly #askers = new WeakMap<Socket, MachineId>();
  /** Session tokens that were given out, with whose they are. */
  readonly #tokens = new Map<string, string>();
  readonly #sessions = new Map<string, { readonly keyId: string; readonly until: number }>();

  constructor(world: World) {
    this.#world = world;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Serves a connection that an instance has opened. */
  serve(socket: Socket, machine: MachineId): void {
    this.#askers.set(socket, machine);
    this.#server.emit('connection', socket);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const machine = this.#askers.get(request.socket);
    const place = machine && this.#world.place(machine.region);
    const instance = place && runningInstance(place, machine.instanceId);
    const [status, body] = instance ? this.#reply(place, instance, request) : [404, ''];
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  #reply(place: Place, instance: InstanceRecord, { method, url = '/', headers }: IncomingMessage): [number, string] {
    if (!instance.metadata.enabled) return [403, ''];
    if (method === 'PUT' && url === '/latest/api/token') {
      return headers['x-aws-ec2-metadata-token-ttl-seconds'] ? [200, this.#newToken(instance)] : [400, ''];
    }
    const token = headers['x-aws-ec2-metadata-token'];
    const isKnown = typeof token === 'string' && this.#tokens.get(token) === instance.instanceId;
    if (!isKnown && (token !== undefined || instance.metadata.httpTokens === 'required')) return [401, ''];
    const body = this.#document(place, instance, url.replace(/^\/latest\/meta-data\/|\/$/g, ''));
    return body === undefined ? [404, ''] : [200, body];
  }

  #newToken({ instanceId }: InstanceRecord): string {
    const token = systemRandom.hex(40);
    this.#tokens.set(token, instanceId);
    return token;
  }

  #document(place: Place, instance: InstanceRecord, path: string): string | undefined {
    const role = roleOfProfile(place, instance.profileArn);
    switch (path) {
      case 'instance-id':
        return instance.instanceId;
      case 'local-ipv4':
        return instance.privateIpAddress;
      case 'placement/region':
        return place.region;
      case 'placement/availability-zone':
        return instance.availabilityZone;
      case 'iam/security-credentials':
        return role?.name;
      default:
        return role && path === `iam/security-credentials/${role.name}`
          ? this.#credentials(place, instance, role)
          : undefined;
    }
  }

  #credentials(place: Place, { instanceId }: InstanceRecord, role: Role): string {
    const name = `${instanceId}/${role.roleId}`;
    const known = this.#sessions.get(name);
    const session = known && place.now < known.until - validMs / 2 ? known : this.#open(place, instanceId, role);
    this.#sessions.set(name, session);
    return JSON.stringify({
      Code: 'Success',
      Type: 'AWS-HMAC',
      LastUpdated: new Date(session.until - validMs).toISOString(),
      AccessKeyId: session.keyId,
      SecretAccessKey: systemRandom.hex(40),
      Token: systemRandom.hex(64),
      Expiration: new Date(session.until).toISOString(),
    });
  }

  #open(place: Place, instanceId: string, role: Role) {
    const arn = `arn:aws:sts::${place.account}:assumed-role/${role.name}/${instanceId}`;
    const keyId = `ASIA${systemRandom.hex(16).toUpperCase()}`;
    openSession(place, keyId, { arn, userId: `${role.roleId}:${instanceId}` });
    return { keyId, until: place.now + validMs };
  }
}
