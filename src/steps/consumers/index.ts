/** The step `consumers`: the pool behind the load balancer, and the workloads with an address of their own. */
import type { Warehouse } from '../../model/desired.ts';
import type { StepContext } from '../changes.ts';
import type { RotationOf } from '../nlb/rotation.ts';
import type { VpcStep } from '../vpc/index.ts';
import type { Encryption } from '../warehouse/encryption.ts';
import { type WarehouseResources, warehouseResources } from '../warehouse/index.ts';

/** One warehouse of the step; the role decides who may reach it. */
export function readingWarehouse(
  context: StepContext,
  options: { warehouse: Warehouse; vpc: VpcStep; encryption: Encryption; rotation?: RotationOf | undefined },
): WarehouseResources {
  const { warehouse, vpc, encryption, rotation } = options;
  const { network, groups } = vpc;
  const group = warehouse.role === 'workload' ? groups.workload : groups.consumer;
  return warehouseResources(context, { warehouse, encryption, network, group, rotation });
}
