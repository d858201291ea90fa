/**
 * Every key of rsds.yaml: its kind, its default and what it means. The guide is checked against this table, the file
 * that `rsds init` writes is made from it, and nothing else knows the keys.
 */
import { formatCidr, hasHostBits, networkOf, parseCidr } from '../model/addresses.ts';
import {
  baseCapacityText,
  isBaseCapacity,
  isMaxCapacity,
  maxCapacityText,
  nearestCapacities,
} from '../model/capacity.ts';
import { ownTagKeys } from '../model/tags.ts';
import type { VpcChoice } from './config.ts';
import {
  boolean,
  group,
  integer,
  type Key,
  type Kind,
  key,
  listOf,
  mapOf,
  oneOf,
  optional,
  type Problem,
  refuse,
  required,
  section,
  show,
  text,
} from './fields.ts';
import { checkDatabase, checkSchema, checkShare, checkTable, checkUser } from './identifiers.ts';
import { parameters } from './parameters.ts';

/** Targets of a load balancer with cross-zone balancing (F-817). */
export const mostConsumers = 500;

export const namePattern = /^[a-z][a-z0-9-]*$/;

const projectName = text('text', 'lower-case letters, digits and hyphens, beginning with a letter', (value) =>
  namePattern.test(value),
);
const regionName = text('text', 'an AWS region such as us-east-1', (value) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(value));

const cidr = text('CIDR block', 'an IPv4 block such as 10.0.0.0/16', checkCidr, { code: 'config/cidr' });
const openCidr = text(
  'CIDR block',
  'an IPv4 block such as 10.0.0.0/16',
  (value) => checkOpen(value) ?? checkCidr(value),
  { code: 'config/cidr' },
);

function checkCidr(value: string): Problem | undefined {
  const block = parseCidr(value);
  if (value.includes(':')) return { must: 'an IPv4 block: the load balancer speaks IPv4 only' };
  if (block === undefined) return { must: 'an IPv4 block such as 10.0.0.0/16' };
  if (!hasHostBits(block)) return undefined;
  const proper = formatCidr(networkOf(block));
  return { must: `the beginning of a /${block.prefix} block`, hint: `Use ${proper}.` };
}

/** Refuses what would let in the whole internet, or a large part of it. */
function checkOpen(value: string): Problem | undefined {
  const prefix = /\/(\d+)$/.exec(value)?.[1];
  if (prefix === undefined || Number(prefix) >= 8) return undefined;
  return {
    code: 'config/open-to-world',
    must: 'the networks that need access: this would let in a large part of the internet',
    hint: 'Name the networks of your clients, such as 10.0.0.0/16.',
  };
}

const baseCapacity = integer(4, 1024, baseCapacityText, (rpus) =>
  isBaseCapacity(rpus) ? undefined : offGrid(rpus, baseCapacityText, 'base'),
);

function offGrid(rpus: number, must: string, kind: 'base' | 'max'): Problem {
  const near = nearestCapacities(rpus, kind);
  return { code: 'config/capacity', must, hint: near.length > 0 ? `Use ${near.join(' or ')}.` : undefined };
}

/** RPUs, or `none` for no limit of our own. */
const maxCapacity: Kind<number | 'none'> = {
  type: 'whole number or none',
  allowed: `${maxCapacityText}, or none`,
  read(tree, reading) {
    if (tree.kind !== 'scalar') return refuse(tree, reading, this.allowed);
    if (tree.value === 'none') return 'none';
    if (typeof tree.value !== 'number') return refuse(tree, reading, this.allowed);
    if (isMaxCapacity(tree.value)) return tree.value;
    const problem = offGrid(tree.value, this.allowed, 'max');
    reading.fault('config/capacity', tree, `is ${show(tree)}, must be ${problem.must}`, problem.hint);
    return undefined;
  },
};

const usageLimit = section({
  rpuHours: required(integer(1, 1_000_000_000), 'How many RPU-hours may be used in the period.', 1),
  period: key(oneOf('daily', 'weekly', 'monthly'), 'The period; weeks begin on Sunday.', 'monthly', 'monthly'),
  action: key(
    oneOf('log', 'emit-metric', 'deactivate'),
    'What happens then; deactivate turns queries off.',
    'log',
    'log',
  ),
});
const usageLimits = listOf(usageLimit, 'list of usage limits', 12, ({ period, action }) => `${period} ${action}`);

