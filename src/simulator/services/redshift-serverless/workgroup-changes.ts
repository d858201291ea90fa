/** What UpdateWorkgroup may change: one setting a call, each under its own rule (F-144). */
import type { UpdateWorkgroupRequest } from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { updateInterface } from '../ec2/interfaces.ts';
import { changedCapacity } from './capacity.ts';
import { invalid } from './errors.ts';
import { checkAddresses, checkedGroups, checkedSubnets, checkZones, nodesPerSubnet } from './network.ts';
import { checkedParameters, mergedParameters } from './parameters.ts';
import {
  changeGroups,
  createNodeInterfaces,
  createPrivateEndpoint,
  deletePrivateEndpoint,
  lingerAway,
  listen,
} from './private-endpoint.ts';
import { checkCapacitySum } from './quotas.ts';
import { hasBackup } from './recovery-points.ts';
import { endpointsOf, type WorkgroupRecord } from './state.ts';
import { endpointSubnets } from './workgroup-view.ts';

type Change = (place: Place, workgroup: WorkgroupRecord, input: Checked<UpdateWorkgroupRequest>) => void;

/** In this table's order, so that a target that is switched off finds its new base in the same call. */
const changes: Readonly<Partial<Record<keyof UpdateWorkgroupRequest, Change>>> = {
  pricePerformanceTarget: changeCapacity,
  baseCapacity: changeCapacity,
  maxCapacity: changeCapacity,
  configParameters: (_place, workgroup, input) => {
    workgroup.parameters = mergedParameters(workgroup.parameters, checkedParameters(input.configParameters));
  },
  enhancedVpcRouting: (_place, workgroup, input) => refuseRoutingChange(workgroup, input.enhancedVpcRouting),
  port: changePort,
  securityGroupIds: (place, workgroup, input) => {
    workgroup.groupIds = checkedGroups(place, workgroup.endpoint.vpcId, input.securityGroupIds);
    changeGroups(place, workgroup.endpoint, workgroup.groupIds);
    for (const id of workgroup.nodeInterfaceIds) updateInterface(place, id, { groupIds: workgroup.groupIds });
  },
  subnetIds: changeSubnets,
  publiclyAccessible: (_place, workgroup, input) => {
    workgroup.publiclyAccessible = input.publiclyAccessible ?? false;
  },
  extraComputeForAutomaticOptimization: (_place, workgroup, input) => {
    workgroup.extraCompute = input.extraComputeForAutomaticOptimization ?? false;
  },
  ipAddressType: (_place, workgroup, input) => {
    workgroup.ipAddressType = checkedAddressType(input.ipAddressType);
  },
  trackName: (_place, workgroup, input) => {
    workgroup.trackName = checkedTrack(input.trackName);
  },
};

/** Makes the one change that `input` asks for, or refuses it without a trace. */
export function applyChange(place: Place, workgroup: WorkgroupRecord, input: Checked<UpdateWorkgroupRequest>): void {
  const given = Object.keys(changes).filter((member) => input[member as keyof UpdateWorkgroupRequest] !== undefined);
  const [only] = given;
  if (only === undefined) throw invalid('Specify a configuration to update.');
  const targetOffWithBase =
    given.join() === 'pricePerformanceTarget,baseCapacity' && input.pricePerformanceTarget?.status === 'DISABLED';
  if (given.length > 1 && !targetOffWithBase) {
    throw invalid(
      `Can't update multiple configurations at the same time for workgroup ${workgroup.name}. Specify one configuration to update.`,
    );
  }
  changes[only as keyof UpdateWorkgroupRequest]?.(place, workgroup, input);
}

function changeCapacity(place: Place, workgroup: WorkgroupRecord, input: Checked<UpdateWorkgroupRequest>): void {
  const capacity = changedCapacity(workgroup, input, place.region);
  if (!hasBackup(place, workgroup.namespaceName)) {
    // F-135: the nodes are exchanged by restoring the latest backup.
    throw invalid(
      'Failed to update the RPU capacity for Serverless workgroup. Wait until at least one snapshot exists and retry.',
    );
  }
  checkCapacitySum(place, workgroup.name, capacity.baseCapacity);
  if (capacity.baseCapacity !== workgroup.baseCapacity) resize(place, workgroup, capacity.baseCapacity);
  Object.assign(workgroup, capacity);
}

function resize(place: Place, workgroup: WorkgroupRecord, baseCapacity: number): void {
  const { enhancedVpcRouting, subnetIds } = workgroup;
  checkAddresses(place, subnetIds, { enhancedVpcRouting, baseCapacity, at: 'update' });
  if (enhancedVpcRouting) replaceNodes(place, workgroup, baseCapacity);
}

function replaceNodes(place: Place, workgroup: WorkgroupRecord, baseCapacity: number): void {
  for (const id of workgroup.nodeInterfaceIds) lingerAway(place, id);
  const { subnetIds, groupIds, endpoint } = workgroup;
  const spec = { vpcId: endpoint.vpcId, subnetIds, groupIds };
  workgroup.nodeInterfaceIds = createNodeInterfaces(place, spec, nodesPerSubnet(baseCapacity));
}

/** F-145: enhanced VPC routing is settled at creation. */
function refuseRoutingChange(workgroup: WorkgroupRecord, enhancedVpcRouting: boolean | undefined): void {
  if (enhancedVpcRouting === workgroup.enhancedVpcRouting) return;
  throw invalid(
    `Can't update enhanced VPC routing for workgroup ${workgroup.name}. Delete the workgroup and create it again.`,
  );
}

function changePort(place: Place, workgroup: WorkgroupRecord, input: Checked<UpdateWorkgroupRequest>): void {
  workgroup.port = checkedPort(input.port);
  listen(place, workgroup.endpoint, workgroup.port);
  for (const { endpoint, status } of endpointsOf(place, workgroup.name)) {
    if (status !== 'CREATING') listen(place, endpoint, workgroup.port);
  }
}

function changeSubnets(place: Place, workgroup: WorkgroupRecord, input: Checked<UpdateWorkgroupRequest>): void {
  const { enhancedVpcRouting, baseCapacity, groupIds } = workgroup;
  const { vpcId, subnets, subnetIds } = checkedSubnets(place, input.subnetIds);
  checkZones(subnets, enhancedVpcRouting);
  checkedGroups(place, vpcId, groupIds);
  checkAddresses(place, subnetIds, { enhancedVpcRouting, baseCapacity, at: 'creation' });
  const old = workgroup.endpoint;
  workgroup.endpoint = createPrivateEndpoint(place, { vpcId, subnetIds: endpointSubnets(subnets), groupIds });
  workgroup.subnetIds = subnetIds;
  listen(place, workgroup.endpoint, workgroup.port);
  deletePrivateEndpoint(place, old);
  if (enhancedVpcRouting) replaceNodes(place, workgroup, baseCapacity);
}

/** F-146: 5431 to 5455, or 8191 to 8215. */
export function checkedPort(port = 5439): number {
  if ((port >= 5431 && port <= 5455) || (port >= 8191 && port <= 8215)) return port;
  throw invalid(`The port ${port} is not valid. Use 5431-5455 or 8191-8215.`);
}

/** F-124: the simulated subnets have IPv4 addresses only. */
export function checkedAddressType(type = 'ipv4'): string {
  if (type !== 'dualstack') return type;
  throw new ApiError('Ipv6CidrBlockNotFoundException', 'The subnets have no IPv6 CIDR blocks.');
}

export function checkedTrack(track = 'current'): string {
  if (track === 'current' || track === 'trailing') return track;
  throw invalid(`The track ${track} does not exist.`);
}
