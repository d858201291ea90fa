/** Datashares as the control plane shows them. */
import type { DataShareAssociation } from '@aws-sdk/client-redshift';
import { catalogOf, type Namespace, type Share, type ShareConsumer } from '../../plane/catalog.ts';
import type { Call } from '../../service.ts';
import { findNamespaceById } from '../redshift-serverless/lookup.ts';

export interface OwnedShare {
  readonly producer: Namespace;
  readonly share: Share;
}

/** Shares of the namespaces that the account still has in this region. The catalog forgets others only when SQL is run. */
export function allShares(call: Call): OwnedShare[] {
  const producers = Object.values(catalogOf(call).namespaces).filter(
    ({ id, region }) => region === call.region && findNamespaceById(call, id) !== undefined,
  );
  return producers.flatMap((producer) => Object.values(producer.shares).map((share) => ({ producer, share })));
}

export function viewOf(call: Call, { producer, share }: OwnedShare) {
  return {
    DataShareArn: `arn:aws:redshift:${call.region}:${call.account}:datashare:${producer.id}/${share.name}`,
    ProducerArn: findNamespaceById(call, producer.id)?.namespaceArn,
    AllowPubliclyAccessibleConsumers: share.publiclyAccessible,
    DataShareType: 'INTERNAL' as const,
    DataShareAssociations: share.consumers.map((consumer) => associationOf(call, producer, share, consumer)),
  };
}

/** F-471 */
function associationOf(call: Call, producer: Namespace, share: Share, consumer: ShareConsumer): DataShareAssociation {
  const { identifier, kind, grantedAt } = consumer;
  const inUse = isUsed(call, producer, share, identifier);
  return {
    ConsumerIdentifier: identifier,
    Status: kind === 'account' ? 'PENDING_AUTHORIZATION' : inUse ? 'ACTIVE' : 'AVAILABLE',
    ConsumerRegion: call.region,
    CreatedDate: new Date(grantedAt),
    StatusChangeDate: new Date(grantedAt),
  };
}

const isUsed = (call: Call, producer: Namespace, share: Share, consumer: string) =>
  Object.values(catalogOf(call).namespaces[consumer]?.databases ?? {}).some(
    ({ shared }) => shared?.producer === producer.id && shared.share === share.name,
  );
