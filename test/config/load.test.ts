import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { nearWord } from '../../src/config/suggestions.ts';
import { desire } from '../../src/model/desired.ts';
import { RsdsError } from '../../src/shared/errors.ts';
import { folderOfTest } from '../support/folder.ts';
import { config, faults, load, minimal } from './faults.ts';

describe('a configuration', () => {
  it('needs project and region only; all else has its default', async () => {
    expect(await config(minimal())).toEqual({
      project: 'airline',
      environment: 'dev',
      region: 'us-east-1',
      tags: {},
      kmsKey: 'create',
      network: {
        vpc: { create: true },
        vpcCidr: '10.0.0.0/16',
        subnetCidrs: ['10.0.0.0/23', '10.0.2.0/23', '10.0.4.0/23'],
        subnetIds: undefined,
        clientCidrs: undefined,
        writerCidrs: undefined,
        enhancedVpcRouting: false,
      },
      producer: {
        database: 'airline_dw',
        adminUsername: 'admin',
        baseCapacity: 32,
        maxCapacity: 256,
        s3Buckets: [],
        initSql: [],
        parameters: {},
        usageLimits: [],
        logs: ['useractivitylog', 'userlog', 'connectionlog'],
        snapshotRetentionDays: 7,
        finalSnapshotRetentionDays: -1,
      },
      consumers: {
        count: 3,
        without: [],
        baseCapacity: 32,
        maxCapacity: 64,
        parameters: { max_query_execution_time: '3600' },
        usageLimits: [],
        allowDeactivate: false,
      },
      workloads: {},
      datashare: {
        name: 'airline_share',
        schemas: ['public'],
        tables: [],
        consumerDatabase: 'airline',
        reader: 'reporter',
        externalSchemas: false,
      },
      loadBalancer: {
        port: 5439,
        healthCheckSeconds: 30,
        deregistrationDelaySeconds: 30,
        idleTimeoutSeconds: 6000,
        crossZone: true,
      },
      lock: { table: 'rsds-locks', leaseSeconds: 60, waitMinutes: 60, foreign: 'wait' },
      state: 'local',
      workgroupConcurrency: 1,
      allowBeyondDefaultQuota: false,
    });
  });

  it('takes every key that there is', async () => {
    const all = await config(`
project: airline
region: eu-west-1
tags: { CostCenter: 0042, Prod: true }
kmsKey: arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000
network:
  vpcCidr: 172.20.0.0/16
  subnetCidrs: [172.20.0.0/22, 172.20.4.0/22, 172.20.8.0/22]
  clientCidrs: [172.20.0.0/16, 10.4.0.0/16]
  writerCidrs: [10.4.0.0/24]
  enhancedVpcRouting: true
producer:
  database: dw
  adminUsername: boss
  baseCapacity: 512
  s3Buckets: [landing.zone-1]
  initSql: [tables.sql]
  parameters: { auto_mv: true, search_path: "sales, public" }
  usageLimits: [{ rpuHours: 100, period: daily, action: deactivate }, { rpuHours: 900 }]
  logs: [userlog]
  snapshotRetentionDays: -1
  finalSnapshotRetentionDays: 30
consumers: { count: 2, without: [2], baseCapacity: 8, maxCapacity: none, parameters: {}, usageLimits: [], allowDeactivate: true }
workloads:
  analytics: { baseCapacity: 32, maxCapacity: 128, database: analytics }
  reporting:
datashare: { name: s, schemas: [sales], tables: [ops.orders], consumerDatabase: shop, reader: bi, externalSchemas: true }
loadBalancer: { port: 8200, healthCheckSeconds: 5, deregistrationDelaySeconds: 0, idleTimeoutSeconds: 60, crossZone: false }
lock: { table: locks, leaseSeconds: 120, waitMinutes: 0, foreign: ignore }
state: s3://bucket/team/rsds
workgroupConcurrency: 4
allowBeyondDefaultQuota: true
`);
    expect(all.tags).toEqual({ CostCenter: '0042', Prod: 'true' });
    expect(all.producer).toMatchObject({ baseCapacity: 512, maxCapacity: 512, parameters: { auto_mv: 'true' } });
    expect(all.producer.initSql).toEqual([{ name: 'tables.sql', text: 'CREATE TABLE t (id INT);' }]);
    expect(all.producer.usageLimits[1]).toEqual({ rpuHours: 900, period: 'monthly', action: 'log' });
    expect(all.consumers).toMatchObject({ maxCapacity: undefined, parameters: {} });
    expect(all.workloads.reporting).toEqual({
      baseCapacity: 32,
      maxCapacity: 64,
      database: 'dev',
      parameters: {},
      usageLimits: [],
    });
    expect(desire(all).consumers.map(({ name }) => name)).toEqual(['airline-dev-consumer-1', 'airline-dev-consumer-3']);
  });

  it('finds names for databases that Redshift takes, whatever the project is called', async () => {
    for (const [project, database] of [
      ['my-shop', 'my_shop'],
      ['analyse', 'analyse_data'],
      ['dev', 'dev_data'],
    ]) {
      const { datashare } = await config(`project: ${project}\nregion: us-east-1\n`);
      expect(datashare.consumerDatabase).toBe(database);
    }
  });

  it('has two subnets where the region has two zones', async () => {
    const { network } = await config('project: airline\nregion: us-west-1\n');
    expect(network.subnetCidrs).toEqual(['10.0.0.0/23', '10.0.2.0/23']);
  });

  it('puts its subnets into the VPC that it names', async () => {
    const { network } = await config(minimal('network: { vpcCidr: 172.31.8.0/24 }\n'));
    expect(network.subnetCidrs).toEqual(['172.31.8.0/26', '172.31.8.64/26', '172.31.8.128/26']);
  });

  it('may be empty in its sections, and use anchors', async () => {
    const text = minimal(
      'producer:\nconsumers: { usageLimits: &limits [{ rpuHours: 5 }] }\nworkloads: { bi: { usageLimits: *limits } }\n',
    );
    const { producer, workloads } = await config(text);
    expect(producer.baseCapacity).toBe(32);
    expect(workloads.bi?.usageLimits).toEqual([{ rpuHours: 5, period: 'monthly', action: 'log' }]);
  });

  it('may have more than 24 consumers once the quota was raised', async () => {
    const text = minimal('consumers: { count: 30 }\nallowBeyondDefaultQuota: true\n');
    const { config: loaded, notices } = await load(text);
    expect(loaded.consumers.count).toBe(30);
    expect(notices.join('\n')).toContain('61 interface endpoints');
  });
});

