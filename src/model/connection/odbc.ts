/** Amazon's ODBC driver, version 2. */
import { type ConnectionTarget, keepalive, verifyMode } from './target.ts';

/** The string for SQLDriverConnect (F-973), to which the application adds `PWD`. */
export function odbc(target: ConnectionTarget): string {
  const { host, port, database, user } = target;
  const attributes = {
    Driver: '{Amazon Redshift ODBC Driver (x64)}',
    Server: host,
    Port: port,
    Database: braced(database),
    UID: braced(user),
    SSLMode: verifyMode(target),
    KeepAlive: 1,
    KeepAliveIdle: keepalive.idleSeconds,
    KeepAliveInterval: keepalive.intervalSeconds,
    KeepAliveCount: keepalive.count,
  };
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${value};`)
    .join('');
}

/** In braces, with the closing one doubled, where a value has what means something in such a string. */
const braced = (value: string): string => (/^\w[\w.-]*$/.test(value) ? value : `{${value.replaceAll('}', '}}')}}`);
