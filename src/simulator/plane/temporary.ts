/**
 * Temporary tables. All sessions share one session of Postgres, so each that makes any gets a schema of its own, first in
 * its search path, which is dropped when the session has ended.
 *
 * T1. Whose session still stands is known to this process alone: schemas that nobody here holds are dropped with the next
 *     work, also those of sessions that ended with an earlier process. Sessions that the Data API keeps stand until a
 *     time in the world.
 */
import type { Place, World } from '../world.ts';
import { actingRole, type Catalog, physicalName } from './catalog.ts';
import type { Session } from './data-plane.ts';
import type { Scope } from './scope.ts';
import { nextCode, wordOf } from './token-runs.ts';
import { isCode, quoteName, type Token } from './tokens.ts';

/** Physical names of the schemas of sessions that are open in this process, by world. */
const held = new WeakMap<World, Set<string>>();

/** The schema of a session's temporary tables, if it has made any. */
export const temporarySchema = ({ temporary = {} }: Catalog, session: Session): string | undefined =>
  session.temporary !== undefined && temporary[session.temporary] ? session.temporary : undefined;

/** The same, made when it is not there yet; the statement that makes it is kept for later. */
export function madeTemporarySchema({ place, catalog, session, namespace, user }: Scope): string {
  const known = temporarySchema(catalog, session);
  if (known !== undefined) return known;
  const physical = physicalName(catalog, 't');
  const role = actingRole(namespace, user);
  catalog.temporary = { ...catalog.temporary, [physical]: { namespaceId: namespace.id } };
  catalog.journal.push({ as: '', sql: `CREATE SCHEMA ${quoteName(physical)} AUTHORIZATION ${quoteName(role)}` });
  session.temporary = physical;
  const here = held.get(place.world) ?? new Set();
  held.set(place.world, here.add(physical));
  return physical;
}

/** The session has ended, or stands until a time in the world (T1). */
export function letGo({ world }: Place, catalog: Catalog, { temporary }: Session, until: number | undefined): void {
  if (temporary === undefined) return;
  held.get(world)?.delete(temporary);
  const known = catalog.temporary?.[temporary];
  if (known && until !== undefined) known.until = until;
}

/** Schemas of sessions that have ended. */
export function abandoned({ world, now }: Place, { temporary = {} }: Catalog): string[] {
  const here = held.get(world);
  return Object.entries(temporary)
    .filter(([physical, { until = Number.NEGATIVE_INFINITY }]) => !here?.has(physical) && until <= now)
    .map(([physical]) => physical);
}

/** What drops temporary schemas, which the catalog then knows no more. */
export function dropTemporary(catalog: Catalog, physicals: readonly string[]): string[] {
  const { temporary = {} } = catalog;
  catalog.temporary = Object.fromEntries(Object.entries(temporary).filter(([name]) => !physicals.includes(name)));
  return physicals.map((physical) => `DROP SCHEMA ${quoteName(physical)} CASCADE`);
}

/**
 * The statement without the words that make its table temporary, and whether it has them: in CREATE TABLE, in SELECT INTO,
 * or as a # before the table's name.
 */
export function withoutTemporary(tokens: readonly Token[]): { tokens: Token[]; temporary: boolean } {
  const first = tokens.findIndex(isCode);
  const head = wordOf(tokens[first]);
  if (head === 'create') return strippedAt(tokens, first + 1);
  const into = /^(select|with)$/.test(head) ? tokens.findIndex((_, at) => selectsInto(tokens, at)) : -1;
  return into < 0 ? { tokens: [...tokens], temporary: false } : strippedAt(tokens, into + 1);
}

/** The same for each statement of a procedure's body, where TEMP can stand in front of TABLE alone. */
export const withoutTemporaryInside = (body: readonly Token[]): Token[] =>
  body.map((token, at) => {
    const isTemporary = /^temp(orary)?$/.test(wordOf(token)) && wordOf(body[nextCode(body, at + 1)]) === 'table';
    return isTemporary ? { kind: 'space', text: '' } : token;
  });

const selectsInto = (tokens: readonly Token[], at: number) =>
  wordOf(tokens[at]) === 'into' && !/^(insert|merge)$/.test(wordOf(tokens.slice(0, at).findLast(isCode)));

function strippedAt(tokens: readonly Token[], from: number): { tokens: Token[]; temporary: boolean } {
  const output = [...tokens];
  let said = false;
  let at = nextCode(tokens, from);
  for (; /^(local|global|temp|temporary)$/.test(wordOf(tokens[at])); at = nextCode(tokens, at + 1)) {
    if (/^temp/.test(wordOf(tokens[at]))) said = true;
    output[at] = { kind: 'space', text: '' };
  }
  for (; /^(table|if|not|exists)$/.test(wordOf(tokens[at])); ) at = nextCode(tokens, at + 1);
  return { tokens: output, temporary: said || wordOf(tokens[at]).startsWith('#') };
}
