/** GRANT and REVOKE of datashares, databases, external schemas and roles; all others are Postgres's (grantees.ts). */
import {
  type Database,
  databaseOf,
  isAmong,
  type Namespace,
  principalKey,
  type Share,
  shareOf,
  type User,
  userOf,
} from '../catalog.ts';
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { quoteName } from '../tokens.ts';
import { grantee, principal } from './grantees.ts';
import { type Effect, type StatementKind, superuserOnly } from './statement.ts';

type Verb = 'grant' | 'revoke';

export const grants: StatementKind = (reader, scope) => {
  const verb = reader.takeOne('grant', 'revoke') as Verb | undefined;
  if (!verb) return undefined;
  if (reader.take('role')) return grantRole(reader, scope, verb);
  reader.take('grant', 'option', 'for');
  const privileges = reader.list(() => [reader.name(), reader.take('privileges')] as const).map(([name]) => name);
  if (!reader.take('on')) return undefined;
  if (reader.take('datashare')) return grantShare(reader, scope, verb, privileges);
  if (reader.take('database')) return grantDatabase(reader, scope, verb, privileges);
  return reader.take('schema') ? grantExternal(reader, scope, verb) : undefined;
};

const towards = (verb: Verb) => (verb === 'grant' ? 'to' : 'from');

function grantRole(reader: Reader, scope: Scope, verb: Verb): Effect {
  superuserOnly(scope, `${verb} a role`);
  const role = userOf(scope.namespace, reader.name(), 'role');
  reader.expect(towards(verb));
  const members = reader.list(() => principal(reader, scope));
  return { tag: `${verb.toUpperCase()} ROLE`, sql: members.map((member) => changeMembership(role, member, verb)) };
}

/** Puts somebody into a group or role, or out of it; the statement does the same in Postgres. */
export function changeMembership(group: User, member: User, verb: Verb): string {
  const key = principalKey(group.kind, group.name);
  member.memberOf = member.memberOf.filter((other) => other !== key);
  if (verb === 'grant') member.memberOf.push(key);
  return `${verb} ${quoteName(group.role)} ${towards(verb)} ${quoteName(member.role)}`;
}

function grantShare(reader: Reader, scope: Scope, verb: Verb, privileges: readonly string[]): Effect {
  const share = shareOf(scope.namespace, reader.name());
  const { user, namespace } = scope;
  const owns = user.superuser || share.owner === user.name;
  if (!owns && !(privileges.includes('usage') && isAmong(namespace, user, share.share)))
    throw new SqlError('42501', `permission denied for datashare ${share.name}`);
  reader.expect(towards(verb));
  if (privileges.includes('usage')) return grantUsage(reader, scope, verb, share);
  const keys = grantees(reader, scope);
  if (privileges.includes('alter')) share.alter = changed(share.alter, verb, keys);
  if (privileges.includes('share')) share.share = changed(share.share, verb, keys);
  return { tag: verb.toUpperCase() };
}

function grantees(reader: Reader, scope: Scope): string[] {
  const keys = reader.list(() => grantee(reader, scope).key);
  reader.end();
  return keys;
}

/** A list with some keys in it, or without them. */
const changed = (keys: readonly string[], verb: Verb, some: readonly string[]) => [
  ...keys.filter((key) => !some.includes(key)),
  ...(verb === 'grant' ? some : []),
];

/** F-425: the consumer's namespace is a literal; without quotes it would be a user. */
function grantUsage(reader: Reader, scope: Scope, verb: Verb, share: Share): Effect {
  const { place } = scope;
  const kind = reader.takeOne('namespace', 'account') as 'namespace' | 'account' | undefined;
  if (!kind || !reader.nextIsString)
    throw new SqlError('0A000', 'USAGE cannot be granted to users and groups on a datashare');
  const identifiers = verb === 'grant' ? [reader.string()] : reader.list(() => reader.string());
  for (const identifier of identifiers.map((one) => one.toLowerCase())) {
    const known = share.consumers.find((consumer) => consumer.identifier === identifier);
    if (verb === 'revoke') share.consumers = share.consumers.filter((consumer) => consumer !== known);
    else if (!known) {
      const visibleAt = place.now + place.world.draw('eventual-consistency');
      share.consumers.push({ identifier, kind, grantedAt: place.now, visibleAt });
    }
  }
  return { tag: verb.toUpperCase(), sql: memberships(scope, verb, share, identifiers) };
}

