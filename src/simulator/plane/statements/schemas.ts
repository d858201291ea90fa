/** CREATE, ALTER and DROP SCHEMA: of tables, or standing for a schema of a shared database. */
import { actingRole, type Database, databaseOf, isAmong, type Schema, userOf } from '../catalog.ts';
import { addSchema } from '../namespaces.ts';
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { quoteName } from '../tokens.ts';
import { alreadyExists, type Effect, type StatementKind } from './statement.ts';

export const schemas: StatementKind = (reader, scope) => {
  if (reader.take('create', 'external', 'schema')) return createExternal(reader, scope);
  if (reader.take('create', 'schema')) return createSchema(reader, scope);
  if (reader.take('drop', 'schema')) return dropSchemas(reader, scope);
  if (reader.take('alter', 'schema')) return alterSchema(reader, scope);
  return undefined;
};

function localDatabase({ database }: Scope): Database {
  if (database.shared) throw new SqlError('0A000', `database "${database.name}" is shared and can only be read`);
  return database;
}

/** F-414 */
function mayCreate({ namespace, user, database }: Scope): void {
  if (user.superuser || database.owner === user.name || isAmong(namespace, user, database.create)) return;
  throw new SqlError('42501', `permission denied for database ${database.name}`);
}

function createSchema(reader: Reader, scope: Scope): Effect {
  const { catalog, namespace, user } = scope;
  const database = localDatabase(scope);
  const ifNotExists = reader.take('if', 'not', 'exists');
  const name = reader.name();
  const owner = reader.take('authorization') ? userOf(namespace, reader.name()).name : user.name;
  if (reader.take('quota')) while (!reader.ended) reader.value();
  reader.end();
  mayCreate(scope);
  if (!isTaken(database, name, ifNotExists)) addSchema(catalog, namespace, database, name, owner);
  return { tag: 'CREATE SCHEMA' };
}

function isTaken({ schemas }: Database, name: string, ifNotExists: boolean): boolean {
  if (schemas[name] && !ifNotExists) throw alreadyExists('schema', name, '42P06');
  return schemas[name] !== undefined;
}

/** Two-part names for a shared database, for tools that know no others (F-434). */
function createExternal(reader: Reader, scope: Scope): Effect {
  const database = localDatabase(scope);
  const ifNotExists = reader.take('if', 'not', 'exists');
  const name = reader.name();
  reader.expect('from', 'redshift', 'database');
  const source = databaseOf(scope.namespace, reader.string().toLowerCase());
  const schema = reader.take('schema') ? reader.string().toLowerCase() : 'public';
  reader.end();
  mayCreate(scope);
  if (!isTaken(database, name, ifNotExists))
    database.schemas[name] = { name, owner: scope.user.name, external: { database: source.name, schema }, usage: [] };
  return { tag: 'CREATE SCHEMA' };
}

function dropSchemas(reader: Reader, scope: Scope): Effect {
  const database = localDatabase(scope);
  const ifExists = reader.take('if', 'exists');
  const names = reader.list(() => reader.name());
  const how = reader.takeOne('cascade', 'restrict') === 'cascade' ? 'CASCADE' : 'RESTRICT';
  reader.end();
  const there = names.filter((name) => !ifExists || database.schemas[name]);
  return { tag: 'DROP SCHEMA', sql: there.flatMap((name) => dropSchema(scope, ownSchema(scope, name), how)) };
}

function ownSchema({ database, user }: Scope, name: string): Schema {
  const schema = database.schemas[name];
  if (!schema) throw new SqlError('3F000', `schema "${name}" does not exist`);
  if (!user.superuser && schema.owner !== user.name) throw new SqlError('42501', `must be owner of schema ${name}`);
  return schema;
}

function dropSchema(scope: Scope, { name, physical }: Schema, how: string): string[] {
  delete scope.database.schemas[name];
  for (const { schemas } of sharesOf(scope)) delete schemas[name];
  return physical === undefined ? [] : [`DROP SCHEMA ${quoteName(physical)} ${how}`];
}

/** The shares of the session's database. */
const sharesOf = ({ namespace, database }: Scope) =>
  Object.values(namespace.shares).filter((share) => share.database === database.name);

function alterSchema(reader: Reader, scope: Scope): Effect {
  localDatabase(scope);
  const schema = ownSchema(scope, reader.name());
  const tag = 'ALTER SCHEMA';
  if (reader.take('quota')) return { tag };
  if (reader.take('rename', 'to')) {
    rename(scope, schema, reader.name());
    reader.end();
    return { tag };
  }
  reader.expect('owner', 'to');
  const owner = userOf(scope.namespace, reader.name());
  reader.end();
  schema.owner = owner.name;
  if (schema.physical === undefined) return { tag };
  const role = quoteName(actingRole(scope.namespace, owner));
  return { tag, sql: [`ALTER SCHEMA ${quoteName(schema.physical)} OWNER TO ${role}`] };
}

/** It stays in the shares that it is in. */
function rename(scope: Scope, schema: Schema, name: string): void {
  const { schemas } = scope.database;
  const former = schema.name;
  if (schemas[name]) throw alreadyExists('schema', name, '42P06');
  delete schemas[former];
  schemas[name] = schema;
  schema.name = name;
  for (const share of sharesOf(scope)) {
    const shared = share.schemas[former];
    delete share.schemas[former];
    if (shared) share.schemas[name] = shared;
  }
}
