/** Rows of the catalog views about datashares: those of the session's namespace, and those granted to it. */
import { type Database, isAmong, type Namespace, type Share } from './catalog.ts';
import type { Scope } from './scope.ts';

export type Row = Readonly<Record<string, unknown>>;

export const idOf = (namespace: Namespace, name: string) => namespace.users[`user:${name}`]?.id ?? 1;

/** As views show a time: to the second. */
const shownTime = (at: number) => new Date(at).toISOString().replace('T', ' ').slice(0, 19);

/** F-441: superusers see all shares, others those that they own or may change, give on or read. */
export function shareRows(scope: Scope) {
  const mine = outbound(scope);
  const theirs = inbound(scope);
  return {
    svv_datashares: [...mine.map((share) => shareRow(scope, share)), ...theirs.map((one) => inboundRow(scope, one))],
    svv_datashare_consumers: mine.flatMap((share) => consumerRows(scope, share)),
    '~shared_schemas': [
      ...mine.flatMap((share) => sharedSchemas(scope, { producer: scope.namespace, share }, 'OUTBOUND')),
      ...theirs.flatMap((one) => sharedSchemas(scope, one, 'INBOUND')),
    ],
  };
}

function outbound({ namespace, user }: Scope): Share[] {
  const sees = ({ owner, alter, share }: Share) =>
    user.superuser || owner === user.name || isAmong(namespace, user, [...alter, ...share]);
  return Object.values(namespace.shares).filter(sees);
}

interface Inbound {
  readonly producer: Namespace;
  readonly share: Share;
  /** The database made from it here. */
  readonly database?: Database | undefined;
}

/** Shares granted to this namespace that it already sees (F-421). */
function inbound({ catalog, namespace, user, place }: Scope): Inbound[] {
  const granted = Object.values(catalog.namespaces).flatMap((producer) =>
    Object.values(producer.shares).flatMap((share): Inbound[] => {
      const consumer = share.consumers.find(({ identifier }) => identifier === namespace.id);
      if (!consumer || consumer.visibleAt > place.now) return [];
      const made = ({ shared }: Database) => shared?.producer === producer.id && shared.share === share.name;
      return [{ producer, share, database: Object.values(namespace.databases).find(made) }];
    }),
  );
  const uses = ({ owner, usage }: Database) => owner === user.name || isAmong(namespace, user, usage);
  return granted.filter(({ database }) => user.superuser || (database !== undefined && uses(database)));
}

function shareRow({ namespace, place }: Scope, share: Share): Row {
  return {
    share_name: share.name,
    share_id: share.id,
    share_owner: idOf(namespace, share.owner),
    source_database: share.database,
    consumer_database: null,
    share_type: 'OUTBOUND',
    createdate: shownTime(share.createdAt),
    is_publicaccessible: share.publiclyAccessible,
    share_acl: null,
    producer_account: place.account,
    producer_namespace: namespace.id,
    managed_by: null,
  };
}

function inboundRow(scope: Scope, { producer, share, database }: Inbound): Row {
  return {
    ...shareRow({ ...scope, namespace: producer }, share),
    share_owner: null,
    source_database: null,
    createdate: null,
    consumer_database: database?.name ?? null,
    share_type: 'INBOUND',
  };
}

const consumerRows = ({ place }: Scope, share: Share): Row[] =>
  share.consumers.map(({ identifier, kind, grantedAt }) => ({
    share_name: share.name,
    consumer_account: kind === 'account' ? identifier : place.account,
    consumer_namespace: kind === 'namespace' ? identifier : null,
    share_date: shownTime(grantedAt),
  }));

const sharedSchemas = ({ place }: Scope, { producer, share }: Inbound, type: string): Row[] =>
  Object.entries(share.schemas).map(([name, { includeNew }]) => ({
    share_name: share.name,
    share_type: type,
    schema_name: name,
    physical: producer.databases[share.database]?.schemas[name]?.physical ?? null,
    include_new: includeNew,
    role: share.role,
    producer_account: place.account,
    producer_namespace: producer.id,
  }));
