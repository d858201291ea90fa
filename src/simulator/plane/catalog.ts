/**
 * What the warehouses know of databases, schemas, users and shares: plain JSON in the world, so that it can be read
 * without waking anything. The rows are in the embedded Postgres, under physical names that this catalog gives out.
 *
 * C1. A physical name (`~s12`) is used once and never again.
 * C3. Nothing of a world is in Postgres alone: its content can be made again from the journal at any time, which is
 *     how a world is saved, loaded, and survives the end of its Postgres.
 * C2. Postgres's own grants are the truth for who may read which table; the catalog knows which share and which
 *     database stand behind them.
 */
import type { Place, Slot } from '../world.ts';
import { SqlError } from './sql-error.ts';

export interface Catalog {
  /** The number of the next physical name. */
  next: number;
  /** By namespace id. */
  namespaces: Record<string, Namespace>;
  /** Schemas of temporary tables, by physical name; see temporary.ts. */
  temporary?: Record<string, TemporarySchema>;
  /**
   * Every statement that changed something in Postgres, in order: what is needed to make its content again (C3). Read
   * and written by engine-room.ts.
   */
  journal: JournalEntry[];
}

export interface JournalEntry {
  /** Role, search path and settings under which it ran; nothing for the data plane's own statements. */
  readonly as: string;
  readonly sql: string;
}

export interface TemporarySchema {
  readonly namespaceId: string;
  /** World time until which the session stands that it belongs to, where no process holds that. */
  until?: number;
}

export interface Namespace {
  id: string;
  region: string;
  /** Owns everything in it; what its superusers act as. */
  role: string;
  /** What PUBLIC means in it: all its users are members. Postgres's own PUBLIC would span the namespaces. */
  publicRole: string;
  databases: Record<string, Database>;
  users: Record<string, User>;
  shares: Record<string, Share>;
}

export interface Database {
  name: string;
  owner: string;
  schemas: Record<string, Schema>;
  /** Grantees of USAGE: `user:x`, `role:x`, `group:x`, `public:`. Counts for shared databases. */
  usage: string[];
  /** Grantees of CREATE: they may make schemas in it. */
  create: string[];
  /** Only for a database made from a datashare. */
  shared?: SharedSource;
}

export interface SharedSource {
  share: string;
  producer: string;
  /** Made WITH PERMISSIONS. Gap: objects could then be granted one by one; it changes nothing here (F-423). */
  withPermissions: boolean;
  /** Postgres role that holds what the share gives; its members may read. */
  role: string;
}

export interface Schema {
  name: string;
  owner: string;
  /** Physical name; absent for an external schema. */
  physical?: string;
  /** Stands for a schema of a shared database. */
  external?: { database: string; schema: string };
  /** Grantees of USAGE on an external schema; of all others Postgres knows them. */
  usage: string[];
}

export type PrincipalKind = 'user' | 'role' | 'group';

export interface User {
  name: string;
  kind: PrincipalKind;
  /** Physical role. What a superuser does is done by the namespace's own role, see `actingRole`. */
  role: string;
  id: number;
  superuser: boolean;
  createdb: boolean;
  /** Groups and roles it is a member of: their keys. */
  memberOf: string[];
  /** What its sessions start with, by lower-case name (ALTER USER … SET). */
  settings: Record<string, string>;
  /** `md5…`, `sha256|…` or nothing when disabled. */
  password?: string;
  validUntil?: string;
  connectionLimit?: string;
  /** Seconds. */
  sessionTimeout?: number;
}

export interface Share {
  name: string;
  id: number;
  owner: string;
  /** The database it is bound to. */
  database: string;
  createdAt: number;
  publiclyAccessible: boolean;
  /** Schema name → whether tables to come are added. */
  schemas: Record<string, { includeNew: boolean }>;
  consumers: ShareConsumer[];
  /** Who may change it (ALTER) and give it on (SHARE) beside its owner: their keys. */
  alter: string[];
  share: string[];
  /** Postgres role that may read what is in the share. */
  role: string;
}

export interface ShareConsumer {
  /** A namespace id or an account. */
  identifier: string;
  kind: 'namespace' | 'account';
  grantedAt: number;
  /** When consumers see it (F-421). */
  visibleAt: number;
}

