/** What stands already and is not wanted any more: found by names, so that a lost ledger does not hide it. */
import type { Namespace } from '@aws-sdk/client-redshift-serverless';
import type { Aws } from '../aws/aws.ts';
import { orAbsent } from '../aws/paging.ts';
import type { Desired } from '../model/desired.ts';
import { consumerNumber, shortOf } from '../model/foreign.ts';
import { isOurs, ownTagKeys } from '../model/tags.ts';
import { type FoundNetwork, findNetwork } from './vpc/existing.ts';

export interface Discovery {
  /** Numbers of consumers that are not wanted any more, the highest first. */
  readonly surplusConsumers: readonly number[];
  /** Short names of workloads of ours that the configuration does not have any more. */
  readonly surplusWorkloads: readonly string[];
  /** The existing VPC that the configuration names; undefined where we make one. */
  readonly network: FoundNetwork | undefined;
  /** What was read on the way, for the first look to use. */
  readonly namespaces: readonly Namespace[];
}

/**
 * Costs one list, and in an existing VPC two more; tags are read only of what might be a workload of ours. `known`:
 * short names of the warehouses that the ledger does not have as removed. One that has vanished from the list counts as
 * standing, until a run has recorded that all of it is gone.
 */
export async function discover(aws: Aws, desired: Desired, known: readonly string[]): Promise<Discovery> {
  const [namespaces, network] = await Promise.all([aws.serverless.listNamespaces(), findNetwork(aws, desired)]);
  const wanted = new Set([desired.producer, ...desired.consumers, ...desired.workloads].map(({ short }) => short));
  const shorts = namespaces
    .map((namespace) => ({ namespace, short: shortOf(namespace.namespaceName ?? '', desired.names.prefix) }))
    .filter(({ short }) => short !== undefined && !wanted.has(short)) as { namespace: Namespace; short: string }[];
  const vanished = known.filter((short) => !wanted.has(short) && !shorts.some((found) => found.short === short));
  const numbers = [...shorts.map(({ short }) => short), ...vanished].flatMap((short) => consumerNumber(short) ?? []);
  const candidates = shorts.filter(({ short }) => consumerNumber(short) === undefined);
  return {
    surplusConsumers: numbers.sort((one, other) => other - one),
    surplusWorkloads: [
      ...(await workloadsAmong(candidates, aws, desired)),
      ...vanished.filter((short) => consumerNumber(short) === undefined),
    ],
    network,
    namespaces,
  };
}

/** `airline-dev-x` may be the workload x of dev, or belong to a project called airline-dev: the tags tell. */
async function workloadsAmong(
  candidates: readonly { namespace: Namespace; short: string }[],
  aws: Aws,
  { config }: Desired,
): Promise<string[]> {
  const checked = await Promise.all(
    candidates.map(async ({ namespace, short }) => {
      const tags = await orAbsent(aws.serverless.listTags(namespace.namespaceArn ?? ''));
      return isOurs(config, tags) && tags?.[ownTagKeys.resource] === `${short}/namespace` ? short : undefined;
    }),
  );
  return checked.filter((short) => short !== undefined);
}
