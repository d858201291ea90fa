/** Goes through an input and finds what breaks the rules of the model. */
import { type Constraint, constraintOf, type Fault, faultsOf } from './constraints.ts';
import { type Member, membersOf, type Shape } from './shapes.ts';

export interface Violation extends Fault {
  /** Where, in the names that the protocol uses: `tags.1.member.key`. */
  readonly path: string;
  readonly value: unknown;
  readonly sensitive: boolean;
}

/** How the parts of an input are called in messages. */
export interface Naming {
  member(member: Member): string;
  /** What follows the name of a list for its item with this number, counted from 1. */
  item(number: number): string;
}

/** Everything that is wrong with `input`, in the order of the model's members. */
export function violationsOf(service: string, shape: Shape, input: unknown, naming: Naming): Violation[] {
  const found: Violation[] = [];
  visit({ service, naming, found }, shape, input, '');
  return found;
}

interface Search {
  readonly service: string;
  readonly naming: Naming;
  readonly found: Violation[];
}

function visit(search: Search, shape: Shape, value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  if (shape.isStructSchema()) visitMembers(search, shape, value as Record<string, unknown>, path);
  else if (shape.isListSchema()) visitItems(search, shape, value as readonly unknown[], path);
  else if (shape.isMapSchema()) {
    for (const [key, item] of Object.entries(value)) visit(search, shape.getValueSchema(), item, `${path}.${key}`);
  }
}

function visitItems(search: Search, shape: Shape, items: readonly unknown[], path: string): void {
  for (const [index, item] of items.entries()) {
    visit(search, shape.getValueSchema(), item, path + search.naming.item(index + 1));
  }
}

function visitMembers(search: Search, shape: Shape, source: Record<string, unknown>, path: string): void {
  const structure = shape.getName() ?? '';
  for (const member of membersOf(shape)) {
    const name = search.naming.member(member);
    const spot = { path: path === '' ? name : `${path}.${name}`, sensitive: isSensitive(member.shape) };
    const value = source[member.name];
    if (value === undefined) {
      if (member.required) search.found.push({ ...spot, value: null, ...missing });
      continue;
    }
    const constraint = constraintOf(search.service, structure, member.name);
    if (constraint) checkValue(search, constraint, value, spot);
    visit(search, member.shape, value, spot.path);
  }
}

const missing: Fault = { kind: 'missing', text: 'Member must not be null' };

const isSensitive = (shape: Shape) => Boolean(shape.getMergedTraits().sensitive);

type Spot = Pick<Violation, 'path' | 'sensitive'>;

function checkValue(search: Search, constraint: Constraint, value: unknown, spot: Spot): void {
  for (const found of faultsOf(constraint, value)) search.found.push({ ...spot, value, ...found });
  const { each, key: keyRule, value: valueRule } = constraint;
  if (Array.isArray(value) && each) {
    for (const [index, item] of value.entries()) {
      checkValue(search, each, item, { ...spot, path: spot.path + search.naming.item(index + 1) });
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const entry = { ...spot, path: `${spot.path}.${key}` };
    if (keyRule) checkValue(search, keyRule, key, entry);
    if (valueRule) checkValue(search, valueRule, item, entry);
  }
}
