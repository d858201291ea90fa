/**
 * What AWS's models demand of an input beyond its types: required members, lengths, ranges, patterns, enums (F-12). The
 * table is made by scripts/constraints.mjs from the public service models; see NOTICE.
 */
import table from './constraints.json' with { type: 'json' };
import { membersOf, type Shape } from './shapes.ts';

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

export type ViolationKind = 'missing' | 'type' | 'enum' | 'pattern' | 'length' | 'range';

export interface Violation {
  readonly kind: ViolationKind;
  /** As AWS writes it: `tags.1.member.key`. */
  readonly path: string;
  readonly value: unknown;
  /** "Member must have length less than or equal to 64" */
  readonly constraint: string;
  readonly sensitive: boolean;
}

const constraints: readonly Constraint[] = table.constraints;
const services: Readonly<Record<string, Readonly<Record<string, number>>>> = table.services;

export function constraintOf(service: string, structure: string, member: string): Constraint | undefined {
  const index = services[service]?.[`${structure}.${member}`];
  return index === undefined ? undefined : constraints[index];
}

/** Everything that is wrong with `input`, in the order of the model's members. */
export function violationsOf(service: string, shape: Shape, input: unknown): Violation[] {
  const found: Violation[] = [];
  checkShape({ service, found }, shape, input, '');
  return found;
}

interface Check {
  readonly service: string;
  readonly found: Violation[];
}

function checkShape(check: Check, shape: Shape, value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  if (shape.isStructSchema()) checkStructure(check, shape, value as Record<string, unknown>, path);
  else if (shape.isListSchema()) checkItems(check, shape.getValueSchema(), value as readonly unknown[], path);
  else if (shape.isMapSchema()) {
    for (const [key, item] of Object.entries(value)) checkShape(check, shape.getValueSchema(), item, `${path}.${key}`);
  }
}

function checkItems(check: Check, shape: Shape, items: readonly unknown[], path: string): void {
  for (const [index, item] of items.entries()) checkShape(check, shape, item, `${path}.${index + 1}.member`);
}

function checkStructure(check: Check, shape: Shape, source: Record<string, unknown>, path: string): void {
  const structure = shape.getName() ?? '';
  for (const member of membersOf(shape)) {
    const value = source[member.name];
    const at = path === '' ? lowerFirst(member.name) : `${path}.${lowerFirst(member.name)}`;
    if (value === undefined) {
      if (member.required) check.found.push(violation('missing', at, null, 'Member must not be null', false));
      continue;
    }
    const constraint = constraintOf(check.service, structure, member.name);
    const sensitive = Boolean(member.shape.getMergedTraits().sensitive);
    if (constraint) check.found.push(...checkValue(constraint, value, at, sensitive));
    checkShape(check, member.shape, value, at);
  }
}

/** AWS names members in messages with a small first letter, whatever the wire says (F-12). */
const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

const violation = (kind: ViolationKind, path: string, value: unknown, constraint: string, sensitive: boolean) => ({
  ...{ kind, path, value, sensitive },
  constraint,
});

function checkValue(constraint: Constraint, value: unknown, path: string, sensitive: boolean): Violation[] {
  const add = (kind: ViolationKind, text: string) => violation(kind, path, value, text, sensitive);
  if (Array.isArray(value)) {
    const { each } = constraint;
    const items = each
      ? value.flatMap((item, index) => checkValue(each, item, `${path}.${index + 1}.member`, sensitive))
      : [];
    return [...checkSize(constraint, value.length, add), ...items];
  }
  if (typeof value === 'number') return checkNumber(constraint, value, add);
  if (typeof value === 'string') return checkText(constraint, value, add);
  if (value instanceof Uint8Array) return checkSize(constraint, value.length, add);
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return [
    ...checkSize(constraint, Object.keys(value).length, add),
    ...checkEntries(constraint, value, path, sensitive),
  ];
}

function checkEntries(constraint: Constraint, map: object, path: string, sensitive: boolean): Violation[] {
  const { key: keyRule, value: valueRule } = constraint;
  return Object.entries(map).flatMap(([key, value]) => [
    ...(keyRule ? checkValue(keyRule, key, `${path}.${key}`, sensitive) : []),
    ...(valueRule ? checkValue(valueRule, value, `${path}.${key}.member`, sensitive) : []),
  ]);
}

type Add = (kind: ViolationKind, constraint: string) => Violation;

function checkNumber({ min, max, integer }: Constraint, value: number, add: Add): Violation[] {
  const found: Violation[] = [];
  if (integer && !Number.isInteger(value)) found.push(add('type', 'Member must be a whole number'));
  if (min !== undefined && value < min)
    found.push(add('range', `Member must have value greater than or equal to ${min}`));
  if (max !== undefined && value > max) found.push(add('range', `Member must have value less than or equal to ${max}`));
  return found;
}

function checkText(constraint: Constraint, value: string, add: Add): Violation[] {
  const found: Violation[] = [];
  const { enum: allowed, pattern } = constraint;
  if (allowed && !allowed.includes(value))
    found.push(add('enum', `Member must satisfy enum value set: [${allowed.join(', ')}]`));
  if (pattern !== undefined && !matches(pattern, value))
    found.push(add('pattern', `Member must satisfy regular expression pattern: ${pattern}`));
  return [...checkSize(constraint, [...value].length, add), ...found];
}

function checkSize({ min, max }: Constraint, size: number, add: Add): Violation[] {
  const found: Violation[] = [];
  if (min !== undefined && size < min)
    found.push(add('length', `Member must have length greater than or equal to ${min}`));
  if (max !== undefined && size > max)
    found.push(add('length', `Member must have length less than or equal to ${max}`));
  return found;
}

const compiled = new Map<string, RegExp | undefined>();

// The models' patterns are Java's and mean the whole value (F-13).
function matches(pattern: string, value: string): boolean {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern)?.test(value) ?? true;
}

// Most patterns compile as they are; those with \p{…} need the `u` flag, which refuses needless escapes.
function compile(pattern: string): RegExp | undefined {
  for (const flags of pattern.includes('\\p{') ? ['u'] : ['', 'u']) {
    try {
      return new RegExp(`^(?:${pattern})$`, flags);
    } catch {
      // The other flag, or no check at all: a pattern that JavaScript can't express must not refuse good input.
    }
  }
  return undefined;
}
