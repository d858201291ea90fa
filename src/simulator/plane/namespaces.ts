/** Namespaces in the catalog: made when somebody first connects, gone when the account has them no more. */
import { findNamespaceById, type NamespaceInfo } from '../services/redshift-serverless/lookup.ts';
import type { Place } from '../world.ts';
import {
  actingRole,
  type Catalog,
  type Database,
  type Namespace,
  type PrincipalKind,
  physicalName,
  principalKey,
  type Schema,
  type Share,
  type User,
} from './catalog.ts';
import type { Login } from './data-plane.ts';
import { SqlError } from './sql-error.ts';
import { abandoned, dropTemporary } from './temporary.ts';
import { quoteName } from './tokens.ts';

type Who = Pick<Login, 'namespaceId' | 'user' | 'make'>;

/** Whether the catalog has all that a login needs, and nothing that the account has no more. */
export function isReady(place: Place, catalog: Catalog, login: Who): boolean {
  const namespace = catalog.namespaces[login.namespaceId];
  const gone = abandoned(place, catalog).length + deleted(place, catalog).length;
  return namespace !== undefined && !isStranger(namespace, login) && gone === 0;
}

const isStranger = ({ users }: Namespace, { user, make }: Who) => make === true && !users[principalKey('user', user)];

/**
 * Brings the catalog up to the account: takes away what was deleted, makes the namespace of a login with its database
 * and administrator, and the user where the login says so. Throws FATAL `SqlError` for a namespace that is not there.
 */
export function makeReady(place: Place, catalog: Catalog, login: Who): void {
  const left = abandoned(place, catalog);
  if (left.length > 0) later(catalog, dropTemporary(catalog, left).join('; '));
  for (const gone of deleted(place, catalog)) forget(catalog, gone);
  const info = findNamespaceById(place, login.namespaceId);
  if (!info) throw new SqlError('3D000', `namespace ${login.namespaceId} does not exist`, { severity: 'FATAL' });
  const namespace = catalog.namespaces[info.namespaceId] ?? addNamespace(place, catalog, info);
  if (isStranger(namespace, login)) addPrincipal(catalog, namespace, login.user, 'user');
}

/** Namespaces of this region that the account has no more. */
const deleted = (place: Place, { namespaces }: Catalog) =>
  Object.values(namespaces).filter(({ id, region }) => region === place.region && !findNamespaceById(place, id));

function addNamespace(place: Place, catalog: Catalog, info: NamespaceInfo): Namespace {
  const namespace: Namespace = {
    id: info.namespaceId,
    region: place.region,
    role: physicalName(catalog, 'n'),
    publicRole: physicalName(catalog, 'p'),
    databases: {},
    users: {},
    shares: {},
  };
  catalog.namespaces[namespace.id] = namespace;
  const [owner, everybody] = [quoteName(namespace.role), quoteName(namespace.publicRole)];
  later(catalog, `CREATE ROLE ${everybody}; CREATE ROLE ${owner}; GRANT ${everybody} TO ${owner}`);
  const admin = info.adminUsername.toLowerCase();
  Object.assign(addPrincipal(catalog, namespace, admin, 'user'), { superuser: true, createdb: true });
  addDatabase(catalog, namespace, info.dbName.toLowerCase(), admin);
  return namespace;
}

/** Keeps a statement for when Postgres is next in use. */
export const later = (catalog: Catalog, sql: string) => catalog.journal.push({ as: '', sql });

function forget(catalog: Catalog, namespace: Namespace): void {
  delete catalog.namespaces[namespace.id];
  const databases = Object.values(namespace.databases);
  const roles = new Set([
    ...Object.values(namespace.users).map(({ role }) => role),
    ...Object.values(namespace.shares).map(({ role }) => role),
    ...databases.flatMap(({ shared }) => shared?.role ?? []),
    namespace.role,
    namespace.publicRole,
  ]);
  const temporary = Object.entries(catalog.temporary ?? {}).filter(([, one]) => one.namespaceId === namespace.id);
  const drops = dropTemporary(
    catalog,
    temporary.map(([physical]) => physical),
  );
  later(catalog, [...drops, ...databases.flatMap(dropSchemas), ...[...roles].map(dropRole)].join('; '));
}

export const dropSchemas = (database: Database) =>
  Object.values(database.schemas).flatMap(({ physical }) =>
    physical === undefined ? [] : [`DROP SCHEMA ${quoteName(physical)} CASCADE`],
  );

export const dropRole = (role: string) => `DROP OWNED BY ${quoteName(role)} CASCADE; DROP ROLE ${quoteName(role)}`;

/** A local database with its schema `public`, in which everybody may create (F-405). */
export function addDatabase(catalog: Catalog, namespace: Namespace, name: string, owner: string): Database {
  const database: Database = { name, owner, schemas: {}, usage: [], create: [] };
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
  const schema: Schema = { name, owner, physical, usage: [] };
  database.schemas[name] = schema;
  const role = actingRole(namespace, namespace.users[principalKey('user', owner)]);
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

/**
 * Makes an ordinary user, group or role; the statement that makes its Postgres role is kept for later. The namespace's
 * own role is a member of it: superusers may do with a user's tables what the user may.
 */
export function addPrincipal(catalog: Catalog, namespace: Namespace, name: string, kind: PrincipalKind): User {
  const role = physicalName(catalog, 'u');
  const id = 100 + Object.keys(namespace.users).length;
  const user: User = { name, kind, role, id, superuser: false, createdb: false, memberOf: [], settings: {} };
  namespace.users[principalKey(kind, name)] = user;
  const quoted = quoteName(role);
  const everybody = kind === 'user' ? `; GRANT ${quoteName(namespace.publicRole)} TO ${quoted}` : '';
  const toCome = Object.values(namespace.shares).flatMap((share) => tablesToCome(namespace, share, role, 'grant'));
  later(
    catalog,
    [`CREATE ROLE ${quoted}; GRANT ${quoted} TO ${quoteName(namespace.role)}${everybody}`, ...toCome].join('; '),
  );
  return user;
}

/**
 * F-419: what somebody makes in a schema with INCLUDENEW is in the share at once. Postgres keeps that by the role that
 * makes it.
 */
export function tablesToCome(namespace: Namespace, share: Share, maker: string, verb: 'grant' | 'revoke'): string[] {
  const included = Object.entries(share.schemas).filter(([, { includeNew }]) => includeNew);
  return included.flatMap(([name]) => {
    const physical = namespace.databases[share.database]?.schemas[name]?.physical;
    return physical === undefined ? [] : [defaultPrivilege(share.role, physical, maker, verb)];
  });
}

/** Lets `reader` read what `maker` will make in a schema, or takes that back. */
export function defaultPrivilege(reader: string, schema: string, maker: string, verb: 'grant' | 'revoke'): string {
  const towards = verb === 'grant' ? 'TO' : 'FROM';
  const what = `${verb.toUpperCase()} SELECT ON TABLES ${towards} ${quoteName(reader)}`;
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteName(maker)} IN SCHEMA ${quoteName(schema)} ${what}`;
}
