/** Amazon's JDBC driver, version 2. */
import { type ConnectionTarget, verifyMode } from './target.ts';

/**
 * The URL, without a password: URLs end up in logs. The driver cuts it at `?`, `;` and `&` before it decodes names
 * (F-971), so that encoding them is enough.
 */
export function jdbc(target: ConnectionTarget): string {
  const { host, port, database, user } = target;
  const properties = {
    user: encoded(user),
    ssl: 'true',
    sslmode: verifyMode(target),
    tcpKeepAlive: 'true',
    DisableIsValidQuery: 'true',
  };
  const list = Object.entries(properties).map(([key, value]) => `;${key}=${value}`);
  return `jdbc:redshift://${host}:${port}/${encoded(database)}${list.join('')}`;
}

/** Like encodeURIComponent, and the quotes and brackets too that a shell or a configuration file would take for its own. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
