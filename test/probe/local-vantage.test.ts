/** Connections from this machine, through a simulated load balancer, taken apart into layers. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { localVantage } from '../../src/probe/local-vantage.ts';
import { type ConnectionPlan, type LoadPlan, layers, type ProbeTarget } from '../../src/probe/plan.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { type Live, openLive } from '../support/live.ts';
import { buildStandingProject, plainYaml } from '../support/standing.ts';

let live: Live;
let here: { host: string; port: number };

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(2));
  live = await openLive(saved, 600);
  here = { host: '127.0.0.1', port: await live.port('nlb') };
});
afterAll(() => live.close());

const target: ProbeTarget = {
  host: 'airline-dev-nlb.elb.example',
  port: 5439,
  database: 'airline',
  user: 'reporter',
  secret: 'airline-dev/reader',
};
const never = new AbortController().signal;

interface Around {
  readonly password?: string;
  readonly at?: { host: string; port: number } | undefined;
}

const vantage = ({ password = live.passwords.reporter, ...around }: Around = {}) =>
  localVantage({
    clock: new RealClock(),
    password: async () => password,
    locate: async () => ('at' in around ? around.at : here),
  });

const plan = (more: Partial<ConnectionPlan> = {}): ConnectionPlan => ({
  ...{ kind: 'connections', target, connections: 4, parallel: 2, tableSql: 'SELECT 1 FROM airline.public.flights' },
  ...{ timeoutMs: 2_000, wakeMs: 2_000 },
  ...more,
});

const failures = async (more: Partial<ConnectionPlan>, around: Around = {}) => {
  const { attempts } = await vantage(around).connections(plan({ connections: 1, ...more }), never);
  return attempts.map(({ ms, failed }) => ({ passed: Object.keys(ms), ...failed }));
};

async function listening(onSocket: (server: Server) => void): Promise<number> {
  const server = createServer();
  onSocket(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

describe('a connection', () => {
  it('passes all layers, each with its time, and tells who answered', async () => {
    const { attempts } = await vantage().connections(plan(), never);
    expect(attempts).toHaveLength(4);
    for (const { ms, namespaceId, failed } of attempts) {
      expect(failed).toBeUndefined();
      expect(namespaceId).toMatch(/^[0-9a-f-]{36}$/);
      expect(Object.keys(ms)).toEqual([...layers]);
      for (const each of Object.values(ms)) expect(each).toBeGreaterThanOrEqual(0);
    }
  });

  it('does not read a table where there is none', async () => {
    expect(await failures({ tableSql: undefined })).toEqual([{ passed: layers.slice(0, 5) }]);
  });

  it('with a wrong password ends at the login, and the password is nowhere in what is told', async () => {
    const [failed] = await failures({}, { password: 'Wr0ng-in-every-way' });
    expect(failed).toMatchObject({ passed: ['dns', 'tcp', 'tls'], layer: 'login', error: { code: '28P01' } });
    expect(JSON.stringify(failed)).not.toContain('Wr0ng');
  });

  it('to a database that is not there ends at the login', async () => {
    const [failed] = await failures({ target: { ...target, database: 'nowhere' } });
    expect(failed).toMatchObject({ layer: 'login', error: { code: '3D000' } });
  });

  it('to a table that is not there ends at the table, its consumer known', async () => {
    const { attempts } = await vantage().connections(plan({ tableSql: 'SELECT 1 FROM nowhere' }), never);
    for (const { namespaceId, failed } of attempts) {
      expect(failed).toMatchObject({ layer: 'table', error: { code: '42P01' } });
      expect(namespaceId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('to a name that is none ends at the name', async () => {
    const [failed] = await failures({ target: { ...target, host: 'nowhere.invalid' } }, { at: undefined });
    expect(failed).toMatchObject({ passed: [], layer: 'dns', error: { code: expect.stringMatching(/^E/) } });
  });

  it('to a port at which nothing listens is refused', async () => {
    const port = await listening((server) => server.on('listening', () => setImmediate(() => server.close())));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [failed] = await failures({}, { at: { host: '127.0.0.1', port } });
    expect(failed).toMatchObject({ passed: ['dns'], layer: 'tcp', error: { code: 'ECONNREFUSED' } });
  });

  it('to where no answer comes from is given up after its time', async () => {
    const { local } = (await live.simulator.addresses()).find(({ kind }) => kind === 'endpoint access') ?? {};
    const at = { host: '127.0.0.1', port: Number(local?.split(':')[1]) };
    const [failed] = await failures({ timeoutMs: 300 }, { at });
    expect(failed).toMatchObject({
      passed: ['dns'],
      layer: 'tcp',
      error: { code: 'ETIMEDOUT', message: `no answer from 127.0.0.1:${at.port} within 0.3 s` },
    });
  });

  test.each([
    ['speaks no TLS', (server: Server) => server.on('connection', (socket) => socket.end('N')), 'SSL_REFUSED'],
    ['speaks HTTP', (server: Server) => server.on('connection', (socket) => socket.end('HTTP/1.1')), 'SSL_REFUSED'],
    ['hangs up', (server: Server) => server.on('connection', (socket) => socket.destroy()), 'ECONNRESET'],
  ])('to something that %s ends at TLS', async (_what, behave, code) => {
    const port = await listening(behave);
    const [failed] = await failures({}, { at: { host: '127.0.0.1', port } });
    expect(failed).toMatchObject({ passed: ['dns', 'tcp'], layer: 'tls', error: { code } });
  });

  test.each([true, false])(
    'whose certificate nobody signed is refused off this machine (certified: %s)',
    async (certified) => {
      const itself = { ...target, ...here, host: 'localhost', certified };
      const [failed] = await failures({ target: itself }, { at: undefined });
      expect(failed).toMatchObject({ layer: 'tls', error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    },
  );
});

it('those that are under way when it is stopped are let go', async () => {
  const stopping = new AbortController();
  const running = vantage().connections(plan({ connections: 5_000 }), stopping.signal);
  setTimeout(() => stopping.abort(new Error('stopped')), 300);
  await expect(running).rejects.toThrow('stopped');
});

const load = (more: Partial<LoadPlan> = {}): LoadPlan => ({
  ...{ kind: 'load', target, connections: 6, seconds: 2, sql: 'SELECT 1 FROM airline.public.flights' },
  ...{ queriesPerConnection: 3, pauseMs: 50, timeoutMs: 2_000, wakeMs: 2_000 },
  ...more,
});

describe('a load', () => {
  it('comes back again and again, and counts what each consumer answered', async () => {
    const seconds: number[] = [];
    const report = await vantage().load(load(), never, ({ second }) => seconds.push(second));
    expect(report.errors).toEqual([]);
    expect(seconds.slice(0, 2)).toEqual([1, 2]);
    expect(report.opened).toBeGreaterThan(6);
    const counted = Object.values(report.latencies).flatMap((buckets) => Object.values(buckets));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(report.queries);
    const told = report.seconds.flatMap(({ queries }) => Object.values(queries));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(report.queries);
    expect(report.seconds[0]?.open).toEqual(expect.objectContaining({}));
    expect(Object.keys(report.latencies)).toHaveLength(2);
  });

  it('counts errors by kind, with when each came first', async () => {
    const report = await vantage().load(load({ sql: 'SELECT 1 FROM nowhere', seconds: 1 }), never);
    expect(report.queries).toBe(0);
    expect(report.errors.map(({ layer, code }) => `${layer} ${code}`)).toEqual(['query 42P01', 'query 42P01']);
    expect(report.errors.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(6);
    for (const { firstAt, namespaceId } of report.errors) {
      expect(firstAt).toBeLessThan(1);
      expect(namespaceId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('that is stopped reports what it has', async () => {
    const stopping = new AbortController();
    const begun = performance.now();
    const running = vantage().load(load({ seconds: 60 }), stopping.signal, ({ second }) => {
      if (second === 1) stopping.abort(new Error('stopped'));
    });
    const report = await running;
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(report.queries).toBeGreaterThan(6);
    expect(report.errors).toEqual([]);
    expect(report.seconds.length).toBeLessThanOrEqual(2);
  });
});
