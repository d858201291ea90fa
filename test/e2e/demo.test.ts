/**
 * The tour of the README through the shipped program, in an empty folder: from nothing to an environment whose tables
 * clients can read, larger, smaller, and away again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type PortFile, readPortFile } from '../../src/commands/sim/port-file.ts';
import type { SimRequest } from '../../src/commands/sim/serve.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { clientsAt } from '../support/account.ts';
import { inventoryOf } from '../support/inventory.ts';
import { createSandbox, ensureBuilt, eventsIn, type Finished, isRunning, type Sandbox } from '../support/program.ts';

let box: Sandbox;
/** Every simulator that was started, by process. */
const simulators = new Set<number>();
beforeAll(() => {
  ensureBuilt();
  box = createSandbox();
}, 120_000);
afterAll(() => box.remove());

function simulator(): PortFile {
  const found = readPortFile(box.state);
  if (!found) throw new Error('no simulator runs');
  simulators.add(found.pid);
  return found;
}

const account = () => clientsAt(`http://127.0.0.1:${simulator().port}`);
const requests = async () => (await box.ask<{ requests: SimRequest[] }>('sim', 'log')).requests;
const consumers = async () => (await box.ask<{ consumers: { short: string }[] }>('status', '--sim')).consumers;

describe('rsds in an empty folder', () => {
  let up: Finished & { seconds: number };
  beforeAll(async () => {
    const clock = new RealClock();
    up = { ...(await box.run('up', '--sim', '--yes')), seconds: clock.elapsed() / 1_000 };
  }, 150_000);

  test('up builds the example within two minutes', () => {
    expect(up.exit, up.stderr).toBe(0);
    expect(up.seconds).toBeLessThan(120);
    expect(up.stderr).toContain('started the AWS simulator');
  });

  test('its summary names the address, each consumer with its state, and the time of each part', () => {
    expect(up.stdout).toContain('airline-dev in us-east-1, account 123456789012: ready');
    for (const n of [1, 2, 3])
      expect(up.stdout).toMatch(new RegExp(`airline-dev-consumer-${n} +AVAILABLE +32-64 +ACTIVE +healthy +ready`));
    const host = String.raw`airline-dev-nlb-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com`;
    expect(up.stdout).toMatch(new RegExp(`load balancer ${host}:5439 active`));
    expect(up.stdout).toMatch(new RegExp(`psql "host=${host} port=5439 dbname=airline user=reporter`));
    expect(up.stdout).toMatch(/^\d+ changes in \d+m \d\ds \(/m);
    for (const part of ['vpc', 'producer', 'nlb', 'consumers', 'endpoints', 'datashare'])
      expect(up.stdout).toMatch(new RegExp(`[(,] ?${part} \\d+[ms]`));
  });

  test('status --json tells what stands', async () => {
    const warehouse = (short: string) => ({
      name: `airline-dev-${short}`,
      namespaceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'AVAILABLE',
      baseCapacity: 32,
      maxCapacity: short === 'producer' ? 256 : 64,
      data: { state: 'ready' },
    });
    const consumer = (n: number) => ({
      ...warehouse(`consumer-${n}`),
      endpoint: {
        name: `airline-dev-consumer-${n}`,
        status: 'ACTIVE',
        addresses: [expect.stringMatching(/^10\.0\.\d+\.\d+$/)],
      },
      target: { state: 'healthy' },
    });
    expect(await box.ask('status', '--sim')).toMatchObject({
      ...{ version: 1, environment: 'airline-dev', region: 'us-east-1', account: '123456789012', state: 'ready' },
      producer: warehouse('producer'),
      consumers: [1, 2, 3].map(consumer),
      workloads: [],
      loadBalancer: { dnsName: expect.stringMatching(/^airline-dev-nlb-/), port: 5439, state: 'active' },
      lock: { environment: null, lane: null },
      run: { command: 'up', outcome: 'done' },
    });
  });

  test.each([1, 2, 3])('the reader reads the airline tables on consumer-%i', async (n) => {
    const tables = ['airlines', 'airports', 'flights', 'carrier_punctuality'];
    const counts = tables.map((table) => `(SELECT COUNT(*) FROM airline.public.${table})`);
    expect(await readOn(`airline-dev-consumer-${n}`, `SELECT ${counts.join(', ')}`)).toEqual([5, 6, 10, 5]);
  });

  test('up again has nothing to do: some reads, no change, no SQL', async () => {
    const before = (await requests()).length;
    const { exit, stdout } = await box.run('up', '--sim', '--yes');
    expect({ exit, first: stdout.split('\n')[0] }).toEqual({
      exit: 0,
      first: 'nothing to do: everything is as described',
    });
    const made = (await requests()).slice(before);
    expect(made.length).toBeGreaterThan(5);
    expect(made.length).toBeLessThanOrEqual(30);
    expect(made.filter(({ mutating, service }) => mutating || service === 'redshift-data')).toEqual([]);
    expect((await box.run('plan', '--check', '--sim')).exit).toBe(0);
  });

  test('the world is there again after the simulator was stopped', async () => {
    const { pid } = simulator();
    expect((await box.run('sim', 'stop')).exit).toBe(0);
    await gone(pid);
    expect((await box.run('sim', 'start', '--speed', '600')).exit).toBe(0);
    expect(simulator().speed).toBe(600);
    expect((await box.run('status', '--check', '--sim')).exit).toBe(0);
  });

  test('scale to four consumers, then to two', { timeout: 60_000 }, async () => {
    for (const count of [4, 2]) {
      const { exit, stderr } = await box.run('scale', '--consumers', String(count), '--sim', '--yes');
      expect(exit, stderr).toBe(0);
      const wanted = Array.from({ length: count }, (_, index) => `consumer-${index + 1}`);
      expect((await consumers()).map(({ short }) => short)).toEqual(wanted);
      // The wish is kept: what was removed does not come back.
      expect((await box.run('plan', '--check', '--sim')).exit).toBe(0);
    }
  });

  test('down leaves an empty account but for the final snapshot, its key and the lock table', async () => {
    const { exit, stdout, stderr } = await box.run('down', '--sim', '--yes');
    expect(exit, stderr).toBe(0);
    expect(stdout).toContain('airline-dev is gone');
    expect(await box.ask('status', '--sim')).toMatchObject({ state: 'absent', consumers: [{}, {}] });
    // What AWS tidies up by itself may take some minutes of its time.
    await vi.waitFor(async () => expect(await standing()).toEqual(leftByDown), { timeout: 20_000, interval: 500 });
  }, 60_000);

  test('up --json tells each event in a line, the result last', { timeout: 60_000 }, async () => {
    const finished = await box.run('up', '--sim', '--yes', '--json');
    expect(finished.exit, finished.stderr).toBe(0);
    const events = eventsIn(finished);
    expect(events.every(({ version }) => version === 1)).toBe(true);
    expect(events.filter(({ event }) => event === 'change-applied').length).toBeGreaterThan(60);
    expect(events.findIndex(({ event }) => event === 'result')).toBe(events.length - 1);
    expect(events.at(-1)).toMatchObject({
      outcome: 'done',
      status: { state: 'ready', consumers: [{}, {}] },
      connect: { database: 'airline', user: 'reporter', secret: 'airline-dev/reader' },
    });
    expect(finished.stdout + finished.stderr).not.toContain(await readerPassword());
  });

  test('sim stop leaves no process behind', async () => {
    simulator();
    expect((await box.run('sim', 'stop')).exit).toBe(0);
    expect(simulators.size).toBe(2);
    await gone(...simulators);
    expect(readPortFile(box.state)).toBeUndefined();
    expect(readFileSync(join(box.state, 'simulator.log'), 'utf8')).not.toMatch(/error|could not/i);
  });
});

/** A simulator answers for the last time some moments before its process has ended. */
const gone = (...pids: readonly number[]) =>
  vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), { timeout: 5_000, interval: 50 });

