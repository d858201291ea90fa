/**
 * The last line of defence for secrets: whatever is printed about errors and calls passes through here. Secrets are
 * kept out of messages where they are made; this catches what a library or AWS puts into one.
 */
import { withoutSecrets } from '../shared/secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const secretVariables = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'PGPASSWORD',
];

/** A function that takes the secrets of `environment`, and what looks like one, out of a text. */
export function redactor(environment: Environment): (text: string) => string {
  const values = secretVariables.flatMap((name) => environment[name] || []).filter((value) => value.length >= 8);
  return (text) => {
    const without = values.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
    return withoutSecrets(without);
  };
}
