/** The rows of the catalog views, as one session sees them: read from the catalog, joined in Postgres (views.ts). */
import {
  type Catalog,
  type Database,
  isConsumer,
  type Namespace,
  type Share,
  type ShareConsumer,
  sourceOf,
} from './catalog.ts';
import { hasUsage, physicalSchema, type Scope } from './scope.ts';
import { isCode, nameOf, type Token } from './tokens.ts';
import { type HelperView, type RowView, shadowed, type ViewRows } from './views.ts';

type Row = Readonly<Record<string, unknown>>;

/** Functions that look things up in the views. */
const lookingFunctions = /^has_\w+_privilege$/;

/** The rows as JSON, for statements that name a view; nothing for all others, which are most. */
export function rowsFor(scope: Scope, tokens: readonly Token[]): string {
  const looks = tokens.some(
    (token) => isCode(token) && (token.kind === 'word' || token.kind === 'quoted') && isView(nameOf(token)),
  );
  return looks ? JSON.stringify(viewRows(scope)) : '';
}

const isView = (name: string) =>
  shadowed.has(name) ||
  shadowed.has(`rsds_information.${name}`) ||
  informationViews.has(name) ||
  lookingFunctions.test(name);
const informationViews = new Set(['tables', 'columns', 'schemata']);

function viewRows(scope: Scope): ViewRows {
  const { namespace, place } = scope;
  const users = Object.values(namespace.users);
  const account = place.account;
  const rows: Record<RowView | HelperView, readonly Row[]> = {
    svv_datashares: [
      ...outbound(scope).map((share) => shareRow(scope, share)),
      ...inbound(scope).map((one) => inboundRow(scope, one)),
    ],
    svv_datashare_consumers: outbound(scope).flatMap((share) =>
      share.consumers.map(({ identifier, kind, grantedAt }) => ({
        share_name: share.name,
        consumer_account: kind === 'account' ? identifier : account,
        consumer_namespace: kind === 'namespace' ? identifier : null,
        share_date: time(grantedAt),
      })),
    ),
    svv_redshift_databases: databases(scope).map((database) => ({
      database_name: database.name,
      database_owner: idOf(namespace, database.owner),
      database_type: database.shared ? 'shared' : 'local',
      database_acl:
        database.usage.map((grantee) => `${grantee.replace(/^\w+:/, '')}=U/${database.owner}`).join('~') || null,
      database_options: null,
      database_isolation_level: database.shared ? null : 'Snapshot Isolation',
    })),
    svv_redshift_schemas: schemas(scope).map(schemaRow(namespace)),
    svv_all_schemas: schemas(scope).map((one) => ({ ...schemaRow(namespace)(one), source_database: null })),
    svv_external_schemas: Object.values(scope.database.schemas).flatMap(({ name, owner, external }) =>
      external
        ? [
            {
              esoid: 1,
              eskind: 7,
              schemaname: name,
              esowner: idOf(namespace, owner),
              databasename: external.database,
              esoptions: null,
            },
          ]
        : [],
    ),
    svv_user_info: users
      .filter(({ kind }) => kind === 'user')
      .map((user) => ({
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
      })),
    svv_roles: users
      .filter(({ kind }) => kind === 'role')
      .map(({ id, name }) => ({ role_id: id, role_name: name, role_owner: 'admin', external_id: null })),
    svv_database_privileges: databases(scope).flatMap((database) =>
      database.usage.map((grantee) => privilegeRow(namespace, database, grantee)),
    ),
    pg_user: users
      .filter(({ kind }) => kind === 'user')
      .map((user) => ({
        usename: user.name,
        usesysid: user.id,
        usecreatedb: user.createdb,
        usesuper: user.superuser,
        usecatupd: user.superuser,
        passwd: '********',
        valuntil: user.validUntil ?? null,
        useconfig: null,
      })),
    pg_group: users.filter(({ kind }) => kind === 'group').map(({ id, name }) => ({ groname: name, grosysid: id })),
    pg_database: databases(scope).map(({ name, owner }) => ({
      datname: name,
      datdba: idOf(namespace, owner),
      encoding: 6,
      datistemplate: false,
      datallowconn: true,
    })),
    '~visible_schemas': schemas(scope).map(({ database, name, physical, kind }) => ({
      physical,
      database_name: database.name,
      schema_name: name,
      kind,
      current: database === scope.database,
      share_role: roleBehind(scope, database, name),
    })),
    '~principals': principals(namespace),
    '~shared_schemas': [
      ...outbound(scope).flatMap((share) => sharedSchemas(scope, namespace, share, 'OUTBOUND')),
      ...inbound(scope).flatMap(({ producer, share }) => sharedSchemas(scope, producer, share, 'INBOUND')),
    ],
  };
  return rows;
}

const time = (at: number) => new Date(at).toISOString().replace('T', ' ').slice(0, 19);

const idOf = (namespace: Namespace, name: string) => namespace.users[`user:${name}`]?.id ?? 1;

/** Databases that exist for this session: those of its namespace. */
const databases = ({ namespace }: Scope) => Object.values(namespace.databases);

/** Superusers see all shares, others those that they own (F-441). */
const outbound = ({ namespace, user }: Scope): Share[] =>
  Object.values(namespace.shares).filter(({ owner }) => user.superuser || owner === user.name);

