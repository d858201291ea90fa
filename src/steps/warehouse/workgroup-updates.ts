/** What differs between a workgroup and its wish, as calls of one setting each, in an order that AWS accepts. Pure. */
import type { UpdateWorkgroupCommandInput, Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { Warehouse } from '../../model/desired.ts';
import { type CapacityUpdate, capacityState, planCapacity } from '../../model/update-planner.ts';

export interface WorkgroupWish {
  readonly warehouse: Warehouse;
  readonly port: number;
  readonly subnetIds: readonly string[];
  /** Undefined until the group has been made. */
  readonly groupId: string | undefined;
}

export interface WorkgroupUpdate {
  readonly title: string;
  readonly input: Omit<UpdateWorkgroupCommandInput, 'workgroupName'>;
  readonly interrupts?: string;
  /** Whether RPUs change: then AWS restores from a snapshot or recovery point, which must be there. */
  readonly resizes?: boolean;
}

export function updatesOf(seen: Workgroup, wish: WorkgroupWish): WorkgroupUpdate[] {
  return [
    ...capacityUpdates(seen, wish),
    ...parameterUpdates(seen, wish),
    ...groupUpdates(seen, wish),
    ...subnetUpdates(seen, wish),
    ...portUpdates(seen, wish),
    ...(seen.publiclyAccessible ? [{ title: 'public address on → off', input: { publiclyAccessible: false } }] : []),
  ];
}

/** Parameters that may be given at creation; AWS refuses this one value there (F-668). */
export function initialParameters({ parameters }: Warehouse): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(parameters).filter(([key, value]) => !(key === 'require_ssl' && value === 'false')),
  );
}

export function parameterInput(parameters: Readonly<Record<string, string>>) {
  const list = Object.entries(parameters).map(([parameterKey, parameterValue]) => ({ parameterKey, parameterValue }));
  return list.length === 0 ? {} : { configParameters: list };
}

function capacityUpdates(seen: Workgroup, { warehouse }: WorkgroupWish): WorkgroupUpdate[] {
  return planCapacity(capacityState(seen), warehouse).map((update) => ({
    title: capacityTitle(seen, update),
    input: update,
    resizes: true,
    interrupts: 'AWS may cancel queries that run on it meanwhile',
  }));
}

function capacityTitle(seen: Workgroup, update: CapacityUpdate): string {
  const limit = (max: number | undefined) => (max === undefined || max < 0 ? 'none' : String(max));
  if ('pricePerformanceTarget' in update) return `price-performance target off, baseCapacity ${update.baseCapacity}`;
  if ('baseCapacity' in update) return `baseCapacity ${seen.baseCapacity ?? 'unknown'} → ${update.baseCapacity}`;
  return `maxCapacity ${limit(seen.maxCapacity)} → ${limit(update.maxCapacity)}`;
}

/** Only the keys that the configuration names: AWS adds defaults of its own, and none can be taken away (F-669). */
function parameterUpdates(seen: Workgroup, { warehouse }: WorkgroupWish): WorkgroupUpdate[] {
  const there = new Map(
    (seen.configParameters ?? []).map(({ parameterKey, parameterValue }) => [parameterKey, parameterValue]),
  );
  const changed = Object.entries(warehouse.parameters).filter(([key, value]) => there.get(key) !== value);
  if (changed.length === 0) return [];
  const restarts = changed.some(([key]) => key === 'require_ssl' || key === 'use_fips_ssl');
  return [
    {
      title: changed.map(([key, value]) => `${key} ${there.get(key) ?? 'unset'} → ${value}`).join(', '),
      input: parameterInput(warehouse.parameters),
      ...(restarts ? { interrupts: 'the workgroup restarts and drops its connections' } : {}),
    },
  ];
}

function groupUpdates(seen: Workgroup, { groupId }: WorkgroupWish): WorkgroupUpdate[] {
  if (groupId === undefined || same(seen.securityGroupIds ?? [], [groupId])) return [];
  const before = (seen.securityGroupIds ?? []).join(', ');
  return [{ title: `security groups ${before} → ${groupId}`, input: { securityGroupIds: [groupId] } }];
}

function subnetUpdates(seen: Workgroup, { subnetIds }: WorkgroupWish): WorkgroupUpdate[] {
  if (subnetIds.length === 0 || same(seen.subnetIds ?? [], subnetIds)) return [];
  const title = `subnets ${(seen.subnetIds ?? []).join(', ')} → ${subnetIds.join(', ')}`;
  return [{ title, input: { subnetIds: [...subnetIds] }, interrupts: 'its own address changes' }];
}

function portUpdates(seen: Workgroup, { port }: WorkgroupWish): WorkgroupUpdate[] {
  const before = seen.port ?? seen.endpoint?.port ?? port;
  if (before === port) return [];
  return [{ title: `port ${before} → ${port}`, input: { port }, interrupts: 'clients must use the new port' }];
}

const same = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((item) => other.includes(item));
