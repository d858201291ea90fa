/** Everything that checks judge by: plain data, read once, in the account and in the ledger. */
import type { Attributes } from '../aws/elb.ts';
import type { LedgerDocument } from '../ledger/ledger.ts';
import type { Desired, Warehouse } from '../model/desired.ts';
import type { Rule } from '../steps/vpc/rules.ts';
import type { AttachedRole } from '../steps/warehouse/iam-roles.ts';
import type { Reading } from './reading.ts';

/** A warehouse that is wanted, or that stands although it is not. */
export interface Examined {
  readonly warehouse: Warehouse;
  readonly wanted: boolean;
}

export interface WorkgroupView {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  /** ms since the epoch, AWS's clock. How long it is in a status is never reckoned from it. */
  readonly createdAt: number;
  readonly baseCapacity: number | undefined;
  readonly maxCapacity: number | undefined;
  /** Whether a price-performance target rules the base. */
  readonly targeted: boolean;
  readonly port: number | undefined;
  readonly address: string | undefined;
  /** Of the interfaces of its own endpoint. */
  readonly zones: readonly string[];
  readonly groupIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly publiclyAccessible: boolean;
  readonly pendingTrack: string | undefined;
}

export interface NamespaceView {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly status: string;
  /** Undefined: AWS's own key. */
  readonly kmsKeyId: string | undefined;
  readonly adminSecretArn: string | undefined;
  readonly roles: readonly AttachedRole[];
}

export interface EndpointView {
  readonly name: string;
  readonly workgroup: string;
  readonly status: string;
  readonly port: number | undefined;
  readonly addresses: readonly string[];
  /** Of its interfaces. */
  readonly zones: readonly string[];
  readonly groupIds: readonly string[];
}

export interface UsageLimitView {
  readonly id: string;
  readonly workgroupArn: string;
  readonly amount: number;
  readonly period: string;
  readonly action: string;
}

export interface SubnetView {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
  readonly freeAddresses: number;
}

export interface NetworkView {
  readonly vpcId: string;
  readonly cidr: string;
  /** Those that the environment uses. */
  readonly subnets: readonly SubnetView[];
}

export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly rules: readonly Rule[];
}

export interface BalancerView {
  readonly arn: string;
  readonly dnsName: string;
  readonly type: string;
  readonly scheme: string;
  /** provisioning, active, active_impaired, failed. */
  readonly state: string;
  readonly reason: string | undefined;
  readonly zones: readonly { readonly zone: string; readonly subnetId: string }[];
  readonly groupIds: readonly string[];
}

export interface ListenerView {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  /** Where it forwards to. */
  readonly targetGroupArns: readonly string[];
}

export interface TargetGroupView {
  readonly arn: string;
  readonly protocol: string;
  readonly targetType: string;
}

export interface TargetView {
  readonly address: string;
  readonly port: number;
  /** initial, healthy, unhealthy, unhealthy.draining, unused, draining, unavailable. */
  readonly state: string;
  readonly reason: string | undefined;
}

export interface KeyView {
  readonly arn: string;
  /** Enabled, Disabled, PendingDeletion, … */
  readonly state: string;
  readonly deletionAt: number | undefined;
}

export interface ShareView {
  readonly name: string;
  /** Namespace ids of those who may use it. */
  readonly consumers: readonly string[];
}

export interface SecretView {
  readonly deletedAt: number | undefined;
}

export interface QuotaView {
  readonly what: string;
  readonly used: Reading<number>;
  readonly limit: number;
  /** What was assumed because the quota itself could not be read. */
  readonly assumed: boolean;
}

export interface HolderView {
  /** `ana@build-7 (pid 4711)`. */
  readonly who: string;
  /** The command, e.g. `up`. */
  readonly operation: string;
  /** For the lane: what it works on. */
  readonly workgroup: string | undefined;
  /** ms, as the holder's clock and ours tell. */
  readonly heldMs: number;
  /** Undefined: it was not watched. */
  readonly heartbeat: { readonly seen: boolean; readonly watchedMs: number } | undefined;
}

export interface LockView {
  /** Undefined: free. */
  readonly holder: HolderView | undefined;
  /** Digests of what SQL was run, kept with the lock. */
  readonly data: Readonly<Record<string, string>>;
}

/** By our name and not ours: of a warehouse (its short name), or of what all share. */
export interface Stranger {
  readonly subject: string;
  readonly what: string;
}

export interface Observations {
  /** Consumers that came after the look, short names by namespace id: a load goes on while others scale. */
  readonly latecomers?: ReadonlyMap<string, string> | undefined;
  readonly desired: Desired;
  readonly account: string;
  readonly identity: string;
  readonly examined: readonly Examined[];
  /** ms since the epoch on the clock with which the ledger is written. */
  readonly now: number;
  /** ms since the epoch on AWS's clock. */
  readonly awsNow: number;
  /** Knows nothing where it can't be used. */
  readonly ledger: LedgerDocument;
  /** Why the ledger can't be used; undefined: it can, or there is none yet. */
  readonly ledgerFault?: { readonly code: string; readonly message: string } | undefined;
  /** What follows a command so that it finds this environment: ` --env prod --sim`, ` --region eu-west-1`. */
  readonly suffix: { readonly rsds: string; readonly aws: string };

  /** All of the account and region. */
  readonly workgroups: Reading<readonly WorkgroupView[]>;
  readonly namespaces: Reading<readonly NamespaceView[]>;
  readonly endpoints: Reading<readonly EndpointView[]>;
  readonly usageLimits: Reading<readonly UsageLimitView[]>;
  readonly strangers: Reading<readonly Stranger[]>;

  readonly network: Reading<NetworkView | undefined>;
  /** Of the VPC. */
  readonly groups: Reading<readonly GroupView[]>;

  readonly balancer: Reading<BalancerView | undefined>;
  readonly balancerAttributes: Reading<Attributes>;
  readonly listeners: Reading<readonly ListenerView[]>;
  /** Of the listener on our port; empty without one. */
  readonly listenerAttributes: Reading<Attributes>;
  readonly targetGroup: Reading<TargetGroupView | undefined>;
  readonly targetGroupAttributes: Reading<Attributes>;
  readonly targets: Reading<readonly TargetView[]>;

  /** Every key that our namespaces are, or will be, encrypted with; by what it is called here. */
  readonly keys: readonly { readonly name: string; readonly key: Reading<KeyView | undefined> }[];
  /** Of the producer's namespace. */
  readonly shares: Reading<readonly ShareView[]>;
  readonly secret: Reading<SecretView | undefined>;

  readonly environmentLock: Reading<LockView | undefined>;
  readonly lane: Reading<LockView | undefined>;
  /** Names of further lock tables in the account and region. */
  readonly otherLockTables: Reading<readonly string[]>;
  readonly quotas: readonly QuotaView[];
}
