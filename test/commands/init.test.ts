import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { regionIn } from '../../src/commands/init/profile-region.ts';
import { init } from '../../src/commands/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { run } from '../../src/main.ts';
import { testHost } from '../support/host.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rsds-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function type(line: string, environment: Record<string, string> = {}) {
  const test = testHost({
    cwd: folder,
    environment: { AWS_CONFIG_FILE: join(folder, 'no-such-file'), ...environment },
  });
  const exit = await run(['init', ...line.split(' ').filter(Boolean)], test.host, [init]);
  return { exit, stdout: test.stdout(), stderr: test.stderr() };
}

const load = (env?: string) =>
  loadConfig({ cwd: folder, environment: {}, sim: false, ...(env === undefined ? {} : { env }) }).then(
    (it) => it.config,
  );

describe('without a terminal', () => {
  it('the flag of a missing answer is named, exit 2, nothing is written', async () => {
    const { exit, stderr } = await type('--region eu-west-1');
    expect(exit).toBe(2);
    expect(stderr).toContain('pass --project NAME');
    await expect(load()).rejects.toThrow('no rsds.yaml');
  });

  it('a region that nothing names is asked for', async () => {
    const { exit, stderr } = await type('--project airline');
    expect(exit).toBe(2);
    expect(stderr).toContain('pass --region NAME');
  });

  it('the region comes from the environment', async () => {
    expect(await type('--project airline', { AWS_REGION: 'eu-central-1' })).toMatchObject({ exit: 0 });
    expect(await load()).toMatchObject({ project: 'airline', region: 'eu-central-1' });
  });

  it('the region comes from the profile', async () => {
    writeFileSync(join(folder, 'aws'), '[default]\nregion = us-east-1\n[profile sales]\nregion=eu-north-1\n');
    const environment = { AWS_CONFIG_FILE: join(folder, 'aws'), AWS_PROFILE: 'sales' };
    expect(await type('--project airline', environment)).toMatchObject({ exit: 0 });
    expect((await load()).region).toBe('eu-north-1');
  });
});

it('what the flags say is what the file means', async () => {
  const { exit, stdout } = await type(
    '--project airline --region us-east-1 --vpc-cidr 172.20.0.0/16 --consumers 5 --consumer-capacity 16 ' +
      '--consumer-max-capacity 32 --producer-capacity 64 --producer-max-capacity 512 --database dwh --datashare flights ' +
      '--schemas sales,ops --consumer-database live --environments stage,prod',
  );
  expect(exit).toBe(0);
  expect(stdout).toContain('airline-stage in us-east-1, 5 consumers');
  expect(stdout).toContain('rsds up --sim');
  expect(await load('prod')).toMatchObject({
    project: 'airline',
    region: 'us-east-1',
    network: { vpc: { create: true }, vpcCidr: '172.20.0.0/16' },
    consumers: { count: 5, baseCapacity: 16, maxCapacity: 32 },
    producer: { baseCapacity: 64, maxCapacity: 512, database: 'dwh' },
    datashare: { name: 'flights', schemas: ['sales', 'ops'], consumerDatabase: 'live' },
  });
});

it.each([
  ['vpc-0123456789abcdef0', { id: 'vpc-0123456789abcdef0' }],
  ['shared-network', { name: 'shared-network' }],
])('an existing VPC: %s', async (vpc, expected) => {
  expect(await type(`--project airline --region us-east-1 --vpc ${vpc}`)).toMatchObject({ exit: 0 });
  expect((await load()).network.vpc).toEqual(expected);
});

it('--yes takes every default, the name of the folder as project', async () => {
  const { exit } = await type('--yes --region us-east-1');
  expect(exit).toBe(0);
  expect((await load()).project).toMatch(/^rsds-init-[a-z0-9-]*$/);
});

it('an answer that breaks a rule of the configuration writes nothing', async () => {
  const { exit, stderr } = await type('--project Air_Line --region us-east-1');
  expect(exit).toBe(2);
  expect(stderr).toContain('project is "Air_Line"');
  expect(stderr).not.toMatch(/:\d+:\d+/);
  await expect(load()).rejects.toThrow('no rsds.yaml');
});

it('an existing file is replaced only with --force', async () => {
  writeFileSync(join(folder, 'rsds.yaml'), 'project: mine\nregion: us-east-1\n');
  const refused = await type('--project airline --region us-east-1');
  expect(refused.exit).toBe(2);
  expect(refused.stderr).toContain('--force');
  expect(readFileSync(join(folder, 'rsds.yaml'), 'utf8')).toContain('mine');
  expect((await type('--project airline --region us-east-1 --force')).exit).toBe(0);
  expect((await load()).project).toBe('airline');
});

it('--json tells what was written', async () => {
  const { stdout } = await type('--project airline --region us-east-1 --json');
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, file: join(folder, 'rsds.yaml'), project: 'airline' });
});

it.each([
  ['[default]\nregion=a-b-1', 'default', 'a-b-1'],
  ['[profile x]\noutput = json\nregion = c-d-2 \n[profile y]\nregion=e-f-3', 'x', 'c-d-2'],
  ['[profile "with space"]\r\nregion = g-h-4\r\n', 'with space', 'g-h-4'],
  ['[profile x]\ns3 =\n  region = nested-1\n', 'x', undefined],
  ['', 'default', undefined],
])('the region of a profile in %j', (text, profile, expected) => {
  expect(regionIn(text, profile)).toBe(expected);
});
