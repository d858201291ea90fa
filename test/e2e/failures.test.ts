/** What can go wrong before anything begins, through the shipped program: a coded error, what to type next, seconds. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createSandbox, ensureBuilt, type Finished, type Sandbox } from '../support/program.ts';
import { startBlackHole } from '../support/recording-proxy.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';

let simulator: Simulator;
let box: Sandbox;
beforeAll(async () => {
  ensureBuilt();
  simulator = await startSimulator({ clock: new RealClock(600) });
}, 120_000);
afterAll(() => simulator.close());

const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };

function enter(environment: Record<string, string>, yaml = plainYaml(1)): Sandbox {
  const sandbox = createSandbox({ RSDS_CLOCK_SPEED: '600', AWS_ENDPOINT_URL: simulator.url, ...environment });
  writeFileSync(join(sandbox.folder, 'rsds.yaml'), yaml);
  writeFileSync(join(sandbox.folder, 'schema.sql'), schemaSql);
  return sandbox;
}

interface Timed extends Finished {
  readonly seconds: number;
  readonly requests: number;
  readonly mutations: number;
}

async function run(...words: readonly string[]): Promise<Timed> {
  const clock = new RealClock();
  const before = simulator.requests.counts();
  const finished = await box.run(...words);
  const after = simulator.requests.counts();
  const requests = after.total - before.total;
  return { ...finished, seconds: clock.elapsed() / 1_000, requests, mutations: after.mutating - before.mutating };
}

const folderOf = () => readdirSync(box.folder).sort();

describe('the account cannot be used', () => {
  const free = () =>
    new Promise<number>((done) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => done(port));
      });
    });

  interface Row {
    readonly environment: () => Promise<Record<string, string>> | Record<string, string>;
    readonly words?: readonly string[];
    readonly code: string;
    readonly says: RegExp;
    readonly next: RegExp;
    readonly withinSeconds: number;
  }

  const rows: Readonly<Record<string, Row>> = {
    'no credentials': {
      environment: () => ({ AWS_EC2_METADATA_DISABLED: 'true' }),
      code: 'aws/no-credentials',
      says: /no AWS credentials were found/,
      next: /aws configure sso|--sim/,
      withinSeconds: 5,
    },
    'no credentials, and a machine that may be an instance of EC2': {
      environment: () => ({}),
      code: 'aws/no-credentials',
      says: /no AWS credentials were found/,
      next: /aws configure sso|--sim/,
      withinSeconds: 10,
    },
    'a profile that is not there': {
      environment: () => ({ AWS_EC2_METADATA_DISABLED: 'true' }),
      words: ['--profile', 'nobody'],
      code: 'aws/profile',
      says: /"nobody"/,
      next: /aws configure list-profiles/,
      withinSeconds: 5,
    },
    'a profile that is not there, by AWS_PROFILE': {
      environment: () => ({ AWS_PROFILE: 'nobody', AWS_EC2_METADATA_DISABLED: 'true' }),
      code: 'aws/profile',
      says: /"nobody"/,
      next: /aws configure list-profiles/,
      withinSeconds: 5,
    },
    'a port on which nothing listens': {
      environment: async () => ({ ...keys, AWS_ENDPOINT_URL: `http://127.0.0.1:${await free()}` }),
      code: 'aws/unreachable',
      says: /sts cannot be reached at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
      next: /AWS_ENDPOINT_URL/,
      withinSeconds: 5,
    },
    'a name that nobody knows': {
      environment: () => ({ ...keys, AWS_ENDPOINT_URL: 'http://nobody.invalid' }),
      code: 'aws/unreachable',
      says: /nobody\.invalid/,
      next: /AWS_ENDPOINT_URL/,
      withinSeconds: 8,
    },
  };

  test.each(Object.entries(rows))('%s: exit 1, at once, and nothing was touched', async (_what, row) => {
    box = enter(await row.environment());
    for (const verb of ['plan', 'up']) {
      const { exit, stdout, stderr, seconds, requests } = await run(verb, '--yes', ...(row.words ?? []));
      expect(exit, stderr).toBe(1);
      expect(stderr).toContain(row.code);
      expect(stderr).toMatch(row.says);
      expect(stderr).toMatch(row.next);
      expect({ stdout, requests }).toEqual({ stdout: '', requests: 0 });
      expect(seconds).toBeLessThan(row.withinSeconds);
      expect(folderOf()).toEqual(['rsds.yaml', 'schema.sql']);
    }
    await box.remove();
  });

  test('an endpoint that takes the call and never answers: exit 1 within ten seconds or so', async () => {
    const hole = await startBlackHole();
    box = enter({ ...keys, AWS_ENDPOINT_URL: hole.url });
    const { exit, stderr, seconds } = await run('up', '--yes');
    expect(exit, stderr).toBe(1);
    expect(stderr).toMatch(/aws\/(unreachable|failed)/);
    expect(stderr).toContain('sts');
    expect(seconds).toBeLessThan(13);
    await box.remove();
    await hole.close();
  }, 30_000);

  test.each([
    ['ExpiredTokenException', 'aws/expired-credentials', 'aws sso login'],
    ['InvalidClientTokenId', 'aws/invalid-credentials', 'check the profile'],
  ])('the account answers %s: exit 1, nothing but the question was asked', async (code, told, next) => {
    box = enter({ ...keys, AWS_SESSION_TOKEN: 'a-session-token' });
    simulator.intercept(() => ({ error: { code, message: 'The security token is no good', status: 403 } }));
    const { exit, stdout, stderr, requests, seconds } = await run('up', '--yes', '--json');
    simulator.intercept(undefined);
    expect(exit, stderr).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ version: 1, event: 'result', outcome: 'failed' },
      error: { code: told, hint: expect.stringContaining(next) },
    });
    expect(requests).toBeLessThanOrEqual(2);
    expect(seconds).toBeLessThan(5);
    expect(folderOf()).toEqual(['rsds.yaml', 'schema.sql']);
    await box.remove();
  });
});

describe('the configuration cannot be used: exit 2, the place and the remedy, and no call is made', () => {
  const base = 'project: airline\nregion: us-east-1\n';
  const bad: readonly (readonly [what: string, yaml: string, place: string, says: RegExp, remedy: RegExp])[] = [
    ['no region', 'project: airline\n', '', /region is not set anywhere/, /--region/],
    ['an unknown key', `${base}consumers:\n  cout: 3\n`, 'rsds.yaml:4:3', /consumers\.cout is not a key/, /count/],
    ['malformed YAML', 'project: airline\nregion: [us-east-1\n', 'rsds.yaml:3:1', /not well-formed/, /.*/],
    ['no project', 'region: us-east-1\n', 'rsds.yaml:1:1', /project is missing/, /Add `project:`/],
    ['the world let in', `${base}network:\n  clientCidrs: [0.0.0.0/0]\n`, 'rsds.yaml:4:17', /0\.0\.0\.0\/0/, /.*/],
    ['RPUs off the grid', `${base}producer: { baseCapacity: 33 }\n`, 'rsds.yaml:3:27', /33/, /32|40/],
    [
      'a ceiling below the base',
      `${base}consumers: { baseCapacity: 64, maxCapacity: 32 }\n`,
      'rsds.yaml:3:45',
      /32/,
      /64/,
    ],
    ['25 consumers', `${base}consumers: { count: 25 }\n`, 'rsds.yaml:3:21', /25/, /allowBeyondDefaultQuota/],
    [
      'overlapping subnets',
      `${base}network:\n  subnetCidrs: [10.0.0.0/23, 10.0.1.0/24, 10.0.4.0/23]\n`,
      'rsds.yaml:4',
      /overlap/,
      /.*/,
    ],
  ];

  beforeEach(() => {
    box = enter(keys);
  });

  test.each(bad)('%s', async (_what, yaml, place, says, remedy) => {
    writeFileSync(join(box.folder, 'rsds.yaml'), yaml);
    for (const words of [['plan'], ['up', '--yes'], ['down', '--yes']]) {
      const { exit, stdout, stderr, requests, seconds } = await run(...words);
      expect(exit, stderr).toBe(2);
      expect(stderr).toContain(place);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(remedy);
      expect({ stdout, requests }).toEqual({ stdout: '', requests: 0 });
      expect(seconds).toBeLessThan(3);
      expect(existsSync(join(box.folder, '.rsds'))).toBe(false);
    }
    await box.remove();
  });

  test('several faults are told at once, as JSON with their places', async () => {
    writeFileSync(join(box.folder, 'rsds.yaml'), `${base}consumers: { count: many }\nproducer: { baseCapacity: 7 }\n`);
    const { exit, stdout, requests } = await run('plan', '--json');
    expect({ exit, requests }).toEqual({ exit: 2, requests: 0 });
    const { error } = JSON.parse(stdout) as { error: { code: string; faults: { line: number; path: string }[] } };
    expect(error.code).toBe('config/invalid');
    expect(error.faults.map(({ line, path }) => [line, path])).toEqual([
      [3, 'consumers.count'],
      [4, 'producer.baseCapacity'],
    ]);
    await box.remove();
  });

  test('an environment that the file does not list', async () => {
    writeFileSync(join(box.folder, 'rsds.yaml'), `${base}environments:\n  dev: {}\n  prod: {}\n`);
    const { exit, stderr, requests } = await run('up', '--yes', '--env', 'prd');
    expect({ exit, requests }).toEqual({ exit: 2, requests: 0 });
    expect(stderr).toContain('prod');
    await box.remove();
  });

  test('no file at all', async () => {
    const empty = createSandbox({ ...keys, AWS_ENDPOINT_URL: simulator.url });
    const { exit, stderr } = await empty.run('plan');
    expect(exit).toBe(2);
    expect(stderr).toMatch(/no rsds\.yaml in .*\n[\s\S]*rsds init/);
    await empty.remove();
  });
});
