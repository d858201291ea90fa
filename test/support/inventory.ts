/** Everything that stands in an account and region, as the SDK describes it: two of them can be compared as they are. */
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import {
  ListEndpointAccessCommand,
  ListNamespacesCommand,
  ListSnapshotsCommand,
  ListUsageLimitsCommand,
  ListWorkgroupsCommand,
} from '@aws-sdk/client-redshift-serverless';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import type { Clients } from './account.ts';

export type Inventory = Awaited<ReturnType<typeof inventoryOf>>;

/** The largest page that each service gives. */
const maxResults = 100;
const MaxResults = 100;

export async function inventoryOf({ ec2, elb, iam, kms, secrets, serverless, dynamodb }: Clients) {
  const balancers = (await elb.send(new DescribeLoadBalancersCommand({ PageSize: 400 }))).LoadBalancers ?? [];
  const groups = (await elb.send(new DescribeTargetGroupsCommand({ PageSize: 400 }))).TargetGroups ?? [];
  const keys = (await kms.send(new ListKeysCommand({ Limit: 100 }))).Keys ?? [];
  const listenersOf = (LoadBalancerArn?: string) => elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const healthOf = (TargetGroupArn?: string) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return {
    vpcs: (await ec2.send(new DescribeVpcsCommand({ MaxResults }))).Vpcs,
    subnets: (await ec2.send(new DescribeSubnetsCommand({ MaxResults }))).Subnets,
    securityGroups: (await ec2.send(new DescribeSecurityGroupsCommand({ MaxResults }))).SecurityGroups,
    routeTables: (await ec2.send(new DescribeRouteTablesCommand({ MaxResults }))).RouteTables,
    vpcEndpoints: (await ec2.send(new DescribeVpcEndpointsCommand({ MaxResults }))).VpcEndpoints,
    interfaces: (await ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults }))).NetworkInterfaces,
    balancers,
    listeners: await Promise.all(balancers.map(async (one) => (await listenersOf(one.LoadBalancerArn)).Listeners)),
    targetGroups: groups,
    targets: await Promise.all(
      groups.map(async (one) => (await healthOf(one.TargetGroupArn)).TargetHealthDescriptions),
    ),
    roles: (await iam.send(new ListRolesCommand({ MaxItems: 100 }))).Roles,
    keys: await Promise.all(
      keys.map(async ({ KeyId }) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata),
    ),
    aliases: (await kms.send(new ListAliasesCommand({ Limit: 100 }))).Aliases?.filter(
      ({ AliasName }) => !AliasName?.startsWith('alias/aws/'),
    ),
    secrets: (await secrets.send(new ListSecretsCommand({ MaxResults, IncludePlannedDeletion: true }))).SecretList,
    namespaces: (await serverless.send(new ListNamespacesCommand({ maxResults }))).namespaces,
    workgroups: (await serverless.send(new ListWorkgroupsCommand({ maxResults }))).workgroups,
    endpoints: (await serverless.send(new ListEndpointAccessCommand({ maxResults }))).endpoints,
    usageLimits: (await serverless.send(new ListUsageLimitsCommand({ maxResults }))).usageLimits,
    snapshots: (await serverless.send(new ListSnapshotsCommand({ maxResults }))).snapshots,
    tables: (await dynamodb.send(new ListTablesCommand({}))).TableNames,
  };
}
