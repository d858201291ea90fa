/**
 * The store of metrics: a minute's values of a series are kept as one summary, as CloudWatch keeps them.
 *
 * M1. Bounded: a day of minutes a series, the oldest go first; series that are the longest silent go first.
 */
import type { Place, Slot } from '../../world.ts';

/** The summary of one minute. */
export interface Minute {
  /** Start of the minute, world time in ms. */
  readonly at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  /** ListMetrics shows it from then on. F-581 */
  readonly listedAt: number;
  minutes: Minute[];
}

interface MetricsState {
  series: Record<string, Series>;
}

const metricsSlot: Slot<MetricsState> = {
  name: 'monitoring/metrics',
  scope: 'region',
  initial: () => ({ series: {} }),
};

const minuteMs = 60_000;
const minutesMax = 1440;
const seriesMax = 2000;

export const allSeries = (place: Place): Series[] => Object.values(place.world.state(metricsSlot, place.region).series);

/** Puts one value into a metric. `at` (world time, ms) is now where it isn't given; `unit` is CloudWatch's name. */
export function putMetric(
  place: Place,
  datum: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly value: number;
    readonly unit?: string | undefined;
    readonly at?: number | undefined;
  },
): void {
  const { value } = datum;
  putSummary(place, { ...datum, count: 1, sum: value, min: value, max: value });
}

/** Puts several values at once, already added up. */
export function putSummary(
  place: Place,
  datum: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly unit?: string | undefined;
    readonly at?: number | undefined;
    readonly count: number;
    readonly sum: number;
    readonly min: number;
    readonly max: number;
  },
): void {
  const at = Math.floor((datum.at ?? place.now) / minuteMs) * minuteMs;
  const minute = minuteOf(seriesFor(place, datum), at);
  minute.count += datum.count;
  minute.sum += datum.sum;
  minute.min = Math.min(minute.min, datum.min);
  minute.max = Math.max(minute.max, datum.max);
}

function seriesFor(
  place: Place,
  datum: { namespace: string; name: string; dimensions: Readonly<Record<string, string>>; unit?: string | undefined },
): Series {
  const { series } = place.world.state(metricsSlot, place.region);
  const { dimensions, name, namespace, unit = 'None' } = datum;
  const key = JSON.stringify([namespace, name, sorted(dimensions), unit]);
  const existing = series[key];
  if (existing) return existing;
  makeRoom(series);
  const listedAt = place.now + place.world.draw('metric.listed');
  const made: Series = { namespace, name, dimensions, unit, listedAt, minutes: [] };
  series[key] = made;
  return made;
}

const sorted = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));

function makeRoom(series: Record<string, Series>): void {
  const keys = Object.keys(series);
  if (keys.length < seriesMax) return;
  const lastOf = (key: string) => series[key]?.minutes.at(-1)?.at ?? 0;
  const oldest = keys.reduce((a, b) => (lastOf(b) < lastOf(a) ? b : a));
  delete series[oldest];
}

function minuteOf(series: Series, at: number): Minute {
  const existing = series.minutes.find((minute) => minute.at === at);
  if (existing) return existing;
  const made: Minute = { at, count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  series.minutes = [...series.minutes, made].sort((a, b) => a.at - b.at).slice(-minutesMax);
  return made;
}

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Without a unit, the series of all units. */
  readonly unit?: string | undefined;
}

export interface Window {
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
}

/** The periods of a window in which a metric has data, in order; only exactly the named dimensions count. F-580 */
export function summarise(place: Place, metric: MetricName, window: Window): Minute[] {
  const { from, periodMs, to } = window;
  const periods = new Map<number, Minute>();
  const minutes = matching(place, metric).flatMap((series) => series.minutes);
  for (const minute of minutes) {
    if (minute.at < from || minute.at >= to) continue;
    const at = Math.floor(minute.at / periodMs) * periodMs;
    const known = periods.get(at);
    periods.set(at, known ? joined(known, minute) : { ...minute, at });
  }
  return [...periods.values()].sort((a, b) => a.at - b.at);
}

function matching(place: Place, { dimensions, name, namespace, unit }: MetricName): Series[] {
  const wanted = JSON.stringify(sorted(dimensions));
  return allSeries(place)
    .filter((one) => one.namespace === namespace && one.name === name)
    .filter((one) => JSON.stringify(sorted(one.dimensions)) === wanted)
    .filter((one) => unit === undefined || one.unit === unit);
}

/** The unit a metric's data points carry. */
export const unitOf = (place: Place, metric: MetricName): string => matching(place, metric)[0]?.unit ?? 'None';

const joined = (a: Minute, b: Minute): Minute => ({
  at: a.at,
  count: a.count + b.count,
  sum: a.sum + b.sum,
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});

export type Statistic = 'SampleCount' | 'Average' | 'Sum' | 'Minimum' | 'Maximum';

export const isStatistic = (text: string): text is Statistic =>
  ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'].includes(text);

export function statisticOf(period: Minute, statistic: Statistic): number {
  const { count, max, min, sum } = period;
  return { SampleCount: count, Average: count === 0 ? 0 : sum / count, Sum: sum, Minimum: min, Maximum: max }[
    statistic
  ];
}
