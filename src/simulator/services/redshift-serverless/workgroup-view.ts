/** A workgroup as its readers see it. */
import type { Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { Place } from '../../world.ts';
import type { SubnetInfo } from '../ec2/lookup.ts';
import { addressOf } from './doors.ts';
import { visibleParameters } from './parameters.ts';
import { phases } from './phases.ts';
import { endpointView } from './private-endpoint.ts';
import type { WorkgroupRecord } from './state.ts';

export function workgroupView(place: Place, workgroup: WorkgroupRecord): Workgroup {
  return {
    workgroupId: workgroup.id,
    workgroupArn: workgroup.arn,
    workgroupName: workgroup.name,
    namespaceName: workgroup.namespaceName,
    ...capacityView(workgroup),
    enhancedVpcRouting: workgroup.enhancedVpcRouting,
    configParameters: visibleParameters(workgroup.parameters),
    securityGroupIds: workgroup.groupIds,
    subnetIds: workgroup.subnetIds,
    status: phases[workgroup.phase].status,
    endpoint: addressView(place, workgroup),
    publiclyAccessible: workgroup.publiclyAccessible,
    creationDate: new Date(workgroup.createdAt),
    port: workgroup.port,
    workgroupVersion: '1.0',
    patchVersion: '198',
    crossAccountVpcs: [],
    ipAddressType: workgroup.ipAddressType,
    trackName: workgroup.trackName,
    extraComputeForAutomaticOptimization: workgroup.extraCompute,
  };
}

function capacityView({ baseCapacity, maxCapacity, targetLevel }: WorkgroupRecord) {
  const pricePerformanceTarget =
    targetLevel === undefined ? { status: 'DISABLED' as const } : { status: 'ENABLED' as const, level: targetLevel };
  return { baseCapacity, maxCapacity, pricePerformanceTarget };
}

/** F-125: the address is known from the start, the interfaces behind it once the workgroup has come up. */
function addressView(place: Place, workgroup: WorkgroupRecord): NonNullable<Workgroup['endpoint']> {
  const { name, port, phase, endpoint } = workgroup;
  const address = addressOf(place, name);
  return { address, port, vpcEndpoints: phase === 'creating' ? [] : [endpointView(endpoint)] };
}

/** One subnet per zone, three at most: where the workgroup's own endpoint gets its interfaces (F-125). */
export function endpointSubnets(subnets: readonly SubnetInfo[]): string[] {
  const byZone = new Map<string, string>();
  for (const { availabilityZoneId, subnetId } of subnets) {
    if (!byZone.has(availabilityZoneId)) byZone.set(availabilityZoneId, subnetId);
  }
  return [...byZone.values()].slice(0, 3);
}
