/**
 * What the embedded Postgres holds before any warehouse: the catalog views and the functions that only Redshift has, and
 * the locks on what would show or reach beyond a session's own namespace. Names that begin with `~` are not for clients.
 */
import { type Columns, helperViews, joinedViews, rowViews } from './views.ts';

const columns = (view: Columns) =>
  Object.entries(view)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ');

const rowView = ([name, view]: readonly [string, Columns]) =>
  `CREATE VIEW rsds."${name}" AS SELECT * FROM pg_catalog.jsonb_to_recordset(rsds."~rows"('${name}')) AS x(${columns(view)});`;

const joinedView = ([name, query]: readonly [string, string]) => `CREATE VIEW ${name} AS ${query};`;

/** A date part as text, as Redshift's functions name it, with its abbreviations (F-431). */
const partName = `CASE lower($1) WHEN 'd' THEN 'day' WHEN 'days' THEN 'day' WHEN 'w' THEN 'week' WHEN 'weeks' THEN 'week'
  WHEN 'mon' THEN 'month' WHEN 'mons' THEN 'month' WHEN 'months' THEN 'month' WHEN 'y' THEN 'year' WHEN 'yr' THEN 'year' WHEN 'years' THEN 'year'
  WHEN 'h' THEN 'hour' WHEN 'hr' THEN 'hour' WHEN 'hours' THEN 'hour' WHEN 'm' THEN 'minute' WHEN 'min' THEN 'minute' WHEN 'minutes' THEN 'minute'
  WHEN 's' THEN 'second' WHEN 'sec' THEN 'second' WHEN 'seconds' THEN 'second' WHEN 'qtr' THEN 'quarter' WHEN 'quarters' THEN 'quarter'
  ELSE lower($1) END`;

const redshiftVersion =
  'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.80000';

const sqlFunction = (signature: string, returns: string, body: string, kind = 'STABLE') =>
  `CREATE FUNCTION rsds.${signature} RETURNS ${returns} LANGUAGE sql ${kind} AS $rsds$ SELECT ${body} $rsds$;`;

const functions = [
  sqlFunction('"~setting"(text)', 'text', "nullif(pg_catalog.current_setting('rsds.session', true), '')::jsonb ->> $1"),
  sqlFunction(
    '"~rows"(text)',
    'jsonb',
    "coalesce(nullif(pg_catalog.current_setting('rsds.rows', true), '')::jsonb -> $1, '[]'::jsonb)",
  ),
  sqlFunction('"current_schema"()', 'text', `nullif(split_part(rsds."~setting"('path'), ',', 1), '')`),
  sqlFunction('current_schemas(bool)', 'text[]', `string_to_array(nullif(rsds."~setting"('path'), ''), ',')`),
  sqlFunction('"current_namespace"()', 'text', `rsds."~setting"('namespace')`),
  sqlFunction('"current_user"()', 'text', `rsds."~setting"('user')`),
  sqlFunction('"session_user"()', 'text', `rsds."~setting"('user')`),
  sqlFunction('"user"()', 'text', `rsds."~setting"('user')`),
  sqlFunction('current_database()', 'text', `rsds."~setting"('database')`),
  sqlFunction('version()', 'text', `'${redshiftVersion}'::text`, 'IMMUTABLE'),
  sqlFunction('getdate()', 'timestamp', "date_trunc('second', rsds.sysdate())"),
  sqlFunction('"current_date"()', 'date', 'rsds.sysdate()::date'),
  sqlFunction('now()', 'timestamptz', "rsds.sysdate() AT TIME ZONE 'UTC'"),
  sqlFunction('convert_timezone(text, timestamp)', 'timestamp', "$2 AT TIME ZONE 'UTC' AT TIME ZONE $1"),
  sqlFunction('convert_timezone(text, text, timestamp)', 'timestamp', '$3 AT TIME ZONE $1 AT TIME ZONE $2'),
  sqlFunction(
    'dateadd(text, bigint, timestamp)',
    'timestamp',
    `$3 + ($2 * CASE ${partName} WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || ${partName})::interval END)`,
    'IMMUTABLE',
  ),
  sqlFunction('date_trunc(text, date)', 'timestamp', 'pg_catalog.date_trunc($1, $2::timestamp)', 'IMMUTABLE'),
  sqlFunction(
    'last_day(timestamp)',
    'date',
    "(pg_catalog.date_trunc('month', $1) + interval '1 month - 1 day')::date",
    'IMMUTABLE',
  ),
  sqlFunction(
    'months_between(timestamp, timestamp)',
    'double precision',
    `(extract(year from $1) - extract(year from $2)) * 12 + extract(month from $1) - extract(month from $2)
      + CASE WHEN $1::date = rsds.last_day($1) AND $2::date = rsds.last_day($2) THEN 0
        ELSE (extract(day from $1) - extract(day from $2)) / 31.0 END`,
    'IMMUTABLE',
  ),
  sqlFunction('trunc(timestamp)', 'date', '$1::date', 'IMMUTABLE'),
  sqlFunction('charindex(text, text)', 'int', 'pg_catalog.strpos($2, $1)', 'IMMUTABLE'),
  sqlFunction(
    'json_extract_path_text(text, VARIADIC text[])',
    'text',
    'pg_catalog.json_extract_path_text($1::json, VARIADIC $2)',
    'IMMUTABLE',
  ),
  sqlFunction(
    'sha2(text, int)',
    'text',
    "encode(CASE $2 WHEN 224 THEN sha224($1::bytea) WHEN 384 THEN sha384($1::bytea) WHEN 512 THEN sha512($1::bytea) ELSE sha256($1::bytea) END, 'hex')",
    'IMMUTABLE',
  ),
  sqlFunction(
    'nvl2(anyelement, anycompatible, anycompatible)',
    'anycompatible',
    'CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END',
    'IMMUTABLE',
  ),
  sqlFunction('isnull(anycompatible, anycompatible)', 'anycompatible', 'coalesce($1, $2)', 'IMMUTABLE'),
  sqlFunction('pg_backend_pid()', 'int', `rsds."~setting"('pid')::int`),
];

