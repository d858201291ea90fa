/** VPC endpoints: gateways for S3, interfaces, and those that a service makes for itself (requester-managed). */
import { ApiError } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import type { VpcEndpointRecord } from './records.ts';
import { ec2State, idsOf } from './state.ts';

/** F-250: interface endpoints per VPC, managed ones included (Assumption for those of Redshift's workgroups). */
export const interfaceEndpointsMax = 50;

export interface ManagedEndpointSpec {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly requesterId: string;
}

/**
 * A requester-managed interface endpoint, for a warehouse's own address or an endpoint access. Its interfaces are made
 * by the caller, described as `VPC Endpoint Interface <id>`, and are listed with it for that.
 * Errors: `VpcEndpointLimitExceeded`.
 */
export function createManagedVpcEndpoint(place: Place, spec: ManagedEndpointSpec): { vpcEndpointId: string } {
  refuseBeyondQuota(place, spec.vpcId);
  const vpcEndpointId = idsOf(place)('vpce');
  ec2State(place).vpcEndpoints[vpcEndpointId] = {
    vpcEndpointId,
    vpcId: spec.vpcId,
    serviceName: `com.amazonaws.vpce.${place.region}.vpce-svc-0${place.world.random.hex(16)}`,
    type: 'Interface',
    requesterManaged: true,
    requesterId: spec.requesterId,
    createdAt: place.now,
    state: 'available',
    policyDocument: '',
    privateDnsEnabled: false,
    routeTableIds: [],
    subnetIds: [...spec.subnetIds],
    groupIds: [...spec.groupIds],
    visibleAt: place.now,
    tags: {},
  };
  return { vpcEndpointId };
}

/** Removes a requester-managed endpoint; its interfaces are the caller's to remove. An absent one is fine. */
export function deleteManagedVpcEndpoint(place: Place, id: string): void {
  delete ec2State(place).vpcEndpoints[id];
}

/** Refuses one interface endpoint more than the VPC's quota. */
export function refuseBeyondQuota(place: Place, vpcId: string): void {
  const isCounted = (endpoint: VpcEndpointRecord) => endpoint.vpcId === vpcId && endpoint.type === 'Interface';
  if (Object.values(ec2State(place).vpcEndpoints).filter(isCounted).length < interfaceEndpointsMax) return;
  const problem = 'The maximum number of VPC endpoints has been reached.';
  throw new ApiError('VpcEndpointLimitExceeded', problem);
}

export const vpcEndpointEvents: Readonly<Record<string, EventHandler>> = {};
