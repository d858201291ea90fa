/** What other simulated services may know of Redshift Serverless: the truth, without the lag that readers see. */
import type { Place } from '../../world.ts';
import { namespaceStatus } from './namespace-status.ts';
import { phases } from './phases.ts';
import { type NamespaceRecord, serverless, type WorkgroupRecord, workgroupOf } from './state.ts';

export interface WarehouseInfo {
  workgroupName: string;
  workgroupArn: string;
  workgroupId: string;
  status: string;
  port: number;
  /** RPUs; -1 while a price-performance target decides. */
  baseCapacity: number;
  namespaceName: string;
  namespaceId: string;
}

export interface NamespaceInfo {
  namespaceName: string;
  namespaceId: string;
  namespaceArn: string;
  dbName: string;
  adminUsername: string;
  adminSecretArn: string | undefined;
  status: string;
  workgroupName: string | undefined;
}

export interface TaggedResource {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function findWorkgroup(place: Place, nameOrArn: string): WarehouseInfo | undefined {
  const { workgroups } = serverless(place);
  const found = workgroups[nameOrArn] ?? Object.values(workgroups).find(({ arn }) => arn === nameOrArn);
  return found && warehouse(place, found);
}

export function findNamespaceById(place: Place, namespaceId: string): NamespaceInfo | undefined {
  const found = Object.values(serverless(place).namespaces).find(({ id }) => id === namespaceId);
  return found && namespaceInfo(place, found);
}

export function findNamespace(place: Place, name: string): NamespaceInfo | undefined {
  const found = serverless(place).namespaces[name];
  return found && namespaceInfo(place, found);
}

/** Everything here that carries tags, for the tagging service. */
export function taggedResources(place: Place): TaggedResource[] {
  return Object.entries(serverless(place).tags).map(([arn, tags]) => ({ arn, tags }));
}

function warehouse(place: Place, workgroup: WorkgroupRecord): WarehouseInfo {
  return {
    workgroupName: workgroup.name,
    workgroupArn: workgroup.arn,
    workgroupId: workgroup.id,
    status: phases[workgroup.phase].status,
    port: workgroup.port,
    baseCapacity: workgroup.baseCapacity,
    namespaceName: workgroup.namespaceName,
    namespaceId: serverless(place).namespaces[workgroup.namespaceName]?.id ?? '',
  };
}

function namespaceInfo(place: Place, namespace: NamespaceRecord): NamespaceInfo {
  return {
    namespaceName: namespace.name,
    namespaceId: namespace.id,
    namespaceArn: namespace.arn,
    dbName: namespace.dbName ?? 'dev',
    adminUsername: namespace.adminUsername,
    adminSecretArn: namespace.adminSecretArn,
    status: namespaceStatus(place, namespace),
    workgroupName: workgroupOf(place, namespace.name)?.name,
  };
}
