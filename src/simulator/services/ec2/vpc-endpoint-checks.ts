/** What must hold before a VPC endpoint is made or changed. */
import type { CreateVpcEndpointRequest } from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { VpcEndpointRecord } from './records.ts';
import { prefixListOf } from './routes.ts';
import { ec2State, requireRecord } from './state.ts';

export const gatewayServices: readonly string[] = ['s3', 'dynamodb'];

export const interfaceServices: readonly string[] = [
  ...['ec2', 'ec2messages', 'elasticloadbalancing', 'kms', 'logs', 'monitoring', 'redshift', 'redshift-data'],
  ...['redshift-serverless', 's3', 'secretsmanager', 'ssm', 'ssmmessages', 'sts'],
];

/** The service's name. Errors: `InvalidServiceName`. */
export function checkService(
  place: Place,
  input: Checked<CreateVpcEndpointRequest>,
  services: readonly string[],
): string {
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
