/** CREATE, ALTER and DROP of users, groups and roles. They belong to one namespace: the same name may stand in many (F-406). */
import { createHash } from 'node:crypto';
import { type Database, type Namespace, type PrincipalKind, principalKey, type User, userOf } from '../catalog.ts';
import { addPrincipal, tablesToCome } from '../namespaces.ts';
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { quoteName } from '../tokens.ts';
import { changeMembership } from './grants.ts';
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
  const sql = members.map((member) => changeMembership(user, userOf(namespace, member), 'grant'));
  if (kind === 'user') sql.push(...options(reader, scope, user));
  reader.end();
  if (kind === 'user' && user.password === undefined && !disabled.has(user))
    throw new SqlError('42601', `password must be given for user "${name}"`);
  return { tag: `CREATE ${kind.toUpperCase()}`, sql };
}

/** Made without a password on purpose (PASSWORD DISABLE). */
const disabled = new WeakSet<User>();

/** Reads and sets the options of a user; answers what Postgres has to do for them. */
function options(reader: Reader, scope: Scope, user: User): string[] {
  const sql: string[] = [];
  reader.take('with');
  while (!reader.ended) {
    if (reader.take('password')) setPassword(reader, user);
    else if (reader.take('in', 'group')) sql.push(...joinGroups(reader, scope, user));
    else setOption(reader, user);
  }
  return sql;
}

function setOption(reader: Reader, user: User): void {
  if (reader.take('createdb')) user.createdb = true;
  else if (reader.take('nocreatedb')) user.createdb = false;
  else if (reader.take('createuser')) user.superuser = true;
  else if (reader.take('nocreateuser')) user.superuser = false;
  else if (reader.take('session', 'timeout')) user.sessionTimeout = sessionTimeout(reader.number());
  else if (reader.take('reset', 'session', 'timeout')) delete user.sessionTimeout;
  else if (reader.take('valid', 'until')) user.validUntil = validUntil(reader.string());
  else if (reader.take('connection', 'limit')) user.connectionLimit = reader.value();
  else if (reader.take('syslog', 'access')) reader.value();
  else throw reader.wrong();
}

const joinGroups = (reader: Reader, { namespace }: Scope, user: User) =>
  reader.list(() => changeMembership(userOf(namespace, reader.name(), 'group'), user, 'grant'));

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

function validUntil(given: string): string {
  if (given.toLowerCase() !== 'infinity' && Number.isNaN(timeOf(given)))
    throw new SqlError('22007', `invalid input syntax for type timestamp with time zone: "${given}"`);
  return given;
}

/** A time without a zone is in UTC, as the warehouses are. */
const timeOf = (given: string) =>
  Date.parse(
    /[+-]\d\d(:?\d\d)?$|Z$/i.test(given.slice(10)) ? given : `${given.trim()}${given.trim().length > 10 ? 'Z' : ''}`,
  );

/** Whether a user's password counts at a time (F-708). */
export const isValid = ({ validUntil: until }: User, now: number): boolean =>
  until === undefined || until.toLowerCase() === 'infinity' || now < timeOf(until);

function sessionTimeout(seconds: number): number {
  if (seconds < 60 || seconds > 1_728_000)
    throw new SqlError('22023', `session timeout ${seconds} is outside the valid range (60 to 1728000 seconds)`);
  return seconds;
}

function alter(reader: Reader, scope: Scope, kind: PrincipalKind): Effect {
  const principal = userOf(scope.namespace, reader.name(), kind);
  const tag = `ALTER ${kind.toUpperCase()}`;
  if (principal === scope.user && !scope.user.superuser) return { tag, sql: changeOwnPassword(reader, principal) };
  superuserOnly(scope, `alter another ${kind}`);
  if (reader.take('rename', 'to')) rename(scope, principal, reader.name());
  else if (kind === 'user' && reader.take('set')) setDefault(reader, principal);
  else if (kind === 'group') return { tag, sql: alterGroup(reader, scope, principal) };
  else if (kind === 'role') throw reader.wrong();
  else return { tag, sql: options(reader, scope, principal) };
  reader.end();
  return { tag };
}

/** What each session of a user starts with: the search path, for one (F-415). */
function setDefault(reader: Reader, { settings }: User): void {
  const name = reader.name();
  if (!reader.takeOne('to', '=')) throw reader.wrong();
  const values = reader.list(() => reader.value());
  if (values.length === 1 && values[0]?.toLowerCase() === 'default') delete settings[name];
  else settings[name] = values.join(', ');
}

