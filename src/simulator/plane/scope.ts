/** What a session sees: its user's role, its search path, and which physical schema stands behind a name. */
import type { Place } from '../world.ts';
import {
  actingRole,
  type Catalog,
  type Database,
  databaseOf,
  memberships,
  type Namespace,
  principalKey,
  sourceOf,
  type User,
} from './catalog.ts';
import type { Session } from './data-plane.ts';
import type { NameScope } from './names.ts';
import { SqlError } from './sql-error.ts';
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
  return { place, catalog, session, namespace, database: databaseOf(namespace, session.database), user };
}

/** The statement that puts Postgres into the session's shoes. `rows` is what the catalog views shall show, as JSON. */
export function becoming({ place, session, namespace, user, ...scope }: Scope, rows = ''): string {
  const path = [...searchPath({ place, session, namespace, user, ...scope }), 'rsds', 'pg_catalog']
    .map(quoteName)
    .join(', ');
  const settings: Readonly<Record<string, string>> = {
    namespace: namespace.id,
    user: user.name,
    database: session.database,
    now: new Date(place.now).toISOString().replace('T', ' ').replace('Z', ''),
    rows,
  };
  const sets = Object.entries(settings).map(([name, value]) => `SET rsds.${quoteName(name)} = ${quoteString(value)}`);
  return [
    `RESET ROLE`,
    `SET search_path = ${path}`,
    ...sets,
    `SET ROLE ${quoteName(actingRole(namespace, user))}`,
  ].join('; ');
}

function searchPath(scope: Scope): string[] {
  const wanted = (scope.session.settings.get('search_path') ?? '"$user", public').split(',');
  const names = wanted.map((name) =>
    name
      .trim()
      .replace(/^["']|["']$/g, '')
      .toLowerCase(),
  );
  const physical = names
    .map((name) => (name === '$user' ? scope.user.name : name))
    .map((name) => physicalSchema(scope, scope.database, name));
  return physical.filter((name): name is string => name !== undefined);
}

/** The resolver of names for one session. `sharedTables` collects the names of tables that belong to a producer. */
export function namesIn(scope: Scope, sharedTables: Set<string>): NameScope {
  const own = Object.values(scope.namespace.databases).flatMap(({ schemas }) => Object.values(schemas));
  const mine = new Set(own.map(({ physical }) => physical));
  return {
    relation: (physical, table) => {
      if (physical === 'pg_catalog') return shadowed.has(table) ? 'rsds' : physical;
      if (physical.startsWith('~') && !mine.has(physical)) sharedTables.add(table);
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

function here(scope: Scope, name: string, write: boolean): string | undefined {
  if (name === 'information_schema') return 'rsds_information';
  if (name === 'pg_catalog') return name;
  const { database } = scope;
  if (write && database.schemas[name]?.external)
    throw new SqlError('0A000', `objects of schema "${name}" can only be read`);
  const { external } = database.schemas[name] ?? {};
  if (!external) return physicalSchema(scope, database, name);
  const behind = databaseOf(scope.namespace, external.database);
  mayUse(scope, behind);
  return physicalSchema(scope, behind, external.schema);
}

/** The physical schema of that name in a database of the session's namespace; of the producer's for a shared one. */
export function physicalSchema({ catalog, namespace }: Scope, database: Database, name: string): string | undefined {
  if (!database.shared) return database.schemas[name]?.physical;
  const source = sourceOf(catalog, namespace, database.shared);
  return source?.share.schemas[name] ? source.database.schemas[name]?.physical : undefined;
}

/** F-423: a shared database can be read while the share is granted, by superusers and whoever was granted USAGE. */
export function mayUse({ catalog, namespace, user }: Scope, database: Database): void {
  if (!database.shared) return;
  if (!sourceOf(catalog, namespace, database.shared)) {
    throw new SqlError(
      '42501',
      `permission denied: datashare "${database.shared.share}" is not available to this namespace`,
    );
  }
  if (hasUsage(namespace, user, database)) return;
  throw new SqlError('42501', `permission denied for database ${database.name}`);
}

export function hasUsage(namespace: Namespace, user: User, { usage }: Database): boolean {
  if (user.superuser || usage.includes('public:')) return true;
  const keys = memberships(namespace, user);
  return usage.some((key) => keys.has(key));
}