const slot: Slot<Catalog> = {
  name: 'data-plane',
  scope: 'global',
  initial: () => ({ next: 1, namespaces: {}, journal: [] }),
};

export const catalogOf = (place: Place): Catalog => place.world.state(slot, place.region);

/** Gives out a physical name; `kind`: s(chema), n(amespace), p(ublic), u(ser), d(atabase), h (datashare), t(emporary). */
export const physicalName = (catalog: Catalog, kind: 's' | 'n' | 'p' | 'u' | 'd' | 'h' | 't') =>
  `~${kind}${catalog.next++}`;

/** What the catalog says now, without the journal, to go back to when a statement fails. */
export const rememberCatalog = ({ next, namespaces, temporary }: Catalog) =>
  structuredClone({ next, namespaces, ...(temporary && { temporary }) });

/** Puts back what the catalog said. */
export function restoreCatalog(catalog: Catalog, earlier: ReturnType<typeof rememberCatalog>): void {
  catalog.next = earlier.next;
  catalog.namespaces = earlier.namespaces;
  if (earlier.temporary) catalog.temporary = earlier.temporary;
  else delete catalog.temporary;
}

export function databaseOf(namespace: Namespace, name: string): Database {
  const found = namespace.databases[name];
  if (!found) throw new SqlError('3D000', `database "${name}" does not exist`);
  return found;
}

export function shareOf(namespace: Namespace, name: string): Share {
  const found = namespace.shares[name];
  if (!found) throw new SqlError('42704', `datashare "${name}" does not exist`);
  return found;
}

export function userOf(namespace: Namespace, name: string, kind: PrincipalKind = 'user'): User {
  const found = namespace.users[principalKey(kind, name)];
  if (!found) throw new SqlError('42704', `${kind} "${name}" does not exist`);
  return found;
}

/** The physical role that somebody's statements run as, and that owns what they make. */
export const actingRole = (namespace: Namespace, user: User | undefined) =>
  user === undefined || user.superuser ? namespace.role : user.role;

/** Keys of a principal and of everything it is a member of, roles of roles included. */
export function memberships(namespace: Namespace, user: User): Set<string> {
  const keys = new Set<string>();
  for (const open = [principalKey(user.kind, user.name)]; open.length > 0; ) {
    const key = open.pop() as string;
    if (keys.has(key)) continue;
    keys.add(key);
    open.push(...(namespace.users[key]?.memberOf ?? []));
  }
  return keys;
}

/** Users, groups and roles have their own name spaces. */
export const principalKey = (kind: PrincipalKind, name: string) => `${kind}:${name}`;

/** Whether somebody is among grantees: itself, as a member of a group or role, or as everybody. */
export function isAmong(namespace: Namespace, user: User, grantees: readonly string[]): boolean {
  if (grantees.includes('public:')) return true;
  const keys = memberships(namespace, user);
  return grantees.some((grantee) => keys.has(grantee));
}

/** What stands behind a shared database, or nothing when the share is gone or no longer granted (F-424, F-427, F-436). */
export function sourceOf(
  catalog: Catalog,
  consumer: Namespace,
  shared: SharedSource,
): { producer: Namespace; share: Share; database: Database } | undefined {
  const producer = catalog.namespaces[shared.producer];
  const share = producer?.shares[shared.share];
  const database = share && producer?.databases[share.database];
  if (!producer || !share || !database) return undefined;
  return isConsumer(share, consumer.id) ? { producer, share, database } : undefined;
}

export const isConsumer = (share: Share, namespaceId: string) =>
  share.consumers.some(({ identifier }) => identifier === namespaceId);

/** The logical name behind a physical one, for messages. */
export function logicalName(catalog: Catalog, physical: string): string | undefined {
  if (physical.startsWith('~t')) return 'pg_temp';
  for (const namespace of Object.values(catalog.namespaces)) {
    if (namespace.role === physical) return 'superuser';
    for (const user of Object.values(namespace.users)) if (user.role === physical) return user.name;
    for (const share of Object.values(namespace.shares)) if (share.role === physical) return share.name;
    for (const database of Object.values(namespace.databases)) {
      if (database.shared?.role === physical) return database.name;
      for (const schema of Object.values(database.schemas)) if (schema.physical === physical) return schema.name;
    }
  }
  return undefined;
}
