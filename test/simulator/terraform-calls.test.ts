/** The calls that Terraform's AWS provider makes for what rsds builds, create, refresh and destroy: all are served. */
import { expect, it } from 'vitest';
import { createServices } from '../../src/simulator/services/index.ts';

const calls: Readonly<Record<string, string>> = {
  sts: 'GetCallerIdentity',
  ec2: `CreateVpc DescribeVpcs ModifyVpcAttribute DescribeVpcAttribute DescribeNetworkAcls DescribeRouteTables
    DescribeSecurityGroups DeleteVpc CreateSubnet DescribeSubnets DescribeNetworkInterfaces DeleteSubnet
    CreateSecurityGroup RevokeSecurityGroupEgress RevokeSecurityGroupIngress DeleteSecurityGroup
    AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress DescribeSecurityGroupRules`,
  elasticloadbalancing: `DescribeTargetGroups CreateTargetGroup ModifyTargetGroupAttributes DescribeTargetGroupAttributes
    DescribeTags DeleteTargetGroup DescribeLoadBalancers CreateLoadBalancer ModifyLoadBalancerAttributes
    DescribeLoadBalancerAttributes DescribeCapacityReservation DeleteLoadBalancer CreateListener DescribeListeners
    DescribeListenerAttributes ModifyListenerAttributes DeleteListener RegisterTargets DescribeTargetHealth
    DeregisterTargets`,
  kms: `CreateKey EnableKeyRotation GetKeyRotationStatus DescribeKey GetKeyPolicy ListResourceTags ScheduleKeyDeletion`,
  iam: 'CreateRole GetRole ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole DeleteRole',
  secretsmanager: 'CreateSecret DescribeSecret GetResourcePolicy DeleteSecret',
  'redshift-serverless': `CreateNamespace GetNamespace DeleteNamespace CreateWorkgroup GetWorkgroup DeleteWorkgroup
    CreateEndpointAccess GetEndpointAccess DeleteEndpointAccess ListTagsForResource`,
};

it.each(Object.entries(calls))('of %s', async (name, list) => {
  const { services, plane } = createServices();
  await plane.close();
  const served = Object.keys(services.find((service) => service.name === name)?.operations ?? {});
  expect(list.split(/\s+/).filter((call) => !served.includes(call))).toEqual([]);
});
