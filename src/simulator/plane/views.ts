/**
 * The catalog views that Redshift has and Postgres has not, and the columns of each, as the Database Developer Guide
 * lists them (F-440). Their rows are computed for the session that asks (view-rows.ts) and handed to Postgres with the
 * statement; views over tables and columns are joined there with what Postgres knows. Postgres's own catalog is closed to
 * clients (base-schema.ts): it would show every warehouse's objects under their physical names.
 */

/** Column name → Postgres type. */
export type Columns = Readonly<Record<string, 'text' | 'int' | 'bool' | 'timestamp' | 'bigint'>>;

export const rowViews = {
  svv_datashares: {
    share_name: 'text',
    share_id: 'int',
    share_owner: 'int',
    source_database: 'text',
    consumer_database: 'text',
    share_type: 'text',
    createdate: 'timestamp',
    is_publicaccessible: 'bool',
    share_acl: 'text',
    producer_account: 'text',
    producer_namespace: 'text',
    managed_by: 'text',
  },
  svv_datashare_consumers: {
    share_name: 'text',
    consumer_account: 'text',
    consumer_namespace: 'text',
    share_date: 'timestamp',
  },
  svv_redshift_databases: {
    database_name: 'text',
    database_owner: 'int',
    database_type: 'text',
    database_acl: 'text',
    database_options: 'text',
    database_isolation_level: 'text',
  },
  svv_redshift_schemas: {
    database_name: 'text',
    schema_name: 'text',
    schema_owner: 'int',
    schema_type: 'text',
    schema_acl: 'text',
    schema_option: 'text',
  },
  svv_all_schemas: {
    database_name: 'text',
    schema_name: 'text',
    schema_owner: 'int',
    schema_type: 'text',
    schema_acl: 'text',
    source_database: 'text',
    schema_option: 'text',
  },
  svv_external_schemas: {
    esoid: 'int',
    eskind: 'int',
    schemaname: 'text',
    esowner: 'int',
    databasename: 'text',
    esoptions: 'text',
  },
  svv_user_info: {
    user_name: 'text',
    user_id: 'int',
    createdb: 'bool',
    superuser: 'bool',
    catalog_update: 'bool',
    connection_limit: 'text',
    syslog_access: 'text',
    last_ddl_timestamp: 'timestamp',
    session_timeout: 'int',
    external_user_id: 'text',
  },
  svv_roles: { role_id: 'int', role_name: 'text', role_owner: 'text', external_id: 'text' },
  svv_database_privileges: {
    database_name: 'text',
    privilege_type: 'text',
    identity_id: 'int',
    identity_name: 'text',
    identity_type: 'text',
    admin_option: 'bool',
    privilege_scope: 'text',
  },
  pg_user: {
    usename: 'text',
    usesysid: 'int',
    usecreatedb: 'bool',
    usesuper: 'bool',
    usecatupd: 'bool',
    passwd: 'text',
    valuntil: 'timestamp',
    useconfig: 'text',
  },
  /** F-442 */
  sys_session_history: {
    user_id: 'text',
    session_id: 'int',
    database_name: 'text',
    status: 'text',
    session_timeout: 'int',
    start_time: 'timestamp',
    end_time: 'timestamp',
  },
  /** F-443; Gap: only the last query of each session that is open. */
  sys_query_history: {
    user_id: 'int',
    query_id: 'bigint',
    session_id: 'int',
    database_name: 'text',
    query_type: 'text',
    status: 'text',
    start_time: 'timestamp',
    end_time: 'timestamp',
    query_text: 'text',
  },
  stv_sessions: {
    starttime: 'timestamp',
    process: 'int',
    user_name: 'text',
    db_name: 'text',
    timeout_sec: 'int',
  },
  pg_group: { groname: 'text', grosysid: 'int' },
  pg_database: { datname: 'text', datdba: 'int', encoding: 'int', datistemplate: 'bool', datallowconn: 'bool' },
} as const satisfies Record<string, Columns>;

export type RowView = keyof typeof rowViews;

/** What the views over Postgres's own catalog are joined with; not for clients, who can't say their names. */
export const helperViews = {
  /** Every schema that the session can see, in whichever database. `kind`: local, shared or external. */
  '~visible_schemas': {
    physical: 'text',
    database_name: 'text',
    schema_name: 'text',
    kind: 'text',
    current: 'bool',
    share_role: 'text',
  },
  '~principals': { role: 'text', acts_as: 'text', kind: 'text', name: 'text', id: 'int' },
  '~shared_schemas': {
    share_name: 'text',
    share_type: 'text',
    schema_name: 'text',
    physical: 'text',
    include_new: 'bool',
    role: 'text',
    producer_account: 'text',
    producer_namespace: 'text',
  },
} as const satisfies Record<string, Columns>;

