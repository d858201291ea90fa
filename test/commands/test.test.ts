/** `rsds test` from this machine: what it says of an environment that is well, and of one that can't be tested. */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteLoadBalancerCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import { priceOf } from '../../src/commands/test/bench.ts';
import type { Finding } from '../../src/diagnose/finding.ts';
import { desire } from '../../src/model/desired.ts';
import { RsdsError } from '../../src/shared/errors.ts';
import { type LiveProject, openLiveProject } from '../support/live-project.ts';
import { openProject, type Ran, type VerbOptions } from '../support/project.ts';
import { buildStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';
import { testConfig } from '../support/step-world.ts';

let one: StandingProject;
let two: StandingProject;
beforeAll(async () => {
  [one, two] = [await buildStandingProject(plainYaml(1)), await buildStandingProject(plainYaml(2))];
});

interface Document {
  readonly from?: string;
  readonly connectivity?: { readonly connections: number; readonly layers: readonly Layer[] } | null;
  readonly balance?: { readonly connections: number; readonly shares: readonly { readonly count: number }[] } | null;
  readonly load?: {
    readonly seconds: number;
    readonly opened: number;
    readonly queries: number;
    readonly consumers: readonly { readonly short: string; readonly queries: number; readonly p50Ms: number | null }[];
    readonly errors: readonly unknown[];
  };
  readonly findings: readonly Finding[];
}
interface Layer {
  readonly layer: string;
  readonly passed: number;
  readonly tried: number;
  readonly medianMs: number;
}

type Told = Document & Pick<Ran, 'exitCode' | 'requests'>;

async function told(project: LiveProject, kind?: string, how: VerbOptions = {}): Promise<Told> {
  const named = kind === undefined ? {} : { arguments: { kind } };
  const { stdout, error, exitCode, requests } = await project.run('test', { json: true, ...named, ...how });
  if (error) throw error;
  return { ...(JSON.parse(stdout) as Document), exitCode, requests };
}

const findingOf = ({ findings }: Document, subject: string, check: string) =>
  findings.find((found) => found.subject === subject && found.check === check);

/** Without what a machine's speed makes of it: times, and columns as wide as they are. */
const steady = (text: string) =>
  text
    .replaceAll(/^(layer|dns|tcp|tls|login|identity|table) .*$/gm, (line) => line.replaceAll(/ {2,}/g, '  '))
    .replaceAll(/ +\d+ ms/g, '  N ms')
    .replaceAll(/(?<="m\w+Ms": )\d+/g, '0');

describe('an environment that is well', () => {
  test('lets every connection through all layers, to every consumer alike', async () => {
    const document = await told(await openLiveProject(two));
    expect(document).toMatchObject({ exitCode: 0, from: 'this machine', connectivity: { connections: 12 } });
    const { layers = [] } = document.connectivity ?? {};
    expect(layers.map(({ layer, passed }) => [layer, passed])).toEqual(
      ['dns', 'tcp', 'tls', 'login', 'identity', 'table'].map((layer) => [layer, 12]),
    );
    const { connections, shares = [] } = document.balance ?? {};
    expect([connections, shares.reduce((sum, { count }) => sum + count, 0)]).toEqual([60, 60]);
    expect(document.findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(findingOf(document, 'load balancer', 'balance')?.what).toMatch(
      /^of 60 new connections \d+ went to consumer-1/,
    );
  });

  test('is told like this', async () => {
    const project = await openLiveProject(one);
    const { stdout } = await project.run('test', { verbose: false });
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/test.txt');
    const { connectivity, balance, findings } = await told(project);
    const own = findings.filter(({ check }) => ['connections', 'reader', 'answers', 'balance'].includes(check));
    const document = JSON.stringify({ connectivity, balance, findings: own }, undefined, 2);
    await expect(`${steady(document)}\n`).toMatchFileSnapshot('../golden/test.json');
  });

  test('wakes nobody before it has asked, with the price', async () => {
    const project = await openLiveProject(two);
    const questions: string[] = [];
    const confirm = async (question: string) => {
      questions.push(question);
      throw new RsdsError('usage/declined', 'declined: nothing was changed');
    };
    const ran = await project.run('test', { confirm });
    expect(questions).toEqual([
      'Open 72 connections through the load balancer? It wakes 2 consumers for a minute at least, about $0.40',
    ]);
    expect(ran.exitCode).toBe(1);
    expect(ran.requests.map(({ operation }) => operation)).not.toContain('ExecuteStatement');
    await project.run('test', { confirm, arguments: { kind: 'load' }, options: { seconds: 90, connections: 5 } });
    expect(questions[1]).toBe(
      'Load 5 connections for 90 seconds? It wakes 2 consumers for 2 minutes at least, about $0.80',
    );
  });

  test('the password is in nothing that is told or written', async () => {
    const project = await openLiveProject(one);
    const load = { arguments: { kind: 'load' }, options: { seconds: 1, connections: 2, report: 'load.md' } };
    const told: string[] = [];
    for (const spoil of [[], ["ALTER USER reporter PASSWORD 'Another1Password'"]]) {
      await project.sql('consumer-1', ...spoil);
      const runs = [
        ['test', {}],
        ['test', { json: true }],
        ['test', load],
        ['connect', { options: { check: true } }],
      ] as const;
      for (const [verb, how] of runs) {
        const { stdout, stderr, error } = await project.run(verb, how);
        told.push(stdout, stderr, String(error?.stack));
      }
      for (const file of filesBelow(project.project.folder)) told.push(readFileSync(file, 'utf8'));
    }
    expect(told.join('\n').length).toBeGreaterThan(20_000);
    for (const text of told) expect(text).not.toContain(project.live.passwords.reporter);
    for (const text of told) expect(text).not.toContain('Another1Password');
  });
});

const filesBelow = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true, withFileTypes: true }) as Dirent[])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the balance', () => {
  test('of few connections is not judged', async () => {
    const document = await told(await openLiveProject(two), 'balance', { options: { connections: 4 } });
    const found = findingOf(document, 'load balancer', 'balance');
    expect(document.exitCode).toBe(0);
    expect(found).toMatchObject({ verdict: 'not checked', what: expect.stringContaining('too few') });
    expect(found?.remedy).toBe('rsds test balance --connections 20 --region us-east-1 --sim');
  });

  test('is off where connections stick to a consumer', async () => {
    const project = await openLiveProject(two);
    const { targetGroupArn: TargetGroupArn } = project.live.loadBalancer;
    const Attributes = [
      { Key: 'stickiness.enabled', Value: 'true' },
      { Key: 'stickiness.type', Value: 'source_ip' },
    ];
    await project.live.clients.elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    const document = await told(project, 'balance');
    expect(document.balance?.shares.map(({ count }) => count).sort()).toEqual([0, 60]);
    expect(findingOf(document, 'load balancer', 'balance')).toMatchObject({
      verdict: 'fail',
      what: expect.stringContaining('(p < 0.0001)'),
      cause: expect.stringContaining('stickiness is on'),
      remedy: 'rsds up --region us-east-1 --sim',
    });
    expect(document.exitCode).toBe(5);
  });
});

