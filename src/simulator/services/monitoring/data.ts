/** Putting data points in and getting statistics out. */
import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import type { Place } from '../../world.ts';
import {
  allSeries,
  isStatistic,
  type MetricName,
  putMetric,
  putSummary,
  type Series,
  statisticOf,
  summarise,
  unitOf,
} from './metrics.ts';
import {
  dimensionsOf,
  invalidCombination,
  invalidValue,
  missingParameter,
  page,
  periodMs,
  wireDimensions,
} from './shared.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const putMetricData: Operation<Checked<CloudWatch.PutMetricDataInput>, void> = (input, call) => {
  const data = input.MetricData ?? [];
  for (const datum of data) checkTime(datum.Timestamp, call);
  for (const datum of data) store(input.Namespace, datum, call);
};

// F-582
function checkTime(at: Date | undefined, place: Place): void {
  if (at === undefined) return;
  const age = place.now - at.getTime();
  if (age > 14 * dayMs || age < -2 * hourMs) {
    throw invalidValue('The parameter Timestamp must specify a time within the past two weeks.');
  }
}

function store(namespace: string, datum: Checked<CloudWatch.MetricDatum>, place: Place): void {
  const { Counts: counts = [], StatisticValues: ready, Value: value, Values: values } = datum;
  const series = { namespace, name: datum.MetricName, dimensions: dimensionsOf(datum.Dimensions), unit: datum.Unit };
  const at = datum.Timestamp?.getTime();
  if (value !== undefined) putMetric(place, { ...series, value, at });
  else if (ready) {
    const { Maximum: max, Minimum: min, SampleCount: count, Sum: sum } = ready;
    putSummary(place, { ...series, at, count, sum, min, max });
  } else if (values && values.length > 0) {
    for (const [index, one] of values.entries()) {
      const count = counts[index] ?? 1;
      putSummary(place, { ...series, at, count, sum: one * count, min: one, max: one });
    }
  } else throw missingParameter('At least one of the parameters Value, Values or StatisticValues must be specified.');
}

const pointsMax = 1440;

const getMetricStatistics: Operation<
  Checked<CloudWatch.GetMetricStatisticsInput>,
  CloudWatch.GetMetricStatisticsOutput
> = (input, call) => {
  const window = windowOf(input.StartTime, input.EndTime, input.Period);
  const statistics = input.Statistics ?? [];
  if (statistics.length === 0) throw missingParameter('Statistics or ExtendedStatistics must be specified.');
  if ((window.to - window.from) / window.periodMs > pointsMax) {
    throw invalidCombination(
      'You have requested more than 1,440 data points, which is the maximum for a single call. ' +
        'Reduce the time range or increase the Period.',
    );
  }
  const metric = metricOf({ ...input }, input.Unit);
  const unit = unitOf(call, metric) as CloudWatch.StandardUnit;
  const points = summarise(call, metric, window).map((period) => ({
    Timestamp: new Date(period.at),
    Unit: unit,
    ...Object.fromEntries(statistics.map((statistic) => [statistic, statisticOf(period, statistic)])),
  }));
  return { Label: input.MetricName, Datapoints: points };
};

function windowOf(start: Date, end: Date, period: number | undefined) {
  if (start.getTime() >= end.getTime()) {
    throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  }
  return { from: start.getTime(), to: end.getTime(), periodMs: periodMs(period) };
}

const metricOf = (metric: Checked<CloudWatch.Metric>, unit: string | undefined): MetricName => ({
  namespace: metric.Namespace ?? '',
  name: metric.MetricName ?? '',
  dimensions: dimensionsOf(metric.Dimensions),
  unit,
});

type Query = Checked<CloudWatch.MetricDataQuery>;

const getMetricData: Operation<Checked<CloudWatch.GetMetricDataInput>, CloudWatch.GetMetricDataOutput> = (
  input,
  call,
) => {
  const ids = input.MetricDataQueries.map((query) => query.Id);
  if (new Set(ids).size < ids.length) throw invalid('The values for parameter id must be unique.');
  const shown = input.MetricDataQueries.filter((query) => query.ReturnData ?? true);
  return { MetricDataResults: shown.map((query) => result(query, input, call)) };
};

const invalid = (message: string) => new ApiError('ValidationError', message);

function result(
  query: Query,
  input: Checked<CloudWatch.GetMetricDataInput>,
  place: Place,
): CloudWatch.MetricDataResult {
  const { MetricStat: wanted } = query;
  // Gap: metric maths and searches are not simulated; nobody here needs them.
  if (!wanted) throw invalid(`Error in expression '${query.Id}': expressions are not simulated`);
  const statistic = wanted.Stat;
  if (!isStatistic(statistic)) throw invalidValue(`The value ${statistic} for parameter Stat is not supported.`);
  const window = windowOf(input.StartTime, input.EndTime, wanted.Period);
  const points = summarise(place, metricOf(wanted.Metric, wanted.Unit), window);
  // The newest come first unless asked otherwise. F-583
  const ordered = input.ScanBy === 'TimestampAscending' ? points : points.reverse();
  return {
    Id: query.Id,
    Label: query.Label ?? wanted.Metric.MetricName,
    Timestamps: ordered.map((period) => new Date(period.at)),
    Values: ordered.map((period) => statisticOf(period, statistic)),
    StatusCode: 'Complete',
  };
}

const listMetrics: Operation<Checked<CloudWatch.ListMetricsInput>, CloudWatch.ListMetricsOutput> = (input, call) => {
  const found = allSeries(call)
    .filter((series) => call.now >= series.listedAt)
    .filter((series) => input.Namespace === undefined || series.namespace === input.Namespace)
    .filter((series) => input.MetricName === undefined || series.name === input.MetricName)
    .filter((series) => (input.Dimensions ?? []).every((wanted) => hasDimension(series, wanted)))
    .filter((series) => input.RecentlyActive === undefined || isRecent(series, call.now));
  const { items, nextToken } = page(call, found, input.NextToken);
  const metrics = items.map((series) => ({
    Namespace: series.namespace,
    MetricName: series.name,
    Dimensions: wireDimensions(series.dimensions),
  }));
  return { Metrics: metrics, NextToken: nextToken };
};

const hasDimension = (series: Series, wanted: Checked<CloudWatch.DimensionFilter>) =>
  wanted.Value === undefined
    ? series.dimensions[wanted.Name] !== undefined
    : series.dimensions[wanted.Name] === wanted.Value;

const isRecent = (series: Series, now: number) => (series.minutes.at(-1)?.at ?? 0) >= now - 3 * hourMs;

export const dataOperations = {
  PutMetricData: putMetricData,
  GetMetricStatistics: getMetricStatistics,
  GetMetricData: getMetricData,
  ListMetrics: listMetrics,
};
