/** The shape of a check: data and one pure function. A new one is a file in checks/ and a line in checks/index.ts. */
import type { WarehouseRole } from '../model/desired.ts';
import type { Finding, Say } from './finding.ts';
import type { Examined, Observations } from './observations.ts';

interface CheckBase {
  /** A slug, stable: scripts match it. */
  readonly name: string;
  /** What it answers, as a question. */
  readonly question: string;
}

/** Of what all warehouses share. */
export interface SharedCheck extends CheckBase {
  readonly subject: 'environment' | 'network' | 'load balancer';
  /** Whose diagnosis mentions it when it is not well. */
  readonly matters: readonly WarehouseRole[];
  findings(seen: Observations, say: Say): readonly Finding[];
}

/** Of each warehouse of these roles. */
export interface WarehouseCheck extends CheckBase {
  readonly roles: readonly WarehouseRole[];
  findings(seen: Observations, say: Say, examined: Examined): readonly Finding[];
}

export const everyRole: readonly WarehouseRole[] = ['producer', 'consumer', 'workload'];
/** Whose clients come through the load balancer. */
export const pool: readonly WarehouseRole[] = ['consumer'];
/** Who reads the producer's share. */
export const readers: readonly WarehouseRole[] = ['consumer', 'workload'];