describe('a load', () => {
  // So many that no consumer is left out by chance.
  const short = { seconds: 2, connections: 16 };

  test('counts queries and times of each consumer', async () => {
    const document = await told(await openLiveProject(two), 'load', { options: short });
    expect(document).toMatchObject({ exitCode: 0, from: 'this machine', load: { errors: [] } });
    const { consumers = [], queries } = document.load ?? {};
    expect(consumers.map((row) => row.short)).toEqual(['consumer-1', 'consumer-2', 'total']);
    expect(consumers.at(-1)).toMatchObject({ queries, p50Ms: expect.any(Number) });
    expect(findingOf(document, 'load balancer', 'load')?.verdict).toBe('pass');
  });

  test('leaves evidence: a page and a picture', async () => {
    const { project, run } = await openLiveProject(two);
    const { stdout, stderr } = await run('test', {
      arguments: { kind: 'load' },
      options: { ...short, report: 'load.md' },
    });
    const text = readFileSync(join(project.folder, 'load.md'), 'utf8');
    const picture = readFileSync(join(project.folder, 'load.svg'), 'utf8');
    expect(stdout).toMatch(/^ +queries {2}a second/);
    expect(stderr).toContain('load.md and ');
    expect(text).toMatch(/^# Load on airline-dev, \d{4}-\d\d-\d\dT/);
    expect(text).toContain('![open connections of each consumer](load.svg)');
    expect(text).toMatch(/\| consumer-[12] \| \d+ \|/);
    expect(text).toContain('## Errors\n\nNone.');
    // Chance may give all eight connections to one of the two.
    expect(picture.match(/<polyline /g)?.length).toBeGreaterThanOrEqual(1);
  });

  test('in which queries fail says on which consumer, since when and why', async () => {
    const project = await openLiveProject(two);
    const running = told(project, 'load', { options: { ...short, seconds: 4 } });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await project.sql('consumer-2', 'REVOKE USAGE ON DATABASE airline FROM reporter');
    const document = await running;
    expect(document.exitCode).toBe(5);
    const found = document.findings.filter(({ check, verdict }) => check === 'load' && verdict === 'fail');
    expect(found[0]).toMatchObject({
      subject: 'consumer-2',
      what: expect.stringMatching(/at query, first after \d+(\.\d)? s: 42501, permission denied/),
      cause: expect.stringContaining('reporter has lost a right'),
      remedy: 'rsds up --sql --region us-east-1 --sim',
    });
  });

  test('that is interrupted reports what it has, and ends with 130', async () => {
    const project = await openLiveProject(two);
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(new RsdsError('run/interrupted', 'interrupted')), 3_000);
    const document = await told(project, 'load', { options: { ...short, seconds: 600 }, signal: interrupt.signal });
    expect(document.exitCode).toBe(130);
    expect(document.load?.queries).toBeGreaterThan(8);
    expect(document.load?.errors).toEqual([]);
  });

  test.each([
    ['nowhere/load.md', /no file can be made in .*nowhere/],
    ['load.svg', /the picture is written to load.svg/],
  ])('whose evidence can not be kept at %s is not begun', async (report, message) => {
    const { project, run } = await openLiveProject(one);
    const ran = await run('test', { arguments: { kind: 'load' }, options: { report } });
    expect([ran.error?.code, ran.exitCode]).toEqual(['usage/invalid', 2]);
    expect(ran.error?.message).toMatch(message);
    expect(ran.requests.map(({ operation }) => operation)).not.toContain('ExecuteStatement');
    expect(existsSync(join(project.folder, report))).toBe(false);
  });
});

