/** RPUs: the grid, the regions, how base, maximum and price-performance target hang together. */
import type { PerformanceTarget } from '@aws-sdk/client-redshift-serverless';
import { invalid } from './errors.ts';

/** What a workgroup has of compute. */
export interface Capacity {
  /** RPUs, or -1 while a price-performance target decides (F-131). */
  baseCapacity: number;
  maxCapacity: number | undefined;
  /** Level of the enabled price-performance target. */
  targetLevel: number | undefined;
}

export interface CapacityInput {
  readonly baseCapacity?: number | undefined;
  readonly maxCapacity?: number | undefined;
  readonly pricePerformanceTarget?: PerformanceTarget | undefined;
}

/** F-130: what AWS gives when the target is off and nothing else was said. */
const defaultBase = 128;
const defaultLevel = 50;
const levels = [1, 25, 50, 75, 100];
/** F-132: 4 RPUs, and more than 512, exist only here. */
const smallRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'eu-west-1',
  'eu-north-1',
];
const largeRegions = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'eu-west-2'];
const maxCapacityMax = 5632;

/** The capacity of a new workgroup. Without any wish a target of level 50 rules it (F-131). */
export function newCapacity(input: CapacityInput, region: string): Capacity {
  const { baseCapacity, maxCapacity, pricePerformanceTarget: target } = input;
  const enabled = target ? target.status === 'ENABLED' : baseCapacity === undefined;
  if (enabled && baseCapacity !== undefined) throw baseRuledByTarget();
  const capacity = {
    baseCapacity: enabled ? -1 : (baseCapacity ?? defaultBase),
    maxCapacity,
    targetLevel: enabled ? checkedLevel(target?.level) : undefined,
  };
  checkCapacity(capacity, region);
  return capacity;
}

/** The capacity after an update of one setting, or of target and base together (F-133). */
export function changedCapacity(old: Capacity, input: CapacityInput, region: string): Capacity {
  // The three alone: `old` may be a whole workgroup.
  const { baseCapacity, maxCapacity, targetLevel } = old;
  const capacity = { baseCapacity, maxCapacity, targetLevel };
  if (input.pricePerformanceTarget) applyTarget(capacity, input.pricePerformanceTarget, input.baseCapacity);
  if (input.baseCapacity !== undefined) {
    if (capacity.targetLevel !== undefined) throw baseRuledByTarget();
    capacity.baseCapacity = input.baseCapacity;
  }
  if (input.maxCapacity !== undefined) capacity.maxCapacity = changedMaximum(old, input.maxCapacity);
  checkCapacity(capacity, region);
  return capacity;
}

function applyTarget(capacity: Capacity, target: PerformanceTarget, baseCapacity: number | undefined): void {
  if (target.status !== 'DISABLED') {
    capacity.targetLevel = checkedLevel(target.level);
    capacity.baseCapacity = -1;
    return;
  }
  if (capacity.targetLevel !== undefined && baseCapacity === undefined) {
    throw invalid('Specify baseCapacity when you disable the price-performance target.');
  }
  capacity.targetLevel = undefined;
}

/** F-134: -1 takes the limit away, if there is one. */
function changedMaximum(old: Capacity, maxCapacity: number): number | undefined {
  if (maxCapacity !== -1) return maxCapacity;
  if (old.maxCapacity === undefined) throw invalid('The workgroup has no maximum capacity to remove.');
  return undefined;
}

const baseRuledByTarget = () =>
  invalid("You can't specify baseCapacity while the price-performance target is enabled.");

function checkedLevel(level = defaultLevel): number {
  if (levels.includes(level)) return level;
  throw invalid(`The price-performance level must be one of ${levels.join(', ')}.`);
}

function checkCapacity({ baseCapacity, maxCapacity, targetLevel }: Capacity, region: string): void {
  if (targetLevel === undefined) checkGrid('Base capacity', baseCapacity, baseMax(region), region);
  if (maxCapacity === undefined) return;
  checkGrid('Maximum capacity', maxCapacity, maxCapacityMax, region);
  if (maxCapacity < baseCapacity) {
    throw invalid(
      `Maximum capacity (${maxCapacity}) must be greater than or equal to base capacity (${baseCapacity}).`,
    );
  }
}

const baseMax = (region: string) => (largeRegions.includes(region) ? 1024 : 512);

/** F-132: 4, then steps of 8 up to 512, then steps of 32. */
function checkGrid(what: string, capacity: number, max: number, region: string): void {
  const step = capacity > 512 ? 32 : 8;
  const onGrid = capacity === 4 ? smallRegions.includes(region) : capacity >= 8 && capacity % step === 0;
  if (onGrid && capacity <= max) return;
  throw invalid(
    `${what} of ${capacity} RPUs is not valid. Use ${smallRegions.includes(region) ? '4, or ' : ''}8 to 512 in steps of 8, or above 512 in steps of 32, up to ${max}.`,
  );
}
