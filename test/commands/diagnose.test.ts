/** The verb in every state that an environment can be in: absent, half built, in somebody's hands, stuck, unreadable. */
import { beforeAll, describe, expect, test } from 'vitest';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { RsdsError } from '../../src/shared/errors.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { InterceptedCall } from '../../src/simulator/wire/intercept.ts';
import {
  buildStanding,
  diagnosed,
  findingOf,
  openStanding,
  type Standing,
  smallYaml,
  somebody,
  unwell,
} from '../diagnose/standing.ts';
import { openProject, type Project } from '../support/project.ts';

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding();
});

const minute = 60_000;
const flags = '--region us-east-1 --sim';

const lockTable = (project: Project) => new LockTable('rsds-locks', somebody(project).dynamodb);

/** Somebody else's run, which holds the environment's lock and renews it until it is told to die. */
async function holdLock(project: Project, operation: string) {
  const { clock } = project;
  const table = lockTable(project);
  const lock = new DynamoLock({ table, clock, random: seededRandom(9), leaseMs: minute });
  const info = { user: 'ana', host: 'build-7', pid: 4711, operation };
  const signal = new AbortController().signal;
  return lock.acquire('env#airline#dev', { info, waitMs: 0, signal });
}

/** A lock whose holder was killed: nobody renews it. */
async function leaveLock(project: Project, operation: string): Promise<void> {
  const table = lockTable(project);
  const holder = { id: 'dead', user: 'ana', host: 'build-7', pid: 4711, operation, since: project.clock.now() };
  const key = 'env#airline#dev';
  await table.takeFree({ key, holder, version: 'v1', leaseMs: minute }, (await table.read(key))?.fence);
}

describe('a settled environment', () => {
  test('has no fault, costs no SQL and no write, and the same number of reads for any number of consumers', async () => {
    const count = async (consumers: number) => {
      const yaml = smallYaml.replace('count: 2', `count: ${consumers}`);
      const project = await openStanding(consumers === 2 ? standing : await buildStanding(yaml));
      const found = await diagnosed(project);
      expect(unwell(found)).toEqual([]);
      expect(found.exitCode).toBe(0);
      expect(found.requests.filter(({ mutating }) => mutating)).toEqual([]);
      expect(found.requests.filter(({ service }) => service === 'redshift-data')).toEqual([]);
      // Lists have more pages; the simulator's are small on purpose.
      return new Set(found.requests.map(({ service, operation }) => `${service}.${operation}`)).size;
    };
    expect(await count(4)).toBe(await count(2));
  });

  test('is one document with --json', async () => {
    const project = await openStanding(standing);
    const { stdout } = await project.run('diagnose', { json: true });
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(['version', 'environment', 'findings', 'counts']);
    expect(document).toMatchObject({
      version: 1,
      environment: 'airline-dev',
      counts: { warn: 0, fail: 0, notChecked: 0 },
    });
    expect(document.counts.pass).toBe(document.findings.length);
    expect(Object.keys(document.findings[0])).toEqual(['check', 'subject', 'verdict', 'what', 'cause', 'remedy']);
  });

  test.each(['consumer-2', 'airline-dev-consumer-2', 'producer'])('can be asked for %s alone', async (name) => {
    const found = await diagnosed(await openStanding(standing), name);
    const short = name.replace('airline-dev-', '');
    expect(new Set(found.findings.map(({ subject }) => subject))).toEqual(new Set([short]));
    expect(found.exitCode).toBe(0);
  });

  test('without its ledger has no fault either: what SQL made is known from the lock', async () => {
    const { yaml, saved } = standing;
    const project = await openProject({ yaml, saved });
    const found = await diagnosed(project);
    expect(unwell(found)).toEqual([]);
  });
});

test('a name that nobody has is a usage error that lists the names', async () => {
  const project = await openStanding(standing);
  const { exitCode, error } = await project.run('diagnose', { arguments: { workgroup: 'consumer-9' } });
  expect(exitCode).toBe(2);
  expect(error).toMatchObject({ code: 'target/unknown', hint: 'use one of: producer, consumer-1, consumer-2' });
});

