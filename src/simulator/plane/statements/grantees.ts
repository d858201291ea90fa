/** Who is named in GRANT, REVOKE and OWNER TO: names of the namespace, and the physical roles behind them. */
import { actingRole, type PrincipalKind, principalKey, userOf } from '../catalog.ts';
import { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { wordOf } from '../token-runs.ts';
import { isCode, nameOf, quoteName, type Token } from '../tokens.ts';

/** A user, `GROUP g`, `ROLE r`, or PUBLIC, which is everybody of the namespace. */
export function grantee(reader: Reader, scope: Scope): { key: string; role: string } {
  if (reader.take('public')) return { key: 'public:', role: scope.namespace.publicRole };
  const { kind, name, role } = principal(reader, scope);
  return { key: principalKey(kind, name), role };
}

export function principal(reader: Reader, scope: Scope) {
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
  return replaceAfter(tokens, scope, (words, at) => words[at] === (head === 'grant' ? 'to' : 'from'));
}

/** `ALTER DEFAULT PRIVILEGES [FOR USER x] [IN SCHEMA s] GRANT … TO y` */
function defaultGrantees(tokens: readonly Token[], scope: Scope): Token[] {
  const words = tokens.map(wordOf);
  const verb = words.includes('revoke') ? 'revoke' : 'grant';
  const granted = replaceAfter(tokens, scope, (code, at) => code[at] === (verb === 'grant' ? 'to' : 'from'));
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
