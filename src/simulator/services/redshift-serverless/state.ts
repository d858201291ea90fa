/**
 * What Redshift Serverless remembers per region: plain JSON, dates as ms numbers.
 *
 * R1. The status of a namespace or workgroup is never stored: it follows from phases, and what ends a phase is an event.
 * R2. `visibleAt` (get) and `listedAt` (list) are when reads begin to see a new record; every write sees it at once.
 */
import type { Place, Slot } from '../../world.ts';
import type { WorkgroupPhase } from './phases.ts';

export interface Visibility {
  readonly visibleAt: number;
  readonly listedAt: number;
}

export interface AttachedRole {
  readonly arn: string;
  applyStatus: 'adding' | 'in-sync' | 'removing';
}

export interface NamespaceRecord extends Pick<Visibility, 'listedAt'> {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  /** What the creator asked for; without it the database is called `dev`. */
  readonly dbName: string | undefined;
  phase: 'creating' | 'settled' | 'updating' | 'deleting';
  adminUsername: string;
  adminSecretArn: string | undefined;
  adminSecretKmsKeyId: string | undefined;
  kmsKeyId: string;
  roles: AttachedRole[];
  defaultRoleArn: string | undefined;
  logExports: string[];
  /** When a workgroup stood in front of this namespace's data: the times at which recovery points were taken. */
  backedUp: { from: number; until: number | undefined }[];
}

export interface EndpointInterface {
  readonly networkInterfaceId: string;
  readonly privateIpAddress: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
}

/** The PrivateLink endpoint of a workgroup or of an endpoint access, and its interfaces in the customer's subnets. */
export interface PrivateEndpoint {
  readonly vpcEndpointId: string;
  readonly vpcId: string;
  readonly interfaces: EndpointInterface[];
}

export interface WorkgroupRecord extends Visibility {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly namespaceName: string;
  readonly createdAt: number;
  phase: WorkgroupPhase;
  /** It was created or changed while another one was unsettled, and will not come out of MODIFYING. */
  doomed: boolean;
  /** Until when a stuck one can't be deleted either (ms). */
  refusesDeletionUntil: number;
  /** RPUs, or -1 while a price-performance target decides. */
  baseCapacity: number;
  maxCapacity: number | undefined;
  targetLevel: number | undefined;
  /** Parameters that somebody set; the service's defaults are added when it is read. */
  parameters: Record<string, string>;
  enhancedVpcRouting: boolean;
  publiclyAccessible: boolean;
  extraCompute: boolean;
  ipAddressType: string;
  trackName: string;
  port: number;
  groupIds: string[];
  subnetIds: string[];
  endpoint: PrivateEndpoint;
  /** Interfaces of the compute nodes themselves, which only enhanced VPC routing puts into the customer's subnets. */
  nodeInterfaceIds: string[];
}

export interface EndpointRecord extends Visibility {
  readonly name: string;
  readonly arn: string;
  readonly workgroupName: string;
  readonly createdAt: number;
  readonly address: string;
  readonly subnetIds: readonly string[];
  status: 'CREATING' | 'ACTIVE' | 'MODIFYING' | 'DELETING';
  groupIds: string[];
  endpoint: PrivateEndpoint;
}

export interface UsageLimitRecord {
  readonly id: string;
  readonly arn: string;
  readonly resourceArn: string;
  readonly usageType: 'serverless-compute' | 'cross-region-datasharing';
  readonly period: 'daily' | 'weekly' | 'monthly';
  amount: number;
  breachAction: 'log' | 'emit-metric' | 'deactivate';
}

export interface SnapshotRecord {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly namespaceName: string;
  readonly namespaceArn: string;
  readonly adminUsername: string;
  readonly kmsKeyId: string;
  readonly createdAt: number;
  status: 'CREATING' | 'AVAILABLE';
  /** Days; -1 keeps it for ever. */
  retentionDays: number;
}

export interface ServerlessState {
  readonly namespaces: Record<string, NamespaceRecord>;
  readonly workgroups: Record<string, WorkgroupRecord>;
  readonly endpoints: Record<string, EndpointRecord>;
  readonly usageLimits: Record<string, UsageLimitRecord>;
  readonly snapshots: Record<string, SnapshotRecord>;
  /** Tags by ARN. */
  readonly tags: Record<string, Record<string, string>>;
  /** Resource policies by ARN. */
  readonly policies: Record<string, string>;
  /** Names of deleted things, as `namespace/x`, and until when they can't be used again (ms). */
  readonly lingering: Record<string, number>;
}

const slot: Slot<ServerlessState> = {
  name: 'redshift-serverless',
  scope: 'region',
  initial: () => ({
    namespaces: {},
    workgroups: {},
    endpoints: {},
    usageLimits: {},
    snapshots: {},
    tags: {},
    policies: {},
    lingering: {},
  }),
};

/** Redshift Serverless as it stands in this region; may be changed in place. */
export const serverless = (place: Place): ServerlessState => place.world.state(slot, place.region);

/** `arn:aws:redshift-serverless:…:<kind>/<id>`. */
export const arnOf = (place: Place, kind: string, id: string): string =>
  `arn:aws:redshift-serverless:${place.region}:${place.account}:${kind}/${id}`;

/** When reads will see what is created now: get soon, lists later (F-110). */
export function visibility(place: Place): Visibility {
  const visibleAt = place.now + place.world.draw('eventual-consistency');
  return { visibleAt, listedAt: visibleAt + place.world.draw('eventual-consistency') };
}

export const workgroupOf = (place: Place, namespaceName: string): WorkgroupRecord | undefined =>
  Object.values(serverless(place).workgroups).find((workgroup) => workgroup.namespaceName === namespaceName);

export const endpointsOf = (place: Place, workgroupName: string): EndpointRecord[] =>
  Object.values(serverless(place).endpoints).filter((endpoint) => endpoint.workgroupName === workgroupName);
