/** What stands, as far as the control plane tells: from one look at everything, without waking a warehouse. */
import type { Plan } from '../../engine/plan.ts';
import type { Resource } from '../../engine/resource.ts';
import type { StatusPicture, WarehouseRow } from '../../report/status.ts';
import type { ConsumerResources, Environment } from '../../steps/build.ts';
import type { SqlSeen } from '../../steps/datashare/sql-resource.ts';
import type { WarehouseResources } from '../../steps/warehouse/index.ts';
import type { LocalAddresses } from '../context.ts';
import type { Session } from './session.ts';

export type EnvironmentState = 'absent' | 'partial' | 'degraded' | 'ready';

/** What `status --json` tells of a warehouse. */
export interface WarehouseStatus extends WarehouseRow {
  readonly short: string;
  readonly namespaceId: string | undefined;
  /** Its own address, which security groups keep clients of consumers from. */
  readonly dnsName: string | undefined;
  readonly port: number | undefined;
  /** `host:port` on this machine, where the account is simulated. */
  readonly local?: string | undefined;
  readonly endpoint?:
    | { readonly name: string; readonly status: string; readonly addresses: readonly string[] }
    | undefined;
}

export interface StatusView extends StatusPicture {
  readonly state: EnvironmentState;
  readonly producer: WarehouseStatus;
  readonly consumers: readonly WarehouseStatus[];
  readonly workloads: readonly WarehouseStatus[];
}

export function statusView(session: Session, environment: Environment, plan: Plan): StatusView {
  const { config, account, desired } = session;
  const { observations } = plan;
  const balancer = observations.seen(environment.nlb.loadBalancer);
  const warehouse = (one: WarehouseResources, check: string) => warehouseStatus(plan, one, check);
  return {
    environment: desired.names.prefix,
    region: config.region,
    account,
    state: stateOf(environment, plan),
    producer: warehouse(environment.producer.warehouse, 'producer/datashare'),
    consumers: environment.consumers.map((one) => consumerStatus(plan, one)).filter(wantedOrThere(desired.consumers)),
    workloads: environment.workloads
      .map((one) => warehouse(one, `${one.warehouse.short}/check`))
      .filter(wantedOrThere(desired.workloads)),
    loadBalancer: { dnsName: balancer?.dnsName, port: config.loadBalancer.port, state: balancer?.state ?? 'absent' },
    changes: plan.items.filter(({ changes }) => changes.length > 0).length,
  };
}

/** The same with the addresses on this machine, where the account is simulated. */
export async function withLocalAddresses(view: StatusView, addresses: LocalAddresses): Promise<StatusView> {
  const find = async ({ dnsName, port }: { dnsName: string | undefined; port: number | undefined }) =>
    dnsName === undefined || port === undefined ? undefined : addresses.find(dnsName, port);
  const located = async <T extends { dnsName: string | undefined; port: number | undefined }>(one: T) => {
    const local = await find(one);
    return local === undefined ? one : { ...one, local };
  };
  return {
    ...view,
    producer: await located(view.producer),
    consumers: await Promise.all(view.consumers.map(located)),
    workloads: await Promise.all(view.workloads.map(located)),
    loadBalancer: await located(view.loadBalancer),
  };
}

/** What was removed is no part of the environment any more, once it is gone. */
const wantedOrThere =
  (wanted: readonly { readonly short: string }[]) =>
  ({ short, status }: WarehouseStatus) =>
    status !== 'absent' || wanted.some((one) => one.short === short);

function warehouseStatus({ observations, items }: Plan, one: WarehouseResources, check: string): WarehouseStatus {
  const seen = observations.seen(one.workgroup);
  const { baseCapacity, maxCapacity, endpoint } = seen?.workgroup ?? {};
  return {
    name: one.warehouse.name,
    short: one.warehouse.short,
    namespaceId: observations.seen(one.namespace)?.namespaceId,
    dnsName: endpoint?.address,
    port: endpoint?.port,
    status: seen?.status ?? 'absent',
    baseCapacity,
    maxCapacity,
    data: { state: dataState(items.find(({ resource }) => resource.id === check)?.resource, observations) },
  };
}

function consumerStatus(plan: Plan, one: ConsumerResources): WarehouseStatus {
  const { observations } = plan;
  const endpoint = observations.seen(one.endpoint);
  const target = observations.seen(one.target)?.current;
  return {
    ...warehouseStatus(plan, one, `${one.warehouse.short}/check`),
    endpoint: endpoint && { name: endpoint.name, status: endpoint.status, addresses: endpoint.addresses },
    target: target && { state: target.state, reason: target.reason },
  };
}

function dataState(check: Resource | undefined, observations: Plan['observations']): string {
  const seen = check && (observations.seen(check) as SqlSeen | undefined);
  if (seen === undefined) return 'missing';
  if (seen.state === 'unknown') return 'not checked';
  return seen.missing.length === 0 ? 'ready' : 'missing';
}

/** Absent: none of the main parts; partial: something is missing; degraded: all is there, not all is well. */
function stateOf({ producer, consumers, nlb }: Environment, plan: Plan): EnvironmentState {
  const main = [
    producer.warehouse.workgroup,
    producer.warehouse.namespace,
    nlb.loadBalancer,
    ...consumers.map(({ workgroup }) => workgroup),
  ];
  if (main.every((resource: Resource) => plan.observations.seen(resource) === undefined)) return 'absent';
  const wanted = plan.items.filter(({ goal }) => goal === 'present');
  if (wanted.some(({ seen, changes }) => seen === undefined && changes.some(({ action }) => action !== 'sql')))
    return 'partial';
  if (wanted.some(({ settled }) => settled !== undefined && settled.is !== 'settled')) return 'degraded';
  return wanted.some(({ seen }) => seen === undefined) ? 'partial' : 'ready';
}