describe('on the way to a fault', () => {
  const readers = ({ findings }: Document) =>
    findings.filter(({ check }) => check === 'reader').map(({ subject, verdict }) => `${subject}: ${verdict}`);

  test('a Data API that may not be used leaves the reader unchecked, and connections are made all the same', async () => {
    const project = await openLiveProject(two);
    project.live.simulator.intercept(({ operation }) =>
      operation === 'ExecuteStatement'
        ? { error: { code: 'AccessDeniedException', message: 'no', status: 400 } }
        : undefined,
    );
    const document = await told(project, 'connectivity');
    expect([document.exitCode, readers(document)]).toEqual([0, ['consumer-1: not checked', 'consumer-2: not checked']]);
    expect(document.connectivity?.layers.map(({ layer }) => layer)).not.toContain('table');
  });

  test('a consumer that has just died is named before health checks have noticed, and after', async () => {
    const project = await openLiveProject(two, 60);
    project.live.simulator.faults.add({ kind: 'dead', target: 'airline-dev-consumer-2' });
    const before = await told(project, 'connectivity');
    expect(before.exitCode).toBe(5);
    expect(findingOf(before, 'load balancer', 'connections')).toMatchObject({
      what: expect.stringContaining('ETIMEDOUT'),
      cause: expect.stringContaining('consumer-2'),
    });
    await project.minutes(3);
    const after = await told(project, 'connectivity');
    expect(findingOf(after, 'consumer-2', 'answers')).toMatchObject({ verdict: 'fail', remedy: expect.any(String) });
    expect(after.exitCode).toBe(5);
  });

  test('what happens between the look and the connections is seen all the same', async () => {
    const project = await openLiveProject(two);
    const { simulator } = project.live;
    simulator.intercept(({ operation }) => {
      if (operation !== 'ExecuteStatement') return undefined;
      simulator.intercept(undefined);
      simulator.faults.add({ kind: 'dead', target: 'airline-dev-consumer-2' });
      setImmediate(() => simulator.world.skip(3 * 60_000));
      return undefined;
    });
    const document = await told(project, 'connectivity');
    expect(findingOf(document, 'consumer-2', 'target-health')?.verdict).toBe('fail');
    expect(findingOf(document, 'consumer-2', 'answers')).toMatchObject({
      verdict: 'fail',
      cause: expect.stringContaining('or the warehouse takes no connections'),
      remedy: expect.stringContaining('rsds replace consumer-2'),
    });
    expect(document.exitCode).toBe(5);
  });
});

