/** Finds, reads and completes the configuration. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exampleSql, exampleYaml } from '../example/airline.ts';
import { RsdsError } from '../shared/errors.ts';
import type { Config } from './config.ts';

export interface LoadOptions {
  readonly file?: string | undefined;
  readonly env?: string | undefined;
  readonly region?: string | undefined;
  /** The region of the profile in use, if it has one. */
  readonly profileRegion?: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sim: boolean;
}

export interface Loaded {
  readonly config: Config;
  /** Undefined: the built-in example. */
  readonly file: string | undefined;
  readonly notices: readonly string[];
}

const defaults = {
  tags: {},
  kmsKey: 'create',
  network: {
    vpc: { create: true },
    vpcCidr: '10.0.0.0/16',
    subnetCidrs: ['10.0.0.0/23', '10.0.2.0/23', '10.0.4.0/23'],
    enhancedVpcRouting: false,
  },
  producer: {
    database: 'dw',
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
    allowDeactivate: false,
    baseCapacity: 32,
    maxCapacity: 64,
    parameters: { max_query_execution_time: '3600' },
    usageLimits: [],
  },
  workloads: {},
  datashare: {
    name: 'share',
    schemas: ['public'],
    tables: [],
    consumerDatabase: 'shared',
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
};

type Plain = Record<string, unknown>;
const isMap = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(base: Plain, over: Plain): Plain {
  const merged: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? merge(below, value) : value;
  }
  return merged;
}

async function find(options: LoadOptions): Promise<string | undefined> {
  if (options.file !== undefined) return resolve(options.cwd, options.file);
  for (let folder = options.cwd; ; folder = dirname(folder)) {
    const file = join(folder, 'rsds.yaml');
    if (await readFile(file).then(Boolean, () => false)) return file;
    if (folder === dirname(folder)) break;
  }
  if (options.sim) return undefined;
  throw new RsdsError('config/not-found', 'no rsds.yaml here or in a folder above');
}

export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const { parse } = await import('yaml');
  const file = await find(options);
  const text = file === undefined ? exampleYaml : await readFile(file, 'utf8');
  const parsed: unknown = parse(text);
  const { environments, ...base } = isMap(parsed) ? parsed : {};
  const environment = options.env ?? options.environment['RSDS_ENV'] ?? 'dev';
  const section = isMap(environments) ? environments[environment] : undefined;
  const merged = merge(merge(defaults, base), isMap(section) ? section : {});
  const producer = merged['producer'] as { initSql: string[] };
  const initSql = await Promise.all(
    producer.initSql.map(async (name) => ({
      name,
      text: file === undefined ? (exampleSql[name] ?? '') : await readFile(resolve(dirname(file), name), 'utf8'),
    })),
  );
  const region = options.region ?? merged['region'] ?? options.environment['AWS_REGION'];
  const config = { ...merged, environment, region, producer: { ...producer, initSql } } as unknown as Config;
  return { config, file, notices: [] };
}