export type HelperView = keyof typeof helperViews;

/** Rows by view, as the session that asks sees them. */
export type ViewRows = Readonly<Record<RowView | HelperView, readonly Readonly<Record<string, unknown>>[]>>;

const tableTypes = `CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'VIEW' ELSE %TABLE% END`;
const visibleTables = `
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN rsds."~visible_schemas" s ON s.physical = n.nspname
  LEFT JOIN rsds."~principals" p ON p.role = pg_catalog.pg_get_userbyid(c.relowner)
 WHERE c.relkind IN ('r', 'v', 'm', 'p')
   AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
   AND CASE s.kind WHEN 'local' THEN pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, REFERENCES')
       ELSE pg_catalog.has_table_privilege(s.share_role, c.oid, 'SELECT')
        AND pg_catalog.has_table_privilege(c.oid, 'SELECT') END`;

/** Keeps what lies in a schema of the session's own database, or in Postgres's catalog; nothing of a shared one (F-604). */
const inOwnSchema = (
  column: string,
) => `JOIN pg_catalog.pg_namespace n ON n.oid = ${column} AND (n.nspname IN ('pg_catalog', 'information_schema')
    OR n.nspname IN (SELECT physical FROM rsds."~visible_schemas" WHERE current AND kind <> 'shared'))`;
const owner = (column: string) => `LEFT JOIN rsds."~principals" p ON p.role = pg_catalog.pg_get_userbyid(${column})`;

const typeOf = (table: string) => tableTypes.replace('%TABLE%', table);
const columnsFrom = visibleTables.replace(
  'LEFT JOIN',
  'JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n  LEFT JOIN',
);
const dataType = 'pg_catalog.format_type(a.atttypid, NULL)';
const length = `CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN a.atttypmod - 4 END`;
const precision = `CASE WHEN a.atttypid = 1700 AND a.atttypmod > 4 THEN ((a.atttypmod - 4) >> 16) & 65535 END`;
const scale = `CASE WHEN a.atttypid = 1700 AND a.atttypmod > 4 THEN (a.atttypmod - 4) & 65535 END`;
const nullable = `CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END`;
const columnDetails = `a.attname::text AS column_name, a.attnum::int AS ordinal_position, NULL::text AS column_default,
  ${nullable} AS is_nullable, ${dataType} AS data_type, ${length} AS character_maximum_length,
  ${precision} AS numeric_precision, ${scale} AS numeric_scale, NULL::text AS remarks`;

