/** The network that everything stands in: one of our own, or one that was there before and stays. */
import type { Known, Resource } from '../../engine/resource.ts';
import type { SubnetSeen } from './subnet.ts';
import type { VpcSeen } from './vpc.ts';

/** An existing VPC with the subnets chosen in it; read once before anything is built. */
export interface FoundNetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly subnets: readonly { readonly subnetId: string; readonly zoneId: string }[];
}

export interface Network {
  /** What whoever stands in the VPC needs; empty for an existing one. */
  readonly vpc: readonly Resource[];
  /** What whoever stands in the subnets needs: they, and the routes that lead out of them. */
  readonly subnets: readonly Resource[];
  /** Undefined until the VPC has been made. */
  vpcId(known: Known): string | undefined;
  /** In a fixed order; without those that have not been made yet. */
  subnetIds(known: Known): string[];
  /** What may come in where nothing else is configured. */
  readonly cidr: string;
}

export function existingNetwork(found: FoundNetwork): Network {
  return {
    vpc: [],
    subnets: [],
    vpcId: () => found.vpcId,
    subnetIds: () => found.subnets.map(({ subnetId }) => subnetId),
    cidr: found.cidr,
  };
}

export function ownNetwork(parts: {
  vpc: Resource<VpcSeen>;
  subnets: readonly Resource<SubnetSeen>[];
  /** Routes and gateways that must be there before anybody works in the subnets. */
  routes: readonly Resource[];
  cidr: string;
}): Network {
  const { vpc, subnets, routes, cidr } = parts;
  return {
    vpc: [vpc],
    subnets: [...subnets, ...routes],
    vpcId: (known) => known.seen(vpc)?.vpcId,
    subnetIds: (known) => subnets.flatMap((subnet) => known.seen(subnet)?.subnetId ?? []),
    cidr,
  };
}
