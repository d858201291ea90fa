import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { putMetric } from '../../../src/simulator/services/monitoring/index.ts';
import { startTestSimulator } from '../../support/simulator.ts';

const minute = 60_000;
const Namespace = 'AWS/Redshift-Serverless';
const MetricName = 'QueriesRunning';
const dimensions = { Workgroup: 'airline-dev-consumer-1' };
const Dimensions = [{ Name: 'Workgroup', Value: 'airline-dev-consumer-1' }];

async function startWithMetric(values: readonly (readonly [minutesAgo: number, value: number])[] = []) {
  const { clientConfig, simulator } = await startTestSimulator();
  const cloudwatch = new CloudWatchClient(clientConfig);
  const place = simulator.world.place('us-east-1');
  const now = Math.floor(place.now / minute) * minute;
  for (const [minutesAgo, value] of values) {
    const at = now - minutesAgo * minute;
    putMetric(place, { namespace: Namespace, name: MetricName, dimensions, unit: 'Count', value, at });
  }
  const window = { StartTime: new Date(now - 60 * minute), EndTime: new Date(now) };
  return { cloudwatch, now, window, world: simulator.world };
}

const query = (Id: string, Stat: string) => ({
  Id,
  MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
});

describe('GetMetricData', () => {
  test('gives the newest minutes first, and none while a warehouse idles (F-580, F-583)', async () => {
    const { cloudwatch, now, window } = await startWithMetric([
      [10, 2],
      [10, 4],
      [3, 1],
    ]);
    const MetricDataQueries = [query('sum', 'Sum'), query('max', 'Maximum')];
    const { MetricDataResults: results } = await cloudwatch.send(
      new GetMetricDataCommand({ ...window, MetricDataQueries }),
    );
    expect(results).toMatchObject([
      { Id: 'sum', StatusCode: 'Complete', Values: [1, 6] },
      { Id: 'max', Values: [1, 4] },
    ]);
    expect(results?.[0]?.Timestamps).toEqual([new Date(now - 3 * minute), new Date(now - 10 * minute)]);
  });

  test('knows a metric only by exactly its dimensions (F-580)', async () => {
    const { cloudwatch, window } = await startWithMetric([[5, 1]]);
    const other = { Namespace, MetricName, Dimensions: [...Dimensions, { Name: 'QueryType', Value: 'SELECT' }] };
    const MetricDataQueries = [{ Id: 'a', MetricStat: { Metric: other, Period: 60, Stat: 'Sum' } }];
    const answer = await cloudwatch.send(new GetMetricDataCommand({ ...window, MetricDataQueries }));
    expect(answer.MetricDataResults).toMatchObject([{ Values: [] }]);
  });

  test('refuses the same id twice, and a window that ends before it starts', async () => {
    const { cloudwatch, window } = await startWithMetric();
    const twice = { ...window, MetricDataQueries: [query('a', 'Sum'), query('a', 'Sum')] };
    await expect(cloudwatch.send(new GetMetricDataCommand(twice))).rejects.toMatchObject({ message: /unique/ });
    const backwards = { StartTime: window.EndTime, EndTime: window.StartTime, MetricDataQueries: [query('a', 'Sum')] };
    await expect(cloudwatch.send(new GetMetricDataCommand(backwards))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});

describe('GetMetricStatistics', () => {
  test('adds minutes up to periods, with unit and each statistic asked for', async () => {
    const { cloudwatch, window } = await startWithMetric([
      [8, 2],
      [7, 6],
    ]);
    const { Datapoints: points } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace, MetricName, Dimensions, ...window, Period: 3600 },
        Statistics: ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'],
      }),
    );
    const total = (points ?? []).reduce((sum, point) => sum + (point.Sum ?? 0), 0);
    expect(total).toBe(8);
    for (const point of points ?? []) {
      expect(point.Unit).toBe('Count');
      expect(point.Average).toBe((point.Sum ?? 0) / (point.SampleCount ?? 1));
    }
  });

  test('gives at most 1,440 points', async () => {
    const { cloudwatch, window } = await startWithMetric();
    const StartTime = new Date(window.EndTime.getTime() - 1441 * minute);
    const ask = { Namespace, MetricName, StartTime, EndTime: window.EndTime, Period: 60, Statistics: ['Sum' as const] };
    await expect(cloudwatch.send(new GetMetricStatisticsCommand(ask))).rejects.toMatchObject({
      name: 'InvalidParameterCombinationException',
    });
  });
});

describe('PutMetricData', () => {
  test('takes values, counted values and summaries', async () => {
    const { cloudwatch, world } = await startWithMetric();
    const at = new Date(world.now());
    const datum = (more: object) => ({ MetricName: 'Mine', Timestamp: at, ...more });
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: 'Mine',
        MetricData: [
          datum({ Value: 1 }),
          datum({ Values: [2, 3], Counts: [2, 1] }),
          datum({ StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 } }),
        ],
      }),
    );
    const { Datapoints: points } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: 'Mine', MetricName: 'Mine', Period: 60 },
        StartTime: new Date(at.getTime() - minute),
        EndTime: new Date(at.getTime() + minute),
        Statistics: ['SampleCount', 'Sum', 'Minimum', 'Maximum'],
      }),
    );
    expect(points).toMatchObject([{ SampleCount: 6, Sum: 18, Minimum: 1, Maximum: 6 }]);
  });

  test.each([
    ['from before two weeks', { Value: 1, Timestamp: new Date(0) }],
    ['without a value', {}],
  ])('refuses a point %s (F-582)', async (_, datum) => {
    const { cloudwatch } = await startWithMetric();
    const MetricData = [{ MetricName: 'Mine', ...datum }];
    await expect(cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Mine', MetricData }))).rejects.toMatchObject({
      name: /^(InvalidParameterValue|MissingRequiredParameter)Exception$/,
    });
  });
});

test('ListMetrics shows a metric some time after its first point (F-581)', async () => {
  const { cloudwatch, world } = await startWithMetric([[0, 1]]);
  const list = async (more = {}) =>
    (await cloudwatch.send(new ListMetricsCommand({ Namespace, ...more }))).Metrics ?? [];
  expect(await list()).toEqual([]);
  world.skip(900_000);
  expect(await list()).toEqual([{ Namespace, MetricName, Dimensions }]);
  expect(await list({ Dimensions: [{ Name: 'Workgroup', Value: 'other' }] })).toEqual([]);
  world.skip(4 * 3_600_000);
  expect(await list({ RecentlyActive: 'PT3H' })).toEqual([]);
});

test('the store keeps a day of minutes of a metric', async () => {
  const { clientConfig, simulator } = await startTestSimulator();
  const cloudwatch = new CloudWatchClient(clientConfig);
  const place = simulator.world.place('us-east-1');
  const now = Math.floor(place.now / minute) * minute;
  for (let n = 1500; n >= 0; n--) {
    putMetric(place, { namespace: 'N', name: 'm', dimensions: {}, value: 1, at: now - n * minute });
  }
  const { Datapoints: points } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace: 'N', MetricName: 'm', Period: 3600, Statistics: ['SampleCount'] },
      StartTime: new Date(now - 3000 * minute),
      EndTime: new Date(now + minute),
    }),
  );
  const kept = (points ?? []).reduce((sum, point) => sum + (point.SampleCount ?? 0), 0);
  expect(kept).toBe(1440);
});
