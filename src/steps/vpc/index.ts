/** The step `vpc`: the network, with its groups. In an existing VPC nothing is made but the groups. */
import type { Resource } from '../../engine/resource.ts';
import type { StepContext } from '../changes.ts';
import { existingNetwork, type FoundNetwork, type Network, ownNetwork } from './network.ts';
import { routeTable } from './route-table.ts';
import { s3Endpoint } from './s3-endpoint.ts';
import { type SecurityGroups, securityGroups } from './security-groups.ts';
import { subnet } from './subnet.ts';
import { vpc } from './vpc.ts';

export interface VpcStep {
  readonly resources: readonly Resource[];
  readonly network: Network;
  readonly groups: SecurityGroups;
}

/** `found` is the existing VPC; undefined where one of our own is wanted. */
export function vpcStep(context: StepContext, found: FoundNetwork | undefined): VpcStep {
  const { resources, network } = found ? { resources: [], network: existingNetwork(found) } : ownParts(context);
  const groups = securityGroups(context, network);
  const { nlb, endpoint, nlbEgress, consumer, producer, workload } = groups;
  const all = [nlb, endpoint, nlbEgress, consumer, producer, ...(workload ? [workload] : [])];
  return { resources: [...resources, ...all], network, groups };
}

function ownParts(context: StepContext): { resources: Resource[]; network: Network } {
  const { subnetCidrs, vpcCidr, enhancedVpcRouting } = context.desired.config.network;
  const own = vpc(context);
  const subnets = subnetCidrs.map((_, index) => subnet(context, own, index));
  const table = routeTable(context, own, subnets);
  const routes = [table, ...(enhancedVpcRouting ? [s3Endpoint(context, own, table)] : [])];
  return {
    resources: [own, ...subnets, ...routes],
    network: ownNetwork({ vpc: own, subnets, routes, cidr: vpcCidr }),
  };
}
