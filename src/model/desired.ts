/** What an environment should consist of: the configuration turned into warehouses and names. Pure. */
import type { Capacity, Config, UsageLimit } from '../config/config.ts';
import { type Names, namesFor, warehouseName } from './names.ts';

export type WarehouseRole = 'producer' | 'consumer' | 'workload';

/** A namespace and the workgroup of the same name. */
export interface Warehouse {
  readonly role: WarehouseRole;
  /** `producer`, `consumer-2` or a workload's name: accepted wherever a workgroup is named. */
  readonly short: string;
  /** Of consumers, from 1. */
  readonly number?: number;
  readonly name: string;
  /** Its own, local database; what is shared appears beside it. */
  readonly database: string;
  /** RPUs. */
  readonly baseCapacity: number;
  /** RPUs; undefined: no limit of our own. */
  readonly maxCapacity: number | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly usageLimits: readonly UsageLimit[];
}

export interface Desired {
  readonly config: Config;
  readonly names: Names;
  readonly producer: Warehouse;
  readonly consumers: readonly Warehouse[];
  readonly workloads: readonly Warehouse[];
}

/** The local database of a consumer: nobody works in it, the shared one appears beside it. */
export const consumerLocalDatabase = 'dev';

/** Everything that should stand in the environment of `config`. */
export function desire(config: Config): Desired {
  return {
    config,
    names: namesFor(config),
    producer: warehouse(config, 'producer', 'producer', config.producer),
    consumers: consumerNumbers(config.consumers).map((number) => consumerWarehouse(config, number)),
    workloads: Object.entries(config.workloads).map(([short, workload]) =>
      warehouse(config, 'workload', short, workload),
    ),
  };
}

/** The consumer of that number, whether it is among the wanted ones or one to be removed. */
export function consumerWarehouse(config: Config, number: number): Warehouse {
  const sized = { ...config.consumers, database: consumerLocalDatabase };
  return { ...warehouse(config, 'consumer', `consumer-${number}`, sized), number };
}

/** The numbers of the wanted consumers: the first `count` from 1 that are not left out. */
export function consumerNumbers(consumers: { readonly count: number; readonly without: readonly number[] }): number[] {
  const left = new Set(consumers.without);
  const numbers: number[] = [];
  for (let number = 1; numbers.length < consumers.count; number++) if (!left.has(number)) numbers.push(number);
  return numbers;
}

type Sized = Capacity & Pick<Warehouse, 'database' | 'parameters' | 'usageLimits'>;

function warehouse(config: Config, role: WarehouseRole, short: string, sized: Sized): Warehouse {
  return {
    role,
    short,
    name: warehouseName(`${config.project}-${config.environment}`, short),
    database: sized.database,
    baseCapacity: sized.baseCapacity,
    maxCapacity: sized.maxCapacity,
    parameters: sized.parameters,
    usageLimits: sized.usageLimits,
  };
}
