/** What a session sees: its user's role, its search path, and which physical schema stands behind a name. */
import type { Place } from '../world.ts';
import {
  actingRole,
  type Catalog,
  type Database,
  databaseOf,
  isAmong,
  type Namespace,
  principalKey,
  type Schema,
  sourceOf,
  type User,
} from './catalog.ts';
import type { Session } from './data-plane.ts';
import type { NameScope } from './names.ts';
import { SqlError } from './sql-error.ts';
import { madeTemporarySchema, temporarySchema } from './temporary.ts';
import { quoteName, quoteString } from './tokens.ts';
import { shadowed } from './views.ts';

export interface Scope {
  readonly place: Place;
  readonly catalog: Catalog;
  readonly session: Session;
  readonly namespace: Namespace;
  readonly database: Database;
  readonly user: User;
}

/** Throws FATAL when database or user have gone since the session was opened. */
export function scopeOf(place: Place, catalog: Catalog, session: Session): Scope {
  const namespace = catalog.namespaces[session.namespaceId];
  const user = namespace?.users[principalKey('user', session.user)];
  if (!namespace || !user) throw new SqlError('28000', `user "${session.user}" does not exist`, { severity: 'FATAL' });
  const database = namespace.databases[session.database];
  if (!database) throw new SqlError('3D000', `database "${session.database}" does not exist`, { severity: 'FATAL' });
  return { place, catalog, session, namespace, database, user };
}

interface Shoes {
  readonly rows: string;
  readonly seed?: number | undefined;
  /** Postgres puts a function into the first schema of the path, which can't be that of temporary tables then. */
  readonly makesRoutine?: boolean;
}

/**
 * The one statement that puts Postgres into the session's shoes until the end of the transaction. `rows` is what the
 * catalog views shall show, as JSON; `seed`, in [0, 1), is where RANDOM() begins.
 */
export function becoming(scope: Scope, { rows, seed, makesRoutine = false }: Shoes): string {
  const { place, session, namespace, user } = scope;
  const schemas = searchPath(scope);
  const temporary = temporarySchema(scope.catalog, session) ?? [];
  const physicals = schemas.map(({ physical }) => physical);
  const path = makesRoutine ? [physicals, temporary] : [temporary, physicals];
  const shoes = {
    namespace: namespace.id,
    user: user.name,
    database: session.database,
    now: new Date(place.now).toISOString().replace('T', ' ').replace('Z', ''),
    path: schemas.map(({ name }) => name).join(','),
    pid: session.pid ?? 1_073_741_824,
  };
  const settings = [
    ['search_path', [...path.flat(), 'rsds', 'pg_catalog'].map(quoteName).join(', ')],
    ['rsds.session', JSON.stringify(shoes)],
    ['rsds.rows', rows],
    ...digitsOf(session),
    // The role comes last: clients may not call set_config.
    ['role', actingRole(namespace, user)],
  ].map(([name = '', value = '']) => `pg_catalog.set_config('${name}', ${quoteString(value)}, true)`);
  const chance = seed === undefined ? [] : [`pg_catalog.setseed(${seed})`];
  return `SELECT ${[...chance, ...settings].join(', ')}`;
}

/** How many digits a number with a fraction is shown with: what drivers set first of all. */
function digitsOf({ settings }: Session): [string, string][] {
  const digits = settings.get('extra_float_digits');
  return digits !== undefined && /^(-\d|-1[0-5]|[0-3])$/.test(digits) ? [['extra_float_digits', digits]] : [];
}

