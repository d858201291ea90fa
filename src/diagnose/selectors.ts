/** What several checks ask of the observations. Pure. */

import type { Warehouse } from '../model/desired.ts';
import { formatDuration } from '../shared/clock.ts';
import type { Finding, Say } from './finding.ts';
import type {
  EndpointView,
  Examined,
  HolderView,
  ListenerView,
  NamespaceView,
  Observations,
  WorkgroupView,
} from './observations.ts';
import { mapped, type Reading } from './reading.ts';

export const workgroupOf = ({ workgroups }: Observations, { name }: Warehouse): Reading<WorkgroupView | undefined> =>
  mapped(workgroups, (all) => all.find((one) => one.name === name));

export const namespaceOf = (
  { namespaces }: Pick<Observations, 'namespaces'>,
  { name }: Warehouse,
): Reading<NamespaceView | undefined> => mapped(namespaces, (all) => all.find((one) => one.name === name));

export const endpointOf = (seen: Observations, { short }: Warehouse): Reading<EndpointView | undefined> =>
  mapped(seen.endpoints, (all) => all.find(({ name }) => name === seen.desired.names.endpoint(short)));

/** The listener on our port. */
export const listenerOf = ({ listeners, desired }: Observations): Reading<ListenerView | undefined> =>
  mapped(listeners, (all) => all.find(({ port }) => port === desired.config.loadBalancer.port));

/** The pool, without what is not wanted any more. */
export const wantedConsumers = ({ examined }: Observations): readonly Examined[] =>
  examined.filter(({ warehouse, wanted }) => wanted && warehouse.role === 'consumer');

/** A command line of rsds that finds this environment again. */
export const rsds = ({ suffix }: Observations, words: string) => `rsds ${words}${suffix.rsds}`;

/** A command line of the AWS CLI for this region and account. */
export const awsCli = ({ suffix }: Observations, words: string) => `aws ${words}${suffix.aws}`;

/** Who is changing the environment right now; nobody if its holder has not been heard for a whole lease. */
export function builderOf({ environmentLock }: Observations): HolderView | undefined {
  if ('unread' in environmentLock) return undefined;
  const holder = environmentLock.value?.holder;
  return holder?.heartbeat?.seen === false ? undefined : holder;
}

export const describeBuilder = ({ who, operation, heldMs }: HolderView) =>
  `${who} is at it: rsds ${operation}, since ${formatDuration(heldMs)}`;

/** Whether nothing at all was found of the environment. What could not be read counts as if it were there. */
export function isAbsent({ examined, network, balancer, desired, workgroups, namespaces }: Observations): boolean {
  if ('unread' in workgroups || 'unread' in namespaces || 'unread' in network || 'unread' in balancer) return false;
  const names = new Set(examined.map(({ warehouse }) => warehouse.name));
  const warehouses = [...workgroups.value, ...namespaces.value].some(({ name }) => names.has(name));
  const ownNetwork = 'create' in desired.config.network.vpc && network.value !== undefined;
  return !warehouses && balancer.value === undefined && !ownNetwork;
}

/** For what is wanted and not there: on its way if somebody is at it, else a fault that `rsds up` mends. */
export function absence(seen: Observations, say: Say, { what, id }: { what: string; id: string }): Finding {
  const builder = builderOf(seen);
  if (builder) return say.warn(`${what} is not there`, { cause: describeBuilder(builder) });
  return say.fail(`${what} is not there`, { cause: whyAbsent(seen, id), remedy: rsds(seen, 'up') });
}

function whyAbsent({ ledger }: Observations, id: string): string {
  const record = ledger.resources[id];
  if (record?.error) return `the last run failed at it: ${record.error.message}`;
  if (record?.state === 'settled') return 'rsds made it, and it was deleted since by somebody else';
  if (record?.state === 'intended' || record?.state === 'applied') return 'a run was stopped while it was being made';
  return 'no run of rsds has made it yet';
}