/** All that an ordinary user may change, and only of itself (F-408). */
function changeOwnPassword(reader: Reader, user: User): string[] {
  reader.take('with');
  if (!reader.take('password')) throw new SqlError('42501', 'permission denied: must be superuser to alter a user');
  setPassword(reader, user);
  reader.end();
  return [];
}

function alterGroup(reader: Reader, scope: Scope, group: User): string[] {
  const verb = reader.takeOne('add', 'drop');
  if (!verb) throw reader.wrong();
  reader.expect('user');
  const members = reader.list(() => userOf(scope.namespace, reader.name()));
  reader.end();
  return members.map((member) => changeMembership(group, member, verb === 'add' ? 'grant' : 'revoke'));
}

/** The md5 form of a password has the user's name in it: it is of no use under another name (F-407). */
function rename({ namespace }: Scope, principal: User, name: string): void {
  const { kind } = principal;
  if (namespace.users[principalKey(kind, name)]) throw alreadyExists(kind, name, '42710');
  const [before, after] = [principalKey(kind, principal.name), principalKey(kind, name)];
  const renamed = (key: string) => (key === before ? after : key);
  delete namespace.users[before];
  namespace.users[after] = principal;
  principal.name = name;
  if (principal.password?.startsWith('md5')) delete principal.password;
  for (const user of Object.values(namespace.users)) user.memberOf = user.memberOf.map(renamed);
  for (const database of Object.values(namespace.databases)) {
    database.usage = database.usage.map(renamed);
    database.create = database.create.map(renamed);
    for (const schema of Object.values(database.schemas)) schema.usage = schema.usage.map(renamed);
  }
  for (const share of Object.values(namespace.shares)) {
    share.alter = share.alter.map(renamed);
    share.share = share.share.map(renamed);
  }
  if (kind === 'user') renameOwner(namespace, before.slice('user:'.length), name);
}

function renameOwner({ databases, shares }: Namespace, former: string, name: string): void {
  const owned = [
    ...Object.values(databases).flatMap((database) => [database, ...Object.values(database.schemas)]),
    ...Object.values(shares),
  ];
  for (const one of owned) if (one.owner === former) one.owner = name;
}

/** Never the one who asks, and nobody who owns something or has been granted something (F-409). */
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
  const sql = found.flatMap((user) => dropPrincipal(scope, user));
  const [first] = found;
  return { tag: `DROP ${kind.toUpperCase()}`, sql, ...(first && { refused: (error) => stillNeeded(first, error) }) };
}

function dropPrincipal({ namespace, user: self }: Scope, user: User): string[] {
  const key = principalKey(user.kind, user.name);
  if (user === self) throw new SqlError('55006', 'current user cannot be dropped');
  const databases = Object.values(namespace.databases);
  const owned = [
    ...databases.flatMap((one) => [one, ...Object.values(one.schemas)]),
    ...Object.values(namespace.shares),
  ];
  if (user.kind === 'user' && owned.some(({ owner }) => owner === user.name))
    throw cannotDrop(user, 'owns some object');
  if (databases.some((one) => grantedOn(one).includes(key))) throw cannotDrop(user, 'has a privilege on some object');
  delete namespace.users[key];
  for (const other of Object.values(namespace.users)) other.memberOf = other.memberOf.filter((group) => group !== key);
  const toCome = Object.values(namespace.shares).flatMap((share) =>
    tablesToCome(namespace, share, user.role, 'revoke'),
  );
  return [...toCome, `DROP ROLE ${quoteName(user.role)}`];
}

const grantedOn = ({ usage, create, schemas }: Database) => [
  ...usage,
  ...create,
  ...Object.values(schemas).flatMap((schema) => schema.usage),
];

const cannotDrop = ({ kind, name }: User, why: string) =>
  new SqlError('55006', `${kind} "${name}" can't be dropped because the ${kind} ${why}`);

/** What Postgres knows of: tables, schemas, and privileges on them. */
function stillNeeded(user: User, error: SqlError): SqlError {
  if (error.code !== '2BP01') return error;
  return cannotDrop(
    user,
    /^owner of/m.test(error.detail ?? '') ? 'owns some object' : 'has a privilege on some object',
  );
}
