/** What the checks say of a workgroup and its namespace. */
import { healthy, ledger, minute, now, read, settled, withOne, without } from './healthy.ts';
import { dead, first, holder, inStatus, producer, testCases, up } from './table.ts';

testCases([
  {
    name: 'a workgroup in the making, within its usual time',
    seen: inStatus('MODIFYING', 2),
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /MODIFYING, for 2m 00s, usually 3m 30s/,
    cause: /^AWS is at it/,
  },
  {
    name: 'the usual time is the one that the ledger has measured',
    seen: {
      ...inStatus('MODIFYING', 2),
      ledger: {
        ...inStatus('MODIFYING', 2).ledger!,
        measured: [{ kind: 'workgroup.create', ms: 5 * minute, at: 0 }],
      },
    },
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /usually 5m 00s/,
  },
  {
    name: 'a workgroup that takes longer than is usual',
    seen: inStatus('CREATING', 12),
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /CREATING, for 12m 00s/,
    cause: /longer than ten minutes is unusual/,
    remedy: /^rsds diagnose consumer-1 --env dev$/,
  },
  {
    name: 'a workgroup that was seen in MODIFYING for more than half an hour is stuck',
    seen: inStatus('MODIFYING', 34),
    at: 'consumer-1 workgroup',
    verdict: 'fail',
    what: /MODIFYING, for 34m 00s/,
    cause: /no API cancels what AWS is at.*support case/,
    remedy:
      /^aws redshift-serverless delete-endpoint-access --endpoint-name airline-dev-consumer-1 .*\naws redshift-serverless delete-workgroup --workgroup-name airline-dev-consumer-1 .*\nrsds up --env dev$/,
  },
  {
    name: 'an old workgroup in MODIFYING that nobody saw begin is not stuck: AWS may be patching it',
    seen: { workgroups: withOne(healthy.workgroups, first, { status: 'MODIFYING' }) },
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /since when is not known/,
    cause: /no run of rsds asked for it; AWS may be patching it/,
    remedy: /^rsds diagnose consumer-1/,
  },
  {
    name: 'a young workgroup that nobody saw begin',
    seen: { workgroups: withOne(healthy.workgroups, first, { status: 'CREATING', createdAt: now - minute }) },
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /CREATING/,
    cause: /^AWS is at it$/,
  },
  {
    name: 'a workgroup that somebody deletes',
    seen: { workgroups: withOne(healthy.workgroups, first, { status: 'DELETING' }) },
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /DELETING/,
    cause: /somebody deletes it/,
    remedy: up,
  },
  {
    name: 'a workgroup that the last run could not make',
    seen: {
      workgroups: without(healthy.workgroups, first),
      ledger: ledger({
        'consumer-1/workgroup': {
          ...settled('workgroup'),
          state: 'failed',
          error: { code: 'aws/capacity', message: 'no capacity in use1-az3', at: now },
        },
      }),
    },
    at: 'consumer-1 workgroup',
    verdict: 'fail',
    what: /airline-dev-consumer-1 is not there/,
    cause: /the last run failed at it: no capacity in use1-az3/,
    remedy: up,
  },
  {
    name: 'what is missing while somebody builds is on its way',
    seen: {
      workgroups: without(healthy.workgroups, first),
      environmentLock: read({ holder: holder(), data: {} }),
    },
    at: 'consumer-1 workgroup',
    verdict: 'warn',
    what: /is not there/,
    cause: /^ana@build-7 \(pid 4711\) is at it: rsds up, since 4m 00s; /,
  },
  {
    name: 'what a dead holder left is a fault',
    seen: { workgroups: without(healthy.workgroups, first), environmentLock: read({ holder: dead, data: {} }) },
    at: 'consumer-1 workgroup',
    verdict: 'fail',
    what: /is not there/,
  },
  {
    name: 'a namespace whose role is not in sync yet',
    seen: {
      namespaces: withOne(healthy.namespaces, producer, { roles: [{ arn: 'arn:role/copy', applyStatus: 'adding' }] }),
    },
    at: 'producer namespace',
    verdict: 'warn',
    what: /arn:role\/copy is adding/,
    cause: /COPY/,
  },
  {
    name: 'a namespace without a managed admin password',
    seen: { namespaces: withOne(healthy.namespaces, first, { adminSecretArn: undefined }) },
    at: 'consumer-1 namespace',
    verdict: 'warn',
    what: /does not manage the admin password/,
  },
  {
    name: 'a namespace in MODIFYING',
    seen: { namespaces: withOne(healthy.namespaces, first, { status: 'MODIFYING' }) },
    at: 'consumer-1 namespace',
    verdict: 'warn',
    what: /MODIFYING/,
  },
  {
    name: 'a capacity that somebody changed',
    seen: { workgroups: withOne(healthy.workgroups, first, { baseCapacity: 8 }) },
    at: 'consumer-1 capacity',
    verdict: 'warn',
    what: /it has 8-64 RPUs; 32-64 are configured/,
    remedy: up,
  },
  {
    name: 'a base of −1 is a target’s, not drift',
    seen: { workgroups: withOne(healthy.workgroups, first, { baseCapacity: -1 }) },
    at: 'consumer-1 capacity',
    verdict: 'warn',
    what: /price-performance target/,
  },
  {
    name: 'a workgroup that is up and has no interface',
    seen: { workgroups: withOne(healthy.workgroups, first, { zones: [] }) },
    at: 'consumer-1 own-endpoint',
    verdict: 'fail',
    what: /no network interface/,
  },
  {
    name: 'a workgroup on another port',
    seen: { workgroups: withOne(healthy.workgroups, producer, { port: 5440 }) },
    at: 'producer own-endpoint',
    verdict: 'fail',
    what: /listens on 5440; 5439 is configured/,
    remedy: up,
  },
  {
    name: 'a public address',
    seen: { workgroups: withOne(healthy.workgroups, producer, { publiclyAccessible: true }) },
    at: 'producer own-endpoint',
    verdict: 'warn',
    what: /public address/,
  },
  {
    name: 'a usage limit that only logs',
    seen: {
      usageLimits: read([
        { id: 'ul-1', workgroupArn: 'arn:workgroup/consumer-1', amount: 100, period: 'daily', action: 'log' },
      ]),
    },
    at: 'consumer-1 usage-limit',
    verdict: 'pass',
    what: /daily limit of 100 RPU-hours, then log/,
  },
  {
    name: 'a usage limit that turns a pool member off',
    seen: {
      usageLimits: read([
        { id: 'ul-1', workgroupArn: 'arn:workgroup/consumer-1', amount: 100, period: 'daily', action: 'deactivate' },
      ]),
    },
    at: 'consumer-1 usage-limit',
    verdict: 'warn',
    what: /then deactivate/,
    cause: /load balancer goes on/,
    remedy: /update-usage-limit --usage-limit-id ul-1 --breach-action emit-metric/,
  },
]);
