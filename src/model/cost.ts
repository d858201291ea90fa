/**
 * What an environment costs: prices as AWS publishes them, in US dollars, without taxes, data transfer and storage.
 * An estimate for plans and summaries, never a bill. Pure.
 */
import type { Config } from '../config/config.ts';
import { desire } from './desired.ts';

/** A price, where it is from and when it was read. */
export interface Price {
  readonly dollars: number;
  readonly source: string;
  readonly readOn: string;
  /** Whether it is the price of another region, standing in. */
  readonly assumed: boolean;
}

const redshiftPricing = 'https://aws.amazon.com/redshift/pricing/';

/** Dollars per RPU-hour by region (F-860). Regions that are not here are reckoned like us-east-1, and marked. */
const rpuHours: Readonly<Record<string, { readonly dollars: number; readonly readOn: string }>> = {
  'us-east-1': { dollars: 0.375, readOn: '2026-10-07' },
};

/** What one RPU costs in an hour of work. Regions differ by up to a third. */
export function rpuHourPrice(region: string): Price {
  const known = rpuHours[region];
  const standing = known ?? { dollars: 0.375, readOn: '2026-10-07' };
  return { ...standing, source: redshiftPricing, assumed: known === undefined };
}

const hoursAMonth = 730;
/** Dollars, us-east-1 (F-861). */
const loadBalancerHour = 0.0225;
const endpointHour = 0.01;
const secretMonth = 0.4;
const keyMonth = 1;

/** Dollars an hour by region and type (F-749). Of other regions none is known. */
const instanceHours: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'us-east-1': { 't4g.nano': 0.0042, 't3.nano': 0.0052, 't3a.nano': 0.0047 },
};

/** What test instances and the endpoints made for them cost in an hour; undefined where no price is known. */
export function testHourDollars(
  region: string,
  { type, instances, endpoints }: { readonly type: string; readonly instances: number; readonly endpoints: number },
): number | undefined {
  const each = instanceHours[region]?.[type];
  return each === undefined ? undefined : instances * each + endpoints * endpointHour;
}

export interface CostItem {
  readonly what: string;
  readonly count: number;
  readonly monthlyDollars: number;
}

export interface Cost {
  /** What is paid while nobody asks anything: compute is not in it. */
  readonly idle: readonly CostItem[];
  readonly idleMonthlyDollars: number;
  /** One hour with every warehouse at work at its base. */
  readonly busyHourlyDollars: number;
  /** One hour with every warehouse at its maximum; undefined where one has none. */
  readonly mostHourlyDollars: number | undefined;
  readonly rpuHour: Price;
}

/** The cost of the environment that `config` describes. */
export function costOf(config: Config): Cost {
  const { producer, consumers, workloads } = desire(config);
  const warehouses = [producer, ...consumers, ...workloads];
  const rpuHour = rpuHourPrice(config.region);
  const maxima = warehouses.map(({ maxCapacity }) => maxCapacity);
  const idle = [
    item('load balancer', 1, loadBalancerHour * hoursAMonth),
    item('endpoint', consumers.length, endpointHour * hoursAMonth),
    item('secret', warehouses.length + 1, secretMonth),
    item('key', config.kmsKey === 'create' ? 1 : 0, keyMonth),
  ].filter(({ count }) => count > 0);
  return {
    idle,
    idleMonthlyDollars: sum(idle.map(({ monthlyDollars }) => monthlyDollars)),
    busyHourlyDollars: sum(warehouses.map(({ baseCapacity }) => baseCapacity)) * rpuHour.dollars,
    mostHourlyDollars: maxima.every((max) => max !== undefined) ? sum(maxima) * rpuHour.dollars : undefined,
    rpuHour,
  };
}

const item = (what: string, count: number, each: number): CostItem => ({ what, count, monthlyDollars: count * each });
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** One SQL statement on a sleeping warehouse: the minimum is a minute of its base (F-862). */
export const lookDollars = (region: string, ...baseCapacities: readonly number[]): number =>
  (sum(baseCapacities) * rpuHourPrice(region).dollars) / 60;

/** `$0.20`, `$41`, `$24,883`: cents below ten dollars. */
export function formatDollars(dollars: number): string {
  if (dollars > 0 && dollars < 0.01) return '< $0.01';
  if (dollars < 10) return `$${dollars.toFixed(2)}`;
  return `$${Math.round(dollars).toLocaleString('en-US')}`;
}

/** `wakes 3 warehouses, about $0.60`: what a change says that runs SQL. */
export function lookPrice(region: string, ...baseCapacities: readonly number[]): string {
  const many = baseCapacities.length === 1 ? '1 warehouse' : `${baseCapacities.length} warehouses`;
  return `wakes ${many}, about ${formatDollars(lookDollars(region, ...baseCapacities))}`;
}

/** The lines that a plan or summary ends with. */
export function costLines(config: Config): readonly string[] {
  const { idle, idleMonthlyDollars, busyHourlyDollars, mostHourlyDollars, rpuHour } = costOf(config);
  const parts = idle.map(
    ({ what, count, monthlyDollars }) => `${count} ${what}${count === 1 ? '' : 's'} ${formatDollars(monthlyDollars)}`,
  );
  const most = mostHourlyDollars === undefined ? 'without limit' : `${formatDollars(mostHourlyDollars)} an hour`;
  const basis = rpuHour.assumed ? `, reckoned with the price of us-east-1` : '';
  return [
    `idle: about ${formatDollars(idleMonthlyDollars)} a month (${parts.join(', ')}); compute costs nothing while no query runs`,
    `at work: ${formatDollars(busyHourlyDollars)} an hour with every warehouse at its base, at most ${most} ($${rpuHour.dollars} per RPU-hour${basis})`,
  ];
}
