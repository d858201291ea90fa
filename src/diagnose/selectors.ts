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

/** Endpoints of the environment's consumers, wanted or not. */
export function ownEndpoints({ endpoints, examined, desired }: Observations): Reading<readonly EndpointView[]> {
  const names = new Set(examined.map(({ warehouse }) => desired.names.endpoint(warehouse.short)));
  return mapped(endpoints, (all) => all.filter(({ name }) => names.has(name)));
}

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

/** For what is wanted and not there. */
export function absence(seen: Observations, say: Say, { what, id }: { what: string; id: string }): Finding {
  return say.fail(`${what} is not there`, { cause: whyAbsent(seen, id), remedy: mend(seen) });
}

/** What somebody is mending right now is on its way: a fault that the next run would mend is one no more. */
export function onItsWay(seen: Observations, finding: Finding): Finding {
  const builder = builderOf(seen);
  if (!builder || finding.verdict !== 'fail' || finding.remedy !== mend(seen)) return finding;
  return { ...finding, verdict: 'warn', cause: `${describeBuilder(builder)}; ${finding.cause}`, remedy: undefined };
}

/** The run that mends what differs from the configuration; but what a half-done `down` left is not to be built again. */
export function mend(seen: Observations): string {
  const last = seen.ledger.runs.at(-1);
  return rsds(seen, last?.command === 'down' && last.outcome !== 'done' ? 'down' : 'up');
}

function whyAbsent({ ledger }: Observations, id: string): string {
  const record = ledger.resources[id];
  if (record?.error) return `the last run failed at it: ${record.error.message}`;
  if (record?.state === 'settled') return 'rsds made it, and somebody else took it away since';
  if (record?.state === 'intended' || record?.state === 'applied') return 'a run was stopped while it was being made';
  if (record?.state === 'removed') return 'rsds took it away';
  return 'no run of rsds has made it yet';
}
