/** Latencies in buckets, and whether counts differ by more than chance. Pure. */

/** Counts by the upper bound of their bucket. */
export type Buckets = Readonly<Record<number, number>>;

/** Every bound is this much above the last, so that a figure is told to within 5 %. */
const growth = 1.05;

/** The bucket of a latency, by its upper bound: whole ms, of which the small ones have a bucket each. */
export function bucketBound(ms: number): number {
  if (ms <= 1) return 1;
  const bound = Math.ceil(growth ** Math.ceil(Math.log(ms) / Math.log(growth) - 1e-9));
  return Math.max(bound, Math.ceil(ms));
}

/** Several as one. */
export function mergedBuckets(all: readonly Buckets[]): Buckets {
  const merged: Record<number, number> = {};
  for (const buckets of all) {
    for (const [bound, count] of Object.entries(buckets)) merged[Number(bound)] = (merged[Number(bound)] ?? 0) + count;
  }
  return merged;
}

export const countOf = (buckets: Buckets): number => Object.values(buckets).reduce((sum, count) => sum + count, 0);

/** The bound that this share of all is not above, 0 to 1; undefined where there are none. */
export function percentile(buckets: Buckets, share: number): number | undefined {
  const total = countOf(buckets);
  const rank = Math.max(1, Math.ceil(share * total));
  let passed = 0;
  for (const bound of Object.keys(buckets).map(Number).sort(ascending)) {
    passed += buckets[bound] ?? 0;
    if (total > 0 && passed >= rank) return bound;
  }
  return undefined;
}

const ascending = (one: number, other: number) => one - other;

export interface ChiSquare {
  readonly statistic: number;
  /** Of freedom: one less than there are counts. */
  readonly degrees: number;
  /** How likely counts are that differ this much or more, where each had the same chance. */
  readonly p: number;
}

/** Pearson's test of counts that should be equal. */
export function chiSquare(counts: readonly number[]): ChiSquare {
  const degrees = Math.max(0, counts.length - 1);
  const expected = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  if (degrees === 0 || expected === 0) return { statistic: 0, degrees, p: 1 };
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return { statistic, degrees, p: upperGamma(degrees / 2, statistic / 2) };
}

/** Below so many of each, the distribution of the statistic is not the one that p is reckoned with. */
export const expectedAtLeast = 5;

/** The regularised incomplete gamma function Q(a, x): a series for small x, a continued fraction for large (Lentz). */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return within01(x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x));
}

const within01 = (value: number) => Math.min(1, Math.max(0, value));
const enough = 1e-14;
const mostTerms = 1_000;

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < mostTerms && Math.abs(term) > Math.abs(sum) * enough; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < mostTerms; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b, tiny);
    c = nonZero(b + numerator / c, tiny);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < enough) break;
  }
  return fraction;
}

const nonZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value);

/** Lanczos's approximation. */
const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const x = z - 1;
  const t = x + 7.5;
  const sum = lanczos.reduce((total, term, index) => total + term / (x + index + 1), 0.9999999999998099);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}
