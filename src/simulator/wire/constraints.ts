/**
 * What AWS's models demand of a value beyond its type: lengths, ranges, patterns, enums (F-12). The table is made by
 * scripts/constraints.mjs from the public service models; see NOTICE.
 */
import table from './constraints.json' with { type: 'json' };

export interface Constraint {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly integer?: boolean;
  /** Of each item of a list. */
  readonly each?: Constraint;
  /** Of a map's keys and values. */
  readonly key?: Constraint;
  readonly value?: Constraint;
}

export interface Fault {
  readonly kind: 'missing' | 'type' | 'enum' | 'pattern' | 'length' | 'range';
  /** "Member must have length less than or equal to 64" */
  readonly text: string;
}

const constraints: readonly Constraint[] = table.constraints;
const services: Readonly<Record<string, Readonly<Record<string, number>>>> = table.services;

/** What the model of a service (by signing name) demands of a member. */
export function constraintOf(service: string, structure: string, member: string): Constraint | undefined {
  const index = services[service]?.[`${structure}.${member}`];
  return index === undefined ? undefined : constraints[index];
}

/** What is wrong with the value itself; items and entries are another matter. */
export function faultsOf(constraint: Constraint, value: unknown): Fault[] {
  if (typeof value === 'number') return faultsOfNumber(constraint, value);
  if (typeof value === 'string') return faultsOfText(constraint, value);
  if (Array.isArray(value) || value instanceof Uint8Array) return faultsOfSize(constraint, value.length);
  const isMap = typeof value === 'object' && value !== null && !(value instanceof Date);
  return isMap ? faultsOfSize(constraint, Object.keys(value).length) : [];
}

const fault = (isWrong: boolean, kind: Fault['kind'], text: string): Fault[] => (isWrong ? [{ kind, text }] : []);

const faultsOfNumber = ({ min, max, integer }: Constraint, value: number): Fault[] => [
  ...fault(integer === true && !Number.isInteger(value), 'type', 'Member must be a whole number'),
  ...fault(min !== undefined && value < min, 'range', `Member must have value greater than or equal to ${min}`),
  ...fault(max !== undefined && value > max, 'range', `Member must have value less than or equal to ${max}`),
];

const faultsOfText = (constraint: Constraint, value: string): Fault[] => [
  // AWS counts characters, not UTF-16 units.
  ...faultsOfSize(constraint, [...value].length),
  ...faultsOfChoice(constraint, value),
  ...faultsOfPattern(constraint, value),
];

const faultsOfSize = ({ min, max }: Constraint, size: number): Fault[] => [
  ...fault(min !== undefined && size < min, 'length', `Member must have length greater than or equal to ${min}`),
  ...fault(max !== undefined && size > max, 'length', `Member must have length less than or equal to ${max}`),
];

const faultsOfChoice = ({ enum: allowed }: Constraint, value: string): Fault[] =>
  allowed === undefined
    ? []
    : fault(!allowed.includes(value), 'enum', `Member must satisfy enum value set: [${allowed.join(', ')}]`);

const faultsOfPattern = ({ pattern }: Constraint, value: string): Fault[] =>
  pattern === undefined
    ? []
    : fault(!matches(pattern, value), 'pattern', `Member must satisfy regular expression pattern: ${pattern}`);

const compiled = new Map<string, RegExp>();

// The models' patterns are Java's and mean the whole value (F-13).
function matches(pattern: string, value: string): boolean {
  const known = compiled.get(pattern) ?? compile(pattern);
  compiled.set(pattern, known);
  return known.test(value);
}

// Named classes and surrogate pairs mean what they say only with the `u` flag, which in turn refuses the needless
// escapes of other patterns.
const needsUnicode = /\\p\{|\\uD8/;

/** The pattern as JavaScript writes it: Java's `\p{Print}` has no name there, and `(?i)` is a flag beside the pattern. */
export function compile(pattern: string): RegExp {
  const known = pattern.replaceAll('\\p{Print}', '[\\x20-\\x7e]').replace(/^\(\?i\)/, '');
  const flags = `${needsUnicode.test(known) ? 'u' : ''}${pattern.startsWith('(?i)') ? 'i' : ''}`;
  return new RegExp(`^(?:${known})$`, flags);
}
