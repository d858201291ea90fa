/** Internet gateways; and the kinds of gateway of which this account never has any. */
import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult,
  DetachInternetGatewayRequest,
  InternetGateway,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { InternetGatewayRecord } from './records.ts';
import { type FilterTable, listRecords, refuseDryRun } from './requests.ts';
import { ec2State, idsOf, requireRecord, visibleFrom } from './state.ts';
import { tagList, tagsFor } from './tags.ts';

/** F-251. */
const gatewaysMax = 5;

function createInternetGateway(input: Checked<CreateInternetGatewayRequest>, call: Call): CreateInternetGatewayResult {
  const { internetGateways } = ec2State(call);
  const tags = tagsFor(input.TagSpecifications, 'internet-gateway');
  if (Object.keys(internetGateways).length >= gatewaysMax) {
    throw new ApiError('InternetGatewayLimitExceeded', 'The maximum number of internet gateways has been reached.');
  }
  refuseDryRun(input);
  const internetGatewayId = idsOf(call)('igw');
  const gateway = { internetGatewayId, vpcId: undefined, tags, visibleAt: visibleFrom(call) };
  internetGateways[internetGatewayId] = gateway;
  return { InternetGateway: gatewayOf(call, gateway) };
}

/** The model's enum lacks it, yet AWS's documentation and answers call an attached gateway `available`. */
const attached = 'available' as 'attached';

const gatewayOf = (place: Place, gateway: InternetGatewayRecord): InternetGateway => ({
  InternetGatewayId: gateway.internetGatewayId,
  OwnerId: place.account,
  Attachments: gateway.vpcId === undefined ? [] : [{ VpcId: gateway.vpcId, State: attached }],
  Tags: tagList(gateway.tags),
});

const filtersOf = (place: Place): FilterTable<InternetGatewayRecord> => ({
  'internet-gateway-id': (gateway) => gateway.internetGatewayId,
  'attachment.vpc-id': (gateway) => gateway.vpcId,
  'attachment.state': (gateway) => (gateway.vpcId === undefined ? undefined : 'available'),
  'owner-id': () => place.account,
});

function describeInternetGateways(
  input: Checked<DescribeInternetGatewaysRequest>,
  call: Call,
): DescribeInternetGatewaysResult {
  const page = listRecords(call, 'internetGateways', { ...input, ids: input.InternetGatewayIds }, filtersOf(call));
  return { InternetGateways: page.items.map((gateway) => gatewayOf(call, gateway)), NextToken: page.nextToken };
}

function attachInternetGateway(input: Checked<AttachInternetGatewayRequest>, call: Call): Record<string, never> {
  const gateway = requireRecord(call, 'internetGateways', input.InternetGatewayId);
  const { vpcId } = requireRecord(call, 'vpcs', input.VpcId);
  const id = gateway.internetGatewayId;
  if (gateway.vpcId !== undefined) {
    throw new ApiError('Resource.AlreadyAssociated', `resource ${id} is already attached to network ${gateway.vpcId}`);
  }
  if (Object.values(ec2State(call).internetGateways).some((other) => other.vpcId === vpcId)) {
    const problem = `Network ${vpcId} already has an internet gateway attached`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  refuseDryRun(input);
  gateway.vpcId = vpcId;
  return {};
}

function detachInternetGateway(input: Checked<DetachInternetGatewayRequest>, call: Call): Record<string, never> {
  const gateway = requireRecord(call, 'internetGateways', input.InternetGatewayId);
  if (gateway.vpcId === undefined || gateway.vpcId !== input.VpcId) {
    const problem = `resource ${gateway.internetGatewayId} is not attached to network ${input.VpcId}`;
    throw new ApiError('Gateway.NotAttached', problem);
  }
  refuseDryRun(input);
  gateway.vpcId = undefined;
  return {};
}

function deleteInternetGateway(input: Checked<DeleteInternetGatewayRequest>, call: Call): Record<string, never> {
  const gateway = requireRecord(call, 'internetGateways', input.InternetGatewayId);
  const id = gateway.internetGatewayId;
  if (gateway.vpcId !== undefined) {
    const problem = `The internetGateway '${id}' has dependencies and cannot be deleted.`;
    throw new ApiError('DependencyViolation', problem);
  }
  refuseDryRun(input);
  delete ec2State(call).internetGateways[id];
  return {};
}

function describeNatGateways(input: Checked<DescribeNatGatewaysRequest>): DescribeNatGatewaysResult {
  const [missing] = input.NatGatewayIds ?? [];
  if (missing) throw new ApiError('NatGatewayNotFound', `The Nat Gateway ${missing} was not found`);
  refuseDryRun(input);
  return { NatGateways: [] };
}

function describeVpcPeeringConnections(
  input: Checked<DescribeVpcPeeringConnectionsRequest>,
): DescribeVpcPeeringConnectionsResult {
  const [missing] = input.VpcPeeringConnectionIds ?? [];
  if (missing) {
    const problem = `The vpcPeeringConnection ID '${missing}' does not exist`;
    throw new ApiError('InvalidVpcPeeringConnectionID.NotFound', problem);
  }
  refuseDryRun(input);
  return { VpcPeeringConnections: [] };
}

export const gatewayOperations = {
  CreateInternetGateway: createInternetGateway,
  DescribeInternetGateways: describeInternetGateways,
  AttachInternetGateway: attachInternetGateway,
  DetachInternetGateway: detachInternetGateway,
  DeleteInternetGateway: deleteInternetGateway,
  DescribeNatGateways: describeNatGateways,
  DescribeVpcPeeringConnections: describeVpcPeeringConnections,
};
