/** The step `producer`: the key of all namespaces, the role for COPY, and the warehouse that takes the writes. */
import type { Goal, Resource } from '../../engine/resource.ts';
import type { StepContext } from '../changes.ts';
import type { VpcStep } from '../vpc/index.ts';
import { awsOwned, type Encryption, withKey, withOurKey } from '../warehouse/encryption.ts';
import { type WarehouseResources, warehouseResources } from '../warehouse/index.ts';
import { key } from './key.ts';
import { role } from './role.ts';

export interface ProducerStep {
  readonly resources: readonly Resource[];
  readonly warehouse: WarehouseResources;
  /** For the namespaces of the other warehouses. */
  readonly encryption: Encryption;
}

export function producerStep(
  context: StepContext,
  options: { vpc: VpcStep; goal: Goal; finalSnapshot: boolean },
): ProducerStep {
  const { config, producer } = context.desired;
  const { network, groups } = options.vpc;
  const ownKey = config.kmsKey === 'create' ? key(context, options) : undefined;
  const encryption = ownKey ? withOurKey(ownKey) : config.kmsKey === 'aws-owned' ? awsOwned : withKey(config.kmsKey);
  const copyRole = role(context);
  const warehouse = warehouseResources(context, {
    warehouse: producer,
    encryption,
    network,
    group: groups.producer,
    role: copyRole,
    logs: config.producer.logs,
  });
  return {
    resources: [...(ownKey ? [ownKey] : []), copyRole, ...warehouse.resources],
    warehouse,
    encryption,
  };
}
