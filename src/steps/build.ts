/** All resources of an environment, with their goals: what the engine plans and carries out. */

import type { Namespace } from '@aws-sdk/client-redshift-serverless';
import type { Aws } from '../aws/aws.ts';
import type { Target } from '../engine/plan.ts';
import type { Goal, Resource, ResourceId } from '../engine/resource.ts';
import { consumerWarehouse, type Desired, type Warehouse } from '../model/desired.ts';
import { RsdsError } from '../shared/errors.ts';
import type { Random } from '../shared/random.ts';
import type { StepContext } from './changes.ts';
import { readingWarehouse } from './consumers/index.ts';
import { type DatashareResources, datashareResources } from './datashare/index.ts';
import type { SqlScript } from './datashare/init-sql.ts';
import type { SqlContext } from './datashare/sql-resource.ts';
import type { Discovery } from './discover.ts';
import { type EndpointSeen, endpointAccess } from './endpoints/index.ts';
import type { DrainHow } from './nlb/drain.ts';
import { type NlbStep, nlbStep } from './nlb/index.ts';
import { Rotation } from './nlb/rotation.ts';
import { type Leaving, type TargetSeen, target } from './nlb/target.ts';
import { traffic } from './nlb/traffic.ts';
import { type ProducerStep, producerStep } from './producer/index.ts';
import { testRemains } from './remains/index.ts';
import { sharesOf } from './shares.ts';
import { type VpcStep, vpcStep } from './vpc/index.ts';
import type { WarehouseResources } from './warehouse/index.ts';
import { unsavedData } from './warehouse/unsaved-data.ts';
import { formerUsageLimit, usageLimitPrefix } from './warehouse/usage-limit.ts';

export interface BuildOptions {
  /** `absent`: everything is to go (`down`). */
  readonly goal: Goal;
  readonly found: Discovery;
  readonly random: Random;
  /** With the goal `absent`: the name of the snapshot to take before anything is deleted; undefined: none. */
  readonly finalSnapshot?: string | undefined;
  /** For the SQL of the datashare step; not used with the goal `absent`, which runs no SQL. */
  readonly sql: SqlContext;
  readonly initSql: readonly SqlScript[];
  /** Ids of what the ledger says stands: usage limits that were taken out of the configuration are known by it alone. */
  readonly recorded?: readonly string[];
  /** How consumers that are to go leave a pool which stays. */
  readonly drain?: LeavingHow | undefined;
}

export interface LeavingHow extends DrainHow {
  /** How many of the consumers that stay must be healthy before one goes (default one, if any stays). */
  readonly minHealthy?: number | undefined;
  /** Whether a snapshot is taken of each that goes, once its clients have gone. */
  readonly snapshot?: boolean | undefined;
}

/** A consumer with all that belongs to it. */
export interface ConsumerResources extends WarehouseResources {
  readonly endpoint: Resource<EndpointSeen>;
  readonly target: Resource<TargetSeen>;
}

export interface Environment {
  readonly targets: readonly Target[];
  readonly vpc: VpcStep;
  readonly producer: ProducerStep;
  /** Those wanted, then those to be removed. */
  readonly consumers: readonly ConsumerResources[];
  readonly workloads: readonly WarehouseResources[];
  readonly nlb: NlbStep;
}

