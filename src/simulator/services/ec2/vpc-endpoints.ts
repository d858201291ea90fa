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
import { ApiError, type Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { createInterface, deleteInterface } from './interfaces.ts';
import { defaultSecurityGroup } from './lookup.ts';
import type { VpcEndpointRecord } from './records.ts';
import { oncePerToken, refuseDryRun } from './requests.ts';
import { prefixListOf } from './routes.ts';
import { ec2State, idsOf, notFound, requireRecord, visibleFrom } from './state.ts';
import { tagsFor } from './tags.ts';
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

function createVpcEndpoint(input: CreateVpcEndpointRequest, call: Call): CreateVpcEndpointResult {
  const id = oncePerToken(call, input, 'CreateVpcEndpoint', () => makeEndpoint(input, call));
  const endpoint = ec2State(call).vpcEndpoints[id];
  if (!endpoint) throw notFound('vpcEndpoints', [id]);
  return { VpcEndpoint: endpointOf(call, endpoint), ClientToken: input.ClientToken };
}

function makeEndpoint(input: CreateVpcEndpointRequest, call: Call): string {
  requireRecord(call, 'vpcs', input.VpcId ?? '');
  const kind = input.VpcEndpointType ?? 'Gateway';
  if (kind === 'Gateway') return makeGateway(input, call);
  if (kind === 'Interface') return makeInterfaceEndpoint(input, call);
  throw new ApiError('InvalidParameter', `Endpoint type (${kind}) does not match available service types.`);
}

function makeGateway(input: CreateVpcEndpointRequest, call: Call): string {
  const state = ec2State(call);
  const serviceName = checkService(call, input, gatewayServices);
  if (input.SubnetIds?.length || input.SecurityGroupIds?.length) {
    const problem = 'Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.';
    throw new ApiError('InvalidParameter', problem);
  }
  const routeTableIds = [...new Set(input.RouteTableIds ?? [])];
  checkRouteTables(call, { vpcId: input.VpcId ?? '', serviceName }, routeTableIds);
  const tags = tagsFor(input.TagSpecifications, 'vpc-endpoint');
  const gateways = Object.values(state.vpcEndpoints).filter((endpoint) => endpoint.type === 'Gateway');
  if (gateways.length >= gatewayEndpointsMax) throw limitExceeded();
  const policyDocument = parsePolicy(input.PolicyDocument);
  refuseDryRun(input);
  const vpcEndpointId = idsOf(call)('vpce');
  state.vpcEndpoints[vpcEndpointId] = {
    ...common(call, vpcEndpointId),
    vpcId: input.VpcId ?? '',
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

const gatewayServices: readonly string[] = ['s3', 'dynamodb'];

const interfaceServices: readonly string[] = [
  ...['ec2', 'ec2messages', 'elasticloadbalancing', 'kms', 'logs', 'monitoring', 'redshift', 'redshift-data'],
  ...['redshift-serverless', 's3', 'secretsmanager', 'ssm', 'ssmmessages', 'sts'],
];

function checkService(place: Place, input: CreateVpcEndpointRequest, services: readonly string[]): string {
  const name = input.ServiceName ?? '';
  if (services.some((service) => name === `com.amazonaws.${place.region}.${service}`)) return name;
  throw new ApiError('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`);
}

/** F-252: a route table takes one gateway endpoint of a service. */
export function checkRouteTables(
  place: Place,
  endpoint: Pick<VpcEndpointRecord, 'vpcId' | 'serviceName'>,
  routeTableIds: readonly string[],
): void {
  const others = Object.values(ec2State(place).vpcEndpoints).filter((other) => other.state !== 'deleting');
  for (const id of routeTableIds) {
    const table = requireRecord(place, 'routeTables', id);
    if (table.vpcId !== endpoint.vpcId) {
      throw new ApiError('InvalidParameter', `Route table ${id} does not belong to VPC ${endpoint.vpcId}`);
    }
    const taken = others.some(
      (other) => other.serviceName === endpoint.serviceName && other.routeTableIds.includes(id),
    );
    if (!taken) continue;
    const list = prefixListOf(place, endpoint);
    const problem = `route table ${id} already has a route with destination-prefix-list-id ${list}`;
    throw new ApiError('RouteAlreadyExists', problem);
  }
}

function makeInterfaceEndpoint(input: CreateVpcEndpointRequest, call: Call): string {
  const state = ec2State(call);
  const vpcId = input.VpcId ?? '';
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

/** F-254: an interface endpoint has one interface in each zone that it is given. */
export function checkSubnets(place: Place, vpcId: string, subnetIds: readonly string[]): void {
  const subnets = subnetIds.map((id) => requireRecord(place, 'subnets', id));
  const foreign = subnets.find((subnet) => subnet.vpcId !== vpcId);
  if (foreign) {
    throw new ApiError('InvalidParameter', `Subnet ${foreign.subnetId} does not belong to VPC ${vpcId}`);
  }
  const zones = subnets.map((subnet) => subnet.availabilityZone);
  const twice = subnets.find((subnet, index) => zones.indexOf(subnet.availabilityZone) < index);
  if (!twice) return;
  const problem = `Found another VPC endpoint subnet in the availability zone of ${twice.subnetId}`;
  throw new ApiError('DuplicateSubnetsInSameZone', problem);
}

/** F-255: private DNS needs both DNS attributes of the VPC, and the name for itself. */
export function checkPrivateDns(place: Place, vpcId: string, serviceName: string): void {
  const { vpcs, vpcEndpoints } = ec2State(place);
  const vpc = vpcs[vpcId];
  if (!vpc?.enableDnsSupport || !vpc.enableDnsHostnames) {
    const problem = `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpcId}`;
    throw new ApiError('InvalidParameter', problem);
  }
  const holder = Object.values(vpcEndpoints).find(
    (other) => other.vpcId === vpcId && other.serviceName === serviceName && other.privateDnsEnabled,
  );
  if (!holder) return;
  const problem = `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${serviceName} in the VPC ${vpcId}`;
  throw new ApiError('InvalidParameter', problem);
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
function deleteVpcEndpoints(input: DeleteVpcEndpointsRequest, call: Call): DeleteVpcEndpointsResult {
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
