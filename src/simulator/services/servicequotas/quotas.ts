/** The account's quotas: the one table that both ServiceQuotas and the services themselves read. F-570 */
import type { Place, Slot } from '../../world.ts';

export interface Quota {
  readonly serviceCode: ServiceCode;
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly adjustable: boolean;
  /** Only its default can be asked for: ListServiceQuotas leaves it out. F-571 */
  readonly defaultOnly: boolean;
}

export const serviceNames = {
  'redshift-serverless': 'Amazon Redshift Serverless',
  vpc: 'Amazon Virtual Private Cloud (Amazon VPC)',
  ec2: 'Amazon Elastic Compute Cloud (Amazon EC2)',
  elasticloadbalancing: 'Elastic Load Balancing (ELB)',
} as const;

export type ServiceCode = keyof typeof serviceNames;

const of = (serviceCode: ServiceCode) => (code: string, name: string, value: number, kind?: 'fixed' | 'default') => ({
  ...{ serviceCode, code, name, value },
  adjustable: kind === undefined,
  defaultOnly: kind === 'default',
});

const serverless = of('redshift-serverless');
const vpc = of('vpc');
const ec2 = of('ec2');
const balancing = of('elasticloadbalancing');

/** Codes of Redshift Serverless are published nowhere and made up here: clients must go by the name. F-572 */
export const quotas = {
  namespaces: serverless('L-51A10001', 'Namespaces', 25),
  workgroups: serverless('L-51A10002', 'Workgroups', 25),
  baseCapacity: serverless('L-51A10003', 'Base Redshift Processing Units (RPUs)', 3200),
  connectionsPerWorkgroup: serverless('L-51A10004', 'Connections per workgroup', 2000, 'default'),
  databasesPerNamespace: serverless('L-51A10005', 'Databases per namespace', 100, 'default'),
  schemasPerDatabase: serverless('L-51A10006', 'Schemas per database', 9900, 'default'),
  tablesPerDatabase: serverless('L-51A10007', 'Tables per database', 200_000, 'default'),
  rolesPerWorkgroup: serverless('L-51A10008', 'Roles per workgroup', 1000, 'default'),
  endpointsPerWorkgroup: serverless('L-51A10009', 'Redshift-managed VPC endpoints per workgroup', 30, 'fixed'),

  vpcs: vpc('L-F678F1CE', 'VPCs per Region', 5),
  subnetsPerVpc: vpc('L-407747CB', 'Subnets per VPC', 200),
  securityGroups: vpc('L-E79EC296', 'VPC security groups per Region', 2500),
  rulesPerSecurityGroup: vpc('L-0EA8095F', 'Inbound or outbound rules per security group', 60),
  securityGroupsPerInterface: vpc('L-2AFB9258', 'Security groups per network interface', 5),
  networkInterfaces: vpc('L-DF5E4CA3', 'Network interfaces per Region', 5000),
  routeTablesPerVpc: vpc('L-589F43AA', 'Route tables per VPC', 200),
  internetGateways: vpc('L-A4707A72', 'Internet gateways per Region', 5),
  natGateways: vpc('L-FE5A380F', 'NAT gateways per Availability Zone', 5),
  gatewayEndpoints: vpc('L-1B52E74A', 'Gateway VPC endpoints per Region', 20),
  interfaceEndpointsPerVpc: vpc('L-29B6F2EB', 'Interface VPC endpoints per VPC', 50),

  elasticIps: ec2('L-0263D0A3', 'EC2-VPC Elastic IPs', 5),
  standardInstances: ec2('L-1216C47A', 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances', 5),

  networkLoadBalancers: balancing('L-69A177A2', 'Network Load Balancers per Region', 50),
  listenersPerLoadBalancer: balancing('L-57A373D6', 'Listeners per Network Load Balancer', 50),
  targetGroups: balancing('L-B22855CB', 'Target Groups per Region', 3000),
  targetsPerTargetGroup: balancing('L-A0D0B863', 'Targets per Target Group per Region', 1000),
  targetsPerZone: balancing('L-B211E961', 'Targets per Availability Zone per Network Load Balancer', 500),
  targetsPerLoadBalancer: balancing('L-EEF1AD04', 'Targets per Network Load Balancer', 3000),
  loadBalancerInterfacesPerVpc: balancing('L-23568085', 'Network Load Balancer ENIs per VPC', 1200),
} as const satisfies Record<string, Quota>;

export type QuotaName = keyof typeof quotas;

export const allQuotas: readonly Quota[] = Object.values(quotas);

export const findQuota = (serviceCode: string, code: string): Quota | undefined =>
  allQuotas.find((one) => one.serviceCode === serviceCode && one.code === code);

export interface QuotaRequest {
  readonly id: string;
  readonly serviceCode: string;
  readonly code: string;
  readonly desiredValue: number;
  readonly requester: string;
  readonly createdAt: number;
  status: 'PENDING' | 'APPROVED' | 'CASE_OPENED';
  updatedAt: number;
}

export interface QuotasState {
  /** Values that AWS has raised, by quota code. */
  raised: Record<string, number>;
  requests: Record<string, QuotaRequest>;
}

export const quotasSlot: Slot<QuotasState> = {
  name: 'servicequotas',
  scope: 'region',
  initial: () => ({ raised: {}, requests: {} }),
};

export const quotasState = (place: Place): QuotasState => place.world.state(quotasSlot, place.region);

/** The value that is in force for a quota of this region, by service and quota code (`quotas.workgroups.code`). */
export function quota(place: Place, service: ServiceCode, code: string): number {
  const entry = findQuota(service, code);
  return quotasState(place).raised[code] ?? entry?.value ?? Number.POSITIVE_INFINITY;
}
