/** Drifts of what SQL made. The last column: the changes that mend it, as they are told. */
import type { Account } from '../../support/account.ts';
import type { Drift } from './drift.ts';

const onProducer = (sql: string) => (account: Account) => account.sql('producer', 'airline_dw', sql);
const onConsumer =
  (...statements: readonly string[]) =>
  async (account: Account) => {
    for (const sql of statements) await account.sql('consumer-1', 'dev', sql);
  };

const share = '"airline_share"';
const addSchema = `ALTER DATASHARE ${share} ADD SCHEMA "public"`;
const includeNew = `ALTER DATASHARE ${share} SET INCLUDENEW = TRUE FOR SCHEMA "public"`;
const addTables = `ALTER DATASHARE ${share} ADD ALL TABLES IN SCHEMA "public"`;
const useDatabase = 'GRANT USAGE ON DATABASE "airline" TO "reporter"';
const keepOut = 'REVOKE CREATE ON SCHEMA public FROM PUBLIC';
const externalSchema = [
  `CREATE EXTERNAL SCHEMA IF NOT EXISTS "airline_public" FROM REDSHIFT DATABASE 'airline' SCHEMA 'public'`,
  'GRANT USAGE ON SCHEMA "airline_public" TO "reporter"',
];

export const sqlDrifts: readonly Drift[] = [
  [
    'a schema was taken out of the datashare',
    ['producer/datashare', 'consumer-1/check', 'consumer-2/check', 'analytics/check'],
    onProducer('ALTER DATASHARE airline_share REMOVE SCHEMA public'),
    [addSchema, includeNew, addTables],
  ],
  [
    'tables to come are not shared any more',
    ['producer/datashare'],
    onProducer('ALTER DATASHARE airline_share SET INCLUDENEW = FALSE FOR SCHEMA public'),
    [includeNew],
  ],
  [
    'a table was taken out of the datashare',
    ['producer/datashare'],
    onProducer('ALTER DATASHARE airline_share REMOVE TABLE public.flights'),
    [addTables],
  ],
  [
    'the shared database was dropped',
    ['consumer-1/database', 'consumer-1/reader', 'consumer-1/check'],
    onConsumer('DROP SCHEMA airline_public', 'DROP DATABASE airline'),
    ['CREATE DATABASE "airline" FROM DATASHARE "airline_share"', useDatabase, ...externalSchema],
  ],
  [
    'the login was dropped',
    ['consumer-1/reader', 'consumer-1/check'],
    onConsumer(
      'REVOKE USAGE ON DATABASE airline FROM reporter',
      'REVOKE USAGE ON SCHEMA airline_public FROM reporter',
      'DROP USER reporter',
    ),
    ['CREATE USER "reporter"', useDatabase, keepOut, ...externalSchema],
  ],
  [
    'the login may not use the shared database any more',
    ['consumer-1/reader', 'consumer-1/check'],
    onConsumer('REVOKE USAGE ON DATABASE airline FROM reporter'),
    [useDatabase],
  ],
  [
    'the login has another password than the secret',
    ['consumer-1/reader', 'consumer-1/check'],
    onConsumer("ALTER USER reporter PASSWORD 'Another1Password'"),
    ['ALTER USER "reporter"'],
  ],
  [
    'anybody may make tables of their own',
    ['consumer-1/reader'],
    onConsumer('GRANT CREATE ON SCHEMA public TO PUBLIC'),
    [keepOut],
  ],
  ['an external schema was dropped', ['consumer-1/reader'], onConsumer('DROP SCHEMA airline_public'), externalSchema],
];

/** Of which namespace is told by its id. */
const grant = 'GRANT USAGE ON DATASHARE "airline_share" TO NAMESPACE';

const granted = ['consumer-1/grant', 'consumer-2/grant', 'analytics/grant'];

/** Seen without SQL, too: the control plane tells which datashares there are, and who may use them. */
export const visibleDrifts: readonly Drift[] = [
  [
    'the grant of a consumer was revoked',
    ['consumer-1/grant'],
    async (account) => {
      const namespace = account.namespaceId('consumer-1');
      await account.sql(
        'producer',
        'airline_dw',
        `REVOKE USAGE ON DATASHARE airline_share FROM NAMESPACE '${namespace}'`,
      );
    },
    [grant],
  ],
  [
    'the datashare was dropped',
    ['producer/datashare', ...granted],
    onProducer('DROP DATASHARE airline_share'),
    [`CREATE DATASHARE ${share}`, addSchema, includeNew, addTables, ...granted.map(() => grant)],
  ],
];
