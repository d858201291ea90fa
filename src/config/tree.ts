/**
 * The configuration file as a tree in which every value knows its place in the file, so that a fault found late, in a
 * merged configuration, still names the line that has to be mended.
 */
import type * as Yaml from 'yaml';
import type { ConfigFault } from '../shared/errors.ts';

/** 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

interface Located {
  readonly place: Place;
  /** Dotted path in the file, `environments.prod.consumers.count`. */
  readonly path: string;
}

export type Scalar = string | number | boolean | null;

export interface ScalarTree extends Located {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** As written, without quotes: `0042` stays so where text is wanted. */
  readonly source: string;
}

export interface ListTree extends Located {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

export interface Entry {
  readonly place: Place;
  readonly value: Tree;
}

export interface MapTree extends Located {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

export type Tree = ScalarTree | ListTree | MapTree;

export const emptyMap = (path = ''): MapTree => ({
  kind: 'map',
  entries: new Map(),
  place: { line: 1, column: 1 },
  path,
});

/** Whether nothing was given: the key is not there, or has no value. */
export const isAbsent = (tree: Tree | undefined): tree is undefined | (ScalarTree & { value: null }) =>
  tree === undefined || (tree.kind === 'scalar' && tree.value === null);

/** Reads YAML. Where it is not well-formed there is no tree, only faults. */
export async function parseTree(text: string): Promise<{ tree: MapTree; faults: readonly ConfigFault[] }> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    return {
      tree: emptyMap(),
      faults: wrong.map(({ code, message, pos }) => ({ ...syntaxFault(code, message), ...placeAt(lines, pos[0]) })),
    };
  }
  const growth = new Growth(yaml, document, lines);
  const tree = document.contents === null ? emptyMap() : growth.tree(document.contents, '', { line: 1, column: 1 });
  if (tree.kind === 'map') return { tree, faults: growth.faults };
  if (isAbsent(tree)) return { tree: emptyMap(), faults: growth.faults };
  const message = 'the file must consist of keys with values, such as `project: airline`';
  return { tree: emptyMap(), faults: [{ code: 'config/type', message, ...tree.place }] };
}

function syntaxFault(code: string, message: string): Pick<ConfigFault, 'code' | 'message' | 'hint'> {
  if (code === 'DUPLICATE_KEY') {
    return { code: 'config/syntax', message: 'this key occurs twice in the same place', hint: 'Keep one of the two.' };
  }
  return {
    code: 'config/syntax',
    message: `not well-formed YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
  };
}

function placeAt(lines: Yaml.LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Turns YAML nodes into trees; aliases are followed, but not into themselves. */
class Growth {
  readonly faults: ConfigFault[] = [];
  readonly #yaml: typeof Yaml;
  readonly #document: Yaml.Document;
  readonly #lines: Yaml.LineCounter;
  readonly #following = new Set<Yaml.Node>();

  constructor(yaml: typeof Yaml, document: Yaml.Document, lines: Yaml.LineCounter) {
    this.#yaml = yaml;
    this.#document = document;
    this.#lines = lines;
  }

  tree(node: unknown, path: string, fallback: Place): Tree {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    const place = this.#place(node, fallback);
    if (isAlias(node)) return this.#follow(node, path, place);
    if (isMap(node)) return this.#map(node, path, place);
    if (isSeq(node)) return this.#list(node, path, place);
    return isScalar(node) ? scalarTree(node, path, place) : nothing(path, place);
  }

  #place(node: unknown, fallback: Place): Place {
    return this.#yaml.isNode(node) && node.range ? placeAt(this.#lines, node.range[0]) : fallback;
  }

  #map(node: Yaml.YAMLMap, path: string, place: Place): MapTree {
    const entries = new Map<string, Entry>();
    for (const { key, value } of node.items) {
      const name = this.#yaml.isScalar(key) ? String(key.value) : String(key);
      const at = this.#place(key, place);
      entries.set(name, { place: at, value: this.tree(value, path === '' ? name : `${path}.${name}`, at) });
    }
    return { kind: 'map', entries, place, path };
  }

  #list(node: Yaml.YAMLSeq, path: string, place: Place): ListTree {
    return { kind: 'list', items: node.items.map((item, at) => this.tree(item, `${path}[${at}]`, place)), place, path };
  }

  #follow(alias: Yaml.Alias, path: string, place: Place): Tree {
    const target = alias.resolve(this.#document);
    if (target === undefined || this.#following.has(target) || this.#following.size >= maxAliasDepth) {
      const message = `the alias *${alias.source} leads into itself or through too many others`;
      this.faults.push({ code: 'config/syntax', message, path, ...place });
      return nothing(path, place);
    }
    this.#following.add(target);
    const tree = this.tree(target, path, place);
    this.#following.delete(target);
    return tree;
  }
}

/** Aliases of aliases of aliases grow exponentially; nobody needs more than a few levels. */
const maxAliasDepth = 4;

const nothing = (path: string, place: Place): ScalarTree => ({ kind: 'scalar', value: null, source: '', place, path });

function scalarTree(node: Yaml.Scalar, path: string, place: Place): ScalarTree {
  const { value, source } = node;
  if (value === null || typeof value === 'object' || value === undefined) return nothing(path, place);
  return { kind: 'scalar', value: value as Scalar, source: source ?? String(value), place, path };
}

/**
 * Lays `over` over `base`: maps merge, everything else is replaced, and an empty section changes nothing. Paths in
 * `whole` (as in the base) are choices that are replaced as a whole although they are maps.
 */
export function mergeTrees(base: MapTree, over: MapTree, whole: ReadonlySet<string>): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)?.value;
    if (below?.kind !== 'map' || whole.has(below.path)) entries.set(key, entry);
    else if (entry.value.kind === 'map') entries.set(key, { ...entry, value: mergeTrees(below, entry.value, whole) });
    else if (!isAbsent(entry.value)) entries.set(key, entry);
  }
  return { ...base, entries };
}

/** The tree at a dotted path (`network.subnetCidrs[1]`), or the nearest one above it that is there. */
export function nearest(
  tree: Tree,
  path: string,
): { readonly found: Tree; readonly place: Place; readonly exact: boolean } {
  let found = tree;
  let place = tree.place;
  for (const part of path.match(/[^.[\]]+/g) ?? []) {
    const next = childOf(found, part);
    if (next === undefined) return { found, place, exact: false };
    found = next.value;
    place = isAbsent(found) || found.kind !== 'scalar' ? next.place : found.place;
  }
  return { found, place, exact: true };
}

function childOf(tree: Tree, part: string): Entry | undefined {
  if (tree.kind === 'map') return tree.entries.get(part);
  const item = tree.kind === 'list' ? tree.items[Number(part)] : undefined;
  return item && { place: item.place, value: item };
}
