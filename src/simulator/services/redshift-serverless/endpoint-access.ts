/** Endpoint access: a Redshift-managed VPC endpoint to a workgroup, with one interface in one of the subnets (F-170). */
import type {
  CreateEndpointAccessRequest,
  CreateEndpointAccessResponse,
  DeleteEndpointAccessRequest,
  DeleteEndpointAccessResponse,
  EndpointAccess,
  GetEndpointAccessRequest,
  GetEndpointAccessResponse,
  ListEndpointAccessRequest,
  ListEndpointAccessResponse,
  UpdateEndpointAccessRequest,
  UpdateEndpointAccessResponse,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { freeAddresses } from '../ec2/interfaces.ts';
import { conflict, invalid, notFound, operationRunning, pageOf, quotaExceeded } from './errors.ts';
import { checkedGroups, checkedSubnets, tooFewAddresses } from './network.ts';
import {
  changeGroups,
  createPrivateEndpoint,
  deletePrivateEndpoint,
  endpointView,
  listen,
} from './private-endpoint.ts';
import { arnOf, type EndpointRecord, endpointsOf, serverless, visibility, type WorkgroupRecord } from './state.ts';
import { requireWorkgroup } from './workgroups.ts';

/** F-171 (Assumption): as for provisioned clusters. */
const endpointsPerWorkgroupMax = 30;

function createEndpointAccess(input: Checked<CreateEndpointAccessRequest>, call: Call): CreateEndpointAccessResponse {
  const name = checkedName(input.endpointName);
  if (serverless(call).endpoints[name]) throw conflict(`Serverless endpoint access ${name} already exists.`);
  const workgroup = requireWorkgroup(call, input.workgroupName);
  const { vpcId, subnetIds } = checkedSubnets(call, input.subnetIds);
  const groupIds = checkedGroups(call, vpcId, input.vpcSecurityGroupIds);
  if (workgroup.phase !== 'settled') throw operationRunning('workgroup', 'creating an endpoint access for');
  if (endpointsOf(call, workgroup.name).length >= endpointsPerWorkgroupMax) {
    throw quotaExceeded(`A workgroup can have at most ${endpointsPerWorkgroupMax} managed VPC endpoints.`);
  }
  const chosen = chooseSubnet(call, subnetIds);
  const endpoint = addEndpoint(call, name, workgroup, { vpcId, subnetIds, groupIds, chosen });
  call.world.schedule(call, call.world.draw('endpoint.create'), active, { arn: endpoint.arn });
  return { endpoint: endpointAccessView(call, endpoint) };
}

/** F-170: Redshift chooses one of the subnets; here any one that has a free address. */
function chooseSubnet(place: Place, subnetIds: readonly string[]): string {
  const possible = subnetIds.filter((id) => freeAddresses(place, id) > 0);
  const chosen = possible[Math.floor(place.world.random.next() * possible.length)];
  if (chosen === undefined) throw tooFewAddresses(subnetIds, 1);
  return chosen;
}

interface Placing {
  readonly vpcId: string;
  readonly subnetIds: string[];
  readonly groupIds: string[];
  readonly chosen: string;
}

function addEndpoint(place: Place, name: string, workgroup: WorkgroupRecord, where: Placing): EndpointRecord {
  const { vpcId, subnetIds, groupIds, chosen } = where;
  const { random } = place.world;
  const host = `${name}-endpoint-${random.hex(20)}`;
  const endpoint: EndpointRecord = {
    name,
    arn: arnOf(place, 'managedvpcendpoint', random.uuid()),
    workgroupName: workgroup.name,
    createdAt: place.now,
    ...visibility(place),
    address: `${host}.${place.account}.${place.region}.redshift-serverless.amazonaws.com`,
    subnetIds,
    status: 'CREATING',
    groupIds,
    endpoint: createPrivateEndpoint(place, { vpcId, subnetIds: [chosen], groupIds }),
  };
  serverless(place).endpoints[name] = endpoint;
  return endpoint;
}

function getEndpointAccess(input: Checked<GetEndpointAccessRequest>, call: Call): GetEndpointAccessResponse {
  const endpoint = requireEndpoint(call, input.endpointName);
  if (call.now < endpoint.visibleAt) throw notFound('endpoint access', endpoint.name);
  return { endpoint: endpointAccessView(call, endpoint) };
}

function listEndpointAccess(input: Checked<ListEndpointAccessRequest>, call: Call): ListEndpointAccessResponse {
  const { workgroupName, vpcId, ownerAccount = call.account } = input;
  if (workgroupName !== undefined) requireWorkgroup(call, workgroupName);
  const listed = Object.values(serverless(call).endpoints).filter(
    (endpoint) =>
      ownerAccount === call.account &&
      endpoint.listedAt <= call.now &&
      (workgroupName ?? endpoint.workgroupName) === endpoint.workgroupName &&
      (vpcId ?? endpoint.endpoint.vpcId) === endpoint.endpoint.vpcId,
  );
  const { items, nextToken } = pageOf(call, listed, input);
  return { endpoints: items.map((endpoint) => endpointAccessView(call, endpoint)), nextToken };
}

/** F-172: only the security groups can be changed. */
function updateEndpointAccess(input: Checked<UpdateEndpointAccessRequest>, call: Call): UpdateEndpointAccessResponse {
  const endpoint = requireEndpoint(call, input.endpointName);
  if (endpoint.status !== 'ACTIVE') throw operationRunning('endpoint access', 'updating');
  if (!input.vpcSecurityGroupIds?.length) throw invalid('Specify vpcSecurityGroupIds.');
  endpoint.groupIds = checkedGroups(call, endpoint.endpoint.vpcId, input.vpcSecurityGroupIds);
  changeGroups(call, endpoint.endpoint, endpoint.groupIds);
  endpoint.status = 'MODIFYING';
  call.world.schedule(call, call.world.draw('endpoint.update'), active, { arn: endpoint.arn });
  return { endpoint: endpointAccessView(call, endpoint) };
}

function deleteEndpointAccess(input: Checked<DeleteEndpointAccessRequest>, call: Call): DeleteEndpointAccessResponse {
  const endpoint = requireEndpoint(call, input.endpointName);
  if (endpoint.status !== 'ACTIVE') throw operationRunning('endpoint access', 'deleting');
  endpoint.status = 'DELETING';
  listen(call, endpoint.endpoint, undefined);
  call.world.schedule(call, call.world.draw('endpoint.delete'), gone, { arn: endpoint.arn });
  return { endpoint: endpointAccessView(call, endpoint) };
}

const active = 'redshift-serverless/endpoint-active';
const gone = 'redshift-serverless/endpoint-gone';

const withEndpoint =
  (handle: (place: Place, endpoint: EndpointRecord) => void): EventHandler =>
  (place, payload) => {
    const endpoint = Object.values(serverless(place).endpoints).find(({ arn }) => arn === payload.arn);
    if (endpoint) handle(place, endpoint);
  };

export const events: Readonly<Record<string, EventHandler>> = {
  [active]: withEndpoint((place, endpoint) => {
    endpoint.status = 'ACTIVE';
    listen(place, endpoint.endpoint, portOf(place, endpoint));
  }),
  [gone]: withEndpoint((place, endpoint) => {
    delete serverless(place).endpoints[endpoint.name];
    deletePrivateEndpoint(place, endpoint.endpoint);
  }),
};

const portOf = (place: Place, endpoint: EndpointRecord) => serverless(place).workgroups[endpoint.workgroupName]?.port;

function requireEndpoint(place: Place, name: string): EndpointRecord {
  const endpoint = serverless(place).endpoints[name];
  if (!endpoint) throw notFound('endpoint access', name);
  return endpoint;
}

/** F-173: 30 characters at most, letters, digits and single hyphens, a letter first, no hyphen last. */
function checkedName(name: string): string {
  if (name.length <= 30 && /^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/.test(name)) return name;
  throw invalid(
    `The endpoint name ${name} is not valid. It must have 1 to 30 letters, digits and hyphens, begin with a letter, not end with a hyphen and not have two hyphens in a row.`,
  );
}

/** F-174: while it is CREATING there is neither an address nor an interface to be seen. */
function endpointAccessView(place: Place, endpoint: EndpointRecord): EndpointAccess {
  const isUp = endpoint.status !== 'CREATING';
  const vpcEndpoint = endpointView(endpoint.endpoint);
  return {
    endpointName: endpoint.name,
    endpointArn: endpoint.arn,
    endpointStatus: endpoint.status,
    endpointCreateTime: new Date(endpoint.createdAt),
    workgroupName: endpoint.workgroupName,
    port: portOf(place, endpoint),
    address: isUp ? endpoint.address : undefined,
    subnetIds: [...endpoint.subnetIds],
    vpcSecurityGroups: endpoint.groupIds.map((id) => ({ vpcSecurityGroupId: id, status: 'active' })),
    vpcEndpoint: isUp ? vpcEndpoint : { ...vpcEndpoint, networkInterfaces: [] },
  };
}

export const operations = {
  CreateEndpointAccess: createEndpointAccess,
  GetEndpointAccess: getEndpointAccess,
  ListEndpointAccess: listEndpointAccess,
  UpdateEndpointAccess: updateEndpointAccess,
  DeleteEndpointAccess: deleteEndpointAccess,
};
