/** The script itself, run on this machine: whoever has its password by other means can use it so. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UpdateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../../src/probe/instances/reading.ts';
import { orderOf, probeFile } from '../../../src/probe/instances/script.ts';
import type { ConnectionPlan, LoadPlan, ProbePlan, ProbeReport } from '../../../src/probe/plan.ts';
import { RealClock } from '../../../src/shared/clock.ts';
import { type Live, openLive } from '../../support/live.ts';
import { pythonIsThere } from '../../support/python.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';

let live: Live;
let target: ConnectionPlan['target'];

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(2));
  live = await openLive(saved, 600);
  const port = await live.port('nlb');
  target = { host: '127.0.0.1', port, database: 'airline', user: 'reporter', secret: 'airline-dev/reader' };
});

afterAll(() => live.close());

const { credentials } = clientConfigOf('');

/** What the script says with an endpoint and keys in its environment, as any machine may have them. */
function run(plan: ProbePlan, endpoint = live.simulator.url): Promise<ProbeReport> {
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return new Promise((resolve, reject) => {
    const words = ['-B', fileURLToPath(probeFile), orderOf(plan, 'us-east-1')];
    execFile('python3', words, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const exitCode = error ? Number(error.code ?? 1) : 0;
      expect(stdout.length).toBeLessThan(24_000);
      try {
        resolve(reportOf({ instanceId: 'here', status: 'Success', exitCode, stdout, stderr }));
      } catch (problem) {
        reject(problem);
      }
    });
  });
}

const plan = (more: Partial<ConnectionPlan> = {}): ConnectionPlan => ({
  ...{ kind: 'connections', target, connections: 2, parallel: 2, tableSql: 'SELECT * FROM flights', timeoutMs: 5_000 },
  ...more,
});

const attempts = async (asked: ConnectionPlan) => ((await run(asked)) as { attempts: readonly Attempt[] }).attempts;
type Attempt = Extract<ProbeReport, { kind: 'connections' }>['attempts'][number];

describe.skipIf(!pythonIsThere())('the script', () => {
  it('connects, with credentials and an endpoint of its environment', async () => {
    expect((await attempts(plan())).map(({ failed, namespaceId }) => [failed, typeof namespaceId])).toEqual([
      [undefined, 'string'],
      [undefined, 'string'],
    ]);
  });

  it('tells a refused connection, a server without encryption and a wrong table', async () => {
    const failedAt = async (more: Partial<ConnectionPlan>) =>
      (await attempts(plan({ connections: 1, ...more })))[0]?.failed;
    expect(await failedAt({ target: { ...target, port: 1 } })).toMatchObject({
      layer: 'tcp',
      error: { code: 'ECONNREFUSED' },
    });
    const http = { ...target, port: Number(new URL(live.simulator.url).port) };
    expect(await failedAt({ target: http, timeoutMs: 1_000 })).toMatchObject({ layer: 'tls' });
    expect(await failedAt({ tableSql: 'SELECT * FROM nowhere' })).toMatchObject({
      layer: 'table',
      error: { code: '42P01', message: expect.stringContaining('nowhere') },
    });
  });

  it('knows Redshift’s own digest of a password that was given as sha256 (F-700)', async () => {
    const administrator = await live.connect(await live.asAdministrator('producer'));
    const salt = 'salt';
    const kept = createHash('sha256').update(`Secret123${salt}`).digest('hex');
    await administrator.query(`CREATE USER digested PASSWORD 'sha256|${kept}|${salt}'`);
    const { port, database } = await live.asAdministrator('producer');
    const SecretString = JSON.stringify({ username: 'digested', password: 'Secret123' });
    await live.clients.secrets.send(new UpdateSecretCommand({ SecretId: target.secret, SecretString }));
    const own = { ...target, port: Number(port), database: String(database), user: 'digested' };
    const [attempt] = await attempts(plan({ connections: 1, tableSql: undefined, target: own }));
    expect(attempt?.failed).toBeUndefined();
    const before = JSON.stringify({ username: 'reporter', password: live.passwords.reporter });
    await live.clients.secrets.send(new UpdateSecretCommand({ SecretId: target.secret, SecretString: before }));
  });

  it('says what it found of 600 connections within what a command may say', async () => {
    const many = await attempts(plan({ connections: 600, parallel: 20, target: { ...target, port: 1 } }));
    expect(many).toHaveLength(600);
    expect(new Set(many.map(({ failed }) => failed?.error.code))).toEqual(new Set(['ECONNREFUSED']));
  });

  it('goes on under a load when a consumer dies, and counts what broke', async () => {
    const load: LoadPlan = {
      ...{ kind: 'load', target, connections: 6, seconds: 5, sql: 'SELECT count(*) FROM flights' },
      ...{ queriesPerConnection: 0, pauseMs: 20, timeoutMs: 1_000 },
    };
    const running = run(load);
    await new RealClock().sleep(1_500);
    const fault = live.simulator.faults.add({ kind: 'dead', target: 'airline-dev-consumer-1' });
    const report = (await running) as Extract<ProbeReport, { kind: 'load' }>;
    live.simulator.faults.clear(fault.id);
    expect(report.seconds).toHaveLength(5);
    expect(report.errors.map(({ layer }) => layer)).toContain('query');
    expect(report.opened).toBeGreaterThan(6);
    const last = report.seconds.at(-1);
    expect(Object.values(last?.queries ?? {}).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
    expect(Object.keys(last?.open ?? {})).toHaveLength(1);
  });

  it('fits an hour of load on eight consumers, and a thousand attempts, into what a command may say', () => {
    const program = `
import random, sys
sys.path.insert(0, ${JSON.stringify(dirname(fileURLToPath(probeFile)))})
import probe
random.seed(5)
names = ["%032x" % random.getrandbits(128) for _ in range(8)]
counts = lambda: {name: random.randrange(400) for name in names}
load = {"kind": "load", "seconds": [[n, counts(), counts(), 0] for n in range(3600)]}
layers = ("dns", "tcp", "tls", "login", "identity", "table")
one = lambda: {"ms": {layer: round(random.uniform(1, 90), 1) for layer in layers}, "namespace": random.choice(names)}
attempts = {"kind": "connections", "attempts": probe.columns_of([one() for _ in range(1000)])}
print(len(probe.fitting(load, 23500)), len(probe.fitting(attempts, 23500)))`;
    const { stdout, stderr } = spawnSync('python3', ['-B', '-c', program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const length of stdout.trim().split(' ').map(Number)) expect(length).toBeLessThanOrEqual(23_500);
  });

  it('says why it has no password', async () => {
    const nowhere = plan({ target: { ...target, secret: 'nowhere' } });
    await expect(run(nowhere)).rejects.toThrow(
      /Secrets Manager answered 400 for nowhere \(ResourceNotFoundException\)/,
    );
    await expect(run(plan(), 'http://127.0.0.1:1')).rejects.toThrow(/can't be reached.*ECONNREFUSED/);
  });
});