const vpc: Kind<VpcChoice> = {
  type: 'create, { id } or { name }',
  allowed: 'create, { id: vpc-… } or { name: … }',
  read(tree, reading) {
    if (tree.kind === 'scalar' && tree.value === 'create') return { create: true };
    if (tree.kind !== 'map') return refuse(tree, reading, this.allowed);
    const chosen = existingVpc.read(tree, reading);
    if (chosen?.id !== undefined && chosen.name === undefined) return { id: chosen.id };
    if (chosen?.name !== undefined && chosen.id === undefined) return { name: chosen.name };
    if (reading.sound(tree.path)) reading.fault('config/value', tree, `must be ${this.allowed}, and only one of them`);
    return undefined;
  },
};
const existingVpc = section({
  id: optional(
    text('text', 'the id of a VPC: vpc-…', (value) => /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value)),
    '',
    '',
  ),
  name: optional(
    text('text', 'the Name tag of a VPC', (value) => value.length > 0 && value.length <= 256),
    '',
    '',
  ),
});

const subnetId = text('text', 'the id of a subnet: subnet-…', (value) =>
  /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value),
);

const kmsKey = text('text', 'create, aws-owned, or the ARN of a key', checkKey);

function checkKey(value: string): Problem | undefined {
  if (value === 'create' || value === 'aws-owned') return undefined;
  const must = 'create, aws-owned, or the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID';
  if (/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:alias\//.test(value)) {
    return { must, hint: 'Give the key, not its alias: an alias may come to mean another key.' };
  }
  return /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(value) ? undefined : { must };
}

