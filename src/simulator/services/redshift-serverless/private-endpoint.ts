/** The PrivateLink endpoint through which a warehouse is reached, and its interfaces in the customer's subnets. */
import type { VpcEndpoint } from '@aws-sdk/client-redshift-serverless';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { createInterface, deleteInterface, updateInterface } from '../ec2/interfaces.ts';
import { createManagedVpcEndpoint, deleteManagedVpcEndpoint } from '../ec2/vpc-endpoints.ts';
import { invalid } from './errors.ts';
import type { EndpointInterface, PrivateEndpoint } from './state.ts';

/** Who asks for the interfaces: they can't be changed or deleted through EC2 (F-126). */
const requesterId = 'amazon-redshift';

export interface EndpointSpec {
  readonly vpcId: string;
  /** One interface is put into each. */
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
}

/** Makes the endpoint with its interfaces. Nothing answers on it until `listen`. */
export function createPrivateEndpoint(place: Place, spec: EndpointSpec): PrivateEndpoint {
  const vpcEndpointId = createVpcEndpoint(place, spec);
  const description = `VPC Endpoint Interface ${vpcEndpointId}`;
  const interfaces = spec.subnetIds.map((subnetId): EndpointInterface => {
    const made = createInterface(place, {
      subnetId,
      groupIds: spec.groupIds,
      description,
      requesterId,
      interfaceType: 'vpc_endpoint',
    });
    const { networkInterfaceId, privateIpAddress, availabilityZone } = made;
    return { networkInterfaceId, privateIpAddress, subnetId, availabilityZone };
  });
  return { vpcEndpointId, vpcId: spec.vpcId, interfaces };
}

// The quota of the VPC is EC2's; Redshift Serverless passes the refusal on in an error of its own (F-127).
function createVpcEndpoint(place: Place, spec: EndpointSpec): string {
  try {
    return createManagedVpcEndpoint(place, { ...spec, requesterId }).vpcEndpointId;
  } catch (error) {
    if (error instanceof ApiError) throw invalid(`${error.message} (${error.code})`);
    throw error;
  }
}

/** Lets the warehouse answer on `port` at the endpoint's addresses, or no longer. */
export function listen(place: Place, endpoint: PrivateEndpoint, port: number | undefined): void {
  for (const { networkInterfaceId } of endpoint.interfaces) {
    updateInterface(place, networkInterfaceId, { listeningPort: port });
  }
}

export function changeGroups(place: Place, endpoint: PrivateEndpoint, groupIds: readonly string[]): void {
  for (const { networkInterfaceId } of endpoint.interfaces) updateInterface(place, networkInterfaceId, { groupIds });
}

/** Removes the endpoint; its interfaces stay in their subnets for a while longer (F-128). */
export function deletePrivateEndpoint(place: Place, endpoint: PrivateEndpoint): void {
  deleteManagedVpcEndpoint(place, endpoint.vpcEndpointId);
  for (const { networkInterfaceId } of endpoint.interfaces) lingerAway(place, networkInterfaceId);
}

/** Interfaces of the compute nodes, `count` in each subnet. */
export function createNodeInterfaces(place: Place, spec: EndpointSpec, count: number): string[] {
  const subnetIds = spec.subnetIds.flatMap((subnetId) => Array.from({ length: count }, () => subnetId));
  return subnetIds.map((subnetId) => {
    const { groupIds } = spec;
    return createInterface(place, { subnetId, groupIds, description: 'RedshiftNetworkInterface', requesterId })
      .networkInterfaceId;
  });
}

/** Lets go of an interface: it occupies its address and groups until it has vanished (F-128). */
export const lingerAway = (place: Place, networkInterfaceId: string): void =>
  deleteInterface(place, networkInterfaceId, place.world.draw('network-interface.linger'));

export function endpointView(endpoint: PrivateEndpoint): VpcEndpoint {
  return {
    vpcEndpointId: endpoint.vpcEndpointId,
    vpcId: endpoint.vpcId,
    networkInterfaces: endpoint.interfaces.map((one) => ({
      networkInterfaceId: one.networkInterfaceId,
      subnetId: one.subnetId,
      privateIpAddress: one.privateIpAddress,
      availabilityZone: one.availabilityZone,
    })),
  };
}
