/**
 * The shipped program on an account that it reaches as it reaches AWS: by the SDK's own variables, with time that runs
 * faster there. Nothing tells it that a simulator answers.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';
import { type LoggedRequest, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { nameOf } from '../support/account.ts';
import { createSandbox, ensureBuilt, type Sandbox } from '../support/program.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';

const speed = 600;
const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };

const account = () => startSimulator({ clock: new RealClock(speed) });

function folder(environment: Record<string, string>, yaml = plainYaml(1)): Sandbox {
  const sandbox = createSandbox({ RSDS_CLOCK_SPEED: String(speed), AWS_EC2_METADATA_DISABLED: 'true', ...environment });
  writeFileSync(join(sandbox.folder, 'rsds.yaml'), yaml);
  writeFileSync(join(sandbox.folder, 'schema.sql'), schemaSql);
  return sandbox;
}

beforeAll(ensureBuilt, 120_000);

describe('an account behind AWS_ENDPOINT_URL', () => {
  let simulator: Simulator;
  let proxy: RecordingProxy;
  let box: Sandbox;
  beforeAll(async () => {
    simulator = await account();
    proxy = await startRecordingProxy(simulator.url);
    box = folder({ ...keys, AWS_ENDPOINT_URL: proxy.url });
  });
  afterAll(async () => {
    await box.remove();
    await proxy.close();
    await simulator.close();
  });

  test('up stands the environment up: results on stdout, progress on stderr', { timeout: 60_000 }, async () => {
    const { exit, stdout, stderr } = await box.run('up', '--yes');
    expect(exit, stderr).toBe(0);
    expect(stdout).toContain('airline-dev in us-east-1, account 123456789012: ready');
    expect(stdout).toMatch(/connect: {2}psql "host=\S+ port=5439 dbname=airline user=reporter/);
    expect(stderr).toContain('as arn:aws:iam::123456789012:user/rsds');
    expect(stderr).toContain('workgroup airline-dev-consumer-1');
    expect(stderr).not.toContain('\u001b');
  });

  test('up again has nothing to do; plan --check exits 0, and 3 for another wish', async () => {
    const again = await box.run('up', '--yes');
    expect({ exit: again.exit, stdout: again.stdout.split('\n')[0] }).toEqual({
      exit: 0,
      stdout: 'nothing to do: everything is as described',
    });
    expect((await box.run('plan', '--check')).exit).toBe(0);
    writeFileSync(join(box.folder, 'rsds.yaml'), plainYaml(2));
    const { exit, stdout } = await box.run('plan', '--check', '--json');
    const { version, items } = JSON.parse(stdout) as { version: number; items: { id: string }[] };
    expect({ exit, version }).toEqual({ exit: 3, version: 1 });
    expect(items.every(({ id }) => id.startsWith('consumer-2/'))).toBe(true);
    writeFileSync(join(box.folder, 'rsds.yaml'), plainYaml(1));
  });

  test.each([
    ['up', ['scale', '--consumers', '2']],
    ['down', ['down']],
  ])('%s without --yes and without a terminal exits 2, names the flag, and changes nothing', async (_, words) => {
    const before = simulator.requests.counts().mutating;
    const { exit, stderr } = await box.run(...words);
    expect(exit).toBe(2);
    expect(stderr).toContain('pass --yes');
    expect(simulator.requests.counts().mutating).toBe(before);
  });

  test('status --json is one document, of the control plane alone', async () => {
    const before = simulator.requests.next - 1;
    const { exit, stdout } = await box.run('status', '--check', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ version: 1, environment: 'airline-dev', region: 'us-east-1', account: '123456789012', state: 'ready' },
      producer: { name: 'airline-dev-producer', status: 'AVAILABLE', data: { state: 'ready' } },
      consumers: [{ endpoint: { status: 'ACTIVE' }, target: { state: 'healthy' }, data: { state: 'ready' } }],
      loadBalancer: { port: 5439, state: 'active' },
      lock: { environment: null, lane: null },
      run: { command: 'up', outcome: 'done' },
    });
    expect(simulator.requests.since(before).filter(({ mutating }) => mutating)).toEqual([]);
  });

  test('down --json ends with its result, and nothing of ours is left', { timeout: 60_000 }, async () => {
    const { exit, stdout, stderr } = await box.run('down', '--yes', '--json', '--no-final-snapshot');
    expect(exit, stderr).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; version: number });
    expect(events.every(({ version }) => version === 1)).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: 'result', outcome: 'done' });
    expect((await box.run('status', '--json')).stdout).toContain('"state": "absent"');
  });

  test('made only signed calls, at paths and of operations that AWS knows', async () => {
    expect(proxy.seen.length).toBeGreaterThan(300);
    expect(proxy.seen.filter(({ authorization }) => !authorization?.startsWith('AWS4-HMAC-SHA256 '))).toEqual([]);
    const paths = new Set(proxy.seen.map(({ method, path }) => `${method} ${path}`));
    // CloudWatch's CBOR would be the one path beside the root.
    expect([...paths].filter((path) => path !== 'POST /')).toEqual([]);
    expect(await unknownToTheSdk(simulator.requests.all())).toEqual([]);
    expect(simulator.requests.all().length).toBe(proxy.seen.length);
  });
});

/** Client packages by signing name: what rsds calls must be among their commands. */
const packages: Readonly<Record<string, () => Promise<object>>> = {
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  ec2: () => import('@aws-sdk/client-ec2'),
  elasticloadbalancing: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  iam: () => import('@aws-sdk/client-iam'),
  kms: () => import('@aws-sdk/client-kms'),
  monitoring: () => import('@aws-sdk/client-cloudwatch'),
  redshift: () => import('@aws-sdk/client-redshift'),
  'redshift-data': () => import('@aws-sdk/client-redshift-data'),
  'redshift-serverless': () => import('@aws-sdk/client-redshift-serverless'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  servicequotas: () => import('@aws-sdk/client-service-quotas'),
  sts: () => import('@aws-sdk/client-sts'),
  tagging: () => import('@aws-sdk/client-resource-groups-tagging-api'),
};

async function unknownToTheSdk(requests: readonly LoggedRequest[]): Promise<string[]> {
  const calls = new Map(requests.map((request) => [nameOf(request), request]));
  const unknown = await Promise.all(
    [...calls].map(async ([name, { service, operation }]) => {
      const commands = (await packages[service]?.()) ?? {};
      return `${operation}Command` in commands ? [] : [name];
    }),
  );
  return unknown.flat();
}

describe('where the calls go', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await account();
  });
  afterAll(() => simulator.close());

  const servicesSince = (n: number) => [...new Set(simulator.requests.since(n).map(({ service }) => service))].sort();

  test('AWS_ENDPOINT_URL_EC2 leads the calls of EC2, and no others, elsewhere', async () => {
    const elsewhere = await account();
    const box = folder({ ...keys, AWS_ENDPOINT_URL: simulator.url, AWS_ENDPOINT_URL_EC2: elsewhere.url });
    try {
      const before = simulator.requests.next - 1;
      expect((await box.run('plan')).exit).toBe(0);
      expect(new Set(elsewhere.requests.all().map(({ service }) => service))).toEqual(new Set(['ec2']));
      expect(servicesSince(before)).toEqual(
        expect.arrayContaining(['elasticloadbalancing', 'iam', 'kms', 'redshift-serverless', 'secretsmanager', 'sts']),
      );
      expect(servicesSince(before)).not.toContain('ec2');
    } finally {
      await box.remove();
      await elsewhere.close();
    }
  });

  const files = (box: Sandbox, config: string) => {
    mkdirSync(join(box.folder, 'aws'), { recursive: true });
    writeFileSync(join(box.folder, 'aws', 'config'), config);
    writeFileSync(
      join(box.folder, 'aws', 'credentials'),
      '[drill]\naws_access_key_id = AKIADRILL\naws_secret_access_key = drill\n',
    );
  };
  const withoutRegion = plainYaml(1).replace('region: us-east-1\n', '');

  test.each([
    ['AWS_PROFILE', { AWS_PROFILE: 'drill' }, []],
    ['--profile', {}, ['--profile', 'drill']],
  ])('keys, region and endpoint come from the profile that %s names', async (_, environment, words) => {
    const box = folder({}, withoutRegion);
    const at = (name: string) => join(box.folder, 'aws', name);
    const here = { AWS_CONFIG_FILE: at('config'), AWS_SHARED_CREDENTIALS_FILE: at('credentials'), ...environment };
    Object.assign(box.environment, here);
    files(box, `[profile drill]\nregion = eu-west-1\nendpoint_url = ${simulator.url}\n`);
    const before = simulator.requests.next - 1;
    const { exit, stderr } = await box.run('plan', ...words);
    expect(exit, stderr).toBe(0);
    expect(stderr).toContain('airline dev in eu-west-1');
    const regions = simulator.requests.since(before).map(({ region }) => region);
    expect(regions.length).toBeGreaterThan(8);
    expect(new Set(regions.filter((region) => region !== 'us-east-1'))).toEqual(new Set(['eu-west-1']));
    await box.remove();
  });

  test.each([
    ['AWS_REGION', { AWS_REGION: 'eu-central-1' }, []],
    ['AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'eu-central-1' }, []],
    ['--region', { AWS_REGION: 'us-west-2' }, ['--region', 'eu-central-1']],
  ])('the region comes from %s', async (_, environment: Record<string, string>, words) => {
    const box = folder({ ...keys, ...environment, AWS_ENDPOINT_URL: simulator.url }, withoutRegion);
    const before = simulator.requests.next - 1;
    const { exit, stderr } = await box.run('plan', ...words);
    expect(exit, stderr).toBe(0);
    const called = simulator.requests.since(before).filter(({ service }) => service !== 'iam');
    expect(new Set(called.map(({ region }) => region))).toEqual(new Set(['eu-central-1']));
    await box.remove();
  });

  test('a region in the file wins over one in the environment, and that is said', async () => {
    const box = folder({ ...keys, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: simulator.url });
    const { stderr } = await box.run('plan');
    expect(stderr).toContain('region us-east-1 from rsds.yaml; AWS_REGION says eu-west-1');
    await box.remove();
  });

  test('a plan of what is not there writes nothing, not even a folder', async () => {
    const box = folder({ ...keys, AWS_ENDPOINT_URL: simulator.url });
    expect((await box.run('plan')).exit).toBe(0);
    expect(existsSync(join(box.folder, '.rsds'))).toBe(false);
    await box.remove();
  });
});