interface Inbound {
  readonly producer: Namespace;
  readonly share: Share;
  readonly consumer: ShareConsumer;
}

/** Shares granted to this namespace that it already sees (F-421). */
function inbound({ catalog, namespace, place, user }: Scope): Inbound[] {
  if (!user.superuser) return [];
  return Object.values(catalog.namespaces).flatMap((producer) =>
    Object.values(producer.shares).flatMap((share) => {
      const consumer = share.consumers.find(({ identifier }) => identifier === namespace.id);
      return consumer && consumer.visibleAt <= place.now ? [{ producer, share, consumer }] : [];
    }),
  );
}

function shareRow({ namespace, place }: Scope, share: Share): Row {
  return {
    share_name: share.name,
    share_id: share.id,
    share_owner: idOf(namespace, share.owner),
    source_database: share.database,
    consumer_database: null,
    share_type: 'OUTBOUND',
    createdate: time(share.createdAt),
    is_publicaccessible: share.publiclyAccessible,
    share_acl: null,
    producer_account: place.account,
    producer_namespace: namespace.id,
    managed_by: null,
  };
}

function inboundRow(scope: Scope, { producer, share }: Inbound): Row {
  const database = databases(scope).find(
    ({ shared }) => shared?.producer === producer.id && shared.share === share.name,
  );
  return {
    ...shareRow({ ...scope, namespace: producer }, share),
    share_owner: null,
    source_database: null,
    createdate: null,
    consumer_database: database?.name ?? null,
    share_type: 'INBOUND',
  };
}

interface VisibleSchema {
  readonly database: Database;
  readonly name: string;
  readonly owner: string;
  readonly physical: string | undefined;
  readonly kind: 'local' | 'shared' | 'external';
}

function schemas(scope: Scope): VisibleSchema[] {
  return databases(scope).flatMap((database) =>
    database.shared ? sharedSchemasOf(scope, database) : localSchemas(scope, database),
  );
}

function localSchemas(scope: Scope, database: Database): VisibleSchema[] {
  return Object.values(database.schemas).map(({ name, owner, physical, external }) => {
    const behind = external && scope.namespace.databases[external.database];
    const place = external && behind ? physicalSchema(scope, behind, external.schema) : physical;
    return { database, name, owner, physical: place, kind: external ? ('external' as const) : ('local' as const) };
  });
}

/** What a shared database shows: the schemas of the share, while it is granted and the user may use it. */
function sharedSchemasOf(scope: Scope, database: Database): VisibleSchema[] {
  const source = database.shared && sourceOf(scope.catalog, scope.namespace, database.shared);
  if (!source || !hasUsage(scope.namespace, scope.user, database)) return [];
  return Object.keys(source.share.schemas).map((name) => ({
    database,
    name,
    owner: database.owner,
    physical: source.database.schemas[name]?.physical,
    kind: 'shared' as const,
  }));
}

const schemaRow =
  (namespace: Namespace) =>
  ({ database, name, owner, kind }: VisibleSchema): Row => ({
    database_name: database.name,
    schema_name: name,
    schema_owner: idOf(namespace, owner),
    schema_type: kind,
    schema_acl: null,
    schema_option: null,
  });

/** Who reads what the share gives: Postgres's rights of that role tell what is in it. */
function roleBehind({ catalog, namespace }: Scope, database: Database, schema: string): string | null {
  const external = database.schemas[schema]?.external;
  const behind = external ? namespace.databases[external.database] : database;
  const source = behind?.shared && sourceOf(catalog, namespace, behind.shared);
  return source?.share.role ?? null;
}

function privilegeRow(namespace: Namespace, database: Database, grantee: string): Row {
  const [kind = '', name = ''] = grantee.split(':');
  return {
    database_name: database.name,
    privilege_type: 'USAGE',
    identity_id: idOf(namespace, name),
    identity_name: kind === 'public' ? 'public' : name,
    identity_type: kind,
    admin_option: false,
    privilege_scope: 'DATABASE',
  };
}

/** Roles with the names that people know them by; the administrator stands for the namespace's own role. */
function principals(namespace: Namespace): Row[] {
  const superuser = Object.values(namespace.users).find((user) => user.superuser);
  const ordinary = Object.values(namespace.users).filter((user) => !user.superuser);
  return [
    ...ordinary.map(({ role, name, id }) => ({ role, name, id })),
    { role: namespace.role, name: superuser?.name ?? 'rdsdb', id: superuser?.id ?? 1 },
  ];
}

function sharedSchemas({ place }: Scope, producer: Namespace, share: Share, type: string): Row[] {
  return Object.entries(share.schemas).map(([name, { includeNew }]) => ({
    share_name: share.name,
    share_type: type,
    schema_name: name,
    physical: producer.databases[share.database]?.schemas[name]?.physical ?? null,
    include_new: includeNew,
    role: share.role,
    producer_account: place.account,
    producer_namespace: producer.id,
  }));
}

/** Whether a namespace of the account may use a share of another; for the control plane. */
export const grantedNamespaces = (catalog: Catalog, share: Share) =>
  Object.keys(catalog.namespaces).filter((id) => isConsumer(share, id));
