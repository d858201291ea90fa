/** Redshift's control plane, as far as datashares go: read from the catalog alone, nothing is woken (F-460). */
import type {
  DataShare,
  DescribeDataSharesForConsumerMessage,
  DescribeDataSharesForConsumerResult,
  DescribeDataSharesForProducerMessage,
  DescribeDataSharesForProducerResult,
  DescribeDataSharesMessage,
  DescribeDataSharesResult,
} from '@aws-sdk/client-redshift';
import type { Checked } from '../../checked.ts';
import { catalogOf, type Namespace, type Share } from '../../plane/catalog.ts';
import { ApiError, type Call, type Operation, paginate, type Service } from '../../service.ts';
import { findNamespaceById } from '../redshift-serverless/lookup.ts';

interface Owned {
  readonly producer: Namespace;
  readonly share: Share;
}

/** Shares of namespaces that the account still has, in this region. */
function allShares(call: Call): Owned[] {
  const producers = Object.values(catalogOf(call).namespaces).filter(
    ({ id, region }) => region === call.region && findNamespaceById(call, id),
  );
  return producers.flatMap((producer) => Object.values(producer.shares).map((share) => ({ producer, share })));
}

function viewOf(call: Call, { producer, share }: Owned): DataShare {
  return {
    DataShareArn: `arn:aws:redshift:${call.region}:${call.account}:datashare:${producer.id}/${share.name}`,
    ProducerArn: findNamespaceById(call, producer.id)?.namespaceArn,
    AllowPubliclyAccessibleConsumers: share.publiclyAccessible,
    DataShareType: 'INTERNAL',
    DataShareAssociations: share.consumers.map(({ identifier, grantedAt }) => ({
      ConsumerIdentifier: identifier,
      Status: isUsed(call, producer, share, identifier) ? 'ACTIVE' : 'AVAILABLE',
      ConsumerRegion: call.region,
      CreatedDate: new Date(grantedAt),
      StatusChangeDate: new Date(grantedAt),
    })),
  };
}

const isUsed = (call: Call, producer: Namespace, share: Share, consumer: string) =>
  Object.values(catalogOf(call).namespaces[consumer]?.databases ?? {}).some(
    ({ shared }) => shared?.producer === producer.id && shared.share === share.name,
  );

function pageOf(
  call: Call,
  shares: readonly Owned[],
  { Marker, MaxRecords = 100 }: { Marker?: string | undefined; MaxRecords?: number | undefined },
) {
  const page = paginate(
    shares,
    Marker,
    MaxRecords,
    () => new ApiError('InvalidParameterValue', 'The marker is not valid.'),
  );
  return {
    DataShares: page.items.map((one) => viewOf(call, one)),
    ...(page.nextToken === undefined ? {} : { Marker: page.nextToken }),
  };
}

/** The id at the end of a namespace's ARN; throws for an ARN that names none of the account. */
function namespaceOf(call: Call, arn: string): string {
  const id = arn.split(/[/:]/).at(-1) ?? '';
  if (!findNamespaceById(call, id))
    throw new ApiError('InvalidNamespaceFault', `The namespace ${arn} isn't valid because it doesn't exist.`);
  return id;
}

const describeDataShares: Operation<Checked<DescribeDataSharesMessage>, DescribeDataSharesResult> = (input, call) => {
  const shares = allShares(call).filter(
    (one) => input.DataShareArn === undefined || viewOf(call, one).DataShareArn === input.DataShareArn,
  );
  return pageOf(call, shares, input);
};

const describeForProducer: Operation<
  Checked<DescribeDataSharesForProducerMessage>,
  DescribeDataSharesForProducerResult
> = (input, call) => {
  const wanted = input.ProducerArn === undefined ? undefined : namespaceOf(call, input.ProducerArn);
  return pageOf(
    call,
    allShares(call).filter(({ producer }) => (wanted ?? producer.id) === producer.id),
    input,
  );
};

const describeForConsumer: Operation<
  Checked<DescribeDataSharesForConsumerMessage>,
  DescribeDataSharesForConsumerResult
> = (input, call) => {
  const wanted = input.ConsumerArn === undefined ? undefined : namespaceOf(call, input.ConsumerArn);
  const granted = ({ share }: Owned) => share.consumers.some(({ identifier }) => (wanted ?? identifier) === identifier);
  return pageOf(call, allShares(call).filter(granted), input);
};

export const createRedshiftService = (): Service => ({
  name: 'redshift',
  operations: {
    DescribeDataShares: describeDataShares,
    DescribeDataSharesForProducer: describeForProducer,
    DescribeDataSharesForConsumer: describeForConsumer,
  },
});