/** Pure: nothing is read or changed. `found` says what stands beyond what is wanted, and where. */
export function buildTargets(desired: Desired, aws: Aws, options: BuildOptions): Environment {
  const { goal, found, finalSnapshot } = options;
  const context: StepContext = { desired: withSurplus(desired, found), aws, listed: onceOnly(found.namespaces) };
  const vpc = vpcStep(context, { found: found.network, goal, workloads: desired.workloads.length > 0 });
  const producer = producerStep(context, { vpc, goal, finalSnapshot: finalSnapshot !== undefined });
  const nlb = nlbStep(context, { vpc, random: options.random });

  const { encryption } = producer;
  const rotation = new Rotation(context, options.drain);
  const several = desired.consumers.length > 1;
  const pool = context.desired.consumers.map((warehouse) =>
    // With only one there is nobody to take its clients meanwhile: it is changed in place.
    readingWarehouse(context, { warehouse, vpc, encryption, rotation: several ? rotation.of(warehouse) : undefined }),
  );
  const workloads = context.desired.workloads.map((warehouse) =>
    readingWarehouse(context, { warehouse, vpc, encryption }),
  );
  const share =
    goal === 'present' ? shareOf(context, { options, producer, readers: [...pool, ...workloads], nlb }) : undefined;
  const surplus = new Set(surplusOf(desired, found).map(({ short }) => short));
  const consumers = pool.map((one) => {
    const { short } = one.warehouse;
    const leaving = goal === 'present' && surplus.has(short) ? leavingFrom(desired, options.drain) : undefined;
    return withEndpoint(context, { one, vpc, nlb, share, leaving, rotation });
  });
  const goalOf = (short: string): Goal => (surplus.has(short) ? 'absent' : goal);
  const common: Target[] = [...producer.resources, ...nlb.resources].map((resource) => ({ resource, goal }));
  const warehouses: Target[] = [...consumers, ...workloads].flatMap(({ warehouse, resources }) =>
    resources.map((resource) => ({ resource, goal: goalOf(warehouse.short) })),
  );
  const former = formerLimits(context, {
    producer,
    readers: [...pool, ...workloads],
    recorded: options.recorded ?? [],
  });
  const remains = goal === 'absent' ? testRemains(context, [vpc.groups.nlb, ...vpc.network.subnets]) : [];
  const targets = [...vpc.targets, ...common, ...warehouses, ...former, ...shareTargets(share, surplus), ...remains];
  return {
    targets: finalSnapshot === undefined ? targets : [snapshotTarget(context, finalSnapshot, targets), ...targets],
    vpc,
    producer,
    consumers,
    workloads,
    nlb,
  };
}

function onceOnly(list: readonly Namespace[]): { take(): Namespace[] | undefined } {
  let left: Namespace[] | undefined = [...list];
  const take = () => {
    const taken = left;
    left = undefined;
    return taken;
  };
  return { take };
}

function formerLimits(
  context: StepContext,
  parts: { producer: ProducerStep; readers: readonly WarehouseResources[]; recorded: readonly string[] },
): Target[] {
  const { producer, readers, recorded } = parts;
  return [producer.warehouse, ...readers].flatMap(({ warehouse, workgroup, usageLimits }) =>
    recorded
      .filter((id) => id.startsWith(`${warehouse.short}/${usageLimitPrefix}`))
      .filter((id) => !usageLimits.some((limit) => limit.id === id))
      .map((id) => ({
        resource: formerUsageLimit(context, { id: id as ResourceId, warehouse, workgroup }),
        goal: 'absent',
      })),
  );
}

function surplusOf(desired: Desired, found: Discovery): Warehouse[] {
  const consumers = found.surplusConsumers.map((number) => consumerWarehouse(desired.config, number));
  return [...consumers, ...found.surplusWorkloads.map((short) => formerWorkload(desired, short))];
}

/** Enough of a workload that the configuration has forgotten to take it away. */
function formerWorkload({ names, producer }: Desired, short: string): Warehouse {
  const { baseCapacity, database } = producer;
  const size = { baseCapacity, maxCapacity: undefined, database, parameters: {}, usageLimits: [] };
  return { role: 'workload', short, name: names.warehouse(short), ...size };
}

/** Groups and the like are built for all that stands, wanted or not. */
function withSurplus(desired: Desired, found: Discovery): Desired {
  const surplus = surplusOf(desired, found);
  return {
    ...desired,
    consumers: [...desired.consumers, ...surplus.filter(({ role }) => role === 'consumer')],
    workloads: [...desired.workloads, ...surplus.filter(({ role }) => role === 'workload')],
  };
}

type LeavingPool = Omit<Leaving, 'traffic'> & { readonly how: DrainHow; readonly snapshot: boolean };

const leavingFrom = (
  { consumers, names }: Desired,
  { minHealthy = 1, snapshot = false, ...how }: LeavingHow = {},
): LeavingPool => ({
  staying: consumers.map(({ short }) => names.endpoint(short)),
  minHealthy: Math.min(minHealthy, consumers.length),
  snapshot,
  how,
});

