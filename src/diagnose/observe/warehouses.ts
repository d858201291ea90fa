/** What Redshift Serverless lists, as plain views: one list each, for all warehouses of the account and region. */
import type { EndpointAccess, Namespace, UsageLimit, Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { Aws } from '../../aws/aws.ts';
import { consumerWarehouse, type Desired } from '../../model/desired.ts';
import { consumerNumber, shortOf } from '../../model/foreign.ts';
import { addressesOf } from '../../steps/endpoints/index.ts';
import { attachedRole } from '../../steps/warehouse/iam-roles.ts';
import type {
  EndpointView,
  Examined,
  NamespaceView,
  Observations,
  UsageLimitView,
  WorkgroupView,
} from '../observations.ts';
import { ifRead, mapped, read } from '../reading.ts';

export type WarehouseLists = Pick<Observations, 'workgroups' | 'namespaces' | 'endpoints' | 'usageLimits'>;

export async function observeWarehouses({ serverless }: Aws): Promise<WarehouseLists> {
  const [workgroups, namespaces, endpoints, usageLimits] = await Promise.all([
    read(() => serverless.listWorkgroups()),
    read(() => serverless.listNamespaces()),
    read(() => serverless.listEndpointAccess()),
    read(() => serverless.listUsageLimits()),
  ]);
  return {
    workgroups: mapped(workgroups, (all) => all.map(workgroupView)),
    namespaces: mapped(namespaces, (all) => all.map(namespaceView)),
    endpoints: mapped(endpoints, (all) => all.map(endpointView)),
    usageLimits: mapped(usageLimits, (all) => all.map(usageLimitView)),
  };
}

/** The wanted warehouses, and consumers that stand although they are not wanted (any more, or yet again). */
export function examinedOf(desired: Desired, { workgroups, namespaces }: WarehouseLists): Examined[] {
  const wanted = [desired.producer, ...desired.consumers, ...desired.workloads];
  const names = new Set(wanted.map(({ name }) => name));
  const lists = [...(ifRead(workgroups) ?? []), ...(ifRead(namespaces) ?? [])];
  const standing = new Set(lists.map(({ name }) => name).filter((name) => !names.has(name)));
  const numbers = [...standing].flatMap((name) => consumerNumber(shortOf(name, desired.names.prefix) ?? '') ?? []);
  const surplus = numbers.sort((one, other) => one - other).map((number) => consumerWarehouse(desired.config, number));
  return [
    ...wanted.map((warehouse) => ({ warehouse, wanted: true })),
    ...surplus.map((warehouse) => ({ warehouse, wanted: false })),
  ];
}

function workgroupView(found: Workgroup): WorkgroupView {
  const interfaces = (found.endpoint?.vpcEndpoints ?? []).flatMap(({ networkInterfaces }) => networkInterfaces ?? []);
  return {
    name: found.workgroupName ?? '',
    arn: found.workgroupArn ?? '',
    status: found.status ?? '',
    createdAt: found.creationDate?.getTime() ?? 0,
    baseCapacity: found.baseCapacity,
    maxCapacity: found.maxCapacity,
    targeted: found.pricePerformanceTarget?.status === 'ENABLED',
    port: found.port ?? found.endpoint?.port,
    address: found.endpoint?.address,
    zones: zonesOf(interfaces),
    groupIds: found.securityGroupIds ?? [],
    subnetIds: found.subnetIds ?? [],
    publiclyAccessible: found.publiclyAccessible ?? false,
    pendingTrack: found.pendingTrackName,
  };
}

const zonesOf = (interfaces: readonly { readonly availabilityZone?: string | undefined }[]) => [
  ...new Set(interfaces.flatMap(({ availabilityZone }) => availabilityZone ?? [])),
];

function namespaceView(found: Namespace): NamespaceView {
  return {
    name: found.namespaceName ?? '',
    id: found.namespaceId ?? '',
    arn: found.namespaceArn ?? '',
    status: found.status ?? '',
    kmsKeyId: found.kmsKeyId === awsOwnedKey ? undefined : found.kmsKeyId,
    adminSecretArn: found.adminPasswordSecretArn,
    roles: (found.iamRoles ?? []).map(attachedRole),
  };
}

/** What AWS calls its own key in answers. */
const awsOwnedKey = 'AWS_OWNED_KMS_KEY';

function endpointView(found: EndpointAccess): EndpointView {
  return {
    name: found.endpointName ?? '',
    workgroup: found.workgroupName ?? '',
    status: found.endpointStatus ?? '',
    port: found.port,
    addresses: addressesOf(found),
    zones: zonesOf(found.vpcEndpoint?.networkInterfaces ?? []),
    groupIds: (found.vpcSecurityGroups ?? []).flatMap(({ vpcSecurityGroupId }) => vpcSecurityGroupId ?? []),
  };
}

const usageLimitView = (found: UsageLimit): UsageLimitView => ({
  id: found.usageLimitId ?? '',
  workgroupArn: found.resourceArn ?? '',
  amount: found.amount ?? 0,
  period: found.period ?? 'monthly',
  action: found.breachAction ?? 'log',
});
