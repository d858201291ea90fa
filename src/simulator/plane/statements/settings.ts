/** SET, RESET and SHOW: settings belong to the session and never reach the shared Postgres, the search path excepted. */
import type { Reader } from '../reader.ts';
import type { Scope } from '../scope.ts';
import { notSimulated } from '../sql-error.ts';
import { quoteName } from '../tokens.ts';
import { type Effect, notInTransaction, type StatementContext, type StatementKind } from './statement.ts';

const defaults: Readonly<Record<string, string>> = {
  search_path: '"$user", public',
  datestyle: 'ISO, MDY',
  timezone: 'UTC',
  statement_timeout: '0',
  enable_case_sensitive_identifier: 'off',
  query_group: '',
  server_version: '8.0.2',
  server_encoding: 'UNICODE',
  client_encoding: 'UTF8',
  transaction_isolation: 'serializable',
  transaction_read_only: 'off',
  standard_conforming_strings: 'off',
  extra_float_digits: '0',
};

export const settings: StatementKind = (reader, scope) => {
  const verb = reader.takeOne('set', 'reset', 'show');
  if (verb === 'set') return set(reader, scope);
  if (verb === 'reset') return reset(reader, scope);
  return verb === 'show' ? show(reader, scope) : undefined;
};

function set(reader: Reader, { session }: Scope): Effect | undefined {
  if (reader.take('session', 'characteristics', 'as', 'transaction') || reader.take('transaction')) {
    return isolation(reader);
  }
  reader.takeOne('local', 'session');
  if (reader.takeOne('role', 'authorization')) throw notSimulated('changing the user of a session');
  const name = reader.take('time', 'zone') ? 'timezone' : reader.path().join('.');
  if (!reader.takeOne('to', '=') && name !== 'timezone') throw reader.wrong();
  const values = reader.list(() => reader.value());
  reader.end();
  if (name === 'enable_case_sensitive_identifier' && /^(on|true|1)$/i.test(values[0] ?? ''))
    throw notSimulated(`SET ${name} TO on`);
  if (name === 'client_encoding' && !/^(utf-?8|unicode|sql_ascii|default)$/i.test(values[0] ?? ''))
    throw notSimulated(`SET client_encoding TO ${values[0]}`);
  if (values.length === 1 && values[0]?.toLowerCase() === 'default') session.settings.delete(name);
  else session.settings.set(name, values.join(', '));
  return { tag: 'SET' };
}

function reset(reader: Reader, { session }: Scope): Effect {
  if (reader.takeOne('role', 'session')) throw notSimulated('changing the user of a session');
  if (reader.take('all')) session.settings.clear();
  else session.settings.delete(reader.path().join('.'));
  return { tag: 'RESET' };
}

/** Whatever is asked for, transactions are serializable (F-704). */
function isolation(reader: Reader): Effect {
  while (!reader.ended) {
    const mode = reader.take('isolation', 'level') && levels.some((words) => reader.take(...words));
    if (!mode && !reader.take('read', 'only') && !reader.take('read', 'write')) throw reader.wrong();
    reader.take(',');
  }
  return { tag: 'SET' };
}

const levels = [['serializable'], ['repeatable', 'read'], ['read', 'committed'], ['read', 'uncommitted']] as const;

function show(reader: Reader, { session, user }: Scope): Effect {
  const name = reader.take('transaction', 'isolation', 'level') ? 'transaction_isolation' : reader.path().join('.');
  reader.end();
  const value = session.settings.get(name) ?? user.settings[name] ?? defaults[name] ?? 'unset';
  return { tag: 'SHOW', rows: { columns: [name], values: [[value]] } };
}

/** Upkeep that has nothing to do here; it still refuses a transaction (F-426). */
export const upkeep: StatementKind = (reader, _scope, context) => {
  if (reader.take('alter', 'table')) return alterTable(reader, context);
  if (reader.take('analyze', 'compression')) throw notSimulated('ANALYZE COMPRESSION');
  if (!reader.take('vacuum')) return undefined;
  notInTransaction(context, 'VACUUM');
  return { tag: 'VACUUM' };
};

/** Changes of how a table is stored, and of keys that Redshift keeps as information only (F-430). */
function alterTable(reader: Reader, context: StatementContext): Effect | undefined {
  const path = reader.path();
  if (reader.take('append')) {
    notInTransaction(context, 'ALTER TABLE APPEND');
    throw notSimulated('ALTER TABLE APPEND');
  }
  if (!isAboutStorage(reader) && !isAboutKeys(reader)) return undefined;
  const table = path.map(quoteName).join('.');
  return { tag: 'ALTER TABLE', query: `SELECT 1 FROM ${table} LIMIT 0` };
}

const isAboutStorage = (reader: Reader) =>
  reader.take('alter') && reader.takeOne('distkey', 'diststyle', 'sortkey', 'compound', 'encode') !== undefined;

function isAboutKeys(reader: Reader): boolean {
  if (reader.take('drop', 'constraint')) return true;
  if (!reader.take('add')) return false;
  if (reader.take('constraint')) reader.name();
  return reader.takeOne('primary', 'foreign', 'unique') !== undefined;
}