/** What is revoked is gone at once; a consumer's database comes back to life with a new grant (F-427). */
function memberships(
  { catalog, namespace }: Scope,
  verb: Verb,
  share: Share,
  identifiers: readonly string[],
): string[] {
  const consumers = identifiers.map((identifier) => catalog.namespaces[identifier.toLowerCase()]);
  const databases = consumers.flatMap((consumer) => Object.values(consumer?.databases ?? {}));
  return databases.flatMap(({ shared }) =>
    shared?.producer === namespace.id && shared.share === share.name
      ? [`${verb} ${quoteName(share.role)} ${towards(verb)} ${quoteName(shared.role)}`]
      : [],
  );
}

/** USAGE on a shared database gives all that is in it (F-423); CREATE lets make schemas (F-414). */
function grantDatabase(reader: Reader, scope: Scope, verb: Verb, privileges: readonly string[]): Effect {
  const database = databaseOf(scope.namespace, reader.name());
  if (!scope.user.superuser && database.owner !== scope.user.name)
    throw new SqlError('42501', `permission denied for database ${database.name}`);
  reader.expect(towards(verb));
  const before = readersOf(scope.namespace, database);
  const keys = grantees(reader, scope);
  const has = (privilege: string) => privileges.includes(privilege) || privileges.includes('all');
  if (has('usage')) database.usage = changed(database.usage, verb, keys);
  if (has('create')) database.create = changed(database.create, verb, keys);
  return { tag: verb.toUpperCase(), sql: readersChanged(scope.namespace, database, before) };
}

/** F-434: an external schema is used by whoever was granted USAGE on it. Of all others Postgres knows the rights. */
function grantExternal(reader: Reader, scope: Scope, verb: Verb): Effect | undefined {
  const { namespace, database, user } = scope;
  const schema = database.schemas[reader.name()];
  if (!schema?.external) return undefined;
  if (!user.superuser && schema.owner !== user.name)
    throw new SqlError('42501', `permission denied for schema ${schema.name}`);
  const behind = databaseOf(namespace, schema.external.database);
  const before = readersOf(namespace, behind);
  reader.expect(towards(verb));
  schema.usage = changed(schema.usage, verb, grantees(reader, scope));
  return { tag: verb.toUpperCase(), sql: readersChanged(namespace, behind, before) };
}

/** Who reads a shared database, by its own name or by an external schema: their keys. */
function readersOf({ databases }: Namespace, { name, usage }: Database): Set<string> {
  const schemas = Object.values(databases).flatMap((database) => Object.values(database.schemas));
  const external = schemas.filter((schema) => schema.external?.database === name);
  return new Set([...usage, ...external.flatMap((schema) => schema.usage)]);
}

/** Whoever reads it is a member of the role that holds what the share gives. */
function readersChanged(namespace: Namespace, database: Database, before: ReadonlySet<string>): string[] {
  if (!database.shared) return [];
  const role = quoteName(database.shared.role);
  const after = readersOf(namespace, database);
  const readers = (keys: Iterable<string>, without: ReadonlySet<string>) =>
    [...keys].filter((key) => !without.has(key)).map((key) => quoteName(roleBehind(namespace, key)));
  return [
    ...readers(after, before).map((reader) => `GRANT ${role} TO ${reader}`),
    ...readers(before, after).map((reader) => `REVOKE ${role} FROM ${reader}`),
  ];
}

const roleBehind = ({ publicRole, users }: Namespace, key: string) =>
  key === 'public:' ? publicRole : (users[key]?.role ?? '');
