/**
 * The rsds.yaml that `rsds init` writes: every key with what it means, answers as they were given, defaults commented
 * out. Made from the schema, so that no key can be missing.
 */
import type { Key } from './fields.ts';
import { environmentsAbout, keys, type Values } from './schema.ts';

type Loose<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
    : T;

/** Any part of a configuration file, shaped like the file itself; `vpc: create` is written as the word. */
export type InitAnswers = Omit<Loose<Values>, 'network' | 'workloads'> & {
  readonly network?:
    | (Omit<Loose<Values['network']>, 'vpc'> & { readonly vpc?: 'create' | { id: string } | { name: string } })
    | undefined;
  readonly workloads?: Readonly<Record<string, Loose<Values['workloads'][string]>>> | undefined;
  readonly environments?: Readonly<Record<string, InitAnswers>> | undefined;
};

type Given = Readonly<Record<string, unknown>>;
type Write = (value: unknown) => string;

/** The text of a file that loads back to exactly these answers. */
export async function initText(answers: InitAnswers): Promise<string> {
  const { stringify } = await import('yaml');
  const write: Write = (value) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
  const { environments, ...given } = answers;
  const parts = Object.entries<Key<unknown>>(keys).map(([name, key]) => part(name, key, given as Given, write, ''));
  return [heading, ...parts, environmentsPart(environments, write), ''].join('\n');
}

const heading = `# What rsds builds. Lines such as "# port: 5439" show defaults; remove the # to change them.
# Every key: docs/guides/configuration.md
`;

function part(name: string, key: Key<unknown>, given: Given, write: Write, indent: string): string {
  const value = given[name];
  const inner = key.kind.keys;
  if (inner === undefined)
    return `${about(key, value, indent)}${indent}${line(name, key, value, write)}${indent === '' ? '\n' : ''}`;
  const below = isMap(value) ? value : {};
  const lines = Object.entries(inner).map(([each, innerKey]) => part(each, innerKey, below, write, `${indent}  `));
  return `${indent}# ${key.about}\n${indent}${name}:\n${lines.join('\n')}\n`;
}

function about(key: Key<unknown>, value: unknown, indent: string): string {
  const fallback = value === undefined && !key.literal && key.shownDefault ? ` Default: ${key.shownDefault}.` : '';
  return `${indent}# ${key.about}${fallback}\n`;
}

function line(name: string, key: Key<unknown>, value: unknown, write: Write): string {
  if (value !== undefined) return `${name}: ${write(value)}`;
  return `# ${name}:${key.literal ? ` ${key.shownDefault}` : ''}`;
}

function environmentsPart(environments: InitAnswers['environments'], write: Write): string {
  const example =
    '# environments:\n#   dev: { consumers: { count: 2, baseCapacity: 8 } }\n#   prod: { consumers: { count: 5 } }';
  if (environments === undefined) return `# ${environmentsAbout}\n${example}`;
  const lines = Object.entries(environments).map(([name, section]) => `  ${name}: ${write(section)}`);
  return [`# ${environmentsAbout}`, 'environments:', ...lines].join('\n');
}

const isMap = (value: unknown): value is Given => typeof value === 'object' && value !== null && !Array.isArray(value);
