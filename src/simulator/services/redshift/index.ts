/** Redshift's control plane, as far as datashares go: read from the catalog alone, nothing is woken (F-470). */
import type {
  DescribeDataSharesForConsumerMessage,
  DescribeDataSharesForConsumerResult,
  DescribeDataSharesForProducerMessage,
  DescribeDataSharesForProducerResult,
  DescribeDataSharesMessage,
  DescribeDataSharesResult,
} from '@aws-sdk/client-redshift';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation, paginate, type Service } from '../../service.ts';
import { findNamespaceById } from '../redshift-serverless/lookup.ts';
import { allShares, type OwnedShare, viewOf } from './shares.ts';

const describeDataShares: Operation<Checked<DescribeDataSharesMessage>, DescribeDataSharesResult> = (input, call) => {
  const { DataShareArn: arn } = input;
  const shares = allShares(call).filter((one) => arn === undefined || viewOf(call, one).DataShareArn === arn);
  if (arn !== undefined && shares.length === 0)
    throw new ApiError('InvalidDataShareFault', `The datashare ${arn} isn't valid because it doesn't exist.`);
  return pageOf(call, shares, input);
};

const describeForProducer: Operation<
  Checked<DescribeDataSharesForProducerMessage>,
  DescribeDataSharesForProducerResult
> = (input, call) => {
  const wanted = input.ProducerArn === undefined ? undefined : namespaceOf(call, input.ProducerArn);
  const shares = allShares(call).filter(({ producer }) => (wanted ?? producer.id) === producer.id);
  return pageOf(call, withStatus(call, shares, input.Status), input);
};

const describeForConsumer: Operation<
  Checked<DescribeDataSharesForConsumerMessage>,
  DescribeDataSharesForConsumerResult
> = (input, call) => {
  const wanted = input.ConsumerArn === undefined ? undefined : namespaceOf(call, input.ConsumerArn);
  const shares = allShares(call).filter(({ share }) =>
    share.consumers.some(({ identifier }) => (wanted ?? identifier) === identifier),
  );
  return pageOf(call, withStatus(call, shares, input.Status, wanted), input);
};

/** The id at the end of a namespace's ARN. Throws InvalidNamespaceFault for an ARN that names none of the account. */
function namespaceOf(call: Call, arn: string): string {
  const id = arn.split(/[/:]/).at(-1) ?? '';
  if (findNamespaceById(call, id)?.namespaceArn !== arn)
    throw new ApiError('InvalidNamespaceFault', `The namespace ${arn} isn't valid because it doesn't exist.`);
  return id;
}

/** Shares with a consumer in that state, of all consumers or of the one that is asked for. */
function withStatus(call: Call, shares: OwnedShare[], status: string | undefined, consumer?: string): OwnedShare[] {
  if (status === undefined) return shares;
  return shares.filter((one) =>
    viewOf(call, one).DataShareAssociations.some(
      ({ ConsumerIdentifier, Status }) => Status === status && (consumer ?? ConsumerIdentifier) === ConsumerIdentifier,
    ),
  );
}

function pageOf(
  call: Call,
  shares: readonly OwnedShare[],
  { Marker, MaxRecords }: { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined },
) {
  const invalid = () => new ApiError('InvalidParameterValue', 'The marker is not valid.');
  const page = paginate(shares, Marker, MaxRecords ?? call.world.settings.pageSize, invalid);
  return {
    DataShares: page.items.map((one) => viewOf(call, one)),
    ...(page.nextToken === undefined ? {} : { Marker: page.nextToken }),
  };
}

export const createRedshiftService = (): Service => ({
  name: 'redshift',
  operations: {
    DescribeDataShares: describeDataShares,
    DescribeDataSharesForProducer: describeForProducer,
    DescribeDataSharesForConsumer: describeForConsumer,
  },
});
