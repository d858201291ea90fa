/**
 * VPC endpoints: gateways for S3 and DynamoDB, interfaces, and those that a service makes for itself
 * (requester-managed), which a caller sees but can't change (F-253).
 */
import type {
  CreateVpcEndpointRequest,
  CreateVpcEndpointResult,
  DeleteVpcEndpointsRequest,
  DeleteVpcEndpointsResult,
  UnsuccessfulItem,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { createInterface, deleteInterface } from './interfaces.ts';
import { defaultSecurityGroup } from './lookup.ts';
import { oncePerToken, refuseDryRun } from './requests.ts';
import { ec2State, idsOf, notFound, requireRecord, visibleFrom } from './state.ts';
import { tagsFor } from './tags.ts';
import {
  checkPrivateDns,
  checkRouteTables,
  checkService,
  checkSubnets,
  gatewayServices,
  interfaceServices,
} from './vpc-endpoint-checks.ts';
import { endpointOf, openPolicy, parsePolicy } from './vpc-endpoint-views.ts';

/** F-250: per VPC, requester-managed ones included (Assumption for those of Redshift's workgroups). */
const interfaceEndpointsMax = 50;

/** F-250: per region. */
const gatewayEndpointsMax = 20;

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
    ...common(place, vpcEndpointId),
    vpcId: spec.vpcId,
    serviceName: `com.amazonaws.vpce.${place.region}.vpce-svc-0${place.world.random.hex(16)}`,
    type: 'Interface',
    requesterManaged: true,
    requesterId: spec.requesterId,
    state: 'available',
    policyDocument: openPolicy,
    subnetIds: [...spec.subnetIds],
    groupIds: [...spec.groupIds],
    visibleAt: place.now,
  };
  return { vpcEndpointId };
}

const common = (place: Place, vpcEndpointId: string) => ({
  vpcEndpointId,
  createdAt: place.now,
  privateDnsEnabled: false,
  routeTableIds: [] as string[],
  tags: {},
});

/** Removes a requester-managed endpoint; its interfaces are the caller's to remove. An absent one is fine. */
export function deleteManagedVpcEndpoint(place: Place, id: string): void {
  delete ec2State(place).vpcEndpoints[id];
}

function refuseBeyondQuota(place: Place, vpcId: string): void {
  const counted = Object.values(ec2State(place).vpcEndpoints);
  const inVpc = counted.filter((endpoint) => endpoint.vpcId === vpcId && endpoint.type === 'Interface');
  if (inVpc.length >= interfaceEndpointsMax) throw limitExceeded();
}

const limitExceeded = () =>
  new ApiError('VpcEndpointLimitExceeded', 'The maximum number of VPC endpoints has been reached.');

function createVpcEndpoint(input: Checked<CreateVpcEndpointRequest>, call: Call): CreateVpcEndpointResult {
  const id = oncePerToken(call, input, 'CreateVpcEndpoint', () => makeEndpoint(input, call));
  const endpoint = ec2State(call).vpcEndpoints[id];
  if (!endpoint) throw notFound('vpcEndpoints', [id]);
  return { VpcEndpoint: endpointOf(call, endpoint), ClientToken: input.ClientToken };
}

function makeEndpoint(input: Checked<CreateVpcEndpointRequest>, call: Call): string {
  requireRecord(call, 'vpcs', input.VpcId);
  const kind = input.VpcEndpointType ?? 'Gateway';
  if (kind === 'Gateway') return makeGateway(input, call);
  if (kind === 'Interface') return makeInterfaceEndpoint(input, call);
  throw new ApiError('InvalidParameter', `Endpoint type (${kind}) does not match available service types.`);
}

function makeGateway(input: Checked<CreateVpcEndpointRequest>, call: Call): string {
  const state = ec2State(call);
  const serviceName = checkService(call, input, gatewayServices);
  if (input.SubnetIds?.length || input.SecurityGroupIds?.length) {
    const problem = 'Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.';
    throw new ApiError('InvalidParameter', problem);
  }
  const routeTableIds = [...new Set(input.RouteTableIds ?? [])];
  checkRouteTables(call, { vpcId: input.VpcId, serviceName }, routeTableIds);
  const tags = tagsFor(input.TagSpecifications, 'vpc-endpoint');
  const gateways = Object.values(state.vpcEndpoints).filter((endpoint) => endpoint.type === 'Gateway');
  if (gateways.length >= gatewayEndpointsMax) throw limitExceeded();
  const policyDocument = parsePolicy(input.PolicyDocument);
  refuseDryRun(input);
  const vpcEndpointId = idsOf(call)('vpce');
  state.vpcEndpoints[vpcEndpointId] = {
    ...common(call, vpcEndpointId),
    vpcId: input.VpcId,
    serviceName,
    type: 'Gateway',
    requesterManaged: false,
    requesterId: undefined,
    state: 'available',
    policyDocument,
    routeTableIds,
    subnetIds: [],
    groupIds: [],
    tags,
    visibleAt: visibleFrom(call),
  };
  return vpcEndpointId;
}

