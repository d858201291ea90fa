/** Routes: those a table was given, and those that gateway endpoints lend it. */
import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
  Route,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { formatCidr, parseCidr } from './cidr.ts';
import { prefixListsOf } from './prefix-lists.ts';
import type { RouteRecord, RouteTableRecord, VpcEndpointRecord } from './records.ts';
import { missingParameter, refuseDryRun } from './requests.ts';
import { ec2State, requireRecord } from './state.ts';

/** All routes of a table, as DescribeRouteTables shows them. */
export function routesOf(place: Place, table: RouteTableRecord): Route[] {
  return [...table.routes, ...endpointRoutes(place, table)].map((route) => ({
    DestinationCidrBlock: route.destinationCidrBlock,
    DestinationPrefixListId: route.destinationPrefixListId,
    GatewayId: route.gatewayId,
    NetworkInterfaceId: route.networkInterfaceId,
    Origin: route.origin,
    State: leadsSomewhere(place, table, route) ? 'active' : 'blackhole',
  }));
}

/** F-252: a gateway endpoint adds a route from its service's prefix list to itself, in each of its route tables. */
function endpointRoutes(place: Place, table: RouteTableRecord): RouteRecord[] {
  return Object.values(ec2State(place).vpcEndpoints)
    .filter((endpoint) => endpoint.state !== 'deleting' && endpoint.routeTableIds.includes(table.routeTableId))
    .map((endpoint) => ({
      destinationPrefixListId: prefixListOf(place, endpoint),
      gatewayId: endpoint.vpcEndpointId,
      origin: 'CreateRoute',
    }));
}

export const prefixListOf = (place: Place, endpoint: Pick<VpcEndpointRecord, 'serviceName'>): string | undefined =>
  prefixListsOf(place.region).find((list) => list.name === endpoint.serviceName)?.prefixListId;

function leadsSomewhere(place: Place, table: RouteTableRecord, route: RouteRecord): boolean {
  const state = ec2State(place);
  if (route.networkInterfaceId) return state.interfaces[route.networkInterfaceId] !== undefined;
  if (!route.gatewayId?.startsWith('igw-')) return true;
  return state.internetGateways[route.gatewayId]?.vpcId === table.vpcId;
}

type Destination = Pick<RouteRecord, 'destinationCidrBlock' | 'destinationPrefixListId'>;

function destinationOf(input: CreateRouteRequest | DeleteRouteRequest): Destination & { text: string } {
  const { DestinationCidrBlock: block, DestinationPrefixListId: list } = input;
  if (list !== undefined) return { destinationPrefixListId: list, text: list };
  if (block === undefined) throw missingParameter('destinationCidrBlock');
  const cidr = parseCidr(block);
  if (!cidr) {
    const problem = `Value (${block}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  return { destinationCidrBlock: formatCidr(cidr), text: formatCidr(cidr) };
}

const sameDestination = (one: Destination, other: Destination) =>
  one.destinationCidrBlock === other.destinationCidrBlock &&
  one.destinationPrefixListId === other.destinationPrefixListId;

type TargetRequest = Pick<CreateRouteRequest, 'GatewayId' | 'NetworkInterfaceId'>;

function targetOf(place: Place, table: RouteTableRecord, input: Checked<TargetRequest>): Partial<RouteRecord> {
  const { GatewayId: gatewayId, NetworkInterfaceId: networkInterfaceId } = input;
  if (networkInterfaceId !== undefined) {
    requireRecord(place, 'interfaces', networkInterfaceId);
    return { networkInterfaceId };
  }
  if (gatewayId === undefined) throw missingParameter('gatewayId');
  const gateway = requireRecord(place, 'internetGateways', gatewayId);
  if (gateway.vpcId !== table.vpcId) {
    const problem = `route table ${table.routeTableId} and network gateway ${gatewayId} belong to different networks`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  return { gatewayId };
}

function createRoute(input: Checked<CreateRouteRequest>, call: Call): CreateRouteResult {
  const table = requireRecord(call, 'routeTables', input.RouteTableId);
  const { text, ...destination } = destinationOf(input);
  if ([...table.routes, ...endpointRoutes(call, table)].some((route) => sameDestination(route, destination))) {
    throw new ApiError('RouteAlreadyExists', `The route identified by ${text} already exists.`);
  }
  const target = targetOf(call, table, input);
  refuseDryRun(input);
  table.routes.push({ ...destination, ...target, origin: 'CreateRoute' });
  return { Return: true };
}

function replaceRoute(input: Checked<ReplaceRouteRequest>, call: Call): Record<string, never> {
  const table = requireRecord(call, 'routeTables', input.RouteTableId);
  const route = requireRoute(call, table, input);
  const target = targetOf(call, table, input);
  refuseDryRun(input);
  const { destinationCidrBlock, destinationPrefixListId, origin } = route;
  const replaced = { destinationCidrBlock, destinationPrefixListId, origin, ...target };
  table.routes = table.routes.map((other) => (other === route ? replaced : other));
  return {};
}

function deleteRoute(input: Checked<DeleteRouteRequest>, call: Call): Record<string, never> {
  const table = requireRecord(call, 'routeTables', input.RouteTableId);
  const route = requireRoute(call, table, input);
  refuseDryRun(input);
  table.routes = table.routes.filter((other) => other !== route);
  return {};
}

/** The route to be changed: neither the VPC's own nor an endpoint's can be. */
function requireRoute(place: Place, table: RouteTableRecord, input: Checked<DeleteRouteRequest>): RouteRecord {
  const { text, ...destination } = destinationOf(input);
  const where = `in route table ${table.routeTableId}`;
  if (endpointRoutes(place, table).some((route) => sameDestination(route, destination))) {
    throw new ApiError('InvalidParameterValue', `cannot remove VPC endpoint route ${text} ${where}`);
  }
  const route = table.routes.find((candidate) => sameDestination(candidate, destination));
  if (!route) throw new ApiError('InvalidRoute.NotFound', `no route with destination-cidr-block ${text} ${where}`);
  if (route.gatewayId === 'local') {
    throw new ApiError('InvalidParameterValue', `cannot remove local route ${text} ${where}`);
  }
  return route;
}

export const routeOperations = { CreateRoute: createRoute, ReplaceRoute: replaceRoute, DeleteRoute: deleteRoute };
