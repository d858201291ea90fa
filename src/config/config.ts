/** The configuration, merged and complete: what `rsds.yaml` means for one environment. Sizes in RPUs, times as named. */
export type LogExport = 'useractivitylog' | 'userlog' | 'connectionlog';

export interface UsageLimit {
  readonly rpuHours: number;
  readonly period: 'daily' | 'weekly' | 'monthly';
  readonly action: 'log' | 'emit-metric' | 'deactivate';
}

export interface Capacity {
  readonly baseCapacity: number;
  /** Absent: no limit of our own. */
  readonly maxCapacity?: number | undefined;
}

export type VpcChoice = { readonly create: true } | { readonly id: string } | { readonly name: string };

export interface NetworkConfig {
  readonly vpc: VpcChoice;
  readonly vpcCidr: string;
  readonly subnetCidrs: readonly string[];
  /** Of an existing VPC; absent: found. */
  readonly subnetIds?: readonly string[] | undefined;
  /** Absent: the VPC's own CIDR. */
  readonly clientCidrs?: readonly string[] | undefined;
  readonly writerCidrs?: readonly string[] | undefined;
  readonly enhancedVpcRouting: boolean;
}

/** A file of SQL, read when the configuration is loaded. */
export interface SqlFile {
  /** As the configuration lists it; markers of what was run are kept under it. */
  readonly name: string;
  readonly text: string;
}

export interface ProducerConfig extends Capacity {
  readonly database: string;
  readonly adminUsername: string;
  readonly s3Buckets: readonly string[];
  /** Run once on the producer's database, in this order. */
  readonly initSql: readonly SqlFile[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly usageLimits: readonly UsageLimit[];
  readonly logs: readonly LogExport[];
  readonly snapshotRetentionDays: number;
  /** −1: for ever. */
  readonly finalSnapshotRetentionDays: number;
}

export interface ConsumersConfig extends Capacity {
  readonly count: number;
  /** Numbers left out of 1…, e.g. [2] after `scale --remove consumer-2`. */
  readonly without: readonly number[];
  /** Whether a usage limit may turn a pool member off while the load balancer goes on sending it connections. */
  readonly allowDeactivate: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  readonly usageLimits: readonly UsageLimit[];
}

export interface WorkloadConfig extends Capacity {
  readonly database: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly usageLimits: readonly UsageLimit[];
}

export interface DatashareConfig {
  readonly name: string;
  readonly schemas: readonly string[];
  /** `schema.table` */
  readonly tables: readonly string[];
  readonly consumerDatabase: string;
  readonly reader: string;
  readonly externalSchemas: boolean;
}

export interface LoadBalancerConfig {
  readonly port: number;
  readonly healthCheckSeconds: number;
  readonly deregistrationDelaySeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly crossZone: boolean;
}

export interface LockConfig {
  readonly table: string;
  readonly leaseSeconds: number;
  readonly waitMinutes: number;
  readonly foreign: 'wait' | 'warn' | 'ignore';
}

export interface Config {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  /** A key of our own, AWS's, or an existing key's ARN. */
  readonly kmsKey: 'create' | 'aws-owned' | `arn:${string}`;
  readonly network: NetworkConfig;
  readonly producer: ProducerConfig;
  readonly consumers: ConsumersConfig;
  readonly workloads: Readonly<Record<string, WorkloadConfig>>;
  readonly datashare: DatashareConfig;
  readonly loadBalancer: LoadBalancerConfig;
  readonly lock: LockConfig;
  /** `local` or `s3://bucket/prefix`. */
  readonly state: string;
  readonly workgroupConcurrency: number;
  readonly allowBeyondDefaultQuota: boolean;
}
