/** Every client that rsds knows how to connect, in the order in which they are shown. */
export const clientNames = [
  'psql',
  'jdbc',
  'odbc',
  'redshift-connector',
  'psycopg',
  'sqlalchemy',
  'node',
  'dbt',
] as const;

export type ClientName = (typeof clientNames)[number];