/** Views over Postgres's catalog: name → query. */
export const joinedViews = {
  'rsds.svv_tables': `SELECT s.database_name AS table_catalog, s.schema_name AS table_schema, c.relname::text AS table_name,
    ${typeOf("CASE s.kind WHEN 'shared' THEN 'SHARED TABLE' ELSE 'BASE TABLE' END")} AS table_type, NULL::text AS remarks ${visibleTables} AND s.current`,
  'rsds.svv_all_tables': `SELECT s.database_name, s.schema_name, c.relname::text AS table_name, NULL::text AS table_acl,
    ${typeOf("CASE s.kind WHEN 'external' THEN 'EXTERNAL TABLE' ELSE 'TABLE' END")} AS table_type, NULL::text AS remarks ${visibleTables}`,
  'rsds.svv_redshift_tables': `SELECT s.database_name, s.schema_name, c.relname::text AS table_name,
    ${typeOf("'TABLE'")} AS table_type, NULL::text AS table_acl, NULL::text AS remarks, p.name AS table_owner ${visibleTables} AND s.kind <> 'external'`,
  'rsds.svv_all_columns': `SELECT s.database_name, s.schema_name, c.relname::text AS table_name, ${columnDetails} ${columnsFrom}`,
  'rsds.svv_redshift_columns': `SELECT s.database_name, s.schema_name, c.relname::text AS table_name, ${columnDetails} ${columnsFrom} AND s.kind <> 'external'`,
  'rsds.svv_columns': `SELECT s.database_name AS table_catalog, s.schema_name AS table_schema, c.relname::text AS table_name, ${columnDetails} ${columnsFrom} AND s.current`,
  'rsds.svv_datashare_objects': `SELECT o.share_type, o.share_name, 'schema' AS object_type, o.schema_name AS object_name,
    o.producer_account, o.producer_namespace, o.include_new FROM rsds."~shared_schemas" o
    UNION ALL SELECT o.share_type, o.share_name, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
    o.schema_name || '.' || c.relname, o.producer_account, o.producer_namespace, NULL::bool
    FROM rsds."~shared_schemas" o JOIN pg_catalog.pg_namespace n ON n.nspname = o.physical
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'm', 'p')
    WHERE pg_catalog.has_table_privilege(o.role, c.oid, 'SELECT')`,
  'rsds.pg_namespace': `SELECT n.oid, coalesce(s.schema_name, n.nspname::text)::name AS nspname, coalesce(p.id, 1) AS nspowner, NULL::text AS nspacl
    FROM pg_catalog.pg_namespace n LEFT JOIN rsds."~visible_schemas" s ON s.physical = n.nspname AND s.current
    LEFT JOIN rsds."~principals" p ON p.role = pg_catalog.pg_get_userbyid(n.nspowner)
    WHERE s.physical IS NOT NULL OR n.nspname IN ('pg_catalog', 'information_schema')`,
  // Nothing here has a comment; drivers look for one with every table and column.
  'rsds.pg_description': 'SELECT objoid, classoid, objsubid, description FROM pg_catalog.pg_description WHERE false',
  'rsds.pg_class': `SELECT c.oid, c.relname, c.relnamespace, c.reltype, coalesce(p.id, 1) AS relowner, c.relam, c.relpages, c.reltuples,
    c.relhasindex, c.relisshared, c.relpersistence, c.relkind, c.relnatts, c.relchecks, c.relhasrules, c.relhastriggers,
    c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, NULL::text AS relacl
    FROM pg_catalog.pg_class c ${inOwnSchema('c.relnamespace')} ${owner('c.relowner')}`,
  'rsds.pg_attribute': `SELECT a.attrelid, a.attname, a.atttypid, a.attlen, a.attnum, a.atttypmod, a.attnotnull, a.atthasdef,
    a.attisdropped, a.attidentity, a.attcollation
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid ${inOwnSchema('c.relnamespace')}`,
  'rsds.pg_attrdef': `SELECT d.oid, d.adrelid, d.adnum, d.adbin
    FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_class c ON c.oid = d.adrelid ${inOwnSchema('c.relnamespace')}`,
  'rsds.pg_proc': `SELECT f.oid, f.proname, f.pronamespace, coalesce(p.id, 1) AS proowner, f.prolang, f.prokind, f.pronargs,
    f.prorettype, f.proargtypes, f.prosrc FROM pg_catalog.pg_proc f ${inOwnSchema('f.pronamespace')} ${owner('f.proowner')}`,
  'rsds.pg_table_def': `SELECT s.schema_name::name AS schemaname, c.relname AS tablename, a.attname AS "column",
    pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, 'none'::text AS encoding, false AS distkey, 0 AS sortkey, a.attnotnull AS "notnull"
    ${columnsFrom} AND s.current AND s.kind <> 'shared' AND n.nspname = ANY (pg_catalog.current_schemas(false))`,
  'rsds.pg_tables': `SELECT s.schema_name::name AS schemaname, c.relname AS tablename, p.name::name AS tableowner ${visibleTables} AND s.current AND s.kind <> 'shared' AND c.relkind = 'r'`,
  'rsds.pg_views': `SELECT s.schema_name::name AS schemaname, c.relname AS viewname, p.name::name AS viewowner ${visibleTables} AND s.current AND s.kind <> 'shared' AND c.relkind = 'v'`,
  'rsds_information.tables': `SELECT table_catalog, table_schema, table_name, table_type FROM rsds.svv_tables`,
  'rsds_information.columns': `SELECT * FROM rsds.svv_columns`,
  'rsds_information.schemata': `SELECT database_name AS catalog_name, schema_name FROM rsds."~visible_schemas" WHERE current`,
} as const;

/** Names in `pg_catalog` and `information_schema` that stand for views of ours. */
export const shadowed: ReadonlySet<string> = new Set(
  [...Object.keys(rowViews), ...Object.keys(joinedViews)].map((name) => name.replace(/^\w+\./, '')),
);