test('a price is told only where one is known', () => {
  const consumers = desire(testConfig).consumers;
  expect(priceOf('us-east-1', consumers, 60)).toBe('wakes 2 consumers for a minute at least, about $0.40');
  expect(priceOf('us-east-1', consumers.slice(1), 61)).toBe('wakes 1 consumer for 2 minutes at least, about $0.40');
  expect(priceOf('eu-west-3', consumers, 5)).toBe('wakes 2 consumers for a minute at least');
});

describe('what can not be connected to', () => {
  test('nothing stands: an error that says what makes it', async () => {
    const { error, exitCode } = await (await openProject({ yaml: plainYaml(1), files: one.files })).run('test');
    expect([error?.code, exitCode]).toEqual(['connect/absent', 1]);
    expect(error?.hint).toContain('rsds up');
  });

  test('a load balancer that is gone is the fault, and nobody is woken', async () => {
    const project = await openLiveProject(one);
    const { arn: LoadBalancerArn } = project.live.loadBalancer;
    await project.live.clients.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await project.minutes(5);
    const document = await told(project);
    expect(findingOf(document, 'load balancer', 'load-balancer')?.verdict).toBe('fail');
    expect(document.exitCode).toBe(5);
    expect(document.requests.map(({ operation }) => operation)).not.toContain('ExecuteStatement');
  });

  test('a password that is gone is the fault', async () => {
    const project = await openLiveProject(one);
    const SecretId = 'airline-dev/reader';
    await project.live.clients.secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    const document = await told(project, 'load');
    expect(findingOf(document, 'environment', 'reader-secret')?.verdict).toBe('fail');
    expect(document.exitCode).toBe(5);
  });

  test('a name that this machine does not know is told as such', async () => {
    const project = await openLiveProject(one);
    const document = await told(project, 'connectivity', {
      localAddresses: { find: async () => 'nowhere.invalid:5439' },
    });
    expect(findingOf(document, 'this machine', 'reach')).toMatchObject({
      verdict: 'fail',
      what: expect.stringMatching(/^12 of 12 connections ended at the name: E/),
      cause: 'the resolver of this machine does not know the name',
    });
    expect(document.exitCode).toBe(5);
  });

  test('a network that drops everything, although AWS shows no fault, is this machine’s matter', async () => {
    const project = await openLiveProject(one);
    const { local } = (await project.live.simulator.addresses()).find(({ kind }) => kind === 'endpoint access') ?? {};
    const document = await told(project, 'connectivity', { localAddresses: { find: async () => local } });
    expect(findingOf(document, 'this machine', 'reach')).toMatchObject({
      what: expect.stringMatching(/^12 of 12 connections ended at TCP: ETIMEDOUT/),
      cause: expect.stringContaining('this machine has no way into the VPC'),
      remedy: expect.stringContaining('rsds test --from instances'),
    });
  });
});

test.each([
  [{ arguments: { kind: 'latency' } }, 'use one of: connectivity, balance, load'],
  [{ arguments: { kind: 'balance' }, options: { seconds: 5 } }, 'rsds test --help'],
  [{ options: { report: 'x.md' } }, 'rsds test --help'],
  [{ arguments: { kind: 'connectivity' }, options: { connections: 5 } }, 'rsds test --help'],
  [{ options: { count: 3 } }, 'rsds test --help'],
  [{ arguments: { kind: 'load' }, options: { from: 'instances', seconds: 20_000 } }, 'give 10800 at most'],
])('%j is refused before anything is looked at', async (how, hint) => {
  const { error, exitCode, requests } = await (await openProject({ yaml: plainYaml(1), files: one.files })).run(
    'test',
    how,
  );
  expect([error?.code, exitCode, requests]).toEqual(['usage/invalid', 2, []]);
  expect(error?.hint).toContain(hint);
});
