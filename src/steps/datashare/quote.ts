/** Quoting for Redshift: identifiers and literals are never spliced, always through here. */
import { InvariantError } from '../../shared/errors.ts';

/** `"name"`, with quotes doubled. Redshift folds unquoted and quoted names alike to lower case by default (F-410). */
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** `"schema"."table"` from `schema.table`. */
export const qualified = (name: string) => name.split('.').map(identifier).join('.');

/** `'text'`, with quotes doubled and backslashes escaped as Redshift reads them. */
export const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** A namespace id as a literal; anything but a UUID is refused, since unquoted it would mean a user (F-425). */
export function namespaceLiteral(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new InvariantError(`${id} is not a namespace id`);
  return literal(id);
}
