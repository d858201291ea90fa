/** A warehouse: its namespace, its workgroup, its usage limits. Producer, consumers and workloads differ in little. */
import type { LogExport } from '@aws-sdk/client-redshift-serverless';
import type { Resource } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import type { StepContext } from '../changes.ts';
import type { RotationOf } from '../nlb/rotation.ts';
import type { RoleSeen } from '../producer/role.ts';
import type { Network } from '../vpc/network.ts';
import type { SecurityGroupSeen } from '../vpc/security-group.ts';
import type { Encryption } from './encryption.ts';
import { type NamespaceSeen, namespace } from './namespace.ts';
import { type UsageLimitSeen, usageLimit } from './usage-limit.ts';
import { type WorkgroupSeen, workgroup } from './workgroup.ts';

export interface WarehouseResources {
  readonly warehouse: Warehouse;
  readonly namespace: Resource<NamespaceSeen>;
  readonly workgroup: Resource<WorkgroupSeen>;
  readonly usageLimits: readonly Resource<UsageLimitSeen>[];
  readonly resources: readonly Resource[];
}

export interface WarehouseOptions {
  readonly warehouse: Warehouse;
  readonly encryption: Encryption;
  readonly network: Network;
  readonly group: Resource<SecurityGroupSeen>;
  readonly role?: Resource<RoleSeen>;
  readonly logs?: readonly LogExport[];
  readonly rotation?: RotationOf | undefined;
}

export function warehouseResources(context: StepContext, options: WarehouseOptions): WarehouseResources {
  const { warehouse, encryption, network, group, role, logs = [], rotation } = options;
  const data = namespace(context, { warehouse, encryption, logs, ...(role ? { role } : {}) });
  const compute = workgroup(context, { warehouse, namespace: data, network, group, rotation });
  const usageLimits = warehouse.usageLimits.map((limit, index) => {
    const nth = warehouse.usageLimits.slice(0, index + 1).filter(({ period }) => period === limit.period).length;
    return usageLimit(context, { warehouse, workgroup: compute, limit, nth });
  });
  return { warehouse, namespace: data, workgroup: compute, usageLimits, resources: [data, compute, ...usageLimits] };
}
