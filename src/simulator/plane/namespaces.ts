/** Namespaces in the catalog: made when somebody first connects, gone when the account has them no more. */
import { findNamespaceById } from '../services/redshift-serverless/lookup.ts';
import type { Place } from '../world.ts';
import {
  type Catalog,
  type Database,
  type Namespace,
  type PrincipalKind,
  physicalName,
  principalKey,
  type Schema,
  type User,
} from './catalog.ts';
import { SqlError } from './sql-error.ts';
import { quoteName } from './tokens.ts';

/** The namespace as the catalog has it; made with its database and administrator when it is new. */
export function namespaceFor(place: Place, catalog: Catalog, id: string): Namespace {
  forgetDeleted(place, catalog);
  const known = catalog.namespaces[id];
  if (known) return known;
  const info = findNamespaceById(place, id);
  if (!info) throw new SqlError('3D000', `namespace ${id} does not exist`, { severity: 'FATAL' });
  const namespace: Namespace = {
    id,
    region: place.region,
    role: physicalName(catalog, 'n'),
    publicRole: physicalName(catalog, 'p'),
    databases: {},
    users: {},
    shares: {},
  };
  catalog.namespaces[id] = namespace;
  const [owner, everybody] = [quoteName(namespace.role), quoteName(namespace.publicRole)];
  later(catalog, `CREATE ROLE ${everybody}; CREATE ROLE ${owner}; GRANT ${everybody} TO ${owner}`);
  const admin = info.adminUsername.toLowerCase();
  namespace.users[principalKey('user', admin)] = userFor(namespace, admin, { superuser: true });
  addDatabase(catalog, namespace, info.dbName.toLowerCase(), admin);
  return namespace;
}

/** Keeps a statement for when Postgres is next in use. */
export const later = (catalog: Catalog, sql: string) => catalog.journal.push({ as: '', sql });

function forgetDeleted(place: Place, catalog: Catalog): void {
  for (const namespace of Object.values(catalog.namespaces)) {
    if (namespace.region !== place.region || findNamespaceById(place, namespace.id)) continue;
    delete catalog.namespaces[namespace.id];
    const schemas = Object.values(namespace.databases).flatMap((database) => dropSchemas(database));
    const roles = new Set([
      ...Object.values(namespace.users).map(({ role }) => role),
      ...Object.values(namespace.shares).map(({ role }) => role),
      ...Object.values(namespace.databases).flatMap(({ shared }) => shared?.role ?? []),
      namespace.role,
      namespace.publicRole,
    ]);
    later(catalog, [...schemas, ...[...roles].map(dropRole)].join('; '));
  }
}

export const dropSchemas = (database: Database) =>
  Object.values(database.schemas).flatMap(({ physical }) =>
    physical === undefined ? [] : [`DROP SCHEMA ${quoteName(physical)} CASCADE`],
  );

export const dropRole = (role: string) => `DROP OWNED BY ${quoteName(role)} CASCADE; DROP ROLE ${quoteName(role)}`;

/** A local database with its schema `public`, in which everybody may create (F-405). */
export function addDatabase(catalog: Catalog, namespace: Namespace, name: string, owner: string): Database {
  const database: Database = { name, owner, schemas: {}, usage: [] };
  namespace.databases[name] = database;
  const schema = addSchema(catalog, namespace, database, 'public', owner);
  later(catalog, `GRANT CREATE ON SCHEMA ${quoteName(schema.physical ?? '')} TO ${quoteName(namespace.publicRole)}`);
  return database;
}

/** A schema of that owner; the statement that makes it is kept for later. */
export function addSchema(
  catalog: Catalog,
  namespace: Namespace,
  database: Database,
  name: string,
  owner: string,
): Schema {
  const physical = physicalName(catalog, 's');
  const schema: Schema = { name, owner, physical };
  database.schemas[name] = schema;
  const role = namespace.users[principalKey('user', owner)]?.role ?? namespace.role;
  later(catalog, createSchema(physical, role, namespace, name));
  return schema;
}

/** PUBLIC may use a database's `public`; the administrators may use everything. */
function createSchema(physical: string, role: string, namespace: Namespace, name: string): string {
  const schema = quoteName(physical);
  const admins = role === namespace.role ? '' : `; GRANT ALL ON SCHEMA ${schema} TO ${quoteName(namespace.role)}`;
  const everybody = name === 'public' ? `; GRANT USAGE ON SCHEMA ${schema} TO ${quoteName(namespace.publicRole)}` : '';
  return `CREATE SCHEMA ${schema} AUTHORIZATION ${quoteName(role)}${admins}${everybody}`;
}

/** A principal; a superuser acts as the namespace's own role. */
export function userFor(
  namespace: Namespace,
  name: string,
  options: { superuser?: boolean; kind?: PrincipalKind; role?: string; createdb?: boolean },
): User {
  const { superuser = false, kind = 'user', createdb = superuser } = options;
  const id = 100 + Object.keys(namespace.users).length;
  return { name, kind, role: superuser ? namespace.role : (options.role ?? ''), id, superuser, createdb };
}

/** Makes an ordinary user, group or role; the statement that makes its role is kept for later. */
export function addPrincipal(catalog: Catalog, namespace: Namespace, name: string, kind: PrincipalKind): User {
  const role = physicalName(catalog, 'u');
  const user = userFor(namespace, name, { kind, role });
  namespace.users[principalKey(kind, name)] = user;
  const everybody = kind === 'user' ? `; GRANT ${quoteName(namespace.publicRole)} TO ${quoteName(role)}` : '';
  later(catalog, `CREATE ROLE ${quoteName(role)}${everybody}`);
  return user;
}
