/** The rows of the catalog views, as one session sees them: read from the catalog, joined in Postgres (views.ts). */
import { actingRole, type Database, type Namespace, type Schema, sourceOf, type User } from './catalog.ts';
import { hasUsage, mayUseExternal, physicalSchema, type Scope } from './scope.ts';
import { sessionRows } from './session-rows.ts';
import { idOf, type Row, shareRows } from './share-rows.ts';
import { isCode, nameOf, type Token } from './tokens.ts';
import { shadowed, type ViewRows } from './views.ts';

/** Functions that look things up in the views. */
const lookingFunctions = /^has_\w+_privilege$/;

/** The rows as JSON, for statements that name a view; nothing for all others, which are most. */
export function rowsFor(scope: Scope, tokens: readonly Token[]): string {
  const looks = tokens.some(
    (token) => isCode(token) && (token.kind === 'word' || token.kind === 'quoted') && isLooking(nameOf(token)),
  );
  return looks ? JSON.stringify(viewRows(scope)) : '';
}

const isLooking = (name: string) => shadowed.has(name) || lookingFunctions.test(name);

function viewRows(scope: Scope): ViewRows {
  return {
    ...shareRows(scope),
    ...databaseRows(scope),
    ...schemaRows(scope),
    ...principalRows(scope),
    ...sessionRows(scope),
  };
}

/** Databases that exist for this session: those of its namespace. */
const databasesOf = ({ namespace }: Scope) => Object.values(namespace.databases);

function databaseRows(scope: Scope) {
  const { namespace } = scope;
  const databases = databasesOf(scope);
  return {
    svv_redshift_databases: databases.map(({ name, owner, usage, shared }) => ({
      database_name: name,
      database_owner: idOf(namespace, owner),
      database_type: shared ? 'shared' : 'local',
      database_acl: usage.map((grantee) => `${grantee.replace(/^\w+:/, '')}=U/${owner}`).join('~') || null,
      database_options: null,
      database_isolation_level: shared ? null : 'Snapshot Isolation',
    })),
    svv_database_privileges: databases.flatMap(({ name, usage, create }) => [
      ...usage.map((grantee) => privilegeRow(namespace, grantee, { database: name, privilege: 'USAGE' })),
      ...create.map((grantee) => privilegeRow(namespace, grantee, { database: name, privilege: 'CREATE' })),
    ]),
    pg_database: databases.map(({ name, owner }) => ({
      datname: name,
      datdba: idOf(namespace, owner),
      encoding: 6,
      datistemplate: false,
      datallowconn: true,
    })),
  };
}

function privilegeRow(namespace: Namespace, grantee: string, at: { database: string; privilege: string }): Row {
  const [kind = '', name = ''] = grantee.split(':');
  return {
    database_name: at.database,
    privilege_type: at.privilege,
    identity_id: namespace.users[grantee]?.id ?? 0,
    identity_name: kind === 'public' ? 'public' : name,
    identity_type: kind,
    admin_option: false,
    privilege_scope: 'DATABASE',
  };
}

interface VisibleSchema {
  readonly database: Database;
  readonly name: string;
  readonly owner: string;
  readonly physical: string | undefined;
  readonly kind: 'local' | 'shared' | 'external';
}

const schemasOf = (scope: Scope): VisibleSchema[] =>
  databasesOf(scope).flatMap((database) =>
    database.shared ? sharedSchemasOf(scope, database) : localSchemasOf(scope, database),
  );

function localSchemasOf(scope: Scope, database: Database): VisibleSchema[] {
  return Object.values(database.schemas).map((schema) => {
    const { name, owner, external } = schema;
    const behind = external && scope.namespace.databases[external.database];
    const readable = behind !== undefined && mayUseExternal(scope, schema);
    const physical = external && readable ? physicalSchema(scope, behind, external.schema) : schema.physical;
    return { database, name, owner, physical, kind: external ? 'external' : 'local' };
  });
}