const bucket = text('text', 'the name of an S3 bucket', (value) => {
  const must = 'the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens';
  const inner = /^s3:\/\/([a-z0-9.-]+)/.exec(value)?.[1];
  if (inner !== undefined) return { must, hint: `Use \`${inner}\`.` };
  return bucketPattern.test(value) && !value.includes('..') && !/^\d+(\.\d+){3}$/.test(value) ? undefined : { must };
});
const bucketPattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const state = text('text', 'local or s3://bucket/prefix', (value) => {
  if (value === 'local') return true;
  const match = /^s3:\/\/([^/]+)(?:\/([A-Za-z0-9!_.*'()/-]*))?$/.exec(value);
  return match !== null && bucketPattern.test(match[1] ?? '') && (match[2] ?? '').length <= 900;
});

const tableName = text('text', '3 to 255 letters, digits, dots, hyphens and underscores', (value) =>
  /^[A-Za-z0-9_.-]{3,255}$/.test(value),
);

/** 50 is what most AWS resources take; four are ours (F-850). */
const mostTags = 46;
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const tagValue = text(
  'text',
  'at most 256 letters, digits, spaces and _ . : / = + - @, not beginning with aws:',
  (value) => value.length <= 256 && tagCharacters.test(value) && !/^aws:/i.test(value),
  { loose: true },
);

function checkTagKey(name: string): Problem | undefined {
  if (/^aws:/i.test(name)) return { must: 'named otherwise: AWS keeps tags beginning with aws: for itself' };
  if (/^rsds:/i.test(name) || name.toLowerCase() === ownTagKeys.name.toLowerCase()) {
    return { must: 'named otherwise: rsds sets this tag itself' };
  }
  if (name.length >= 1 && name.length <= 128 && tagCharacters.test(name)) return undefined;
  return { must: 'named with 1 to 128 letters, digits, spaces and _ . : / = + - @' };
}

const retention = integer(-1, 3653, '-1 (for ever) or 1 to 3653 days', (days) =>
  days === 0 ? { must: '-1 (for ever) or 1 to 3653 days' } : undefined,
);
const port = integer(5431, 8215, '5431 to 5455 or 8191 to 8215', (value) =>
  (value >= 5431 && value <= 5455) || (value >= 8191 && value <= 8215)
    ? undefined
    : { must: '5431 to 5455 or 8191 to 8215', hint: 'Redshift listens on 5439 as a rule.' },
);

const sqlFile = text('text', 'the path of a file of SQL', (value) => value.trim() !== '');
const database = text('identifier', 'the name of a database', checkDatabase, { code: 'config/identifier' });
const schema = text('identifier', 'the name of a schema', checkSchema, { code: 'config/identifier' });
const table = text('schema.table', 'a table with its schema: schema.table', checkTable, { code: 'config/identifier' });
const share = text('identifier', 'the name of a datashare', checkShare, { code: 'config/identifier' });
const user = text('identifier', 'the name of a user', checkUser, { code: 'config/identifier' });

function checkWorkload(name: string): Problem | undefined {
  if (/^(producer|consumers?(-.*)?)$/.test(name)) {
    return { must: 'named otherwise: producer, consumer and consumer-… are the names of other warehouses' };
  }
  return namePattern.test(name) && !name.endsWith('-')
    ? undefined
    : { must: 'named with lower-case letters, digits and hyphens, beginning with a letter' };
}

const workload = section({
  baseCapacity: key(baseCapacity, 'RPUs that are always there while it works.', 32),
  maxCapacity: optional(
    maxCapacity,
    'RPUs that it may grow to; none: no limit of its own.',
    '64, or baseCapacity where that is more',
  ),
  database: key(database, 'Its own database, beside the shared one.', 'dev', 'dev'),
  parameters: key(parameters, 'Parameters of the workgroup.', {}),
  usageLimits: key(usageLimits, 'Limits on RPU-hours.', []),
});

const logs = ['useractivitylog', 'userlog', 'connectionlog'] as const;

export const keys = {
  project: required(projectName, 'The beginning of every name.', ''),
  region: optional(regionName, 'The AWS region.', 'AWS_REGION, AWS_DEFAULT_REGION, or the region of the profile'),
  tags: key(mapOf(tagValue, 'map of text', mostTags, checkTagKey), 'Tags for everything that can carry tags.', {}),
  kmsKey: key(
    kmsKey,
    'The key that encrypts every namespace: create one, use the one of AWS, or an existing one by its ARN.',
    'create',
    'create',
  ),
  network: group(
    {
      vpc: key(vpc, 'Create a VPC, or use an existing one by its id or Name tag.', { create: true }, 'create'),
      vpcCidr: key(cidr, 'The addresses of a VPC that rsds creates.', '10.0.0.0/16', '10.0.0.0/16'),
      subnetCidrs: optional(
        listOf(cidr, 'list of CIDR blocks', 6),
        'Its subnets, one a zone.',
        'the first three /23 blocks of vpcCidr',
      ),
      subnetIds: optional(
        listOf(subnetId, 'list of text', 16),
        'Subnets of an existing VPC.',
        'found: private ones first, one a zone',
      ),
      clientCidrs: optional(
        listOf(openCidr, 'list of CIDR blocks', 50),
        'Who may reach the load balancer and the workloads.',
        'the addresses of the VPC',
      ),
      writerCidrs: optional(
        listOf(openCidr, 'list of CIDR blocks', 50),
        'Who may reach the producer directly.',
        'the addresses of the VPC',
      ),
      enhancedVpcRouting: key(
        boolean,
        'Whether COPY and UNLOAD go through the VPC; needs three zones and more addresses.',
        false,
      ),
    },
    'The VPC, and who may reach what.',
  ),
  producer: group(
    {
      database: optional(database, 'The database that takes the writes.', '<project>_dw'),
      adminUsername: key(
        user,
        'The administrator of every namespace; the passwords are in Secrets Manager.',
        'admin',
        'admin',
      ),
      baseCapacity: key(baseCapacity, 'RPUs that are always there while it works.', 32),
      maxCapacity: optional(
        maxCapacity,
        'RPUs that it may grow to; none: no limit of its own.',
        '256, or baseCapacity where that is more',
      ),
      s3Buckets: key(listOf(bucket, 'list of text', 100), 'Buckets that COPY may read from.', []),
      initSql: key(
        listOf(sqlFile, 'list of text', 100),
        'Files of SQL that run once on the database, in this order; paths relative to this file.',
        [],
      ),
      parameters: key(parameters, 'Parameters of the workgroup.', {}),
      usageLimits: key(usageLimits, 'Limits on RPU-hours.', []),
      logs: key(
        listOf(oneOf(...logs), 'list of words', 3),
        'Logs that go to CloudWatch.',
        logs,
        `[${logs.join(', ')}]`,
      ),
      snapshotRetentionDays: key(retention, 'How long snapshots that rsds makes are kept; -1: for ever.', 7),
      finalSnapshotRetentionDays: key(
        retention,
        'How long the last snapshot, taken by `rsds down`, is kept; -1: for ever.',
        -1,
      ),
    },
    'The warehouse that takes the writes.',
  ),
  consumers: group(
    {
      count: key(integer(0, mostConsumers), 'How many there are.', 3),
      without: key(
        listOf(integer(1, 1000), 'list of whole numbers', 500),
        'Numbers left out, after single consumers were removed.',
        [],
      ),
      baseCapacity: key(baseCapacity, 'RPUs that are always there while one works.', 32),
      maxCapacity: optional(
        maxCapacity,
        'RPUs that each may grow to; none: no limit of its own.',
        '64, or baseCapacity where that is more',
      ),
      parameters: key(
        parameters,
        'Parameters of their workgroups.',
        { max_query_execution_time: '3600' },
        '{ max_query_execution_time: 3600 }',
      ),
      usageLimits: key(usageLimits, 'Limits on RPU-hours of each.', []),
      allowDeactivate: key(
        boolean,
        'Whether a limit may turn one off while the load balancer still sends it connections.',
        false,
      ),
    },
    'The identical warehouses behind the load balancer, which serve the reads.',
  ),
  workloads: key(
    mapOf(workload, 'map of sections', 100, checkWorkload),
    'Warehouses for single jobs, with their own address.',
    {},
  ),
  datashare: group(
    {
      name: optional(share, 'Its name on the producer.', '<project>_share'),
      schemas: key(
        listOf(schema, 'list of identifiers', 500),
        'Schemas shared with their tables, and the tables to come.',
        ['public'],
        '[public]',
      ),
      tables: key(
        listOf(table, 'list of schema.table', 5000),
        'Single tables, of schemas that are not shared as a whole.',
        [],
      ),
      consumerDatabase: optional(database, 'The name under which consumers see it.', '<project>'),
      reader: key(user, 'The login of the clients, the same on every consumer.', 'reporter', 'reporter'),
      externalSchemas: key(
        boolean,
        'Whether each shared schema is also shown in the local database, for tools that list tables.',
        false,
      ),
    },
    'What consumers see of the data.',
  ),
  loadBalancer: group(
    {
      port: key(port, 'The port of the load balancer and of every warehouse.', 5439),
      healthCheckSeconds: key(integer(5, 300), 'How often it tries to reach each consumer.', 30),
      deregistrationDelaySeconds: key(
        integer(0, 3600),
        'How long a consumer that leaves stays in draining before the load balancer forgets it.',
        30,
      ),
      idleTimeoutSeconds: key(integer(60, 6000), 'When it forgets a connection on which nothing moves.', 6000),
      crossZone: key(boolean, 'Whether it sends connections to consumers in other zones, too.', true),
    },
    'The one address of all consumers.',
  ),
  lock: group(
    {
      table: key(
        tableName,
        'The DynamoDB table; the same for all projects of an account and region.',
        'rsds-locks',
        'rsds-locks',
      ),
      leaseSeconds: key(integer(5, 900), 'How long a holder may be silent before others take over.', 60),
      waitMinutes: key(integer(0, 1440), 'How long to wait for another run.', 60),
      foreign: key(
        oneOf('wait', 'warn', 'ignore'),
        'What to do about workgroups that others are creating.',
        'wait',
        'wait',
      ),
    },
    'One changing run at a time.',
  ),
  state: key(
    state,
    'Where the ledger is kept: local, in .rsds beside this file, or s3://bucket/prefix.',
    'local',
    'local',
  ),
  workgroupConcurrency: key(integer(1, 25), 'How many workgroups may be in the making at once.', 1),
  allowBeyondDefaultQuota: key(
    boolean,
    'Whether more than 25 warehouses are allowed, once AWS has raised the quota.',
    false,
  ),
} satisfies Record<string, Key<unknown>>;

/** Choices that an environment replaces as a whole, though they look like sections. */
export const wholes: ReadonlySet<string> = new Set(['network.vpc']);

/** Everything but `environments`. */
export const root = section(keys);
export type Values = typeof root.empty;

export const environmentsAbout = 'Sections that override the above, deeply, one for each environment.';

/** The full path of the one key of that name, whichever section it is in. */
export function keyElsewhere(name: string): string | undefined {
  const found = Object.entries<Key<unknown>>(keys).flatMap(([path, { kind }]) => [
    ...(path === name ? [path] : []),
    ...Object.keys(kind.keys ?? {}).flatMap((inner) => (inner === name ? [`${path}.${inner}`] : [])),
  ]);
  return found[0];
}
