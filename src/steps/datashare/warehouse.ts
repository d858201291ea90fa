/** Where SQL runs: a warehouse with its namespace and workgroup, as the datashare step sees them. */
import type { Known, Resource } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import type { SqlTarget } from './session.ts';

/** The members of a namespace that SQL needs; what the namespace resource observes has them. */
export interface SqlNamespace {
  readonly namespaceId?: string | undefined;
  readonly adminPasswordSecretArn?: string | undefined;
}

/** The same of a workgroup. */
export interface SqlWorkgroup {
  readonly workgroupArn?: string | undefined;
  readonly status?: string | undefined;
}

export interface SqlWarehouse {
  readonly warehouse: Warehouse;
  readonly namespace: Resource<SqlNamespace>;
  readonly workgroup: Resource<SqlWorkgroup>;
}

/** As administrator, whose secret it takes (F-456), in `database`; undefined until the warehouse is there. */
export function adminTarget(one: SqlWarehouse, known: Known, database = one.warehouse.database): SqlTarget | undefined {
  const secretArn = known.seen(one.namespace)?.adminPasswordSecretArn;
  const status = known.seen(one.workgroup)?.status;
  if (secretArn === undefined || status === undefined || status === 'CREATING' || status === 'DELETING')
    return undefined;
  return { workgroup: one.warehouse.name, database, secretArn };
}

export const namespaceId = (one: SqlWarehouse, known: Known) => known.seen(one.namespace)?.namespaceId;
