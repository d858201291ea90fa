/** Puts together a VPC with what AWS gives every new one: main route table, default group, default network ACL. */
import type { Ec2State, RuleRecord, SubnetRecord, VpcRecord } from './records.ts';

/** Makes resource ids, e.g. `vpc` → `vpc-0…`. */
export type IdSource = (prefix: string) => string;

export interface VpcPlan {
  readonly cidrBlock: string;
  readonly isDefault: boolean;
  readonly instanceTenancy: 'default' | 'dedicated';
  readonly tags: Record<string, string>;
  readonly visibleAt: number;
}

/** Adds the VPC and its default parts to `state`. */
export function addVpc(state: Ec2State, newId: IdSource, plan: VpcPlan): VpcRecord {
  const vpc: VpcRecord = {
    ...plan,
    vpcId: newId('vpc'),
    cidrAssociationId: newId('vpc-cidr-assoc'),
    dhcpOptionsId: 'dopt-0d5c1f2b3a4e69788',
    // F-212: DNS support is on from the start, host names only in the default VPC.
    enableDnsSupport: true,
    enableDnsHostnames: plan.isDefault,
    enableNetworkAddressUsageMetrics: false,
  };
  state.vpcs[vpc.vpcId] = vpc;
  addMainRouteTable(state, newId, vpc);
  addDefaultGroup(state, newId, vpc);
  const networkAclId = newId('acl');
  state.networkAcls[networkAclId] = { networkAclId, vpcId: vpc.vpcId, visibleAt: vpc.visibleAt, tags: {} };
  return vpc;
}

function addMainRouteTable(state: Ec2State, newId: IdSource, vpc: VpcRecord): void {
  const routeTableId = newId('rtb');
  state.routeTables[routeTableId] = {
    routeTableId,
    vpcId: vpc.vpcId,
    routes: [localRoute(vpc)],
    associations: [{ associationId: newId('rtbassoc'), subnetId: undefined, main: true }],
    visibleAt: vpc.visibleAt,
    tags: {},
  };
}

/** The route every table starts with: the VPC's own addresses are local. */
export const localRoute = (vpc: VpcRecord) => ({
  destinationCidrBlock: vpc.cidrBlock,
  gatewayId: 'local',
  origin: 'CreateRouteTable' as const,
});

/** F-230: the default group lets its members in and everything out. */
function addDefaultGroup(state: Ec2State, newId: IdSource, vpc: VpcRecord): void {
  const groupId = newId('sg');
  state.securityGroups[groupId] = {
    groupId,
    groupName: 'default',
    vpcId: vpc.vpcId,
    description: 'default VPC security group',
    visibleAt: vpc.visibleAt,
    tags: {},
  };
  addRule(state, newId, {
    ...anything(groupId, vpc.visibleAt),
    isEgress: false,
    peer: { kind: 'group', value: groupId },
  });
  addAllowAllEgress(state, newId, groupId, vpc.visibleAt);
}

/** F-231: every new group lets everything out. */
export function addAllowAllEgress(state: Ec2State, newId: IdSource, groupId: string, visibleAt: number): void {
  addRule(state, newId, {
    ...anything(groupId, visibleAt),
    isEgress: true,
    peer: { kind: 'ipv4', value: '0.0.0.0/0' },
  });
}

const anything = (groupId: string, visibleAt: number) => ({
  groupId,
  protocol: '-1',
  fromPort: -1,
  toPort: -1,
  description: undefined,
  visibleAt,
  tags: {},
});

export function addRule(state: Ec2State, newId: IdSource, rule: Omit<RuleRecord, 'ruleId'>): RuleRecord {
  const record: RuleRecord = { ruleId: newId('sgr'), ...rule };
  state.rules[record.ruleId] = record;
  return record;
}

export function addSubnet(
  state: Ec2State,
  newId: IdSource,
  plan: Omit<SubnetRecord, 'subnetId' | 'aclAssociationId' | 'enableResourceNameDnsARecordOnLaunch'>,
): SubnetRecord {
  const subnet: SubnetRecord = {
    ...plan,
    subnetId: newId('subnet'),
    aclAssociationId: newId('aclassoc'),
    enableResourceNameDnsARecordOnLaunch: false,
  };
  state.subnets[subnet.subnetId] = subnet;
  return subnet;
}