/** Runs a query with the shared login, as a client would, and answers the numbers of its one row. */
async function readOn(WorkgroupName: string, Sql: string): Promise<(number | undefined)[]> {
  const { data } = account();
  const { Id } = await data.send(
    new ExecuteStatementCommand({ WorkgroupName, Database: 'airline', SecretArn: 'airline-dev/reader', Sql }),
  );
  const status = async () => (await data.send(new DescribeStatementCommand({ Id }))).Status;
  await vi.waitFor(async () => expect(await status()).toBe('FINISHED'), { timeout: 10_000, interval: 100 });
  const { Records } = await data.send(new GetStatementResultCommand({ Id }));
  return (Records?.[0] ?? []).map((field) => field.longValue);
}

/** What stands in the account, by kind: names where a thing has one. AWS's default VPC is no news. */
async function standing(): Promise<Readonly<Record<string, unknown>>> {
  const found = await inventoryOf(account());
  const vpc = found.vpcs?.find(({ IsDefault }) => IsDefault)?.VpcId;
  const others = <Thing extends { VpcId?: string | undefined }>(list: readonly Thing[] = []) =>
    list.filter(({ VpcId }) => VpcId !== vpc).length;
  const kinds = {
    ...found,
    vpcs: others(found.vpcs),
    subnets: others(found.subnets),
    securityGroups: others(found.securityGroups),
    routeTables: others(found.routeTables),
    vpcEndpoints: others(found.vpcEndpoints),
    interfaces: others(found.interfaces),
    keys: found.keys.map((key) => key?.KeyState),
    aliases: found.aliases?.map(({ AliasName }) => AliasName),
    snapshots: found.snapshots?.map(({ namespaceName, status }) => `${namespaceName} ${status}`),
  };
  return Object.fromEntries(Object.entries(kinds).filter(([, kind]) => kind !== 0 && (kind as unknown[]).length !== 0));
}

const leftByDown = {
  keys: ['Enabled'],
  aliases: ['alias/airline-dev'],
  snapshots: ['airline-dev-producer AVAILABLE'],
  tables: ['rsds-locks'],
};

async function readerPassword(): Promise<string> {
  const { secrets } = account();
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'airline-dev/reader' }));
  return (JSON.parse(SecretString ?? '') as { password: string }).password;
}
