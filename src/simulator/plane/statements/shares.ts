/** CREATE, ALTER and DROP DATASHARE, SHOW DATASHARES and DESC DATASHARE. What is in a share is what its role may read. */
import { isAmong, physicalName, type Share, shareOf, userOf } from '../catalog.ts';
import { defaultPrivilege } from '../namespaces.ts';
import type { Reader } from '../reader.ts';
import { physicalSchema, type Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { quoteName, quoteString } from '../tokens.ts';
import {
  alreadyExists,
  type Effect,
  notInTransaction,
  type StatementContext,
  type StatementKind,
  superuserOnly,
} from './statement.ts';

export const shares: StatementKind = (reader, scope, context) => {
  if (reader.take('create', 'datashare')) return create(reader, scope);
  if (reader.take('alter', 'datashare')) return alter(reader, scope, context);
  if (reader.take('drop', 'datashare')) return drop(reader, scope);
  if (reader.take('show', 'datashares')) return show(reader);
  if (reader.take('desc', 'datashare')) return describe(reader, scope);
  return undefined;
};

/** F-418: there is no IF NOT EXISTS; it is bound to the current database. */
function create(reader: Reader, scope: Scope): Effect {
  const { catalog, namespace, database, user, place } = scope;
  if (!user.superuser && database.owner !== user.name)
    throw new SqlError('42501', 'permission denied: must be superuser or own the database to create a datashare');
  const name = reader.name();
  const publiclyAccessible = accessibility(reader) ?? false;
  reader.end();
  if (database.shared) throw new SqlError('0A000', 'a datashare cannot be made of a shared database');
  if (namespace.shares[name]) throw alreadyExists('datashare', name, '42710');
  const role = physicalName(catalog, 'h');
  const id = 100_000 + catalog.next;
  namespace.shares[name] = {
    name,
    id,
    owner: user.name,
    database: database.name,
    createdAt: place.now,
    publiclyAccessible,
    schemas: {},
    consumers: [],
    alter: [],
    share: [],
    role,
  };
  return { tag: 'CREATE DATASHARE', sql: [`CREATE ROLE ${quoteName(role)}`] };
}

/** `[SET] PUBLICACCESSIBLE [=] TRUE|FALSE` */
function accessibility(reader: Reader): boolean | undefined {
  if (!reader.take('set', 'publicaccessible') && !reader.take('publicaccessible')) return undefined;
  reader.take('=');
  return reader.boolean();
}

/** A share that the session may change (F-417), and from where it is. */
function changeable(scope: Scope, name: string): Share {
  const share = shareOf(scope.namespace, name);
  if (!isOwner(scope, share) && !isAmong(scope.namespace, scope.user, share.alter))
    throw new SqlError('42501', `must be owner of datashare ${name}`);
  if (share.database !== scope.database.name) {
    throw new SqlError(
      '0A000',
      `datashare "${name}" belongs to database "${share.database}"; connect to that database to change it`,
    );
  }
  return share;
}

const isOwner = ({ user }: Scope, { owner }: Share) => user.superuser || owner === user.name;

function alter(reader: Reader, scope: Scope, context: StatementContext): Effect {
  const tag = 'ALTER DATASHARE';
  const share = changeable(scope, reader.name());
  const accessible = accessibility(reader);
  if (accessible !== undefined) {
    notInTransaction(context, 'ALTER DATASHARE SET PUBLICACCESSIBLE');
    share.publiclyAccessible = accessible;
    return { tag };
  }
  if (reader.take('owner', 'to')) {
    share.owner = userOf(scope.namespace, reader.name()).name;
    reader.end();
    return { tag };
  }
  if (reader.take('set', 'includenew')) return { tag, sql: includeNew(reader, scope, share) };
  const verb = reader.takeOne('add', 'remove');
  if (verb === undefined) throw reader.wrong();
  return { tag, sql: verb === 'add' ? add(reader, scope, share) : remove(reader, scope, share) };
}

/** F-419: of tables to come only; whoever makes them. */
function includeNew(reader: Reader, scope: Scope, share: Share): string[] {
  superuserOnly(scope, 'set INCLUDENEW');
  reader.take('=');
  const on = reader.boolean();
  reader.expect('for', 'schema');
  const name = reader.name();
  reader.end();
  const schema = share.schemas[name];
  if (!schema) throw new SqlError('3F000', `schema "${name}" is not in datashare "${share.name}"`);
  schema.includeNew = on;
  const makers = [scope.namespace.role, ...Object.values(scope.namespace.users).map(({ role }) => role)];
  return makers.map((maker) => defaultPrivilege(share.role, schemaOf(scope, name), maker, on ? 'grant' : 'revoke'));
}

function schemaOf(scope: Scope, name: string): string {
  const physical = physicalSchema(scope, scope.database, name);
  if (physical === undefined) throw new SqlError('3F000', `schema "${name}" does not exist`);
  return physical;
}

function add(reader: Reader, scope: Scope, share: Share): string[] {
  const to = quoteName(share.role);
  if (reader.take('schema')) return reader.list(() => addSchema(scope, share, reader.name()));
  if (reader.take('all', 'tables', 'in', 'schema')) {
    return reader.list(
      () => `GRANT SELECT ON ALL TABLES IN SCHEMA ${quoteName(addedSchema(scope, share, reader.name()))} TO ${to}`,
    );
  }
  if (reader.take('all', 'functions', 'in', 'schema'))
    return reader.list(
      () => `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${quoteName(addedSchema(scope, share, reader.name()))} TO ${to}`,
    );
  reader.expect('table');
  return reader.list(() => `GRANT SELECT ON ${addedTable(scope, share, reader.path())} TO ${to}`);
}

function addSchema(scope: Scope, share: Share, name: string): string {
  const physical = schemaOf(scope, name);
  if (share.schemas[name])
    throw new SqlError('42P06', `schema "${name}" is already added to datashare "${share.name}"`);
  share.schemas[name] = { includeNew: false };
  return `GRANT USAGE ON SCHEMA ${quoteName(physical)} TO ${quoteName(share.role)}`;
}

/** F-420: a schema must be in the share before what is in it. */
function addedSchema(scope: Scope, share: Share, name: string): string {
  const physical = schemaOf(scope, name);
  if (!share.schemas[name])
    throw new SqlError('3F000', `schema "${name}" must be added to datashare "${share.name}" first`);
  return physical;
}

function addedTable(scope: Scope, share: Share, path: readonly string[]): string {
  const [schema, table] = path.length === 1 ? ['public', path[0]] : [path[0], path[1]];
  return [addedSchema(scope, share, schema ?? ''), table ?? ''].map(quoteName).join('.');
}

function remove(reader: Reader, scope: Scope, share: Share): string[] {
  const from = quoteName(share.role);
  if (reader.take('schema')) {
    return reader.list(() => {
      const name = reader.name();
      if (!share.schemas[name]) throw new SqlError('3F000', `schema "${name}" is not in datashare "${share.name}"`);
      delete share.schemas[name];
      const schema = quoteName(schemaOf(scope, name));
      return `REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${from}; REVOKE ALL ON SCHEMA ${schema} FROM ${from}`;
    });
  }
  if (reader.take('all', 'tables', 'in', 'schema'))
    return reader.list(
      () => `REVOKE ALL ON ALL TABLES IN SCHEMA ${quoteName(addedSchema(scope, share, reader.name()))} FROM ${from}`,
    );
  reader.expect('table');
  return reader.list(() => `REVOKE ALL ON ${addedTable(scope, share, reader.path())} FROM ${from}`);
}

/** Consumers' databases stay behind as empty shells (F-424). */
function drop(reader: Reader, scope: Scope): Effect {
  const name = reader.name();
  reader.end();
  const share = shareOf(scope.namespace, name);
  if (!isOwner(scope, share)) throw new SqlError('42501', `must be owner of datashare ${share.name}`);
  delete scope.namespace.shares[share.name];
  return {
    tag: 'DROP DATASHARE',
    sql: [`DROP OWNED BY ${quoteName(share.role)} CASCADE`, `DROP ROLE ${quoteName(share.role)}`],
  };
}

function show(reader: Reader): Effect {
  const pattern = reader.take('like') ? ` WHERE share_name LIKE ${quoteString(reader.string())}` : '';
  reader.end();
  return { tag: 'SHOW', query: `SELECT * FROM svv_datashares${pattern}` };
}

function describe(reader: Reader, scope: Scope): Effect {
  const name = reader.name();
  const producer = reader.take('of') ? namespaceIn(reader) : scope.namespace.id;
  reader.end();
  return {
    tag: 'SHOW',
    query: `SELECT producer_account, producer_namespace, share_type, share_name, object_type, object_name, include_new FROM svv_datashare_objects WHERE share_name = ${quoteString(name)} AND producer_namespace = ${quoteString(producer.toLowerCase())}`,
  };
}

/** `[ACCOUNT '…'] NAMESPACE '…'` */
function namespaceIn(reader: Reader): string {
  if (reader.take('account')) reader.string();
  reader.expect('namespace');
  return reader.string();
}