describe('environments', () => {
  const text = minimal(`tags: { a: 1, b: 2 }
network: { vpc: { id: vpc-12345678 } }
consumers: { count: 3, baseCapacity: 32, usageLimits: [{ rpuHours: 1 }, { rpuHours: 2, action: emit-metric }] }
environments:
  dev: { tags: { b: 3 }, consumers: { baseCapacity: 8, usageLimits: [] } }
  prod: { network: { vpc: { name: shared } }, consumers: { count: 5 } }
  bare:
`);

  it('override deeply: maps merge, lists are replaced', async () => {
    const dev = await config(text, { env: 'dev' });
    expect(dev.tags).toEqual({ a: '1', b: '3' });
    expect(dev.consumers).toMatchObject({ count: 3, baseCapacity: 8, usageLimits: [] });
  });

  it('replace the choice of a VPC as a whole', async () => {
    expect((await config(text, { env: 'prod' })).network.vpc).toEqual({ name: 'shared' });
  });

  it('that are empty are the defaults under another name', async () => {
    const bare = await config(text, { env: 'bare' });
    expect(bare.environment).toBe('bare');
    expect(bare.consumers.count).toBe(3);
  });

  it('come from --env, else RSDS_ENV, else dev', async () => {
    expect((await config(text, { environment: { RSDS_ENV: 'prod' } })).environment).toBe('prod');
    expect((await config(text, { env: 'bare', environment: { RSDS_ENV: 'prod' } })).environment).toBe('bare');
    expect((await config(text, { environment: { RSDS_ENV: '' } })).environment).toBe('dev');
  });

  it('that the file does not list are refused, with those that it lists', async () => {
    const [fault] = await faults(text, { env: 'prdo' });
    expect(fault).toMatchObject({ code: 'config/environment', line: 6, column: 1 });
    expect(fault?.message).toBe('environments lists dev, prod, bare, not prdo');
    expect(fault?.hint).toContain('Did you mean `prod`?');
  });

  it('may have any name where the file lists none', async () => {
    expect((await config(minimal(), { env: 'anna' })).environment).toBe('anna');
    expect((await faults(minimal(), { env: 'Anna!' }))[0]).toMatchObject({ code: 'config/environment', path: '--env' });
  });

  it('are named by the place of their own value when that is wrong', async () => {
    const [fault] = await faults(`${text}  test: { consumers: { count: 99 } }\n`, { env: 'test' });
    expect(fault).toMatchObject({
      code: 'config/quota',
      path: 'environments.test.consumers.count',
      line: 10,
      column: 31,
    });
  });

  it('keep a single fault of the shared part single', async () => {
    expect(await faults(`${text}state: nowhere\n`)).toHaveLength(1);
  });
});

