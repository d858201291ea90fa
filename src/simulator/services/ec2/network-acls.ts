/** Network ACLs: each VPC's default one, which lets everything pass. */
import type {
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  NetworkAcl,
  NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { NetworkAclRecord } from './records.ts';
import { type FilterTable, listRecords } from './requests.ts';
import { ec2State } from './state.ts';
import { tagList } from './tags.ts';

/** F-218: in and out, rule 100 allows everything; the last rule, which can't be removed, denies the rest. */
const entries: NetworkAclEntry[] = [true, false].flatMap((egress) => [
  { Egress: egress, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
  { Egress: egress, RuleNumber: 32767, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
]);

const subnetsOf = (place: Place, acl: NetworkAclRecord) =>
  Object.values(ec2State(place).subnets).filter((subnet) => subnet.vpcId === acl.vpcId);

const aclOf = (place: Place, acl: NetworkAclRecord): NetworkAcl => ({
  NetworkAclId: acl.networkAclId,
  VpcId: acl.vpcId,
  OwnerId: place.account,
  IsDefault: true,
  Entries: entries,
  Associations: subnetsOf(place, acl).map((subnet) => ({
    NetworkAclAssociationId: subnet.aclAssociationId,
    NetworkAclId: acl.networkAclId,
    SubnetId: subnet.subnetId,
  })),
  Tags: tagList(acl.tags),
});

const filtersOf = (place: Place): FilterTable<NetworkAclRecord> => ({
  'network-acl-id': (acl) => acl.networkAclId,
  'vpc-id': (acl) => acl.vpcId,
  default: () => true,
  'owner-id': () => place.account,
  'association.subnet-id': (acl) => subnetsOf(place, acl).map((subnet) => subnet.subnetId),
  'association.network-acl-id': (acl) => acl.networkAclId,
  'association.association-id': (acl) => subnetsOf(place, acl).map((subnet) => subnet.aclAssociationId),
});

function describeNetworkAcls(input: DescribeNetworkAclsRequest, call: Call): DescribeNetworkAclsResult {
  const page = listRecords(call, 'networkAcls', { ...input, ids: input.NetworkAclIds }, filtersOf(call));
  return { NetworkAcls: page.items.map((acl) => aclOf(call, acl)), NextToken: page.nextToken };
}

export const networkAclOperations = { DescribeNetworkAcls: describeNetworkAcls };
