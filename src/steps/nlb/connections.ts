/** What is still open on a consumer that gets no new connections, as far as CloudWatch tells: no warehouse is woken. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../aws/aws.ts';
import { ServiceError } from '../../shared/errors.ts';

const minute = 60_000;
/** Nothing is judged before: a deregistered target gets new connections for up to two minutes (F-691). */
export const settlingMs = 3 * minute;
/** CloudWatch has a point a minute; asking more often costs and tells nothing. */
export const metricsEveryMs = minute;
export const drainTimeoutMs = 15 * minute;

const metricNames = ['DatabaseConnections', 'QueriesRunning', 'QueriesQueued'];
const namespace = 'AWS/Redshift-Serverless';

/** The latest figure of any metric that speaks of work; 0 where there is none, as an idle warehouse sends nothing. */
export async function openConnections(aws: Aws, workgroup: string, now: number): Promise<number> {
  try {
    const queries = await queriesFor(aws, workgroup);
    if (queries.length === 0) return 0;
    const results = await aws.cloudwatch.getMetricData({
      MetricDataQueries: queries,
      ScanBy: 'TimestampDescending',
      StartTime: new Date(now - 3 * minute),
      EndTime: new Date(now),
    });
    return Math.max(0, ...results.map(({ Values }) => Values?.[0] ?? 0));
  } catch (error) {
    // Without the permission the waiting time is all there is to go by.
    if (error instanceof ServiceError && error.kind === 'denied') return 0;
    throw error;
  }
}

/** The metrics' dimensions are documented in two ways: they are asked for instead of assumed (F-692). */
async function queriesFor(aws: Aws, workgroup: string): Promise<MetricDataQuery[]> {
  const metrics = await aws.cloudwatch.listMetrics({
    Namespace: namespace,
    Dimensions: [{ Name: 'Workgroup', Value: workgroup }],
  });
  return metrics
    .filter(({ MetricName = '' }) => metricNames.includes(MetricName))
    .slice(0, 100)
    .map((Metric, index) => ({ Id: `m${index}`, MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }));
}