describe('an environment that is not there', () => {
  test('is no fault: there is nothing to mend, only something to build', async () => {
    const found = await diagnosed(await openProject({ yaml: smallYaml }));
    expect(unwell(found)).toEqual(['environment presence: warn']);
    expect(findingOf(found, 'environment', 'presence').remedy).toBe(`rsds up ${flags}`);
    expect(found.exitCode).toBe(0);
  });

  test('is a fault where a stranger stands in its place', async () => {
    const project = await openProject({ yaml: smallYaml });
    const aws = somebody(project);
    await aws.serverless.createNamespace({ namespaceName: 'airline-dev-producer', dbName: 'other' }, {});
    await project.clock.sleep(minute);
    const found = await diagnosed(project, 'producer');
    expect(findingOf(found, 'producer', 'ownership')).toMatchObject({
      verdict: 'fail',
      what: 'the namespace airline-dev-producer is not ours',
      cause: expect.stringContaining('rsds:project=airline'),
    });
    expect(found.findings.filter(({ subject }) => subject === 'producer')).toHaveLength(1);
    expect(found.exitCode).toBe(5);
  });
});

describe('a run that was stopped half-way', () => {
  /** Stops a verb when it makes the call, as Ctrl-C would: what is in flight is awaited, nothing else is begun. */
  async function stoppedAt(operation: string, project: Project, verb = 'up'): Promise<Project> {
    const stop = new AbortController();
    project.simulator.intercept((call) => {
      if (call.operation === operation) stop.abort(new RsdsError('run/interrupted', 'interrupted'));
      return undefined;
    });
    const { exitCode } = await project.run(verb, { signal: stop.signal, options: { finalSnapshot: false } });
    expect(exitCode).toBe(130);
    project.simulator.intercept(undefined);
    return project;
  }

  const halfBuilt = async () => stoppedAt('CreateWorkgroup', await openProject({ yaml: smallYaml }));

  test('leaves faults that name what is missing, and rsds up mends them', async () => {
    const project = await halfBuilt();
    const found = await diagnosed(project);
    expect(findingOf(found, 'consumer-2', 'workgroup')).toMatchObject({
      verdict: 'fail',
      cause: expect.stringMatching(/no run of rsds has made it yet|was stopped while/),
      remedy: `rsds up ${flags}`,
    });
    expect(found.exitCode).toBe(5);
    const up = await project.run('up');
    expect(up.error).toBeUndefined();
    expect(unwell(await diagnosed(project))).toEqual([]);
  });

  test('is on its way while somebody goes on with it, and says who', async () => {
    const project = await halfBuilt();
    const lease = await holdLock(project, 'up');
    const found = await diagnosed(project);
    expect(findingOf(found, 'consumer-2', 'workgroup')).toMatchObject({
      verdict: 'warn',
      cause: expect.stringMatching(
        /^ana@build-7 \(pid 4711\) is at it: rsds up, since \S+; (no run of rsds has made it yet|a run was stopped)/,
      ),
    });
    expect(findingOf(found, 'environment', 'environment-lock')).toMatchObject({
      verdict: 'warn',
      cause: expect.stringContaining('it is at work'),
    });
    expect(found.findings.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(found.exitCode).toBe(0);
    await lease.release();
  });

  test('is a fault again once nobody is heard any more', async () => {
    const project = await halfBuilt();
    await leaveLock(project, 'up');
    const found = await diagnosed(project);
    expect(findingOf(found, 'environment', 'environment-lock')).toMatchObject({
      verdict: 'warn',
      cause: expect.stringContaining('no heartbeat in a whole lease'),
      remedy: `rsds up ${flags}`,
    });
    expect(findingOf(found, 'consumer-2', 'workgroup').verdict).toBe('fail');
    expect(found.exitCode).toBe(5);
  });

  test('with --no-watch waits for no heartbeat', async () => {
    const project = await openStanding(standing);
    await leaveLock(project, 'up');
    const before = project.clock.elapsed();
    const { stdout, exitCode } = await project.run('diagnose', { json: true, options: { watch: false } });
    expect(stdout).toContain('its heartbeat was not watched');
    expect(project.clock.elapsed() - before).toBeLessThan(1_000);
    expect(exitCode).toBe(0);
  });

  test('of down is to be taken down, not built again', async () => {
    const project = await stoppedAt('DeleteWorkgroup', await openStanding(standing), 'down');
    const found = await diagnosed(project);
    const remedies = found.findings
      .filter(({ verdict }) => verdict === 'fail')
      .flatMap(({ remedy }) => remedy?.split('\n').filter((line) => line.startsWith('rsds')) ?? []);
    expect(new Set(remedies)).toEqual(new Set([`rsds down ${flags}`]));
  });
});

describe('a workgroup that got stuck', () => {
  /** Another project makes a workgroup at the same moment: the simulated AWS then leaves ours in MODIFYING for good. */
  async function stuck(): Promise<Project> {
    const yaml = `${smallYaml.replace('count: 2', 'count: 3')}lock: { foreign: ignore }\n`;
    const project = await openProject({ yaml, saved: standing.saved, ledger: standing.ledger });
    const aws = somebody(project);
    await aws.serverless.createNamespace({ namespaceName: 'other', dbName: 'other' }, {});
    await project.clock.sleep(minute);
    const subnetIds = (await aws.ec2.describeSubnets({ 'tag:rsds:project': ['airline'] })).map(
      ({ SubnetId = '' }) => SubnetId,
    );
    await aws.serverless.createWorkgroup(
      { workgroupName: 'other', namespaceName: 'other', baseCapacity: 8, subnetIds },
      {},
    );
    const { error } = await project.run('up');
    expect(error?.code).toMatch(/^step\//);
    await project.clock.sleep(5 * minute);
    return project;
  }

  test('is named with its age, and with the commands that are the only way out; they mend it', async () => {
    const project = await stuck();
    const aws = somebody(project);
    const found = await diagnosed(project, 'consumer-3');
    const finding = findingOf(found, 'consumer-3', 'workgroup');
    expect(finding).toMatchObject({ verdict: 'fail', cause: expect.stringContaining('no API cancels') });
    expect(finding.cause).toContain('Others were in the making at the same time (other, 18s apart)');
    expect(finding.what).toMatch(/MODIFYING, for \d\dm \d\ds, usually/);
    expect(finding.remedy).toMatch(
      /^aws redshift-serverless delete-workgroup --workgroup-name airline-dev-consumer-3 .*\nrsds up/,
    );
    expect(found.exitCode).toBe(5);

    await project.clock.sleep(5 * minute);
    await aws.serverless.deleteWorkgroup('airline-dev-consumer-3');
    expect((await project.run('up')).exitCode).toBe(0);
    expect((await diagnosed(project)).exitCode).toBe(0);
  });
});

describe('a permission that is missing makes the report poorer and does not end it', () => {
  const denied = [
    ['redshift-serverless', 'ListWorkgroups'],
    ['redshift-serverless', 'ListNamespaces'],
    ['redshift-serverless', 'ListEndpointAccess'],
    ['redshift-serverless', 'ListUsageLimits'],
    ['redshift', 'DescribeDataSharesForProducer'],
    ['ec2', 'DescribeVpcs'],
    ['ec2', 'DescribeSubnets'],
    ['ec2', 'DescribeSecurityGroups'],
    ['elasticloadbalancing', 'DescribeLoadBalancers'],
    ['elasticloadbalancing', 'DescribeListeners'],
    ['elasticloadbalancing', 'DescribeTargetHealth'],
    ['elasticloadbalancing', 'DescribeTags'],
    ['kms', 'DescribeKey'],
    ['secretsmanager', 'DescribeSecret'],
    ['dynamodb', 'GetItem'],
    ['tagging', 'GetResources'],
  ] as const;

  test.each(denied)('%s %s', async (service, operation) => {
    const project = await openStanding(standing);
    const refused = { code: 'AccessDeniedException', message: 'not authorized', status: 400 };
    project.simulator.intercept((call: InterceptedCall) =>
      call.service === service && call.operation === operation ? { error: refused } : undefined,
    );
    const found = await diagnosed(project);
    const poorer = found.findings.filter(({ verdict }) => verdict === 'not checked');
    expect(new Set(poorer.map(({ what }) => what))).toEqual(new Set([`AccessDenied on ${service} ${operation}`]));
    expect(unwell(found).filter((one) => !one.endsWith('not checked'))).toEqual([]);
    expect(found.findings.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(8);
    expect(found.exitCode).toBe(0);
  });

  test('to read quotas leaves AWS’s own defaults', async () => {
    const project = await openStanding(standing);
    const refused = { code: 'AccessDeniedException', message: 'not authorized', status: 400 };
    project.simulator.intercept(({ service }) => (service === 'servicequotas' ? { error: refused } : undefined));
    const found = await diagnosed(project);
    expect(findingOf(found, 'environment', 'quotas').what).toBe(
      '3 of 25 namespaces are in use (the limit is AWS’s default)',
    );
    expect(found.exitCode).toBe(0);
  });

  test('credentials that have expired end it: nothing could be read', async () => {
    const project = await openStanding(standing);
    const expired = { code: 'ExpiredTokenException', message: 'expired', status: 400 };
    project.simulator.intercept(({ service }) => (service === 'kms' ? { error: expired } : undefined));
    const { exitCode, error } = await project.run('diagnose');
    expect(error?.code).toBe('aws/expired-credentials');
    expect(exitCode).toBe(1);
  });
});
