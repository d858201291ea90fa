import {
  DescribeDataSharesForConsumerCommand,
  DescribeDataSharesForProducerCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import type { Connection } from './connection.ts';
import { allPages } from './paging.ts';

/** Data shares as Redshift's control plane sees them: reading them wakes no warehouse. */
export function shares(connection: Connection) {
  const send = connection.open('redshift', 'Redshift', (config) => new RedshiftClient(config));
  return {
    /** `producerArn` is the producer namespace's ARN. */
    forProducer: (producerArn: string) =>
      allPages((Marker) =>
        send(new DescribeDataSharesForProducerCommand({ ProducerArn: producerArn, MaxRecords: 100, Marker })).then(
          (page) => ({ items: page.DataShares, next: page.Marker }),
        ),
      ),
    forConsumer: (consumerArn: string) =>
      allPages((Marker) =>
        send(new DescribeDataSharesForConsumerCommand({ ConsumerArn: consumerArn, MaxRecords: 100, Marker })).then(
          (page) => ({ items: page.DataShares, next: page.Marker }),
        ),
      ),
  };
}

export type Shares = ReturnType<typeof shares>;
