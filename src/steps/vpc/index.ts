/** The step `vpc`: the network, with its groups. In an existing VPC nothing is made but the groups. */
import type { Target } from '../../engine/plan.ts';
import type { Goal } from '../../engine/resource.ts';
import type { StepContext } from '../changes.ts';
import { existingNetwork, type FoundNetwork, type Network, ownNetwork } from './network.ts';
import { routeTable } from './route-table.ts';
import { s3Endpoint } from './s3-endpoint.ts';
import { type SecurityGroups, securityGroups } from './security-groups.ts';
import { subnet } from './subnet.ts';
import { vpc } from './vpc.ts';

export interface VpcStep {
  readonly targets: readonly Target[];
  readonly network: Network;
  readonly groups: SecurityGroups;
}

export interface VpcOptions {
  /** The existing VPC; undefined where one of our own is wanted. */
  readonly found: FoundNetwork | undefined;
  readonly goal: Goal;
  /** Whether the configuration has any. */
  readonly workloads: boolean;
}

export function vpcStep(context: StepContext, { found, goal, workloads }: VpcOptions): VpcStep {
  const { targets, network } = found ? { targets: [], network: existingNetwork(found) } : ownParts(context, goal);
  const groups = securityGroups(context, network);
  const { nlb, endpoint, nlbEgress, consumer, producer, workload } = groups;
  const always = [nlb, endpoint, nlbEgress, consumer, producer].map((resource) => ({ resource, goal }));
  // The last workload may be gone since the last run, and its group with it.
  const optional: Target = { resource: workload, goal: workloads ? goal : 'absent' };
  return { targets: [...targets, ...always, optional], network, groups };
}

/** A configuration may have had so many subnets once. */
const subnetsMax = 6;

function ownParts(context: StepContext, goal: Goal): { targets: Target[]; network: Network } {
  const { subnetCidrs, vpcCidr, enhancedVpcRouting } = context.desired.config.network;
  const own = vpc(context);
  const possible = Array.from({ length: subnetsMax }, (_, index) => subnet(context, own, index));
  const subnets = possible.slice(0, subnetCidrs.length);
  const former: Target[] = possible.slice(subnetCidrs.length).map((resource) => ({ resource, goal: 'absent' }));
  const table = routeTable(context, own, subnets);
  const gateway = s3Endpoint(context, own, table);
  // Looked for without enhanced VPC routing only when all goes: it may be left from a time that had it.
  const routes = [table, ...(enhancedVpcRouting || goal === 'absent' ? [gateway] : [])];
  return {
    targets: [...[own, ...subnets, ...routes].map((resource) => ({ resource, goal })), ...former],
    network: ownNetwork({ vpc: own, subnets, routes, cidr: vpcCidr }),
  };
}
