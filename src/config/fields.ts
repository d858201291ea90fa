/**
 * What a key of the configuration may hold: kinds of values that read a tree, note every fault with its place, and say
 * in words what they allow, for messages, the guide and the generated file alike.
 */
import type { ErrorCode } from '../shared/codes.ts';
import { Reading } from './reading.ts';
import { absentSettings, suggestKey } from './suggestions.ts';
import { emptyMap, isAbsent, type MapTree, type Place, type Tree } from './tree.ts';

export interface Kind<T> {
  /** What it is, in words: `whole number`, `list of CIDR blocks`. */
  readonly type: string;
  /** What is allowed, completing "must be". */
  readonly allowed: string;
  /** Undefined: there was a fault, and it has been noted. */
  read(tree: Tree, reading: Reading): T | undefined;
  /** Of sections: their keys. */
  readonly keys?: Readonly<Record<string, Key<unknown>>>;
  /** Of lists: what each item is. */
  readonly item?: Kind<unknown>;
  /** Of maps with free keys: what each value is. */
  readonly value?: Kind<unknown>;
}

export interface Key<T> {
  readonly kind: Kind<unknown>;
  /** What it means, one sentence, for the guide and the generated file. */
  readonly about: string;
  readonly required: boolean;
  /** As shown; undefined for required keys and sections. */
  readonly shownDefault: string | undefined;
  /** Whether `shownDefault` could stand in the file as it is, rather than describe what happens. */
  readonly literal: boolean;
  read(tree: Tree | undefined, reading: Reading, at: { path: string; place: Place }): T;
}

type ValueOf<K> = K extends Key<infer T> ? T : never;
export type SectionValue<S> = { readonly [P in keyof S]: ValueOf<S[P]> };

/** A key with a default. */
export function key<T>(kind: Kind<T>, about: string, fallback: T, shownDefault = JSON.stringify(fallback)): Key<T> {
  const read = (tree: Tree | undefined, reading: Reading) =>
    isAbsent(tree) ? fallback : (kind.read(tree, reading) ?? fallback);
  return { kind, about, required: false, shownDefault, literal: true, read };
}

/** A key that may be left out, and then means what `shownDefault` says. */
export function optional<T>(kind: Kind<T>, about: string, shownDefault: string): Key<T | undefined> {
  const read = (tree: Tree | undefined, reading: Reading) => (isAbsent(tree) ? undefined : kind.read(tree, reading));
  return { kind, about, required: false, shownDefault, literal: false, read };
}

/** A key without a default. `placeholder` stands in for it once its absence has been noted. */
export function required<T>(kind: Kind<T>, about: string, placeholder: T): Key<T> {
  const read = (tree: Tree | undefined, reading: Reading, at: { path: string; place: Place }) => {
    if (!isAbsent(tree)) return kind.read(tree, reading) ?? placeholder;
    reading.fault('config/missing', at, 'is missing', `Add \`${at.path.split('.').at(-1)}:\` with ${kind.allowed}.`);
    return placeholder;
  };
  return { kind, about, required: true, shownDefault: undefined, literal: false, read };
}

/** A section of keys under a key; where it is absent, its keys have their defaults. */
export function group<S extends Record<string, Key<unknown>>>(keys: S, about: string): Key<SectionValue<S>> {
  const kind = section(keys);
  const read = (tree: Tree | undefined, reading: Reading, at: { path: string; place: Place }) =>
    kind.read(isAbsent(tree) ? { ...emptyMap(at.path), place: at.place } : tree, reading) ?? kind.empty;
  return { kind, about, required: false, shownDefault: undefined, literal: false, read };
}

/** A map of known keys. */
export function section<S extends Record<string, Key<unknown>>>(
  keys: S,
): Kind<SectionValue<S>> & { readonly empty: SectionValue<S> } {
  const readKeys = (tree: MapTree, reading: Reading) => {
    const values = Object.entries(keys).map(([name, known]) => {
      const entry = tree.entries.get(name);
      const at = { path: tree.path === '' ? name : `${tree.path}.${name}`, place: entry?.place ?? tree.place };
      return [name, known.read(entry?.value, reading, at)];
    });
    return Object.fromEntries(values) as SectionValue<S>;
  };
  return {
    type: 'section',
    allowed: `a section with the keys ${Object.keys(keys).join(', ')}`,
    keys,
    get empty() {
      return readKeys(emptyMap(), new Reading());
    },
    read(tree, reading) {
      if (tree.kind !== 'map') return refuse(tree, reading, this.allowed);
      refuseUnknown(tree, keys, reading);
      return readKeys(tree, reading);
    },
  };
}

function refuseUnknown(tree: MapTree, keys: Readonly<Record<string, Key<unknown>>>, reading: Reading): void {
  for (const [name, entry] of tree.entries) {
    if (Object.hasOwn(keys, name)) continue;
    const at = { path: entry.value.path, place: entry.place };
    const absent = absentSettings(name);
    if (absent !== undefined)
      reading.fault('config/no-such-setting', at, `does not exist: ${absent.why}`, absent.instead);
    else {
      const known = Object.keys(keys);
      reading.fault(
        'config/unknown-key',
        at,
        'is not a key that rsds knows',
        suggestKey(name, known, reading.elsewhere),
      );
    }
  }
}

/** What is wrong with a value: `must` completes "is …, must be". */
export interface Problem {
  readonly code?: ErrorCode;
  readonly must: string;
  readonly hint?: string | undefined;
}

