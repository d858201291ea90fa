/**
 * Every key of rsds.yaml: its kind, its default and what it means. The guide is checked against this table, the file
 * that `rsds init` writes is made from it, and nothing else knows the keys.
 */
import { boolean, group, integer, type Key, key, listOf, mapOf, oneOf, optional, required, section } from './fields.ts';
import {
  baseCapacity,
  bucket,
  checkTagKey,
  checkWorkload,
  cidr,
  database,
  kmsKey,
  maxCapacity,
  mostConsumers,
  mostTags,
  openCidr,
  port,
  projectName,
  regionName,
  retention,
  schema,
  share,
  sqlFile,
  state,
  subnetId,
  table,
  tableName,
  tagValue,
  usageLimits,
  user,
  vpc,
  workload,
} from './kinds.ts';
import { parameters } from './parameters.ts';

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
      // Half of it must outlast a mutating call, which takes up to 24 s (aws/connection.ts).
      leaseSeconds: key(integer(50, 900), 'How long a holder may be silent before others take over.', 60),
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