function makeInterfaceEndpoint(input: Checked<CreateVpcEndpointRequest>, call: Call): string {
  const state = ec2State(call);
  const vpcId = input.VpcId;
  const serviceName = checkService(call, input, interfaceServices);
  if (input.RouteTableIds?.length) {
    throw new ApiError('InvalidParameter', 'Route table IDs are only supported for Gateway type VPC Endpoint.');
  }
  const subnetIds = input.SubnetIds ?? [];
  checkSubnets(call, vpcId, subnetIds);
  const groupIds = input.SecurityGroupIds?.length ? input.SecurityGroupIds : [defaultSecurityGroup(call, vpcId)];
  for (const id of groupIds) requireRecord(call, 'securityGroups', id);
  const privateDnsEnabled = input.PrivateDnsEnabled ?? true;
  if (privateDnsEnabled) checkPrivateDns(call, vpcId, serviceName);
  const tags = tagsFor(input.TagSpecifications, 'vpc-endpoint');
  const policyDocument = parsePolicy(input.PolicyDocument);
  refuseBeyondQuota(call, vpcId);
  refuseDryRun(input);
  const vpcEndpointId = idsOf(call)('vpce');
  for (const subnetId of subnetIds) addEndpointInterface(call, { vpcEndpointId, groupIds }, subnetId);
  state.vpcEndpoints[vpcEndpointId] = {
    ...common(call, vpcEndpointId),
    vpcId,
    serviceName,
    type: 'Interface',
    requesterManaged: false,
    requesterId: undefined,
    state: 'pending',
    policyDocument,
    privateDnsEnabled,
    subnetIds: [...subnetIds],
    groupIds: [...groupIds],
    tags,
    visibleAt: visibleFrom(call),
  };
  call.world.schedule(call, call.world.draw('vpc-endpoint.create'), endpointAvailable, { vpcEndpointId });
  return vpcEndpointId;
}

export function addEndpointInterface(
  place: Place,
  endpoint: { readonly vpcEndpointId: string; readonly groupIds: readonly string[] },
  subnetId: string,
): void {
  createInterface(place, {
    subnetId,
    groupIds: endpoint.groupIds,
    description: `VPC Endpoint Interface ${endpoint.vpcEndpointId}`,
    requesterId: 'amazon-vpce',
    interfaceType: 'vpc_endpoint',
    listeningPort: 443,
  });
}

/** Each id that can't be deleted is reported; the others are (F-253). */
function deleteVpcEndpoints(input: Checked<DeleteVpcEndpointsRequest>, call: Call): DeleteVpcEndpointsResult {
  refuseDryRun(input);
  return { Unsuccessful: (input.VpcEndpointIds ?? []).flatMap((id) => deleteOne(call, id)) };
}

function deleteOne(place: Place, id: string): UnsuccessfulItem[] {
  const state = ec2State(place);
  const endpoint = state.vpcEndpoints[id];
  const refused = (Code: string, Message: string) => [{ ResourceId: id, Error: { Code, Message } }];
  if (!endpoint || endpoint.visibleAt > place.now) {
    return refused('InvalidVpcEndpoint.NotFound', `The VpcEndpoint Id '${id}' does not exist`);
  }
  if (endpoint.requesterManaged) {
    const { serviceName } = endpoint;
    const problem = `Operation is not allowed for requester-managed VPC endpoints for the service ${serviceName}.`;
    return refused('InvalidParameter', problem);
  }
  if (endpoint.state === 'deleting') return [];
  endpoint.state = 'deleting';
  for (const record of interfacesOf(place, id)) {
    deleteInterface(place, record.networkInterfaceId, place.world.draw('network-interface.linger'));
  }
  place.world.schedule(place, place.world.draw('vpc-endpoint.delete'), endpointGone, { vpcEndpointId: id });
  return [];
}

export const interfacesOf = (place: Place, vpcEndpointId: string) =>
  Object.values(ec2State(place).interfaces).filter((record) => record.description.endsWith(` ${vpcEndpointId}`));

const endpointAvailable = 'ec2/vpc-endpoint-available';
const endpointGone = 'ec2/vpc-endpoint-gone';

export const vpcEndpointEvents: Readonly<Record<string, EventHandler>> = {
  [endpointAvailable]: (place, payload) => {
    const endpoint = ec2State(place).vpcEndpoints[String(payload.vpcEndpointId)];
    if (endpoint?.state === 'pending') endpoint.state = 'available';
  },
  [endpointGone]: (place, payload) => deleteManagedVpcEndpoint(place, String(payload.vpcEndpointId)),
};

export const vpcEndpointOperations = { CreateVpcEndpoint: createVpcEndpoint, DeleteVpcEndpoints: deleteVpcEndpoints };