/** Counts the boundaries between two times, as Redshift does: from 23:59 to 00:01 is one day. */
const datediff = `CREATE FUNCTION rsds.datediff(text, timestamp, timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $rsds$
  SELECT CASE ${partName}
    WHEN 'year' THEN extract(year from $3) - extract(year from $2)
    WHEN 'quarter' THEN (extract(year from $3) - extract(year from $2)) * 4 + extract(quarter from $3) - extract(quarter from $2)
    WHEN 'month' THEN (extract(year from $3) - extract(year from $2)) * 12 + extract(month from $3) - extract(month from $2)
    ELSE extract(epoch from pg_catalog.date_trunc(${partName}, $3) - pg_catalog.date_trunc(${partName}, $2))
      / extract(epoch from ('1 ' || ${partName})::interval)
  END::bigint $rsds$;`;

/** World time: the simulated account has its own (W3 of world.ts). */
const sysdate = `CREATE FUNCTION rsds.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS $rsds$
  SELECT coalesce(rsds."~setting"('now')::timestamp, pg_catalog.now()::timestamp) $rsds$;`;

const privileges = ['has_schema_privilege', 'has_table_privilege'].flatMap((name) => {
  const object = name === 'has_schema_privilege' ? 'rsds."~schema"($2)' : 'rsds."~table"($2)';
  const own = object.replace('$2', '$1');
  const role = `coalesce((SELECT p.acts_as FROM rsds."~principals" p WHERE p.kind = 'user' AND p.name = lower($1)), $1)`;
  return [
    sqlFunction(`${name}(text, text, text)`, 'bool', `pg_catalog.${name}(${role}, ${object}, $3)`),
    sqlFunction(`${name}(text, text)`, 'bool', `pg_catalog.${name}(${own}, $2)`),
  ];
});

const lookups = [
  sqlFunction(
    '"~schema"(text)',
    'text',
    'coalesce((SELECT s.physical FROM rsds."~visible_schemas" s WHERE s.current AND s.schema_name = lower($1)), $1)',
  ),
  sqlFunction(
    '"~table"(text)',
    'text',
    `CASE WHEN strpos($1, '.') = 0 THEN $1 ELSE '"' || rsds."~schema"(split_part($1, '.', 1)) || '".' || split_part($1, '.', 2) END`,
  ),
  sqlFunction(
    'has_database_privilege(text, text, text)',
    'bool',
    `EXISTS (SELECT 1 FROM rsds.svv_database_privileges d WHERE d.database_name = lower($2) AND d.identity_name IN (lower($1), 'public') AND d.privilege_type = upper($3))
     OR EXISTS (SELECT 1 FROM rsds.svv_user_info u WHERE u.user_name = lower($1) AND u.superuser)`,
  ),
];

/** Postgres's own catalog names the objects of all namespaces; types and their like are everybody's. */
const closedCatalog = `
REVOKE SELECT ON ALL TABLES IN SCHEMA pg_catalog, information_schema FROM PUBLIC;
GRANT SELECT ON pg_type, pg_am, pg_collation, pg_language, pg_operator, pg_cast, pg_timezone_names, pg_timezone_abbrevs TO PUBLIC;`;

/**
 * Functions that would leave the session's role, keep the one engine from others, change what no journal knows, or show
 * other namespaces' objects.
 */
const closedFunctions = `
DO $rsds$ DECLARE one text; BEGIN
  FOR one IN SELECT oid::regprocedure::text FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND proname ~ '^(set_config|pg_sleep.*|pg_notify|lo_.*|.*_to_xml.*|pg_get_(function|view|rule|trigger)def|pg_advisory.*|pg_(terminate|cancel)_backend)$'
  LOOP EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || one || ' FROM PUBLIC'; END LOOP;
END $rsds$;`;

/** One text of SQL, for a Postgres fresh from initdb. Its text is part of the base image's fingerprint. */
export const baseSchema = [
  // Functions may name what comes after them.
  'SET check_function_bodies = off;',
  'DROP SCHEMA public CASCADE;',
  'CREATE SCHEMA rsds; CREATE SCHEMA rsds_information;',
  sysdate,
  ...functions,
  datediff,
  ...Object.entries(helperViews).map(rowView),
  ...Object.entries(rowViews).map(rowView),
  ...Object.entries(joinedViews).map(joinedView),
  ...lookups,
  ...privileges,
  closedCatalog,
  closedFunctions,
  'GRANT USAGE ON SCHEMA rsds, rsds_information TO PUBLIC;',
  'GRANT SELECT ON ALL TABLES IN SCHEMA rsds, rsds_information TO PUBLIC;',
].join('\n');