describe('the region', () => {
  const bare = 'project: airline\n';

  it('comes from the flag, the file, AWS_REGION, AWS_DEFAULT_REGION and the profile, in this order', async () => {
    const environment = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' };
    const of = async (text: string, options: Partial<LoadOptions>) => (await config(text, options)).region;
    expect(await of(minimal(), { region: 'us-west-2', environment })).toBe('us-west-2');
    expect(await of(minimal(), { environment, profileRegion: 'eu-west-3' })).toBe('us-east-1');
    expect(await of(bare, { environment, profileRegion: 'eu-west-3' })).toBe('eu-west-1');
    expect(await of(bare, { environment: { AWS_DEFAULT_REGION: 'eu-west-2' }, profileRegion: 'eu-west-3' })).toBe(
      'eu-west-2',
    );
    expect(await of(bare, { profileRegion: 'eu-west-3' })).toBe('eu-west-3');
  });

  it('that nobody gives is a fault that says where to give it', async () => {
    const [fault] = await faults(bare);
    expect(fault).toMatchObject({ code: 'config/region', path: 'region' });
    expect(fault?.hint).toMatch(/--region.*rsds\.yaml.*AWS_REGION/);
  });

  it('that the environment gives differently is announced', async () => {
    const { notices } = await load(minimal(), { environment: { AWS_REGION: 'eu-west-1' } });
    expect(notices).toContain('region us-east-1 from rsds.yaml; AWS_REGION says eu-west-1');
    const flag = await load(minimal(), { region: 'eu-west-1' });
    expect(flag.notices).toContain('region eu-west-1 from --region; rsds.yaml says us-east-1');
  });

  it('that is no region is refused wherever it comes from', async () => {
    expect((await faults(bare, { environment: { AWS_REGION: 'mars' } }))[0]?.message).toContain(
      '"mars" from AWS_REGION',
    );
  });
});

describe('notices', () => {
  it('announce the region to reading commands, too; remarks on settings are for those who build', async () => {
    const loaded = await load(minimal(), { environment: { AWS_REGION: 'eu-west-1' } });
    expect(loaded.announcements).toEqual(['region us-east-1 from rsds.yaml; AWS_REGION says eu-west-1']);
    expect(loaded.notices.join()).toContain('public is shared');
  });

  const notices = async (more: string) => (await load(minimal(more))).notices.join('\n');

  it('tell that sharing public shares everything in it', async () => {
    expect(await notices('')).toContain('public is shared');
    expect(await notices('datashare: { schemas: [sales] }\n')).toBe('');
  });

  it('tell of sizes that a region may not offer, without refusing them', async () => {
    const text =
      'project: airline\nregion: eu-south-1\nconsumers: { baseCapacity: 4 }\nproducer: { baseCapacity: 1024, maxCapacity: none }\n';
    const said = (await load(text)).notices.join('\n');
    expect(said).toContain('consumers.baseCapacity: 4 RPUs');
    expect(said).toContain('producer.baseCapacity: more than 512 RPUs');
  });

  it('tell of addresses that no internal load balancer is reached from', async () => {
    expect(await notices('network: { clientCidrs: [203.0.113.0/24] }\n')).toContain(
      '203.0.113.0/24 is not a private network',
    );
  });

  it('tell of settings that an existing VPC leaves unused', async () => {
    const said = await notices('network: { vpc: { name: shared }, vpcCidr: 10.1.0.0/16 }\n');
    expect(said).toContain('network.vpcCidr: not used with an existing VPC');
  });

  it('tell of a pool with nobody in it', async () => {
    expect(await notices('consumers: { count: 0 }\n')).toContain('nobody behind it');
  });
});

