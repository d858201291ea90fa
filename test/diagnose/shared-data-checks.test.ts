/** What the checks say of what SQL makes. */
import { ledger, now, read, settled } from './healthy.ts';
import { testCases, up } from './table.ts';

const failedSql = {
  ...settled('initial-sql'),
  state: 'failed' as const,
  error: { code: 'sql/failed', message: 'relation "thingz" does not exist', at: now },
};

testCases([
  {
    name: 'a share that is not granted',
    seen: { shares: read([{ name: 'airline_share', consumers: ['ns-consumer-2', 'ns-analytics'] }]) },
    at: 'consumer-1 grant',
    verdict: 'fail',
    what: /grant of the datashare airline_share to ns-consumer-1 is not there/,
    remedy: up,
  },
  {
    name: 'a share that is not there',
    seen: { shares: read([]) },
    at: 'producer datashare',
    verdict: 'fail',
    what: /airline_share is not there/,
    remedy: up,
  },
  {
    name: 'a namespace that was made anew',
    seen: { ledger: ledger({ 'consumer-1/namespace': settled('namespace', { namespaceId: 'ns-former' }) }) },
    at: 'consumer-1 shared-data',
    verdict: 'fail',
    what: /another than the one that was set up/,
    remedy: up,
  },
  {
    name: 'SQL that the last run could not run',
    seen: {
      ledger: ledger({
        'consumer-1/database': {
          ...settled('shared-database'),
          state: 'failed',
          error: { code: 'sql/failed', message: 'permission denied', at: now },
        },
      }),
    },
    at: 'consumer-1 shared-data',
    verdict: 'fail',
    what: /consumer-1\/database could not be made/,
    cause: /permission denied/,
  },
  {
    name: 'SQL that no run has come to yet',
    seen: { ledger: { ...ledger(), resources: {} } },
    at: 'consumer-1 shared-data',
    verdict: 'fail',
    what: /not made yet: consumer-1\/database, consumer-1\/reader, consumer-1\/check/,
    remedy: up,
  },
  {
    name: 'initial SQL with a mistake, seen from the producer',
    seen: { ledger: ledger({ 'producer/init-sql': failedSql }) },
    at: 'producer shared-data',
    verdict: 'fail',
    what: /producer\/init-sql could not be made/,
    cause: /relation "thingz" does not exist/,
  },
  {
    name: 'initial SQL with a mistake, seen from a consumer',
    seen: { ledger: { ...ledger(), resources: { 'producer/init-sql': failedSql } } },
    at: 'consumer-1 shared-data',
    verdict: 'fail',
    what: /not made yet/,
    cause: /it comes after producer\/init-sql, at which the last run failed/,
  },
  {
    name: 'SQL of which a new ledger knows nothing is not looked at',
    seen: { ledger: { ...ledger(), serial: 0, resources: {} } },
    at: 'consumer-1 shared-data',
    verdict: 'not checked',
    what: /nothing is recorded of consumer-1\/database, consumer-1\/reader, consumer-1\/check/,
    remedy: /^rsds up --sql --env dev$/,
  },
  {
    name: 'SQL that is recorded with the lock',
    seen: {
      ledger: { ...ledger(), resources: {} },
      environmentLock: read({
        holder: undefined,
        data: { 'consumer-1/database': 'd', 'consumer-1/reader': 'd', 'consumer-1/check': 'd' },
      }),
    },
    at: 'consumer-1 shared-data',
    verdict: 'pass',
    what: /ready, as the last run recorded it/,
  },
]);
