/** dbt's profile for its Redshift adapter. */
import { type ConnectionTarget, literal, verifyMode } from './target.ts';

/** A profile for profiles.yml, with the password from PGPASSWORD (F-978). */
export function dbt(target: ConnectionTarget): string {
  const { host, port, database, user, name } = target;
  return `${literal(name)}:
  target: rsds
  outputs:
    rsds:
      type: redshift
      host: ${literal(host)}
      port: ${port}
      user: ${value(user)}
      password: "{{ env_var('PGPASSWORD') }}"
      dbname: ${value(database)}
      schema: public
      sslmode: ${verifyMode(target)}
      tcp_keepalive: true`;
}

/** What looks like a template is made one that says it, since dbt renders every value. */
const value = (text: string): string => literal(/\{[{%#]/.test(text) ? `{{ ${literal(text)} }}` : text);
