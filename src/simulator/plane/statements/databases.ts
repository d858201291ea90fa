/** CREATE, ALTER and DROP DATABASE, from nothing or from a datashare; CREATE, ALTER and DROP SCHEMA. */
import { type Database, databaseOf, physicalName, userOf } from '../catalog.ts';
import { addDatabase, addSchema, dropSchemas } from '../namespaces.ts';
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
  const { namespace } = scope;
  const database = databaseOf(namespace, reader.name());
  if (reader.take('owner', 'to')) database.owner = userOf(namespace, reader.name()).name;
  else if (reader.take('rename', 'to')) rename(scope, database, reader.name());
  else while (!reader.ended) reader.value();
  return { tag: 'ALTER DATABASE' };
}

function rename({ namespace }: Scope, database: Database, name: string): void {
  if (namespace.databases[name]) throw alreadyExists('database', name, '42P04');
  delete namespace.databases[database.name];
  database.name = name;
  namespace.databases[name] = database;
}

export const schemas: StatementKind = (reader, scope) => {
  if (reader.take('create', 'external', 'schema')) return createExternal(reader, scope);
  if (reader.take('create', 'schema')) return createSchema(reader, scope);
  if (reader.take('drop', 'schema')) return dropSchema(reader, scope);
  if (reader.take('alter', 'schema')) return alterSchema(reader, scope);
  return undefined;
};

function localDatabase({ database }: Scope): Database {
  if (database.shared) throw new SqlError('0A000', `database "${database.name}" is shared and can only be read`);
  return database;
}

function createSchema(reader: Reader, scope: Scope): Effect {
  const { catalog, namespace, user } = scope;
  const database = localDatabase(scope);
  const ifNotExists = reader.take('if', 'not', 'exists');
  const name = reader.name();
  const owner = reader.take('authorization') ? userOf(namespace, reader.name()).name : user.name;
  if (reader.take('quota')) while (!reader.ended) reader.value();
  reader.end();
  if (!user.superuser) throw new SqlError('42501', `permission denied for database ${database.name}`);
  if (database.schemas[name]) {
    if (ifNotExists) return { tag: 'CREATE SCHEMA' };
    throw alreadyExists('schema', name, '42P06');
  }
  addSchema(catalog, namespace, database, name, owner);
  return { tag: 'CREATE SCHEMA' };
}

/** Two-part names for a shared database, for tools that know no others. */
function createExternal(reader: Reader, scope: Scope): Effect {
  const database = localDatabase(scope);
  const ifNotExists = reader.take('if', 'not', 'exists');
  const name = reader.name();
  reader.expect('from', 'redshift', 'database');
  const source = databaseOf(scope.namespace, reader.string().toLowerCase());
  const schema = reader.take('schema') ? reader.string().toLowerCase() : 'public';
  reader.end();
  if (database.schemas[name]) {
    if (ifNotExists) return { tag: 'CREATE SCHEMA' };
    throw alreadyExists('schema', name, '42P06');
  }
  database.schemas[name] = { name, owner: scope.user.name, external: { database: source.name, schema } };
  return { tag: 'CREATE SCHEMA' };
}

function dropSchema(reader: Reader, scope: Scope): Effect {
  const database = localDatabase(scope);
  const ifExists = reader.take('if', 'exists');
  const names = reader.list(() => reader.name());
  const how = reader.takeOne('cascade', 'restrict') === 'cascade' ? 'CASCADE' : 'RESTRICT';
  reader.end();
  const sql = names.flatMap((name) => {
    const schema = database.schemas[name];
    if (!schema && !ifExists) throw new SqlError('3F000', `schema "${name}" does not exist`);
    if (schema && !scope.user.superuser && schema.owner !== scope.user.name)
      throw new SqlError('42501', `must be owner of schema ${name}`);
    delete database.schemas[name];
    for (const share of Object.values(scope.namespace.shares))
      if (share.database === database.name) delete share.schemas[name];
    return schema?.physical === undefined ? [] : [`DROP SCHEMA ${quoteName(schema.physical)} ${how}`];
  });
  return { tag: 'DROP SCHEMA', sql };
}

function alterSchema(reader: Reader, scope: Scope): Effect {
  const database = localDatabase(scope);
  const name = reader.name();
  const schema = database.schemas[name];
  if (!schema) throw new SqlError('3F000', `schema "${name}" does not exist`);
  if (reader.take('rename', 'to')) {
    const wanted = reader.name();
    if (database.schemas[wanted]) throw alreadyExists('schema', wanted, '42P06');
    delete database.schemas[name];
    database.schemas[wanted] = { ...schema, name: wanted };
    return { tag: 'ALTER SCHEMA' };
  }
  reader.expect('owner', 'to');
  const owner = userOf(scope.namespace, reader.name());
  schema.owner = owner.name;
  return {
    tag: 'ALTER SCHEMA',
    sql:
      schema.physical === undefined
        ? []
        : [`ALTER SCHEMA ${quoteName(schema.physical)} OWNER TO ${quoteName(owner.role)}`],
  };
}
