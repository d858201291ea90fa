/** Where clients reach the warehouses: each workgroup's own endpoint, and the managed endpoints that lead to it. */
import type { Place } from '../../world.ts';
import { interfaceById } from '../ec2/interfaces.ts';
import { phases } from './phases.ts';
import type { EndpointInterface } from './state.ts';
import { serverless } from './state.ts';

export interface WarehouseDoor {
  readonly kind: 'workgroup' | 'endpoint access';
  /** Of the workgroup or of the endpoint access. */
  readonly name: string;
  readonly workgroupName: string;
  readonly dnsName: string;
  readonly port: number;
  readonly groupIds: readonly string[];
  readonly zones: readonly string[];
  /** Whether something answers on its interfaces. */
  readonly listens: boolean;
}

export function warehouseDoors(place: Place): WarehouseDoor[] {
  const { workgroups, endpoints } = serverless(place);
  const own = Object.values(workgroups).map((workgroup): WarehouseDoor => {
    const { name, port, groupIds, endpoint } = workgroup;
    const dnsName = addressOf(place, name);
    return {
      kind: 'workgroup',
      name,
      workgroupName: name,
      dnsName,
      port,
      groupIds,
      ...facing(place, endpoint.interfaces),
    };
  });
  const managed = Object.values(endpoints).flatMap((access): WarehouseDoor[] => {
    const { name, workgroupName, address: dnsName, groupIds, endpoint } = access;
    const port = workgroups[workgroupName]?.port;
    if (port === undefined) return [];
    return [
      { kind: 'endpoint access', name, workgroupName, dnsName, port, groupIds, ...facing(place, endpoint.interfaces) },
    ];
  });
  return [...own, ...managed];
}

/** F-125 */
export const addressOf = (place: Place, workgroupName: string): string =>
  `${workgroupName}.${place.account}.${place.region}.redshift-serverless.amazonaws.com`;

function facing(place: Place, interfaces: readonly EndpointInterface[]) {
  const found = interfaces.map(({ networkInterfaceId }) => interfaceById(place, networkInterfaceId));
  return {
    zones: interfaces.map(({ availabilityZone }) => availabilityZone),
    listens: found.some((one) => one?.listeningPort !== undefined),
  };
}

/** The workgroup behind a network interface, if it is one of a warehouse's endpoints. */
export function workgroupBehind(place: Place, networkInterfaceId: string): string | undefined {
  const { workgroups, endpoints } = serverless(place);
  const leadsThrough = ({ interfaces }: { interfaces: readonly EndpointInterface[] }) =>
    interfaces.some((one) => one.networkInterfaceId === networkInterfaceId);
  const own = Object.values(workgroups).find(({ endpoint }) => leadsThrough(endpoint));
  return own?.name ?? Object.values(endpoints).find(({ endpoint }) => leadsThrough(endpoint))?.workgroupName;
}

/** F-141: TLS is required unless somebody switched that off. */
export const requiresTls = (place: Place, workgroupName: string): boolean =>
  serverless(place).workgroups[workgroupName]?.parameters.require_ssl !== 'false';

/** Whether a warehouse answers: it has come up, and is not on its way out. */
export function answers(place: Place, workgroupName: string): boolean {
  const workgroup = serverless(place).workgroups[workgroupName];
  return (
    workgroup !== undefined &&
    workgroup.phase !== 'closing' &&
    !/^(CREATING|DELETING)$/.test(phases[workgroup.phase].status)
  );
}

/** Where a warehouse's name leads inside its VPC; undefined for a name that is none. */
export function warehouseAddresses(place: Place, dnsName: string): string[] | undefined {
  const { workgroups, endpoints } = serverless(place);
  const own = Object.values(workgroups).find(({ name }) => addressOf(place, name).toLowerCase() === dnsName);
  const found = own ?? Object.values(endpoints).find(({ address }) => address.toLowerCase() === dnsName);
  return found?.endpoint.interfaces.flatMap(
    ({ networkInterfaceId }) => interfaceById(place, networkInterfaceId)?.privateIpAddress ?? [],
  );
}