/** What a shared database shows: the schemas of the share, while it is granted and the user may use it. */
function sharedSchemasOf(scope: Scope, database: Database): VisibleSchema[] {
  const source = database.shared && sourceOf(scope.catalog, scope.namespace, database.shared);
  if (!source || !hasUsage(scope, database)) return [];
  return Object.keys(source.share.schemas).map((name) => ({
    database,
    name,
    owner: database.owner,
    physical: source.database.schemas[name]?.physical,
    kind: 'shared',
  }));
}

function schemaRows(scope: Scope) {
  const { namespace } = scope;
  const schemas = schemasOf(scope);
  const row = ({ database, name, owner, kind }: VisibleSchema) => ({
    database_name: database.name,
    schema_name: name,
    schema_owner: idOf(namespace, owner),
    schema_type: kind,
    schema_acl: null,
    schema_option: null,
  });
  return {
    svv_redshift_schemas: schemas.map(row),
    svv_all_schemas: schemas.map((one) => ({ ...row(one), source_database: sourceDatabase(one) })),
    svv_external_schemas: Object.values(scope.database.schemas).flatMap((schema) => externalRow(namespace, schema)),
    '~visible_schemas': schemas.map(({ database, name, physical, kind }) => ({
      physical,
      database_name: database.name,
      schema_name: name,
      kind,
      current: database === scope.database,
      share_role: shareRole(scope, database, name),
    })),
  };
}

const sourceDatabase = ({ database, name }: VisibleSchema) => database.schemas[name]?.external?.database ?? null;

function externalRow(namespace: Namespace, { name, owner, external }: Schema): Row[] {
  if (!external) return [];
  const esoptions = JSON.stringify({ SCHEMA: external.schema });
  const row = { esoid: 1, eskind: redshiftKind, esowner: idOf(namespace, owner), esoptions };
  return [{ ...row, schemaname: name, databasename: external.database }];
}

/** F-434: the kind of an external schema that stands for a database of Redshift itself. */
const redshiftKind = 4;

/** Who reads what the share gives: Postgres's rights of that role tell what is in it. */
function shareRole({ catalog, namespace }: Scope, database: Database, schema: string): string | null {
  const external = database.schemas[schema]?.external;
  const behind = external ? namespace.databases[external.database] : database;
  const source = behind?.shared && sourceOf(catalog, namespace, behind.shared);
  return source?.share.role ?? null;
}

function principalRows({ namespace }: Scope) {
  const all = Object.values(namespace.users);
  const users = all.filter(({ kind }) => kind === 'user');
  const owner = ownerOf(namespace);
  return {
    svv_user_info: users.map(userInfo),
    pg_user: users.map(pgUser),
    svv_roles: all
      .filter(({ kind }) => kind === 'role')
      .map(({ id, name }) => ({ role_id: id, role_name: name, role_owner: owner.name, external_id: null })),
    pg_group: all.filter(({ kind }) => kind === 'group').map(({ id, name }) => ({ groname: name, grosysid: id })),
    '~principals': [
      { ...owner, kind: 'owner', role: namespace.role, acts_as: namespace.role },
      ...all.map((user) => ({ ...user, acts_as: actingRole(namespace, user) })),
    ],
  };
}

/** Whose name stands for what the superusers of a namespace own together; 1 is Redshift's own user. */
const ownerOf = ({ users }: Namespace): { name: string; id: number } => {
  const { name, id } = Object.values(users).find(({ superuser }) => superuser) ?? { name: 'rdsdb', id: 1 };
  return { name, id };
};

const userInfo = (user: User): Row => ({
  user_name: user.name,
  user_id: user.id,
  createdb: user.createdb,
  superuser: user.superuser,
  catalog_update: user.superuser,
  connection_limit: user.connectionLimit ?? 'UNLIMITED',
  syslog_access: user.superuser ? 'UNRESTRICTED' : 'RESTRICTED',
  last_ddl_timestamp: null,
  session_timeout: user.sessionTimeout ?? 0,
  external_user_id: null,
});

const pgUser = (user: User): Row => ({
  usename: user.name,
  usesysid: user.id,
  usecreatedb: user.createdb,
  usesuper: user.superuser,
  usecatupd: user.superuser,
  passwd: '********',
  valuntil: user.validUntil ?? null,
  useconfig: null,
});
