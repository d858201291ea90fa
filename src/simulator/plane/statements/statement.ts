/** Statements that the data plane carries out itself, because Postgres has no such thing, or not the same. */

import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { SqlError } from '../sql-error.ts';

/** What a statement does: to the catalog at once, to Postgres by SQL; `rows` is what it answers, if it does. */
export interface Effect {
  /** Command tag, e.g. `CREATE DATASHARE`. */
  readonly tag: string;
  /** Run as the data plane itself. */
  readonly sql?: readonly string[];
  readonly rows?: { readonly columns: readonly string[]; readonly values: readonly (readonly (string | null)[])[] };
  /** Makes Redshift's error of what Postgres said to `sql`. */
  readonly refused?: (error: SqlError) => SqlError;
  /** A query to run in the session's place: SHOW and DESC are views in other words. */
  readonly query?: string;
}

/**
 * Reads a statement from its first word on and carries it out; undefined when it is none of this kind, with nothing
 * changed. It may throw half-way: the catalog is put back by whoever called.
 */
export type StatementKind = (reader: Reader, scope: Scope, context: StatementContext) => Effect | undefined;

export interface StatementContext {
  /** Whether it stands in a transaction of several statements. */
  readonly transaction: boolean;
}

export function superuserOnly({ user }: Scope, what: string): void {
  if (!user.superuser) throw new SqlError('42501', `permission denied: must be superuser to ${what}`);
}

/** F-426 */
export function notInTransaction({ transaction }: StatementContext, what: string): void {
  if (transaction) throw new SqlError('25001', `${what} cannot run inside a transaction block`);
}

export const alreadyExists = (kind: string, name: string, code: string) =>
  new SqlError(code, `${kind} "${name}" already exists`);
