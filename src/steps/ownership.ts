/**
 * Ours or not ours: the tags of this environment decide, and nothing else.
 *
 * O1. What carries a wanted name without our tags is `Foreign`: neither changed nor deleted.
 * O2. Tags that AWS gives with a description are always looked at. Where they cost a call of their own, the ledger's
 *     word is taken for what it recorded under the same id and the same wanted tags (F-655).
 */
import { createHash } from 'node:crypto';
import type { Tags } from '../aws/tags.ts';
import type { Config } from '../config/config.ts';
import { type Change, Foreign, type Json, type Look, type ResourceId } from '../engine/resource.ts';
import { isOurs, ownTagKeys } from '../model/tags.ts';
import { change } from './changes.ts';

type Owner = Pick<Config, 'project' | 'environment'>;

export function foreign(what: string, owner: Owner): Foreign {
  return new Foreign(`${what} does not carry the tags of ${owner.project}/${owner.environment}`);
}

interface Identified {
  readonly id: string;
  readonly tags: Tags;
  /** Whether it has what only one thing in its place can have: the name, the addresses. */
  readonly named: boolean;
}

/**
 * Which of `items` is the resource `id` of this environment: the recorded one first, then the one tagged so, then the
 * one that has its name. The last is `Foreign` when it is not ours.
 */
export function pick<T>(
  owner: Owner,
  id: ResourceId,
  items: readonly T[],
  { look, identify }: { look: Look; identify: (item: T) => Identified },
): T | Foreign | undefined {
  const known = items.map((item) => ({ item, ...identify(item) })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const ours = known.filter(({ tags }) => isOurs(owner, tags));
  const recorded = look.recorded(id)?.id;
  const found =
    ours.find((one) => one.id === recorded) ??
    ours.find(({ tags }) => tags[ownTagKeys.resource] === id) ??
    known.find(({ named }) => named);
  if (found === undefined) return undefined;
  return isOurs(owner, found.tags) ? found.item : foreign(found.id, owner);
}

/** The change that sets wanted tags which are missing or differ; tags that others added stay. */
export function tagChanges(seen: Tags | undefined, wanted: Tags, set: (tags: Tags) => Promise<unknown>): Change[] {
  if (seen === undefined) return [];
  const missing = Object.entries(wanted).filter(([key, value]) => seen[key] !== value);
  if (missing.length === 0) return [];
  const was = (key: string) => (seen[key] === undefined ? '=' : ` ${seen[key]} → `);
  const title = `tags ${missing.map(([key, value]) => `${key}${was(key)}${value}`).join(', ')}`;
  return [change('update', title, () => set(Object.fromEntries(missing)))];
}

/** For `remember`: what lets a later look take the ledger's word. */
export const ownershipRecord = (id: string, wanted: Tags): Record<string, Json> => ({ id, tags: digest(wanted) });

function digest(tags: Tags): string {
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

/** Tags that cost a call of their own: read when the ledger does not know them, and once a run. */
export class TagMemory {
  readonly #id: ResourceId;
  readonly #wanted: Tags;
  readonly #read: (identity: string) => Promise<Tags>;
  #known: { readonly identity: string; readonly tags: Tags } | undefined;

  /** `read` gets whatever identity `of` was given, e.g. an ARN. */
  constructor(id: ResourceId, wanted: Tags, read: (identity: string) => Promise<Tags>) {
    this.#id = id;
    this.#wanted = wanted;
    this.#read = read;
  }

  /** The tags, or undefined where the ledger says that they are as wanted. */
  async of(look: Look, identity: string): Promise<Tags | undefined> {
    const recorded = look.recorded(this.#id);
    if (recorded?.id === identity && recorded.tags === digest(this.#wanted)) return undefined;
    if (this.#known?.identity !== identity) this.#known = { identity, tags: await this.#read(identity) };
    return this.#known.tags;
  }

  /** After a create that was answered: AWS has put them on. */
  set(identity: string | undefined): void {
    this.#known = identity === undefined ? undefined : { identity, tags: this.#wanted };
  }

  /** After the tags were changed. */
  forget(): void {
    this.#known = undefined;
  }
}
