/** From what the file says to the complete configuration: the defaults that depend on other values. Pure. */
import { defaultSubnets, formatCidr, parseCidr } from '../model/addresses.ts';
import { consumerLocalDatabase } from '../model/desired.ts';
import type { Config, SqlFile } from './config.ts';
import { checkDatabase } from './identifiers.ts';
import type { Values } from './schema.ts';

/** us-west-1 has two zones for new accounts; everywhere else there are three at least (F-814). */
export const zonesIn = (region: string): number => (region === 'us-west-1' ? 2 : 3);

export interface Circumstances {
  readonly environment: string;
  readonly region: string;
  readonly initSql: readonly SqlFile[];
}

/** The configuration of one environment, every default filled in. */
export function complete(values: Values, { environment, region, initSql }: Circumstances): Config {
  const { network, producer, consumers, datashare } = values;
  const words = values.project.replaceAll('-', '_');
  return {
    ...values,
    environment,
    region,
    kmsKey: values.kmsKey as Config['kmsKey'],
    network: { ...network, subnetCidrs: network.subnetCidrs ?? subnetsOf(network.vpcCidr, zonesIn(region)) },
    producer: { ...producer, ...capacity(producer, 256), database: producer.database ?? `${words}_dw`, initSql },
    consumers: { ...consumers, ...capacity(consumers, 64) },
    workloads: Object.fromEntries(
      Object.entries(values.workloads).map(([name, workload]) => [name, { ...workload, ...capacity(workload, 64) }]),
    ),
    datashare: {
      ...datashare,
      name: datashare.name ?? `${words}_share`,
      consumerDatabase: datashare.consumerDatabase ?? sharedDatabase(words),
    },
  };
}

/** The project's own name where it can be the name of a database beside a consumer's own. */
function sharedDatabase(words: string): string {
  const usable = checkDatabase(words) === undefined && words !== consumerLocalDatabase;
  return usable ? words : `${words}_data`;
}

interface GivenCapacity {
  readonly baseCapacity: number;
  readonly maxCapacity: number | 'none' | undefined;
}

function capacity(given: GivenCapacity, usual: number): { baseCapacity: number; maxCapacity: number | undefined } {
  const { baseCapacity, maxCapacity = Math.max(usual, baseCapacity) } = given;
  return { baseCapacity, maxCapacity: maxCapacity === 'none' ? undefined : maxCapacity };
}

function subnetsOf(vpcCidr: string, zones: number): readonly string[] {
  const vpc = parseCidr(vpcCidr);
  return vpc === undefined ? [] : defaultSubnets(vpc, zones).map(formatCidr);
}
