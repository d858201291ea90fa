/** The wire layer alone, with operations that a test brings along: for tests of bytes, not of services. */
import { onTestFinished } from 'vitest';
import { RealClock } from '../../../src/shared/clock.ts';
import type { RawService } from '../../../src/simulator/raw-service.ts';
import { RequestLog } from '../../../src/simulator/request-log.ts';
import type { Service } from '../../../src/simulator/service.ts';
import { Gateway } from '../../../src/simulator/wire/gateway.ts';
import { startServer } from '../../../src/simulator/wire/server.ts';
import { World } from '../../../src/simulator/world.ts';

export interface Wire {
  readonly url: string;
  readonly gateway: Gateway;
  readonly log: RequestLog;
  readonly world: World;
  /** How often a mutation was reported. */
  mutations(): number;
}

export async function startWire(services: readonly Service[], rawServices: readonly RawService[] = []): Promise<Wire> {
  const clock = new RealClock(1000);
  const world = new World(clock);
  const log = new RequestLog();
  let mutations = 0;
  const staff = {
    world,
    services: new Map(services.map((service) => [service.name, service])),
    rawServices: new Map(rawServices.map((service) => [service.name, service])),
    principalOf: (accessKeyId: string) => ({ arn: 'arn:aws:iam::123456789012:user/test', userId: 'AIDA', accessKeyId }),
  };
  const gateway = new Gateway({ clock, log, staff, onMutation: () => void mutations++ });
  const server = await startServer({ port: 0, now: () => world.now(), serve: (exchange) => gateway.serve(exchange) });
  onTestFinished(() => server.close());
  return { url: `http://127.0.0.1:${server.port}`, gateway, log, world, mutations: () => mutations };
}

/** The Authorization header of a request to `service`; nobody checks the signature itself. */
export const signed = (service: string, region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIATEST/20260105/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export async function post(
  url: string,
  headers: Record<string, string>,
  body: string | Uint8Array<ArrayBuffer> = '',
  path = '/',
): Promise<Answered> {
  const response = await fetch(url + path, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