/** The schemas of the search path that are there. */
function searchPath(scope: Scope): { name: string; physical: string }[] {
  const wanted = (
    scope.session.settings.get('search_path') ??
    scope.user.settings.search_path ??
    '"$user", public'
  ).split(',');
  const names = wanted.map((name) =>
    name
      .trim()
      .replace(/^["']|["']$/g, '')
      .toLowerCase(),
  );
  return names
    .map((name) => (name === '$user' ? scope.user.name : name))
    .flatMap((name) => {
      const physical = schemaInPath(scope, name);
      return physical === undefined ? [] : [{ name, physical }];
    });
}

/** What can't be used is left out: an external schema may stand in a search path, a shared database may not (F-434). */
function schemaInPath(scope: Scope, name: string): string | undefined {
  const schema = scope.database.schemas[name];
  if (!schema?.external) return physicalSchema(scope, scope.database, name);
  const behind = scope.namespace.databases[schema.external.database];
  return behind && mayUseExternal(scope, schema) ? physicalSchema(scope, behind, schema.external.schema) : undefined;
}

/**
 * The resolver of names for one session. `sharedTables` collects the names of tables that belong to a producer;
 * `ownOnly`: what is defined can't rest on them (F-435).
 */
export function namesIn(scope: Scope, sharedTables: Set<string>, { ownOnly = false } = {}): NameScope {
  const own = Object.values(scope.namespace.databases).flatMap(({ schemas }) => Object.values(schemas));
  const temporary = temporarySchema(scope.catalog, scope.session);
  const mine = new Set([...own.map(({ physical }) => physical), temporary]);
  return {
    ...(temporary === undefined ? {} : { made: searchPath(scope)[0]?.physical }),
    relation: (physical, table) => {
      if (physical === 'pg_catalog') return shadowed.has(table) ? 'rsds' : physical;
      if (!physical.startsWith('~') || mine.has(physical)) return physical;
      if (ownOnly) throw new SqlError('0A000', 'a view of shared tables must be created WITH NO SCHEMA BINDING');
      sharedTables.add(table);
      return physical;
    },
    schema: (name, databaseName, write) => {
      if (databaseName === undefined) return here(scope, name, write);
      const database = scope.namespace.databases[databaseName];
      if (!database) throw new SqlError('3D000', `database "${databaseName}" does not exist`);
      // F-429
      if (write && database !== scope.database)
        throw new SqlError('0A000', `objects of database "${databaseName}" can only be read from here`);
      mayUse(scope, database);
      return physicalSchema(scope, database, name);
    },
  };
}

/** The resolver for the body of a routine. Gap: what it makes, it makes where its definition would. */
export const routineNamesIn = (scope: Scope, names: NameScope): NameScope => ({
  ...names,
  made: searchPath(scope)[0]?.physical,
  inRoutine: true,
});

/** The resolver for a statement that makes a temporary table. */
export const temporaryNamesIn = (scope: Scope, sharedTables: Set<string>): NameScope => {
  const made = madeTemporarySchema(scope);
  return { ...namesIn(scope, sharedTables), made };
};

function here(scope: Scope, name: string, write: boolean): string | undefined {
  if (name === 'pg_temp') return temporarySchema(scope.catalog, scope.session);
  if (name === 'information_schema') return 'rsds_information';
  if (name === 'pg_catalog') return name;
  if (name === 'rsds' || name === 'rsds_information') throw new SqlError('3F000', `schema "${name}" does not exist`);
  const schema = scope.database.schemas[name];
  if (!schema?.external) return physicalSchema(scope, scope.database, name);
  if (write) throw new SqlError('0A000', `objects of schema "${name}" can only be read`);
  const behind = databaseOf(scope.namespace, schema.external.database);
  mustStand(scope, behind);
  if (!mayUseExternal(scope, schema)) throw new SqlError('42501', `permission denied for schema ${name}`);
  return physicalSchema(scope, behind, schema.external.schema);
}

/** The physical schema of that name in a database of the session's namespace; of the producer's for a shared one. */
export function physicalSchema({ catalog, namespace }: Scope, database: Database, name: string): string | undefined {
  if (!database.shared) return database.schemas[name]?.physical;
  const source = sourceOf(catalog, namespace, database.shared);
  return source?.share.schemas[name] ? source.database.schemas[name]?.physical : undefined;
}

/** F-423: a shared database can be read while the share is granted, by superusers and whoever was granted USAGE. */
export function mayUse(scope: Scope, database: Database): void {
  mustStand(scope, database);
  if (database.shared && !hasUsage(scope, database))
    throw new SqlError('42501', `permission denied for database ${database.name}`);
}

function mustStand({ catalog, namespace }: Scope, { shared }: Database): void {
  if (shared && !sourceOf(catalog, namespace, shared)) {
    throw new SqlError('42501', `permission denied: datashare "${shared.share}" is not available to this namespace`);
  }
}

export const hasUsage = ({ namespace, user }: Scope, { usage }: Database) =>
  user.superuser || isAmong(namespace, user, usage);

/** F-434: USAGE on an external schema is needed, and enough. */
export const mayUseExternal = ({ namespace, user }: Scope, { owner, usage }: Schema) =>
  user.superuser || owner === user.name || isAmong(namespace, user, usage);