/** Text; `check` says what is wrong with it. Numbers and booleans are taken as they are written where `loose`. */
export function text(
  type: string,
  allowed: string,
  check: (value: string) => Problem | boolean | undefined,
  how: { readonly loose?: boolean; readonly code?: ErrorCode } = {},
): Kind<string> {
  return {
    type,
    allowed,
    read(tree, reading) {
      if (tree.kind !== 'scalar' || (typeof tree.value !== 'string' && !how.loose))
        return refuse(tree, reading, allowed);
      const value = typeof tree.value === 'string' ? tree.value : tree.source;
      const problem = check(value);
      if (problem === undefined || problem === true) return value;
      const { code = how.code ?? 'config/value', must, hint } = problem === false ? { must: allowed } : problem;
      reading.fault(code, tree, `is ${show(tree)}, must be ${must}`, hint);
      return undefined;
    },
  };
}

/** A whole number; `check` adds to the range. */
export function integer(
  min: number,
  max: number,
  allowed = `a whole number from ${min} to ${max}`,
  check?: (value: number) => Problem | undefined,
): Kind<number> {
  return {
    type: 'whole number',
    allowed,
    read(tree, reading) {
      if (tree.kind !== 'scalar' || typeof tree.value !== 'number') return refuse(tree, reading, allowed);
      const inRange = Number.isInteger(tree.value) && tree.value >= min && tree.value <= max;
      const problem: Problem | undefined = check?.(tree.value) ?? (inRange ? undefined : { must: allowed });
      if (problem === undefined) return tree.value;
      reading.fault(problem.code ?? 'config/value', tree, `is ${show(tree)}, must be ${problem.must}`, problem.hint);
      return undefined;
    },
  };
}

export const boolean: Kind<boolean> = {
  type: 'true or false',
  allowed: 'true or false',
  read(tree, reading) {
    return tree.kind === 'scalar' && typeof tree.value === 'boolean' ? tree.value : refuse(tree, reading, this.allowed);
  },
};

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Kind<W> {
  const allowed = words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return {
    type: 'word',
    allowed,
    read(tree, reading) {
      const word = words.find((candidate) => tree.kind === 'scalar' && candidate === tree.value);
      if (word !== undefined) return word;
      if (tree.kind !== 'scalar' || typeof tree.value !== 'string') return refuse(tree, reading, allowed);
      reading.fault('config/value', tree, `is ${show(tree)}, must be ${allowed}`);
      return undefined;
    },
  };
}

/** A list whose items differ. Faults of single items don't hide those of the others. */
export function listOf<T>(
  item: Kind<T>,
  type: string,
  max: number,
  identity: (value: T) => string = (value) => JSON.stringify(value),
): Kind<readonly T[]> {
  return {
    type,
    allowed: `a list, each of them ${item.allowed}`,
    item,
    read(tree, reading) {
      if (tree.kind !== 'list')
        return refuse(tree, reading, `a list, such as [${tree.kind === 'scalar' ? tree.source : '…'}]`);
      if (tree.items.length > max)
        reading.fault('config/value', tree, `has ${tree.items.length} items, must have at most ${max}`);
      const first = new Map<string, string>();
      const values = tree.items.map((each) => {
        const value = isAbsent(each) ? refuse(each, reading, item.allowed) : item.read(each, reading);
        if (value === undefined) return undefined;
        const same = first.get(identity(value));
        if (same !== undefined) reading.fault('config/value', each, `is the same as ${same}`, 'Remove one of the two.');
        else first.set(identity(value), each.path);
        return value;
      });
      return values.every((value) => value !== undefined) ? (values as T[]) : undefined;
    },
  };
}

/** A map of free keys to values of one kind. */
export function mapOf<T>(
  value: Kind<T>,
  type: string,
  max: number,
  checkKey: (name: string) => Problem | undefined,
): Kind<Readonly<Record<string, T>>> {
  return {
    type,
    allowed: `a map, each value ${value.allowed}`,
    value,
    read(tree, reading) {
      if (tree.kind !== 'map') return refuse(tree, reading, `a map, such as { key: value }`);
      if (tree.entries.size > max)
        reading.fault('config/value', tree, `has ${tree.entries.size} keys, must have at most ${max}`);
      const pairs = [...tree.entries].map(([name, entry]) => {
        const problem = checkKey(name);
        const at = { path: entry.value.path, place: entry.place };
        if (problem) reading.fault(problem.code ?? 'config/value', at, `must be ${problem.must}`, problem.hint);
        const content = isAbsent(entry.value) ? { ...emptyMap(entry.value.path), place: entry.place } : entry.value;
        return [name, value.read(value.keys ? content : entry.value, reading)] as const;
      });
      return Object.fromEntries(pairs.filter((pair): pair is readonly [string, T & {}] => pair[1] !== undefined));
    },
  };
}

/** Notes a value of the wrong type. */
export function refuse(tree: Tree, reading: Reading, allowed: string): undefined {
  reading.fault('config/type', tree, `is ${show(tree)}, must be ${allowed}`, typeHint(tree));
  return undefined;
}

function typeHint(tree: Tree): string | undefined {
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string') return undefined;
  if (/^(yes|no|on|off)$/i.test(tree.value)) return 'Write true or false.';
  return /^(-?\d+|true|false)$/.test(tree.value) ? 'Write it without quotes.' : undefined;
}

/** The wrong value, for messages; long ones shortened. */
export function show(tree: Tree): string {
  if (tree.kind === 'list') return `a list of ${tree.items.length}`;
  if (tree.kind === 'map') return 'a section';
  if (tree.value === null) return 'empty';
  const shown = typeof tree.value === 'string' ? JSON.stringify(tree.value) : tree.source;
  return shown.length > 80 ? `${shown.slice(0, 77)}…` : shown;
}
