/** The kinds of values that a configuration holds, with what AWS or rsds allows of each. */
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
  integer,
  type Kind,
  key,
  listOf,
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

export const projectName = text('text', 'lower-case letters, digits and hyphens, beginning with a letter', (value) =>
  namePattern.test(value),
);
export const regionName = text('text', 'an AWS region such as us-east-1', (value) =>
  /^[a-z]{2}(-[a-z]+)+-\d$/.test(value),
);

export const cidr = text('CIDR block', 'an IPv4 block such as 10.0.0.0/16', checkCidr, { code: 'config/cidr' });
export const openCidr = text(
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

export const baseCapacity = integer(4, 1024, baseCapacityText, (rpus) =>
  isBaseCapacity(rpus) ? undefined : offGrid(rpus, baseCapacityText, 'base'),
);

function offGrid(rpus: number, must: string, kind: 'base' | 'max'): Problem {
  const near = nearestCapacities(rpus, kind);
  return { code: 'config/capacity', must, hint: near.length > 0 ? `Use ${near.join(' or ')}.` : undefined };
}

/** RPUs, or `none` for no limit of our own. */
export const maxCapacity: Kind<number | 'none'> = {
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
export const usageLimits = listOf(
  usageLimit,
  'list of usage limits',
  12,
  ({ period, action }) => `${period} ${action}`,
);

export const vpc: Kind<VpcChoice> = {
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

export const subnetId = text('text', 'the id of a subnet: subnet-…', (value) =>
  /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value),
);

export const kmsKey = text('text', 'create, aws-owned, or the ARN of a key', checkKey);

function checkKey(value: string): Problem | undefined {
  if (value === 'create' || value === 'aws-owned') return undefined;
  const must = 'create, aws-owned, or the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID';
  if (/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:alias\//.test(value)) {
    return { must, hint: 'Give the key, not its alias: an alias may come to mean another key.' };
  }
  return /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(value) ? undefined : { must };
}

export const bucket = text('text', 'the name of an S3 bucket', (value) => {
  const must = 'the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens';
  const inner = /^s3:\/\/([a-z0-9.-]+)/.exec(value)?.[1];
  if (inner !== undefined) return { must, hint: `Use \`${inner}\`.` };
  return bucketPattern.test(value) && !value.includes('..') && !/^\d+(\.\d+){3}$/.test(value) ? undefined : { must };
});
const bucketPattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const state = text('text', 'local or s3://bucket/prefix', (value) => {
  if (value === 'local') return true;
  const match = /^s3:\/\/([^/]+)(?:\/([A-Za-z0-9!_.*'()/-]*))?$/.exec(value);
  return match !== null && bucketPattern.test(match[1] ?? '') && (match[2] ?? '').length <= 900;
});

export const tableName = text('text', '3 to 255 letters, digits, dots, hyphens and underscores', (value) =>
  /^[A-Za-z0-9_.-]{3,255}$/.test(value),
);

/** 50 is what most AWS resources take; four are ours (F-850). */
export const mostTags = 46;
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
export const tagValue = text(
  'text',
  'at most 256 letters, digits, spaces and _ . : / = + - @, not beginning with aws:',
  (value) => value.length <= 256 && tagCharacters.test(value) && !/^aws:/i.test(value),
  { loose: true },
);

export function checkTagKey(name: string): Problem | undefined {
  if (/^aws:/i.test(name)) return { must: 'named otherwise: AWS keeps tags beginning with aws: for itself' };
  if (/^rsds:/i.test(name) || name.toLowerCase() === ownTagKeys.name.toLowerCase()) {
    return { must: 'named otherwise: rsds sets this tag itself' };
  }
  if (name.length >= 1 && name.length <= 128 && tagCharacters.test(name)) return undefined;
  return { must: 'named with 1 to 128 letters, digits, spaces and _ . : / = + - @' };
}

export const retention = integer(-1, 3653, '-1 (for ever) or 1 to 3653 days', (days) =>
  days === 0 ? { must: '-1 (for ever) or 1 to 3653 days' } : undefined,
);
export const port = integer(5431, 8215, '5431 to 5455 or 8191 to 8215', (value) =>
  (value >= 5431 && value <= 5455) || (value >= 8191 && value <= 8215)
    ? undefined
    : { must: '5431 to 5455 or 8191 to 8215', hint: 'Redshift listens on 5439 as a rule.' },
);

export const sqlFile = text('text', 'the path of a file of SQL', (value) => value.trim() !== '');
export const database = text('identifier', 'the name of a database', checkDatabase, { code: 'config/identifier' });
export const schema = text('identifier', 'the name of a schema', checkSchema, { code: 'config/identifier' });
export const table = text('schema.table', 'a table with its schema: schema.table', checkTable, {
  code: 'config/identifier',
});
export const share = text('identifier', 'the name of a datashare', checkShare, { code: 'config/identifier' });
export const user = text('identifier', 'the name of a user', checkUser, { code: 'config/identifier' });

export function checkWorkload(name: string): Problem | undefined {
  if (/^(producer|consumers?(-.*)?)$/.test(name)) {
    return { must: 'named otherwise: producer, consumer and consumer-… are the names of other warehouses' };
  }
  return namePattern.test(name) && !name.endsWith('-')
    ? undefined
    : { must: 'named with lower-case letters, digits and hyphens, beginning with a letter' };
}

export const workload = section({
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
