/** Plain observations of an environment in which all is well, to be spoilt one thing at a time. */
import type { Observations, WorkgroupView } from '../../src/diagnose/observations.ts';
import { emptyDocument } from '../../src/ledger/document.ts';
import type { LedgerDocument, LedgerRecord } from '../../src/ledger/ledger.ts';
import { type Desired, desire, type Warehouse } from '../../src/model/desired.ts';
import { testConfig } from '../support/step-world.ts';

export const now = Date.UTC(2026, 0, 5, 12);
export const minute = 60_000;

export const desired: Desired = desire({
  ...testConfig,
  workloads: { analytics: { database: 'analytics', baseCapacity: 8, parameters: {}, usageLimits: [] } },
});
const { producer, consumers, workloads, names } = desired;
export const warehouses = [producer, ...consumers, ...workloads];

export const read = <T>(value: T) => ({ value });
export const unread = { unread: { why: 'AccessDenied on kms DescribeKey', remedy: 'grant kms:DescribeKey' } };

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const groupOf = ({ role }: Warehouse) => `sg-${role}`;
const rule = (direction: 'ingress' | 'egress', peer: { cidr: string } | { group: string }) => ({
  direction,
  port: 5439,
  peer,
});

export const workgroup = (warehouse: Warehouse): WorkgroupView => ({
  name: warehouse.name,
  arn: `arn:workgroup/${warehouse.short}`,
  status: 'AVAILABLE',
  createdAt: now - 5 * 24 * 60 * minute,
  baseCapacity: warehouse.baseCapacity,
  maxCapacity: warehouse.maxCapacity,
  targeted: false,
  port: 5439,
  address: `${warehouse.name}.example`,
  zones,
  groupIds: [groupOf(warehouse)],
  subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'],
  publiclyAccessible: false,
  pendingTrack: undefined,
});

export const settled = (kind: string, data: LedgerRecord['data'] = {}): LedgerRecord => ({
  kind,
  state: 'settled',
  data,
  transitions: [],
});

export function ledger(resources: Readonly<Record<string, LedgerRecord>> = {}): LedgerDocument {
  const identity = { project: 'airline', environment: 'dev', account: '123456789012', region: 'us-east-1' };
  const made = Object.fromEntries(
    warehouses.flatMap(({ role, short }) => [
      [`${short}/namespace`, settled('namespace', { namespaceId: `ns-${short}` })],
      [`${short}/workgroup`, settled('workgroup')],
      ...(role === 'producer'
        ? [['producer/datashare', settled('datashare', { digest: 'd' })]]
        : ['database', 'reader', 'check'].map((part) => [`${short}/${part}`, settled(part, { digest: 'd' })])),
    ]),
  );
  return { ...emptyDocument(identity, 'a1b2c3'), serial: 9, resources: { ...made, ...resources } };
}

export const healthy: Observations = {
  desired,
  account: '123456789012',
  identity: 'arn:aws:iam::123456789012:user/ana',
  examined: warehouses.map((warehouse) => ({ warehouse, wanted: true })),
  now,
  awsNow: now,
  ledger: ledger(),
  suffix: { rsds: ' --env dev', aws: ' --region us-east-1' },
  workgroups: read(warehouses.map(workgroup)),
  namespaces: read(
    warehouses.map(({ name, short }) => ({
      name,
      id: `ns-${short}`,
      arn: `arn:namespace/${short}`,
      status: 'AVAILABLE',
      kmsKeyId: 'arn:key/1',
      adminSecretArn: 'arn:secret/1',
      roles: [],
    })),
  ),
  endpoints: read(
    consumers.map(({ name, short }, index) => ({
      name: names.endpoint(short),
      workgroup: name,
      status: 'ACTIVE',
      port: 5439,
      addresses: [`10.0.${index * 2}.10`],
      zones: [zones[index] ?? ''],
      groupIds: ['sg-endpoint'],
    })),
  ),
  usageLimits: read([]),
  strangers: read([]),
  network: read({
    vpcId: 'vpc-1',
    cidr: '10.0.0.0/16',
    subnets: zones.map((zone, index) => ({
      id: `subnet-${index + 1}`,
      zone,
      cidr: `10.0.${index * 2}.0/23`,
      freeAddresses: 480,
    })),
  }),
  groups: read([
    {
      id: 'sg-nlb',
      name: names.securityGroup('nlb'),
      rules: [rule('ingress', { cidr: '10.0.0.0/16' }), rule('egress', { group: 'sg-endpoint' })],
    },
    { id: 'sg-endpoint', name: names.securityGroup('endpoint'), rules: [rule('ingress', { group: 'sg-nlb' })] },
    { id: 'sg-consumer', name: names.securityGroup('consumer'), rules: [] },
    { id: 'sg-producer', name: names.securityGroup('producer'), rules: [rule('ingress', { cidr: '10.0.0.0/16' })] },
    { id: 'sg-workload', name: names.securityGroup('workload'), rules: [rule('ingress', { cidr: '10.0.0.0/8' })] },
  ]),
  balancer: read({
    arn: 'arn:balancer',
    dnsName: 'nlb.example',
    type: 'network',
    scheme: 'internal',
    state: 'active',
    reason: undefined,
    zones: zones.map((zone, index) => ({ zone, subnetId: `subnet-${index + 1}` })),
    groupIds: ['sg-nlb'],
  }),
  balancerAttributes: read({ 'load_balancing.cross_zone.enabled': 'true' }),
  listeners: read([{ arn: 'arn:listener', port: 5439, protocol: 'TCP', targetGroupArns: ['arn:targets'] }]),
  listenerAttributes: read({ 'tcp.idle_timeout.seconds': '6000' }),
  targetGroup: read({ arn: 'arn:targets', protocol: 'TCP', targetType: 'ip' }),
  targetGroupAttributes: read({ 'preserve_client_ip.enabled': 'false' }),
  targets: read(
    consumers.map((_, index) => ({
      address: `10.0.${index * 2}.10`,
      port: 5439,
      state: 'healthy',
      reason: undefined,
    })),
  ),
  keys: [{ name: names.keyAlias, key: read({ arn: 'arn:key/1', state: 'Enabled', deletionAt: undefined }) }],
  shares: read([{ name: 'airline_share', consumers: ['ns-consumer-1', 'ns-consumer-2', 'ns-analytics'] }]),
  secret: read({ deletedAt: undefined }),
  environmentLock: read({ holder: undefined, data: {} }),
  lane: read({ holder: undefined, data: {} }),
  otherLockTables: read([]),
  quotas: [{ what: 'workgroups', used: read(4), limit: 25, assumed: false }],
};

/** The value of a reading that the fixture has read. */
export function valueIn<T>(reading: { readonly value: T } | { readonly unread: unknown }): T {
  if ('value' in reading) return reading.value;
  throw new Error('it was not read');
}

/** The healthy list with one item changed. */
export const withOne = <T extends object>(
  reading: { readonly value: readonly T[] } | { readonly unread: unknown },
  index: number,
  change: Partial<T>,
) => read(valueIn(reading).map((item, at) => (at === index ? { ...item, ...change } : item)));

export const without = <T>(reading: { readonly value: readonly T[] } | { readonly unread: unknown }, index: number) =>
  read(valueIn(reading).filter((_, at) => at !== index));
