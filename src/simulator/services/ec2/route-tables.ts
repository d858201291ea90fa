/** Route tables and their associations with subnets. */
import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
  RouteTable,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { RouteTableAssociation, RouteTableRecord } from './records.ts';
import { type FilterTable, listRecords, oncePerToken, refuseDryRun } from './requests.ts';
import { routesOf } from './routes.ts';
import { ec2State, idsOf, requireRecord, visibleFrom } from './state.ts';
import { tagList, tagsFor } from './tags.ts';
import { localRoute } from './vpc-parts.ts';

/** F-251. */
const tablesPerVpcMax = 200;

function createRouteTable(input: Checked<CreateRouteTableRequest>, call: Call): CreateRouteTableResult {
  const state = ec2State(call);
  const id = oncePerToken(call, input, 'CreateRouteTable', () => makeTable(input, call));
  const table = state.routeTables[id];
  if (!table) throw new ApiError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`);
  return { RouteTable: routeTableOf(call, table), ClientToken: input.ClientToken };
}

function makeTable(input: Checked<CreateRouteTableRequest>, call: Call): string {
  const state = ec2State(call);
  const vpc = requireRecord(call, 'vpcs', input.VpcId);
  const tags = tagsFor(input.TagSpecifications, 'route-table');
  if (Object.values(state.routeTables).filter((table) => table.vpcId === vpc.vpcId).length >= tablesPerVpcMax) {
    throw new ApiError('RouteTableLimitExceeded', 'The maximum number of route tables has been reached.');
  }
  refuseDryRun(input);
  const routeTableId = idsOf(call)('rtb');
  state.routeTables[routeTableId] = {
    routeTableId,
    vpcId: vpc.vpcId,
    routes: [localRoute(vpc)],
    associations: [],
    tags,
    visibleAt: visibleFrom(call),
  };
  return routeTableId;
}

const routeTableOf = (place: Place, table: RouteTableRecord): RouteTable => ({
  RouteTableId: table.routeTableId,
  VpcId: table.vpcId,
  OwnerId: place.account,
  Routes: routesOf(place, table),
  Associations: table.associations.map((association) => ({
    RouteTableAssociationId: association.associationId,
    RouteTableId: table.routeTableId,
    SubnetId: association.subnetId,
    Main: association.main,
    AssociationState: { State: 'associated' },
  })),
  PropagatingVgws: [],
  Tags: tagList(table.tags),
});

const filtersOf = (place: Place): FilterTable<RouteTableRecord> => ({
  'route-table-id': (table) => table.routeTableId,
  'vpc-id': (table) => table.vpcId,
  'owner-id': () => place.account,
  'association.main': (table) => table.associations.map((association) => association.main),
  'association.subnet-id': (table) => table.associations.map((association) => association.subnetId),
  'association.route-table-id': (table) => (table.associations.length > 0 ? table.routeTableId : undefined),
  'association.route-table-association-id': (table) => table.associations.map(({ associationId }) => associationId),
  'association.gateway-id': () => undefined,
  'route.destination-cidr-block': (table) => routesOf(place, table).map((route) => route.DestinationCidrBlock),
  'route.destination-prefix-list-id': (table) => routesOf(place, table).map((route) => route.DestinationPrefixListId),
  'route.gateway-id': (table) => routesOf(place, table).map((route) => route.GatewayId),
  'route.nat-gateway-id': () => undefined,
  'route.origin': (table) => routesOf(place, table).map((route) => route.Origin),
  'route.state': (table) => routesOf(place, table).map((route) => route.State),
});

function describeRouteTables(input: Checked<DescribeRouteTablesRequest>, call: Call): DescribeRouteTablesResult {
  const page = listRecords(call, 'routeTables', { ...input, ids: input.RouteTableIds }, filtersOf(call));
  return { RouteTables: page.items.map((table) => routeTableOf(call, table)), NextToken: page.nextToken };
}

/** F-220: a subnet has at most one association of its own; the same one again answers with its id. */
function associateRouteTable(input: Checked<AssociateRouteTableRequest>, call: Call): AssociateRouteTableResult {
  const table = requireRecord(call, 'routeTables', input.RouteTableId);
  const subnet = requireRecord(call, 'subnets', input.SubnetId ?? '');
  if (subnet.vpcId !== table.vpcId) {
    const problem = `Route table ${table.routeTableId} and subnet ${subnet.subnetId} belong to different networks`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  const present = findAssociation(call, ({ subnetId }) => subnetId === subnet.subnetId);
  if (present && present.table !== table) {
    const problem = `the specified association for route table ${table.routeTableId} conflicts with an existing association`;
    throw new ApiError('Resource.AlreadyAssociated', problem);
  }
  refuseDryRun(input);
  const association = present?.association ?? addAssociation(call, table, subnet.subnetId, false);
  return { AssociationId: association.associationId, AssociationState: { State: 'associated' } };
}

function addAssociation(place: Place, table: RouteTableRecord, subnetId: string | undefined, main: boolean) {
  const association: RouteTableAssociation = { associationId: idsOf(place)('rtbassoc'), subnetId, main };
  table.associations.push(association);
  return association;
}

function findAssociation(place: Place, matches: (association: RouteTableAssociation) => boolean) {
  for (const table of Object.values(ec2State(place).routeTables)) {
    const association = table.associations.find(matches);
    if (association) return { table, association };
  }
  return undefined;
}

function requireAssociation(place: Place, id: string) {
  const found = findAssociation(place, ({ associationId }) => associationId === id);
  if (found) return found;
  throw new ApiError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

function disassociateRouteTable(input: Checked<DisassociateRouteTableRequest>, call: Call): Record<string, never> {
  const { table, association } = requireAssociation(call, input.AssociationId);
  if (association.main) {
    const problem = `cannot disassociate the main route table association ${association.associationId}`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  refuseDryRun(input);
  table.associations = table.associations.filter((other) => other !== association);
  return {};
}

/** The association moves to another table and gets a new id; replacing the main one makes that table the main one. */
function replaceRouteTableAssociation(
  input: Checked<ReplaceRouteTableAssociationRequest>,
  call: Call,
): ReplaceRouteTableAssociationResult {
  const { table, association } = requireAssociation(call, input.AssociationId);
  const target = requireRecord(call, 'routeTables', input.RouteTableId);
  if (target.vpcId !== table.vpcId) {
    const problem = `Route tables ${table.routeTableId} and ${target.routeTableId} belong to different networks`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  refuseDryRun(input);
  table.associations = table.associations.filter((other) => other !== association);
  const moved = addAssociation(call, target, association.subnetId, association.main);
  return { NewAssociationId: moved.associationId, AssociationState: { State: 'associated' } };
}

function deleteRouteTable(input: Checked<DeleteRouteTableRequest>, call: Call): Record<string, never> {
  const { routeTableId, associations } = requireRecord(call, 'routeTables', input.RouteTableId);
  if (associations.length > 0) {
    const problem = `The routeTable '${routeTableId}' has dependencies and cannot be deleted.`;
    throw new ApiError('DependencyViolation', problem);
  }
  refuseDryRun(input);
  const state = ec2State(call);
  for (const endpoint of Object.values(state.vpcEndpoints)) {
    endpoint.routeTableIds = endpoint.routeTableIds.filter((id) => id !== routeTableId);
  }
  delete state.routeTables[routeTableId];
  return {};
}

export const routeTableOperations = {
  CreateRouteTable: createRouteTable,
  DescribeRouteTables: describeRouteTables,
  AssociateRouteTable: associateRouteTable,
  DisassociateRouteTable: disassociateRouteTable,
  ReplaceRouteTableAssociation: replaceRouteTableAssociation,
  DeleteRouteTable: deleteRouteTable,
};
