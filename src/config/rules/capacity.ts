/** Sizes, numbers of warehouses, limits. */
import { largestBaseRegions, smallestBaseRegions } from '../../model/capacity.ts';
import { desire } from '../../model/desired.ts';
import type { Capacity, Config } from '../config.ts';
import type { Rule } from './rule.ts';

/** Workgroups and namespaces of an account and region, unless AWS has raised it (F-823). */
const defaultQuota = 25;
/** RPUs of all bases together, at least (F-824). */
const defaultRpus = 3200;
/** Interface endpoints of a VPC (F-250). */
const defaultEndpoints = 50;

function sizes({ producer, consumers, workloads }: Config): readonly (readonly [path: string, size: Capacity])[] {
  const named = Object.entries(workloads).map(([name, workload]) => [`workloads.${name}`, workload] as const);
  return [['producer', producer], ['consumers', consumers], ...named];
}

export const maxNotBelowBase: Rule = ({ config, fault, sound }) => {
  for (const [path, { baseCapacity, maxCapacity }] of sizes(config)) {
    if (maxCapacity === undefined || maxCapacity >= baseCapacity) continue;
    if (!sound(`${path}.baseCapacity`, `${path}.maxCapacity`)) continue;
    const message = `is ${maxCapacity}, must be at least baseCapacity ${baseCapacity}`;
    fault('config/capacity', `${path}.maxCapacity`, message, `Use ${baseCapacity} or more, or none.`);
  }
};

/** Not every region offers the smallest and the largest sizes, and AWS's own pages differ: worth saying, no fault. */
export const rareSizes: Rule = ({ config, notice, sound }) => {
  if (!sound('region')) return;
  for (const [path, { baseCapacity }] of sizes(config)) {
    if (baseCapacity === 4 && !smallestBaseRegions.has(config.region)) {
      notice(`${path}.baseCapacity: 4 RPUs are not known to be offered in ${config.region}`);
    }
    if (baseCapacity > 512 && !largestBaseRegions.has(config.region)) {
      notice(`${path}.baseCapacity: more than 512 RPUs are not known to be offered in ${config.region}`);
    }
  }
};

/** The default quota is 25 workgroups: 24 consumers beside the producer, fewer where there are workloads. */
export const warehouseQuota: Rule = ({ config, fault, notice, sound }) => {
  if (!sound('consumers.count', 'workloads', 'allowBeyondDefaultQuota')) return;
  const workloads = Object.keys(config.workloads).length;
  const total = 1 + config.consumers.count + workloads;
  if (total <= defaultQuota) return;
  const beside = workloads > 0 ? `the producer and ${workloads} workloads` : 'the producer';
  const most = Math.max(0, defaultQuota - 1 - workloads);
  if (config.allowBeyondDefaultQuota) {
    const endpoints = 2 * config.consumers.count + workloads + 1;
    if (endpoints > defaultEndpoints) {
      notice(
        `${total} warehouses need ${endpoints} interface endpoints in the VPC; the default quota is ${defaultEndpoints}`,
      );
    }
    return;
  }
  const message = `is ${config.consumers.count}, must be at most ${most}: AWS grants ${defaultQuota} workgroups by default, ${beside} among them`;
  const hint = `Use at most ${most}, or set allowBeyondDefaultQuota: true once AWS has raised the quota.`;
  fault('config/quota', 'consumers.count', message, hint);
};

export const totalBase: Rule = ({ config, notice, sound }) => {
  if (!sound('producer', 'consumers', 'workloads')) return;
  const { producer, consumers, workloads } = desire(config);
  const total = [producer, ...consumers, ...workloads].reduce((sum, { baseCapacity }) => sum + baseCapacity, 0);
  if (total > defaultRpus) notice(`all bases together are ${total} RPUs; AWS grants ${defaultRpus} by default`);
};

export const emptyPool: Rule = ({ config, notice, sound }) => {
  if (config.consumers.count === 0 && sound('consumers.count')) {
    notice('consumers.count: 0 leaves the load balancer with nobody behind it');
  }
};

/** A consumer turned off by its limit still looks healthy to the load balancer, which goes on sending it connections. */
export const deactivatingLimits: Rule = ({ config, fault, sound }) => {
  if (config.consumers.allowDeactivate || !sound('consumers.usageLimits', 'consumers.allowDeactivate')) return;
  config.consumers.usageLimits.forEach(({ action }, index) => {
    if (action !== 'deactivate') return;
    const message = 'is deactivate: the load balancer would go on sending connections to a consumer that answers none';
    const hint = 'Use emit-metric or log, limit maxCapacity, or set consumers.allowDeactivate: true.';
    fault('config/value', `consumers.usageLimits[${index}].action`, message, hint);
  });
};
