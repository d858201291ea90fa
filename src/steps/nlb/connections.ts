/** What is still open on a consumer that gets no new connections, as far as CloudWatch tells: no warehouse is woken. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../aws/aws.ts';
import { ServiceError } from '../../shared/errors.ts';

const minute = 60_000;
/** Nothing is judged before: a deregistered target gets new connections for up to two minutes (F-691). */
export const settlingMs = 3 * minute;
/** CloudWatch has a point a minute; asking more often costs and tells nothing. */
export const metricsEveryMs = minute;
const hour = 60 * minute;

const metricNames = ['DatabaseConnections', 'QueriesRunning', 'QueriesQueued'];
const namespace = 'AWS/Redshift-Serverless';

/** What CloudWatch has of a workgroup's work. */
export interface Figures {
  /** Whether there was any point within the last hour: without one its silence says nothing. */
  readonly known: boolean;
  /** Connections and queries of each minute that began after the moment asked about, the latest first. */
  readonly fresh: readonly number[];
}

const nothing: Figures = { known: false, fresh: [] };

/** Figures of a workgroup; `since` and `now` are ms of AWS's time. Nothing is known where that may not be read. */
export async function figuresOf(
  aws: Aws,
  workgroup: string,
  { since, now }: { since: number; now: number },
): Promise<Figures> {
  try {
    const queries = await queriesFor(aws, workgroup);
    if (queries.length === 0) return nothing;
    const results = await aws.cloudwatch.getMetricData({
      MetricDataQueries: queries,
      ScanBy: 'TimestampDescending',
      StartTime: new Date(now - hour),
      EndTime: new Date(now),
    });
    const sums = new Map<number, number>();
    for (const { Timestamps = [], Values = [] } of results) {
      for (const [index, at] of Timestamps.entries()) {
        sums.set(at.getTime(), (sums.get(at.getTime()) ?? 0) + (Values[index] ?? 0));
      }
    }
    const fresh = [...sums].filter(([at]) => at >= since).sort(([a], [b]) => b - a);
    return { known: sums.size > 0, fresh: fresh.map(([, sum]) => sum) };
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'denied') return nothing;
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
