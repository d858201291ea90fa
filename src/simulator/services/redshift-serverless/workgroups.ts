/** Workgroups: the compute and the address of a warehouse. */
import type {
  CreateWorkgroupRequest,
  CreateWorkgroupResponse,
  DeleteWorkgroupRequest,
  DeleteWorkgroupResponse,
  GetWorkgroupRequest,
  GetWorkgroupResponse,
  ListWorkgroupsRequest,
  ListWorkgroupsResponse,
  UpdateWorkgroupRequest,
  UpdateWorkgroupResponse,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { type Capacity, newCapacity } from './capacity.ts';
import { conflict, notFound, operationRunning, pageOf } from './errors.ts';
import { namespaceStatus } from './namespace-status.ts';
import { requireNamespace } from './namespaces.ts';
import { checkAddresses, checkedGroups, checkedSubnets, checkZones, nodesPerSubnet } from './network.ts';
import { checkedParameters, checkParametersAtCreation } from './parameters.ts';
import { createNodeInterfaces, createPrivateEndpoint, type EndpointSpec } from './private-endpoint.ts';
import { checkCapacitySum, checkWorkgroupCount } from './quotas.ts';
import { isBeingSnapshotted } from './snapshots.ts';
import { arnOf, endpointsOf, serverless, visibility, type WorkgroupRecord, workgroupOf } from './state.ts';
import { addTags, checkedTags } from './tags.ts';
import { applyChange, checkedAddressType, checkedPort, checkedTrack } from './workgroup-changes.ts';
import { enterPhase, isDoomed } from './workgroup-life.ts';
import { endpointSubnets, workgroupView } from './workgroup-view.ts';

function createWorkgroup(input: Checked<CreateWorkgroupRequest>, call: Call): CreateWorkgroupResponse {
  const name = input.workgroupName;
  const capacity = newCapacity(input, call.region);
  const settings = checkedSettings(input);
  checkNamesFree(call, name, input.namespaceName);
  checkWorkgroupCount(call);
  checkCapacitySum(call, name, capacity.baseCapacity);
  const network = checkedNetwork(call, input, capacity);
  const doomed = isDoomed(call, name);
  const { subnetIds, groupIds } = network;
  const nodes = settings.enhancedVpcRouting ? nodesPerSubnet(capacity.baseCapacity) : 0;
  const workgroup: WorkgroupRecord = {
    ...identity(call, input),
    phase: 'creating',
    doomed,
    refusesDeletionUntil: 0,
    ...capacity,
    ...settings,
    subnetIds,
    groupIds,
    endpoint: createPrivateEndpoint(call, network.endpoint),
    nodeInterfaceIds: createNodeInterfaces(call, network, nodes),
  };
  serverless(call).workgroups[name] = workgroup;
  addTags(call, workgroup.arn, input.tags);
  enterPhase(call, workgroup, 'creating');
  return { workgroup: workgroupView(call, workgroup) };
}

function identity(place: Place, input: Checked<CreateWorkgroupRequest>) {
  const { workgroupName: name, namespaceName } = input;
  const id = place.world.random.uuid();
  const arn = arnOf(place, 'workgroup', id);
  return { name, id, arn, namespaceName, createdAt: place.now, ...visibility(place) };
}

function checkedSettings(input: Checked<CreateWorkgroupRequest>) {
  const parameters = checkedParameters(input.configParameters);
  checkParametersAtCreation(parameters);
  checkedTags(input.tags);
  return {
    parameters,
    port: checkedPort(input.port),
    enhancedVpcRouting: input.enhancedVpcRouting ?? false,
    publiclyAccessible: input.publiclyAccessible ?? false,
    extraCompute: input.extraComputeForAutomaticOptimization ?? false,
    ipAddressType: checkedAddressType(input.ipAddressType),
    trackName: checkedTrack(input.trackName),
  };
}

/** F-119: one workgroup a namespace, one namespace a workgroup; and the namespace must be new or at rest. */
function checkNamesFree(place: Place, name: string, namespaceName: string): void {
  const { workgroups, lingering } = serverless(place);
  if (workgroups[name]) throw conflict(`Serverless workgroup ${name} already exists.`);
  if (place.now < (lingering[`workgroup/${name}`] ?? 0)) throw operationRunning('workgroup', 'creating');
  const namespace = requireNamespace(place, namespaceName);
  const other = workgroupOf(place, namespaceName);
  if (other) throw conflict(`The namespace ${namespaceName} already has a workgroup: ${other.name} already exists.`);
  if (namespace.phase === 'creating' || namespaceStatus(place, namespace) === 'AVAILABLE') return;
  throw conflict('There is an operation running on the namespace. Try creating the workgroup again later.');
}

interface Network extends EndpointSpec {
  readonly subnetIds: string[];
  readonly groupIds: string[];
  readonly endpoint: EndpointSpec;
}

function checkedNetwork(place: Place, input: Checked<CreateWorkgroupRequest>, { baseCapacity }: Capacity): Network {
  const enhancedVpcRouting = input.enhancedVpcRouting ?? false;
  const { vpcId, subnets, subnetIds } = checkedSubnets(place, input.subnetIds);
  checkZones(subnets, enhancedVpcRouting);
  const groupIds = checkedGroups(place, vpcId, input.securityGroupIds);
  checkAddresses(place, subnetIds, { enhancedVpcRouting, baseCapacity, at: 'creation' });
  return { vpcId, subnetIds, groupIds, endpoint: { vpcId, groupIds, subnetIds: endpointSubnets(subnets) } };
}

function getWorkgroup(input: Checked<GetWorkgroupRequest>, call: Call): GetWorkgroupResponse {
  const workgroup = requireWorkgroup(call, input.workgroupName);
  if (call.now < workgroup.visibleAt) throw notFound('workgroup', workgroup.name);
  return { workgroup: workgroupView(call, workgroup) };
}

function listWorkgroups(input: Checked<ListWorkgroupsRequest>, call: Call): ListWorkgroupsResponse {
  const own = input.ownerAccount === undefined || input.ownerAccount === call.account;
  const all = own ? Object.values(serverless(call).workgroups) : [];
  const { items, nextToken } = pageOf(
    call,
    all.filter(({ listedAt }) => listedAt <= call.now),
    input,
  );
  return { workgroups: items.map((workgroup) => workgroupView(call, workgroup)), nextToken };
}

function updateWorkgroup(input: Checked<UpdateWorkgroupRequest>, call: Call): UpdateWorkgroupResponse {
  const workgroup = requireWorkgroup(call, input.workgroupName);
  if (workgroup.phase !== 'settled') throw operationRunning('workgroup', 'updating');
  const namespace = requireNamespace(call, workgroup.namespaceName);
  if (namespaceStatus(call, namespace) !== 'AVAILABLE') throw operationRunning('namespace', 'updating');
  const doomed = isDoomed(call, workgroup.name);
  applyChange(call, workgroup, input);
  workgroup.doomed = doomed;
  enterPhase(call, workgroup, 'updating');
  return { workgroup: workgroupView(call, workgroup) };
}

/** F-147: refused while something is going on with it, a snapshot of its data is taken, or an endpoint hangs on it. */
function deleteWorkgroup(input: Checked<DeleteWorkgroupRequest>, call: Call): DeleteWorkgroupResponse {
  const workgroup = requireWorkgroup(call, input.workgroupName);
  const { name, phase, namespaceName } = workgroup;
  const atRest = phase === 'settled' || (phase === 'stuck' && call.now >= workgroup.refusesDeletionUntil);
  const isNamespaceBusy = namespaceStatus(call, requireNamespace(call, namespaceName)) !== 'AVAILABLE';
  if (!atRest || isNamespaceBusy || isBeingSnapshotted(call, namespaceName))
    throw operationRunning('workgroup', 'deleting');
  const endpoints = endpointsOf(call, name).map((endpoint) => endpoint.name);
  if (endpoints.length > 0) {
    throw conflict(`The workgroup ${name} has managed VPC endpoints: ${endpoints.join(', ')}. Delete them first.`);
  }
  enterPhase(call, workgroup, 'closing');
  return { workgroup: { ...workgroupView(call, workgroup), status: 'DELETING' } };
}

/** The workgroup, whether readers see it yet or not. */
export function requireWorkgroup(place: Place, name: string): WorkgroupRecord {
  const workgroup = serverless(place).workgroups[name];
  if (!workgroup) throw notFound('workgroup', name);
  return workgroup;
}

export const operations = {
  CreateWorkgroup: createWorkgroup,
  GetWorkgroup: getWorkgroup,
  ListWorkgroups: listWorkgroups,
  UpdateWorkgroup: updateWorkgroup,
  DeleteWorkgroup: deleteWorkgroup,
};
