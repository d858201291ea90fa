/** Who may use the producer's datashares, as the control plane tells it: no warehouse is woken (F-470). */
import type { DataShare } from '@aws-sdk/client-redshift';
import type { Look, Resource } from '../engine/resource.ts';
import { ServiceError } from '../shared/errors.ts';
import type { StepContext } from './changes.ts';
import type { SharesOf, VisibleShares } from './datashare/share.ts';
import type { NamespaceSeen } from './warehouse/namespace.ts';

/** Undefined where it can't be told: the permission is missing, or the service does not know the namespace. */
export function sharesOf({ aws }: StepContext, producer: Resource<NamespaceSeen>): SharesOf {
  return async (look: Look) => {
    const arn = look.seen(producer)?.namespaceArn;
    if (arn === undefined) return undefined;
    return look.once('redshift/shares', async () => {
      try {
        return viewOf(await aws.shares.forProducer(arn));
      } catch (error) {
        if (error instanceof ServiceError && ['denied', 'absent', 'invalid'].includes(error.kind)) return undefined;
        throw error;
      }
    });
  };
}

function viewOf(shares: readonly DataShare[]): VisibleShares {
  return {
    consumers(shareName, producerNamespaceId) {
      const share = shares.find(({ DataShareArn = '' }) =>
        DataShareArn.endsWith(`:${producerNamespaceId}/${shareName}`),
      );
      if (!share) return undefined;
      // A namespace is named by its id or by its ARN, which ends in it.
      const granted = (share.DataShareAssociations ?? []).filter(
        ({ Status }) => Status !== 'DEAUTHORIZED' && Status !== 'REJECTED',
      );
      return new Set(granted.flatMap(({ ConsumerIdentifier = '' }) => ConsumerIdentifier.split(/[/:]/).at(-1) ?? []));
    },
  };
}
