import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
  type ListMetricsCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { Connection } from './connection.ts';
import { allPages } from './paging.ts';

export function cloudwatch(connection: Connection) {
  const send = connection.open('monitoring', 'CloudWatch', (config) => new CloudWatchClient(config));
  return {
    getMetricData: (input: Omit<GetMetricDataCommandInput, 'NextToken'>) =>
      allPages((NextToken) =>
        send(new GetMetricDataCommand({ ...input, NextToken })).then((page) => ({
          items: page.MetricDataResults,
          next: page.NextToken,
        })),
      ),
    listMetrics: (input: Omit<ListMetricsCommandInput, 'NextToken'>) =>
      allPages((NextToken) =>
        send(new ListMetricsCommand({ ...input, NextToken })).then((page) => ({
          items: page.Metrics,
          next: page.NextToken,
        })),
      ),
  };
}

export type CloudWatch = ReturnType<typeof cloudwatch>;
