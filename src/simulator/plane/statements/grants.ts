/** GRANT and REVOKE of datashares, databases and roles; of all other objects only the names of grantees are ours. */
import { actingRole, databaseOf, type PrincipalKind, principalKey, shareOf, type User, userOf } from '../catalog.ts';
import { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';
import { wordOf } from '../token-runs.ts';
import { isCode, nameOf, quoteName, type Token } from '../tokens.ts';
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
  if (reader.take('database')) return grantDatabase(reader, scope, verb);
  return undefined;
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

/** F-425: the consumer's namespace is a literal; without quotes it would be a user. */
function grantShare(reader: Reader, scope: Scope, verb: Verb, privileges: readonly string[]): Effect {
  const share = shareOf(scope.namespace, reader.name());
  const { user, place, catalog } = scope;
  if (!user.superuser && share.owner !== user.name)
    throw new SqlError('42501', `permission denied for datashare ${share.name}`);
  reader.expect(towards(verb));
  const tag = verb.toUpperCase();
  if (!privileges.includes('usage')) return { tag };
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
  return { tag, sql: memberships(scope, verb, share.name, identifiers, catalog.namespaces) };
}

/** What is revoked is gone at once; a consumer's database comes back to life with a new grant (F-427). */
function memberships(
  scope: Scope,
  verb: Verb,
  name: string,
  identifiers: readonly string[],
  namespaces: Scope['catalog']['namespaces'],
): string[] {
  const role = quoteName(shareOf(scope.namespace, name).role);
  return identifiers.flatMap((identifier) => {
    const databases = Object.values(namespaces[identifier.toLowerCase()]?.databases ?? {});
    const made = databases.flatMap(({ shared }) =>
      shared?.producer === scope.namespace.id && shared.share === name ? [shared.role] : [],
    );
    return made.map((mine) => `${verb} ${role} ${towards(verb)} ${quoteName(mine)}`);
  });
}

/** USAGE on a shared database gives all that is in it (F-423). */
function grantDatabase(reader: Reader, scope: Scope, verb: Verb): Effect {
  const database = databaseOf(scope.namespace, reader.name());
  if (!scope.user.superuser && database.owner !== scope.user.name)
    throw new SqlError('42501', `permission denied for database ${database.name}`);
  reader.expect(towards(verb));
  const grantees = reader.list(() => grantee(reader, scope));
  const { shared } = database;
  for (const { key } of grantees) {
    database.usage = database.usage.filter((other) => other !== key);
    if (verb === 'grant') database.usage.push(key);
  }
  const sql = shared
    ? grantees.map(({ role }) => `${verb} ${quoteName(shared.role)} ${towards(verb)} ${quoteName(role)}`)
    : [];
  return { tag: verb.toUpperCase(), sql };
}

function grantee(reader: Reader, scope: Scope): { key: string; role: string } {
  if (reader.take('public')) return { key: 'public:', role: scope.namespace.publicRole };
  const { kind, name, role } = principal(reader, scope);
  return { key: principalKey(kind, name), role };
}

function principal(reader: Reader, scope: Scope) {
  const kind = (reader.takeOne('group', 'role') as PrincipalKind | undefined) ?? 'user';
  return userOf(scope.namespace, reader.name(), kind);
}

/**
 * Grantees of any other GRANT or REVOKE, and owners in ALTER … OWNER TO, by their physical roles. All other tokens stay.
 */
export function physicalGrantees(tokens: readonly Token[], scope: Scope): Token[] {
  const code = tokens.filter(isCode);
  const head = wordOf(code[0]);
  if (head === 'alter' && wordOf(code[1]) === 'default') return defaultGrantees(tokens, scope);
  if (head === 'alter')
    return replaceAfter(tokens, scope, (words, at) => words[at] === 'to' && words[at - 1] === 'owner');
  if (head !== 'grant' && head !== 'revoke') return [...tokens];
  return replaceAfter(tokens, scope, (words, at) => words[at] === towards(head));
}

/** `ALTER DEFAULT PRIVILEGES [FOR USER x] [IN SCHEMA s] GRANT … TO y` */
function defaultGrantees(tokens: readonly Token[], scope: Scope): Token[] {
  const words = tokens.map(wordOf);
  const verb = words.includes('revoke') ? 'revoke' : 'grant';
  const granted = replaceAfter(tokens, scope, (code, at) => code[at] === towards(verb));
  const maker = granted.findIndex((token, at) => wordOf(token) === 'user' && at < words.indexOf(verb));
  const name = granted.findIndex((token, at) => maker >= 0 && at > maker && isCode(token));
  const user = granted[name];
  if (!user) return granted;
  const role = quoteName(actingRole(scope.namespace, userOf(scope.namespace, nameOf(user))));
  return granted.map((token, at) =>
    at === maker ? { kind: 'word', text: 'ROLE' } : at === name ? { kind: 'quoted', text: role } : token,
  );
}

function replaceAfter(
  tokens: readonly Token[],
  scope: Scope,
  isMark: (words: readonly string[], at: number) => boolean,
): Token[] {
  const code = tokens.map((token, index) => ({ token, index })).filter(({ token }) => isCode(token));
  const words = code.map(({ token }) => wordOf(token));
  const mark = words.findLastIndex((_, at) => isMark(words, at));
  const start = code[mark];
  if (mark < 0 || !start) return [...tokens];
  const rest = tokens.slice(start.index + 1);
  const reader = new Reader(rest);
  const roles = reader.list(() => grantee(reader, scope).role);
  const after = code.slice(mark + 1).findIndex(({ token }) => /^(with|cascade|restrict)$/.test(wordOf(token)));
  const tail = after < 0 ? [] : tokens.slice(code[mark + 1 + after]?.index);
  const list = roles.map(quoteName).join(', ');
  return [
    ...tokens.slice(0, start.index + 1),
    { kind: 'space', text: ' ' },
    { kind: 'quoted', text: list },
    { kind: 'space', text: ' ' },
    ...tail,
  ];
}
