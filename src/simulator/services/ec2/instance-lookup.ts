/** What others ask about instances: which run, where they stand, and what they reach. */
import { outages } from '../../outages.ts';
import type { Place } from '../../world.ts';
import type { Side } from './lookup.ts';
import { mayConnect } from './lookup.ts';
import type { InstanceRecord, VpcEndpointRecord } from './records.ts';
import { ec2State } from './state.ts';
import { interfacesOf } from './vpc-endpoints.ts';

/** The instance, unless it has been told to go or is not up yet. */
export function runningInstance(place: Place, instanceId: string): InstanceRecord | undefined {
  const found = ec2State(place).instances[instanceId];
  return found?.state === 'running' ? found : undefined;
}

/** Whether it has been told to go, or is not there at all. */
export function isGone(place: Place, instanceId: string): boolean {
  const found = ec2State(place).instances[instanceId];
  return found === undefined || found.terminatedAt !== undefined;
}

export const instancesThatRun = (place: Place): InstanceRecord[] =>
  Object.values(ec2State(place).instances).filter(({ state }) => state === 'running');

/** The instance as one side of a connection, with the groups that its interface carries now. */
export function sideOf(place: Place, instance: InstanceRecord): Side {
  const { networkInterfaceId, privateIpAddress: address, groupIds } = instance;
  return { address, groupIds: ec2State(place).interfaces[networkInterfaceId]?.groupIds ?? groupIds };
}

const serviceOf = ({ serviceName }: VpcEndpointRecord) => serviceName.split('.').at(-1) ?? '';

/** The interface endpoints of a VPC that stand, by the names under which the VPC's resolver knows them (F-747). */
export function endpointNames(place: Place, vpcId: string): Map<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const endpoint of standing(place, vpcId)) {
    const addresses = interfacesOf(place, endpoint.vpcEndpointId).map(({ privateIpAddress }) => privateIpAddress);
    const service = serviceOf(endpoint);
    names.set(
      `${endpoint.vpcEndpointId}-${endpoint.vpcEndpointId.slice(-8)}.${service}.${place.region}.vpce`,
      addresses,
    );
    if (endpoint.privateDnsEnabled) names.set(`${service}.${place.region}`, addresses);
  }
  return new Map([...names].map(([name, addresses]) => [`${name}.amazonaws.com`, addresses]));
}

const standing = (place: Place, vpcId: string) =>
  Object.values(ec2State(place).vpcEndpoints).filter(
    (one) => one.vpcId === vpcId && one.type === 'Interface' && !one.requesterManaged && one.state === 'available',
  );

/** Whether an interface belongs to an endpoint of an AWS service. */
export const leadsToService = (place: Place, vpcId: string, networkInterfaceId: string): boolean =>
  standing(place, vpcId).some(({ vpcEndpointId }) =>
    interfacesOf(place, vpcEndpointId).some((one) => one.networkInterfaceId === networkInterfaceId),
  );

/** Whether an instance reaches a service under its usual name: there is no other way out than an endpoint. */
export function reachesService(place: Place, instance: InstanceRecord, service: string): boolean {
  const addresses = endpointNames(place, instance.vpcId).get(`${service}.${place.region}.amazonaws.com`) ?? [];
  const own = sideOf(place, instance);
  const { zones: out } = outages(place);
  if (out.includes(instance.availabilityZone)) return false;
  const faces = Object.values(ec2State(place).interfaces).filter(
    ({ vpcId, availabilityZone }) => vpcId === instance.vpcId && !out.includes(availabilityZone),
  );
  return faces.some(
    ({ privateIpAddress: address, groupIds }) =>
      addresses.includes(address) && mayConnect(place, own, { address, groupIds }, 443),
  );
}

/** Whether names can be resolved in a VPC at all. */
export const resolvesNames = (place: Place, vpcId: string): boolean =>
  ec2State(place).vpcs[vpcId]?.enableDnsSupport ?? false;
