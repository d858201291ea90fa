/** CREATE, ALTER and DROP of users, groups and roles. They belong to one namespace: the same name may stand in many (F-406). */
import { createHash } from 'node:crypto';
import { type PrincipalKind, principalKey, type User, userOf } from '../catalog.ts';
import { addPrincipal, dropRole } from '../namespaces.ts';
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { quoteName } from '../tokens.ts';
import { alreadyExists, type Effect, type StatementKind, superuserOnly } from './statement.ts';

export const users: StatementKind = (reader, scope) => {
  const verb = reader.takeOne('create', 'alter', 'drop');
  const kind = verb && (reader.takeOne('user', 'group', 'role') as PrincipalKind | undefined);
  if (!verb || !kind) return undefined;
  if (verb === 'create') return create(reader, scope, kind);
  return verb === 'alter' ? alter(reader, scope, kind) : drop(reader, scope, kind);
};

function create(reader: Reader, scope: Scope, kind: PrincipalKind): Effect {
  superuserOnly(scope, `create a ${kind}`);
  const { catalog, namespace } = scope;
  const name = reader.name();
  if (namespace.users[principalKey(kind, name)]) throw alreadyExists(kind, name, '42710');
  const user = addPrincipal(catalog, namespace, name, kind);
  const members = kind === 'group' && reader.take('with', 'user') ? reader.list(() => reader.name()) : [];
  if (kind === 'user') options(reader, scope, user);
  reader.end();
  if (kind === 'user' && user.password === undefined && !disabled.has(user))
    throw new SqlError('42601', `password must be given for user "${name}"`);
  return { tag: `CREATE ${kind.toUpperCase()}`, sql: members.map((member) => grantRole(scope, user, member)) };
}

const grantRole = ({ namespace }: Scope, group: User, member: string) =>
  `GRANT ${quoteName(group.role)} TO ${quoteName(userOf(namespace, member).role)}`;

/** Made without a password on purpose (PASSWORD DISABLE). */
const disabled = new WeakSet<User>();

function options(reader: Reader, scope: Scope, user: User): void {
  reader.take('with');
  while (!reader.ended) {
    if (reader.take('password')) setPassword(reader, user);
    else if (reader.take('createdb')) user.createdb = true;
    else if (reader.take('nocreatedb')) user.createdb = false;
    else if (reader.take('createuser')) becomeSuperuser(scope, user);
    else if (reader.take('nocreateuser')) user.superuser = false;
    else if (reader.take('session', 'timeout')) user.sessionTimeout = sessionTimeout(reader.number());
    else if (reader.take('reset', 'session', 'timeout')) delete user.sessionTimeout;
    else if (reader.take('valid', 'until')) user.validUntil = reader.string();
    else if (reader.take('connection', 'limit')) user.connectionLimit = reader.value();
    else if (reader.take('syslog', 'access')) reader.value();
    else if (reader.take('in', 'group')) reader.list(() => userOf(scope.namespace, reader.name(), 'group'));
    else throw reader.wrong();
  }
}

function becomeSuperuser({ namespace }: Scope, user: User): void {
  user.superuser = true;
  user.role = namespace.role;
}

function setPassword(reader: Reader, user: User): void {
  if (reader.take('disable')) {
    disabled.add(user);
    delete user.password;
    return;
  }
  user.password = keptPassword(reader.string(), user.name);
}

/** As Redshift keeps it: a digest that was given stays, plain text becomes md5 (F-407). */
function keptPassword(given: string, user: string): string {
  if (/^md5[0-9a-f]{32}$/i.test(given) || /^sha256\|/.test(given)) return given;
  if (given.length < 8 || given.length > 64 || !/[A-Z]/.test(given) || !/[a-z]/.test(given) || !/\d/.test(given)) {
    throw new SqlError(
      '22023',
      'password must contain 8 to 64 characters, with an upper-case letter, a lower-case letter and a number',
    );
  }
  return md5(given, user);
}

const md5 = (password: string, user: string) => `md5${createHash('md5').update(`${password}${user}`).digest('hex')}`;

/** Whether `password` is what `kept` was made of. */
export function isPassword(kept: string | undefined, password: string, user: string): boolean {
  if (kept === undefined) return false;
  if (kept.startsWith('md5')) return kept.toLowerCase() === md5(password, user);
  const [, first = '', second] = kept.split('|');
  if (second === undefined) return first === password;
  // `sha256|digest|salt`
  return createHash('sha256').update(`${password}${second}`).digest('hex') === first;
}

function sessionTimeout(seconds: number): number {
  if (seconds < 60 || seconds > 1_728_000)
    throw new SqlError('22023', `session timeout ${seconds} is outside the valid range (60 to 1728000 seconds)`);
  return seconds;
}

function alter(reader: Reader, scope: Scope, kind: PrincipalKind): Effect | undefined {
  const user = userOf(scope.namespace, reader.name(), kind);
  const tag = `ALTER ${kind.toUpperCase()}`;
  if (kind === 'group') {
    superuserOnly(scope, 'alter a group');
    const verb = reader.takeOne('add', 'drop') ?? fail(reader);
    reader.expect('user');
    const members = reader.list(() => reader.name());
    const sql = members.map((member) =>
      verb === 'add'
        ? grantRole(scope, user, member)
        : `REVOKE ${quoteName(user.role)} FROM ${quoteName(userOf(scope.namespace, member).role)}`,
    );
    return { tag, sql };
  }
  if (user !== scope.user) superuserOnly(scope, `alter another ${kind}`);
  options(reader, scope, user);
  return { tag };
}

function fail(reader: Reader): never {
  throw reader.wrong();
}

function drop(reader: Reader, scope: Scope, kind: PrincipalKind): Effect {
  superuserOnly(scope, `drop a ${kind}`);
  const { namespace } = scope;
  const ifExists = reader.take('if', 'exists');
  const names = reader.list(() => reader.name());
  reader.take('force');
  reader.end();
  const found = names.flatMap(
    (name) => namespace.users[principalKey(kind, name)] ?? (ifExists ? [] : [userOf(namespace, name, kind)]),
  );
  for (const user of found) {
    delete namespace.users[principalKey(kind, user.name)];
    for (const database of Object.values(namespace.databases))
      database.usage = database.usage.filter((grantee) => grantee !== principalKey(kind, user.name));
  }
  return {
    tag: `DROP ${kind.toUpperCase()}`,
    sql: found.filter((user) => !user.superuser).map(({ role }) => dropRole(role)),
  };
}