/** A consumer that leaves a pool which stays is drained; with everything else going there is nobody left to wait for. */
function withEndpoint(
  context: StepContext,
  parts: {
    one: WarehouseResources;
    vpc: VpcStep;
    nlb: NlbStep;
    share: DatashareResources | undefined;
    leaving: LeavingPool | undefined;
    rotation: Rotation;
  },
): ConsumerResources {
  const { one, vpc, nlb, share, leaving, rotation } = parts;
  const { warehouse, namespace, workgroup } = one;
  const { network, groups } = vpc;
  const endpoint = endpointAccess(context, { warehouse, workgroup, network, group: groups.endpoint });
  const { targetGroup, listener } = nlb;
  const { short } = warehouse;
  const saved = leaving?.snapshot ? [leavingSnapshot(context, one)] : [];
  const keeps = [share?.grants.get(short) ?? [], saved].flat();
  const standing = { warehouse, namespace, workgroup, endpoint, targetGroup, keeps };
  const drain = leaving ? [traffic(context, { ...standing, how: leaving.how })] : [];
  const check = share?.checks.get(short);
  const admission = target(context, {
    ...{ warehouse, targetGroup, listener, endpoint, check, rotation },
    leaving: leaving && { ...leaving, traffic: drain },
  });
  const resources = [...one.resources, endpoint, ...saved, ...drain, admission];
  return { ...one, endpoint, target: admission, resources };
}

/** What clients have made on a consumer is saved once they have gone, while its workgroup still stands. */
function leavingSnapshot(context: StepContext, { warehouse, namespace, workgroup }: WarehouseResources): Resource {
  const { config, names } = context.desired;
  const snapshotName = names.leavingSnapshot(warehouse.short);
  const days = config.producer.snapshotRetentionDays;
  return unsavedData(context, { warehouse, snapshotName, days, needs: [workgroup, namespace] });
}

function shareOf(
  context: StepContext,
  parts: { options: BuildOptions; producer: ProducerStep; readers: readonly WarehouseResources[]; nlb: NlbStep },
): DatashareResources {
  const { options, producer, readers, nlb } = parts;
  return datashareResources({
    datashare: context.desired.config.datashare,
    producer: producer.warehouse,
    consumers: readers,
    secret: nlb.readerSecret,
    initSql: options.initSql,
    context: options.sql,
    sharesOf: sharesOf(context, producer.warehouse.namespace),
    readerPassword: (arn) => readerPassword(context.aws, arn),
  });
}

async function readerPassword(aws: Aws, arn: string): Promise<string> {
  const password = passwordIn(await aws.secrets.getSecretString(arn));
  if (password !== undefined) return password;
  // It had one when this run began.
  throw new RsdsError('step/vanished', `the secret ${arn} holds no password any more, or is gone`, {
    hint: 'run the same command again, which makes it anew',
  });
}

/** Whatever somebody may have put there. */
function passwordIn(text: string | undefined): string | undefined {
  try {
    const { password } = JSON.parse(text ?? '{}') as { password?: unknown };
    return typeof password === 'string' ? password : undefined;
  } catch {
    return undefined;
  }
}

/** Of a warehouse that goes only the grant is taken back: all else goes with its namespace. */
function shareTargets(share: DatashareResources | undefined, surplus: ReadonlySet<string>): Target[] {
  if (!share) return [];
  const leaving = [...surplus].flatMap((short) => share.grants.get(short) ?? []);
  const ofLeaving = ({ id }: Resource) => surplus.has(id.slice(0, id.indexOf('/')));
  return [
    ...share.resources
      .filter((resource) => !ofLeaving(resource))
      .map((resource) => ({ resource, goal: 'present' as const })),
    ...leaving.map((resource) => ({ resource, goal: 'absent' as const })),
  ];
}

/** It needs all the others, so it is gone, which means the snapshot is there, before any of them is deleted. */
function snapshotTarget(context: StepContext, snapshotName: string, others: readonly Target[]): Target {
  const { config, producer: warehouse } = context.desired;
  const days = config.producer.finalSnapshotRetentionDays;
  const needs = others.map((other) => other.resource);
  const resource = unsavedData(context, { warehouse, snapshotName, days, needs });
  return { resource, goal: 'absent' };
}