describe('the configuration file', () => {
  const options = { environment: {}, sim: false };

  it('is the nearest rsds.yaml upwards', async () => {
    const at = await folderOfTest();
    await mkdir(join(at, 'a', 'b'), { recursive: true });
    await writeFile(join(at, 'rsds.yaml'), minimal());
    expect((await loadConfig({ ...options, cwd: join(at, 'a', 'b') })).file).toBe(join(at, 'rsds.yaml'));
    await writeFile(join(at, 'a', 'rsds.yaml'), minimal('state: local\n'));
    expect((await loadConfig({ ...options, cwd: join(at, 'a', 'b') })).file).toBe(join(at, 'a', 'rsds.yaml'));
  });

  it('finds its files of SQL from where it is, not from where one works', async () => {
    const at = await folderOfTest();
    await mkdir(join(at, 'sql'));
    await mkdir(join(at, 'elsewhere'));
    await writeFile(join(at, 'sql', 'a.sql'), 'SELECT 1;');
    await writeFile(join(at, 'other.yaml'), minimal('producer: { initSql: [sql/a.sql] }\n'));
    const { config: loaded } = await loadConfig({ ...options, cwd: join(at, 'elsewhere'), file: '../other.yaml' });
    expect(loaded.producer.initSql).toEqual([{ name: 'sql/a.sql', text: 'SELECT 1;' }]);
  });

  it('that is not there or not text is an error with its own code', async () => {
    const at = await folderOfTest();
    await writeFile(join(at, 'binary.yaml'), new Uint8Array([0xff, 0xfe, 0x00]));
    const code = async (more: Partial<LoadOptions>) => {
      const error: unknown = await loadConfig({ ...options, cwd: at, ...more }).catch((caught: unknown) => caught);
      return error instanceof RsdsError ? [error.code, error.exitCode, error.message] : error;
    };
    expect(await code({})).toEqual(['config/not-found', 2, `no rsds.yaml in ${at} or above`]);
    expect(await code({ file: 'none.yaml' })).toEqual([
      'config/unreadable',
      2,
      expect.stringContaining('no such file'),
    ]);
    expect(await code({ file: 'binary.yaml' })).toEqual(['config/unreadable', 2, expect.stringContaining('not UTF-8')]);
  });

  it('is the built-in example where the simulator is used and there is none', async () => {
    const { config: example, file } = await loadConfig({ ...options, sim: true, cwd: await folderOfTest() });
    expect(file).toBeUndefined();
    expect(example).toMatchObject({ project: 'airline', region: 'us-east-1', consumers: { count: 3 } });
    expect(example.producer.initSql.map(({ name }) => name)).toEqual([
      'sql/01-tables.sql',
      'sql/02-rows.sql',
      'sql/03-views.sql',
    ]);
    for (const { text } of example.producer.initSql) expect(text.trim()).toMatch(/;$/);
  });
});

describe('suggestions', () => {
  it.each([
    ['cout', 'count'],
    ['BaseCapacity', 'baseCapacity'],
    ['base_capacity', 'baseCapacity'],
    ['bsaeCapacity', 'baseCapacity'],
    ['maxCapacty', 'maxCapacity'],
  ])('%s was probably %s', (word, meant) => {
    expect(nearWord(word, ['count', 'without', 'baseCapacity', 'maxCapacity', 'parameters'])).toBe(meant);
  });

  it('are not made up', () => {
    expect(nearWord('colour', ['count', 'without'])).toBeUndefined();
  });
});
