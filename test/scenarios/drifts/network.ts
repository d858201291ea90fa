/** Drifts of the network: the VPC, its subnets and routes, and every rule of every group. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DeleteRouteTableCommand,
  DeleteTagsCommand,
  DeleteVpcEndpointsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DisassociateRouteTableCommand,
  type IpPermission,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { Account } from '../../support/account.ts';
import type { Drift } from './drift.ts';

const setVpc = (attribute: 'EnableDnsSupport' | 'EnableDnsHostnames') => (account: Account) =>
  account.ec2.send(new ModifyVpcAttributeCommand({ VpcId: account.id('vpc/vpc'), [attribute]: { Value: false } }));

const untag = (resource: string) => (account: Account) =>
  account.ec2.send(new DeleteTagsCommand({ Resources: [account.id(resource)], Tags: [{ Key: 'Name' }] }));

async function associations({ ec2, id }: Account): Promise<string[]> {
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id('vpc/route-table')] }));
  return (RouteTables?.[0]?.Associations ?? []).flatMap((one) => one.RouteTableAssociationId ?? []);
}

async function detach(account: Account, count?: number): Promise<void> {
  for (const AssociationId of (await associations(account)).slice(0, count)) {
    await account.ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
  }
}

async function deleteTable(account: Account): Promise<void> {
  await detach(account);
  await account.ec2.send(new DeleteRouteTableCommand({ RouteTableId: account.id('vpc/route-table') }));
}

/** Takes all rules of a direction off a group. */
const strip = (resource: string, direction: 'in' | 'out') => async (account: Account) => {
  const GroupId = account.id(resource);
  const { SecurityGroups } = await account.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const { IpPermissions, IpPermissionsEgress } = SecurityGroups?.[0] ?? {};
  if (direction === 'in') await account.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  else await account.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }));
};

const open = (IpProtocol: string, port: number): IpPermission[] => [
  { IpProtocol, FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
];

const letIn = (resource: string) => (account: Account) =>
  account.ec2.send(
    new AuthorizeSecurityGroupIngressCommand({ GroupId: account.id(resource), IpPermissions: open('tcp', 22) }),
  );

const letOut = (resource: string) => (account: Account) =>
  account.ec2.send(
    new AuthorizeSecurityGroupEgressCommand({ GroupId: account.id(resource), IpPermissions: open('udp', 53) }),
  );

const gateway = (account: Account) => account.id('vpc/s3-endpoint');

const authorizeIn = 'ec2.AuthorizeSecurityGroupIngress';
const authorizeOut = 'ec2.AuthorizeSecurityGroupEgress';
const revokeIn = 'ec2.RevokeSecurityGroupIngress';
const revokeOut = 'ec2.RevokeSecurityGroupEgress';

const groups = ['nlb', 'endpoint', 'producer', 'consumer', 'workload'].map((role) => `vpc/${role}-group`);

/** Unhealthy, as long as the load balancer can't reach them. */
const targets = ['consumer-1/target', 'consumer-2/target'];

export const networkDrifts: readonly Drift[] = [
  ['DNS support was turned off', ['vpc/vpc'], setVpc('EnableDnsSupport'), ['ec2.ModifyVpcAttribute']],
  ['DNS host names were turned off', ['vpc/vpc'], setVpc('EnableDnsHostnames'), ['ec2.ModifyVpcAttribute']],
  ...['vpc/vpc', 'vpc/subnet-2', 'vpc/route-table', 's3', ...groups].map((one): Drift => {
    const id = one === 's3' ? 'vpc/s3-endpoint' : one;
    return [`the name tag of ${id} was deleted`, [id], untag(id), ['ec2.CreateTags']];
  }),
  [
    'the route table was taken off a subnet',
    ['vpc/route-table'],
    (account) => detach(account, 1),
    ['ec2.AssociateRouteTable'],
  ],
  [
    'the route table was deleted',
    ['vpc/route-table', 'vpc/s3-endpoint'],
    deleteTable,
    ['ec2.CreateRouteTable', 'ec2.AssociateRouteTable', 'ec2.ModifyVpcEndpoint'],
  ],
  [
    'the way to S3 was taken out of the route table',
    ['vpc/s3-endpoint'],
    (account) =>
      account.ec2.send(
        new ModifyVpcEndpointCommand({
          VpcEndpointId: gateway(account),
          RemoveRouteTableIds: [account.id('vpc/route-table')],
        }),
      ),
    ['ec2.ModifyVpcEndpoint'],
  ],
  [
    'the S3 endpoint was deleted',
    ['vpc/s3-endpoint'],
    (account) => account.ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [gateway(account)] })),
    ['ec2.CreateVpcEndpoint'],
  ],
  ...groups.map((id): Drift => {
    const named = id === 'vpc/endpoint-group' ? [id, ...targets] : [id];
    return [`${id} lost what it lets in`, named, strip(id, 'in'), [authorizeIn]];
  }),
  ...groups.map((id): Drift => [`${id} was opened to the world`, [id], letIn(id), [revokeIn]]),
  ...groups.slice(2).map((id): Drift => [`${id} lost its way out`, [id], strip(id, 'out'), [authorizeOut]]),
  [
    'the load balancer lost its way to the endpoints',
    ['vpc/nlb-egress', ...targets],
    strip('vpc/nlb-group', 'out'),
    [authorizeOut],
  ],
  ...groups.map((id): Drift => [`${id} was given another way out`, [id], letOut(id), [revokeOut]]),
];
