/** CREATE, ALTER and DROP DATABASE, from nothing or from a datashare. */
import { type Database, databaseOf, physicalName, userOf } from '../catalog.ts';
import { addDatabase, dropSchemas } from '../namespaces.ts';
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { quoteName } from '../tokens.ts';
import {
  alreadyExists,
  type Effect,
  notInTransaction,
  type StatementContext,
  type StatementKind,
} from './statement.ts';

export const databases: StatementKind = (reader, scope, context) => {
  if (reader.take('create', 'database')) return create(reader, scope, context);
  if (reader.take('drop', 'database')) return drop(reader, scope, context);
  if (reader.take('alter', 'database')) return alter(reader, scope);
  return undefined;
};

function mayCreate({ user }: Scope): void {
  if (!user.superuser && !user.createdb) throw new SqlError('42501', 'permission denied to create database');
}

function create(reader: Reader, scope: Scope, context: StatementContext): Effect {
  notInTransaction(context, 'CREATE DATABASE');
  mayCreate(scope);
  const { catalog, namespace, user } = scope;
  const name = reader.name();
  if (namespace.databases[name]) throw alreadyExists('database', name, '42P04');
  const withPermissions = reader.take('with', 'permissions');
  if (reader.take('from', 'datashare')) return createShared(reader, scope, { name, withPermissions });
  while (!reader.ended) reader.value();
  addDatabase(catalog, namespace, name, user.name);
  return { tag: 'CREATE DATABASE' };
}

/** F-422: the grant must be there and seen; one database per share and consumer. */
function createShared(
  reader: Reader,
  scope: Scope,
  { name, withPermissions }: { name: string; withPermissions: boolean },
): Effect {
  const { catalog, namespace, place, user } = scope;
  const share = reader.name();
  reader.expect('of');
  if (reader.take('account')) reader.string();
  reader.expect('namespace');
  const producerId = reader.string().toLowerCase();
  reader.end();
  const producer = catalog.namespaces[producerId];
  const found = producer?.shares[share];
  const grant = found?.consumers.find(({ identifier }) => identifier === namespace.id);
  if (!producer || !found || !grant || grant.visibleAt > place.now) {
    throw new SqlError(
      '42704',
      `datashare "${share}" of namespace "${producerId}" does not exist or is not granted to this namespace`,
    );
  }
  const other = Object.values(namespace.databases).find(
    ({ shared }) => shared?.share === share && shared.producer === producerId,
  );
  if (other) throw new SqlError('42710', `database "${other.name}" already exists for datashare "${share}"`);
  const role = physicalName(catalog, 'd');
  namespace.databases[name] = {
    name,
    owner: user.name,
    schemas: {},
    usage: [],
    create: [],
    shared: { share, producer: producerId, withPermissions, role },
  };
  const [all, mine, theirs] = [namespace.role, role, found.role].map(quoteName);
  return {
    tag: 'CREATE DATABASE',
    sql: [`CREATE ROLE ${mine}`, `GRANT ${theirs} TO ${mine}`, `GRANT ${mine} TO ${all}`],
  };
}

function drop(reader: Reader, scope: Scope, context: StatementContext): Effect {
  notInTransaction(context, 'DROP DATABASE');
  const { namespace, user } = scope;
  const database = databaseOf(namespace, reader.name());
  reader.take('force');
  reader.end();
  if (!user.superuser && database.owner !== user.name)
    throw new SqlError('42501', `must be owner of database ${database.name}`);
  if (database === scope.database) throw new SqlError('55006', 'cannot drop the currently open database');
  delete namespace.databases[database.name];
  return {
    tag: 'DROP DATABASE',
    sql: [...dropSchemas(database), ...sharesOf(scope, database), ...sharedRole(database)],
  };
}

const sharedRole = ({ shared }: Database) =>
  shared ? [`DROP OWNED BY ${quoteName(shared.role)} CASCADE`, `DROP ROLE ${quoteName(shared.role)}`] : [];

/** Shares are bound to their database: they go with it. */
function sharesOf({ namespace }: Scope, database: Database): string[] {
  const bound = Object.values(namespace.shares).filter((share) => share.database === database.name);
  for (const { name } of bound) delete namespace.shares[name];
  return bound.flatMap(({ role }) => [`DROP OWNED BY ${quoteName(role)} CASCADE`, `DROP ROLE ${quoteName(role)}`]);
}

function alter(reader: Reader, scope: Scope): Effect {
  const database = databaseOf(scope.namespace, reader.name());
  if (!scope.user.superuser && database.owner !== scope.user.name)
    throw new SqlError('42501', `must be owner of database ${database.name}`);
  if (reader.take('owner', 'to')) database.owner = userOf(scope.namespace, reader.name()).name;
  else if (reader.take('rename', 'to')) rename(scope, database, reader.name());
  else while (!reader.ended) reader.value();
  return { tag: 'ALTER DATABASE' };
}

/** Its shares, and the external schemas that stand for it, go on under its new name. */
function rename(scope: Scope, database: Database, name: string): void {
  const { databases, shares } = scope.namespace;
  if (database === scope.database) throw new SqlError('55006', 'current database may not be renamed');
  if (databases[name]) throw alreadyExists('database', name, '42P04');
  const former = database.name;
  delete databases[former];
  databases[name] = database;
  database.name = name;
  for (const share of Object.values(shares)) if (share.database === former) share.database = name;
  for (const { schemas } of Object.values(databases))
    for (const { external } of Object.values(schemas)) if (external?.database === former) external.database = name;
}
