/** psql, and whatever else is made of libpq. */
import { type ConnectionTarget, keepalive } from './target.ts';

/** The string that libpq takes; `more` are further keywords. */
export function conninfo(target: ConnectionTarget, more: Readonly<Record<string, string | number>> = {}): string {
  const { host, port, database, user } = target;
  const keywords = {
    host,
    port,
    dbname: database,
    user,
    ...tlsOf(target),
    keepalives_idle: keepalive.idleSeconds,
    keepalives_interval: keepalive.intervalSeconds,
    keepalives_count: keepalive.count,
    ...more,
  };
  return Object.entries(keywords)
    .map(([keyword, value]) => `${keyword}=${quoted(String(value))}`)
    .join(' ');
}

/** `psql "host=…"`, for a shell. */
export const psql = (target: ConnectionTarget): string => `psql ${argument(conninfo(target))}`;

/** `require` needs no file of authorities; with the system's, libpq insists on the name (F-972). */
const tlsOf = ({ certificate }: ConnectionTarget): Readonly<Record<string, string>> =>
  certificate === 'host' ? { sslmode: 'verify-full', sslrootcert: 'system' } : { sslmode: 'require' };

/** Quotes around what is empty or has spaces, with quotes and backslashes escaped (F-972). */
const quoted = (value: string): string =>
  /^[^\s'\\]+$/.test(value) ? value : `'${value.replaceAll(/['\\]/g, '\\$&')}'`;

/** In double quotes, which every shell takes, where nothing in it means more to one of them. */
const argument = (text: string): string =>
  /["$`\\!%\n]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
