/** Drifts of everything that has a control plane of its own: key, role, warehouses, load balancer, secret. */
import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteAliasCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteEndpointAccessCommand,
  DeleteNamespaceCommand,
  DeleteUsageLimitCommand,
  DeleteWorkgroupCommand,
  UpdateEndpointAccessCommand,
  UpdateNamespaceCommand,
  type UpdateNamespaceCommandInput,
  UpdateUsageLimitCommand,
  UpdateWorkgroupCommand,
  type UpdateWorkgroupCommandInput,
} from '@aws-sdk/client-redshift-serverless';
import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Account } from '../../support/account.ts';
import type { Drift } from './drift.ts';

const roleName = 'airline-dev-us-east-1';
const secretId = 'airline-dev/reader';
const PolicyName = 'read-buckets';

const everything = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

const anybody = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }],
});

const namespace = (short: string, input: Omit<UpdateNamespaceCommandInput, 'namespaceName'>) => (account: Account) =>
  account.serverless.send(new UpdateNamespaceCommand({ namespaceName: `airline-dev-${short}`, ...input }));

const workgroup = (short: string, input: Omit<UpdateWorkgroupCommandInput, 'workgroupName'>) => (account: Account) =>
  account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: `airline-dev-${short}`, ...input }));

const deleteEndpoint = ({ serverless }: Account, short: string) =>
  serverless.send(new DeleteEndpointAccessCommand({ endpointName: `airline-dev-${short}` }));

const deleteWorkgroup = ({ serverless }: Account, short: string) =>
  serverless.send(new DeleteWorkgroupCommand({ workgroupName: `airline-dev-${short}` }));

async function deleteConsumer(account: Account, { data }: { data: boolean }): Promise<void> {
  await deleteEndpoint(account, 'consumer-2');
  account.settle();
  await deleteWorkgroup(account, 'consumer-2');
  account.settle();
  if (data) await account.serverless.send(new DeleteNamespaceCommand({ namespaceName: 'airline-dev-consumer-2' }));
}

async function deleteRole({ iam }: Account): Promise<void> {
  await iam.send(new DeleteRolePolicyCommand({ RoleName: roleName, PolicyName }));
  await iam.send(new DeleteRoleCommand({ RoleName: roleName }));
}

async function deleteTargetGroup({ elb, id }: Account): Promise<void> {
  await elb.send(new DeleteListenerCommand({ ListenerArn: id('nlb/listener') }));
  await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: id('nlb/target-group') }));
}

const keyDrifts: readonly Drift[] = [
  [
    'the rotation of the key was turned off',
    ['producer/key'],
    ({ kms, id }) => kms.send(new DisableKeyRotationCommand({ KeyId: id('producer/key') })),
    ['kms.EnableKeyRotation'],
  ],
  [
    'the alias of the key was deleted',
    ['producer/key'],
    ({ kms }) => kms.send(new DeleteAliasCommand({ AliasName: 'alias/airline-dev' })),
    ['kms.CreateAlias'],
  ],
  [
    'the key was disabled',
    ['producer/key'],
    ({ kms, id }) => kms.send(new DisableKeyCommand({ KeyId: id('producer/key') })),
    ['kms.EnableKey'],
  ],
  [
    'the key was scheduled for deletion',
    ['producer/key'],
    ({ kms, id }) => kms.send(new ScheduleKeyDeletionCommand({ KeyId: id('producer/key') })),
    ['kms.CancelKeyDeletion', 'kms.EnableKey'],
  ],
];

const roleDrifts: readonly Drift[] = [
  [
    'the role trusts somebody else',
    ['producer/role'],
    ({ iam }) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: roleName, PolicyDocument: anybody })),
    ['iam.UpdateAssumeRolePolicy'],
  ],
  [
    'the role may do everything',
    ['producer/role'],
    ({ iam }) =>
      iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName, PolicyDocument: everything('s3:*') })),
    ['iam.PutRolePolicy'],
  ],
  [
    'the role may do nothing',
    ['producer/role'],
    ({ iam }) => iam.send(new DeleteRolePolicyCommand({ RoleName: roleName, PolicyName })),
    ['iam.PutRolePolicy'],
  ],
  [
    'a tag of the role was deleted',
    ['producer/role'],
    ({ iam }) => iam.send(new UntagRoleCommand({ RoleName: roleName, TagKeys: ['Name'] })),
    ['iam.TagRole'],
  ],
  ['the role was deleted', ['producer/role'], deleteRole, ['iam.CreateRole', 'iam.PutRolePolicy']],
];

const updateWorkgroup = ['redshift-serverless.UpdateWorkgroup'];
/** A consumer is out of the load balancer while it is updated. */
const rolled = [
  'elasticloadbalancing.DeregisterTargets',
  'elasticloadbalancing.RegisterTargets',
  // Who is still connected, where CloudWatch does not tell.
  'redshift-data.ExecuteStatement',
  ...updateWorkgroup,
];
const updateNamespace = ['redshift-serverless.UpdateNamespace'];

const warehouseDrifts: readonly Drift[] = [
  [
    'the log exports were turned off',
    ['producer/namespace'],
    namespace('producer', { logExports: [] }),
    updateNamespace,
  ],
  [
    'the role was taken off the namespace',
    ['producer/namespace'],
    namespace('producer', { iamRoles: [], defaultIamRoleArn: '' }),
    updateNamespace,
  ],
  ['RPUs were added', ['consumer-1/workgroup'], workgroup('consumer-1', { baseCapacity: 40 }), rolled],
  ['the ceiling was raised', ['consumer-1/workgroup'], workgroup('consumer-1', { maxCapacity: 512 }), rolled],
  [
    'a parameter was changed',
    ['consumer-2/workgroup'],
    workgroup('consumer-2', {
      configParameters: [{ parameterKey: 'max_query_execution_time', parameterValue: '60' }],
    }),
    rolled,
  ],
  [
    'the price-performance target was turned on',
    ['producer/workgroup'],
    workgroup('producer', { pricePerformanceTarget: { status: 'ENABLED', level: 50 } }),
    updateWorkgroup,
  ],
  [
    'a workgroup was made publicly accessible',
    ['producer/workgroup'],
    workgroup('producer', { publiclyAccessible: true }),
    updateWorkgroup,
  ],
  [
    'a workgroup was given the group of another',
    ['producer/workgroup'],
    (account) => workgroup('producer', { securityGroupIds: [account.id('vpc/consumer-group')] })(account),
    updateWorkgroup,
  ],
  [
    'a workgroup was moved to another port',
    ['analytics/workgroup'],
    workgroup('analytics', { port: 5440 }),
    updateWorkgroup,
  ],
  [
    'the workgroup of a workload was deleted',
    ['analytics/workgroup', 'analytics/check'],
    (account) => deleteWorkgroup(account, 'analytics'),
    ['redshift-serverless.CreateWorkgroup', 'redshift-data.ExecuteStatement'],
  ],
  [
    'the workgroup of a consumer was deleted',
    ['consumer-2/workgroup', 'consumer-2/endpoint', 'consumer-2/target', 'consumer-2/check'],
    (account) => deleteConsumer(account, { data: false }),
    [
      'redshift-data.ExecuteStatement',
      'redshift-serverless.CreateWorkgroup',
      'redshift-serverless.CreateEndpointAccess',
      'elasticloadbalancing.DeregisterTargets',
      'elasticloadbalancing.RegisterTargets',
    ],
  ],
  [
    'a consumer was deleted with its namespace',
    [
      'consumer-2/namespace',
      'consumer-2/workgroup',
      'consumer-2/endpoint',
      'consumer-2/target',
      'consumer-2/grant',
      'consumer-2/database',
      'consumer-2/reader',
      'consumer-2/check',
    ],
    (account) => deleteConsumer(account, { data: true }),
    [
      'redshift-serverless.CreateNamespace',
      'redshift-serverless.CreateWorkgroup',
      'redshift-serverless.CreateEndpointAccess',
      'redshift-data.ExecuteStatement',
      'elasticloadbalancing.DeregisterTargets',
      'elasticloadbalancing.RegisterTargets',
    ],
  ],
  [
    'a usage limit was raised',
    ['producer/usage-limit-daily'],
    ({ serverless, id }) =>
      serverless.send(new UpdateUsageLimitCommand({ usageLimitId: id('producer/usage-limit-daily'), amount: 9_999 })),
    ['redshift-serverless.UpdateUsageLimit'],
  ],
  [
    'a usage limit was deleted',
    ['producer/usage-limit-daily'],
    ({ serverless, id }) =>
      serverless.send(new DeleteUsageLimitCommand({ usageLimitId: id('producer/usage-limit-daily') })),
    ['redshift-serverless.CreateUsageLimit'],
  ],
  [
    'an endpoint was given another group',
    ['consumer-1/endpoint', 'consumer-1/target'],
    ({ serverless, id }) =>
      serverless.send(
        new UpdateEndpointAccessCommand({
          endpointName: 'airline-dev-consumer-1',
          vpcSecurityGroupIds: [id('vpc/consumer-group')],
        }),
      ),
    ['redshift-serverless.UpdateEndpointAccess'],
  ],
  [
    'an endpoint was deleted',
    ['consumer-1/endpoint', 'consumer-1/target'],
    (account) => deleteEndpoint(account, 'consumer-1'),
    [
      'redshift-serverless.CreateEndpointAccess',
      'elasticloadbalancing.DeregisterTargets',
      'elasticloadbalancing.RegisterTargets',
    ],
  ],
];

/** Not healthy, as long as they can't be reached or nobody listens. */
const targets = ['consumer-1/target', 'consumer-2/target'];

const listenerCalls = ['elasticloadbalancing.CreateListener', 'elasticloadbalancing.ModifyListenerAttributes'];

const balancerDrifts: readonly Drift[] = [
  [
    'cross-zone was turned off',
    ['nlb/load-balancer'],
    ({ elb, id }) =>
      elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: id('nlb/load-balancer'),
          Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'false' }],
        }),
      ),
    ['elasticloadbalancing.ModifyLoadBalancerAttributes'],
  ],
  [
    'the load balancer was given another group',
    ['nlb/load-balancer', ...targets],
    ({ elb, id }) =>
      elb.send(
        new SetSecurityGroupsCommand({
          LoadBalancerArn: id('nlb/load-balancer'),
          SecurityGroups: [id('vpc/producer-group')],
        }),
      ),
    ['elasticloadbalancing.SetSecurityGroups'],
  ],
  [
    'the load balancer was taken out of a zone',
    ['nlb/load-balancer'],
    ({ elb, id }) =>
      elb.send(
        new SetSubnetsCommand({
          LoadBalancerArn: id('nlb/load-balancer'),
          Subnets: [id('vpc/subnet-1'), id('vpc/subnet-2')],
        }),
      ),
    ['elasticloadbalancing.SetSubnets'],
  ],
  [
    'the load balancer was deleted',
    ['nlb/load-balancer', 'nlb/listener', ...targets],
    ({ elb, id }) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id('nlb/load-balancer') })),
    ['elasticloadbalancing.CreateLoadBalancer', 'elasticloadbalancing.ModifyLoadBalancerAttributes', ...listenerCalls],
  ],
  [
    'clients are cut when a check fails',
    ['nlb/target-group'],
    ({ elb, id }) =>
      elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: id('nlb/target-group'),
          Attributes: [{ Key: 'target_health_state.unhealthy.connection_termination.enabled', Value: 'true' }],
        }),
      ),
    ['elasticloadbalancing.ModifyTargetGroupAttributes'],
  ],
  [
    'the health check was slowed down',
    ['nlb/target-group'],
    ({ elb, id }) =>
      elb.send(
        new ModifyTargetGroupCommand({ TargetGroupArn: id('nlb/target-group'), HealthCheckIntervalSeconds: 300 }),
      ),
    ['elasticloadbalancing.ModifyTargetGroup'],
  ],
  [
    'the target group was deleted',
    ['nlb/target-group', 'nlb/listener', 'consumer-1/target', 'consumer-2/target'],
    deleteTargetGroup,
    [
      'elasticloadbalancing.CreateTargetGroup',
      'elasticloadbalancing.ModifyTargetGroupAttributes',
      'elasticloadbalancing.RegisterTargets',
      ...listenerCalls,
    ],
  ],
  [
    'the idle timeout was shortened',
    ['nlb/listener'],
    ({ elb, id }) =>
      elb.send(
        new ModifyListenerAttributesCommand({
          ListenerArn: id('nlb/listener'),
          Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '60' }],
        }),
      ),
    ['elasticloadbalancing.ModifyListenerAttributes'],
  ],
  [
    'the listener was moved to another port',
    ['nlb/listener'],
    ({ elb, id }) => elb.send(new ModifyListenerCommand({ ListenerArn: id('nlb/listener'), Port: 5440 })),
    ['elasticloadbalancing.ModifyListener'],
  ],
  [
    'the listener was deleted',
    ['nlb/listener', ...targets],
    ({ elb, id }) => elb.send(new DeleteListenerCommand({ ListenerArn: id('nlb/listener') })),
    listenerCalls,
  ],
  [
    'a consumer was deregistered',
    ['consumer-2/target'],
    ({ elb, id }) =>
      elb.send(
        new DeregisterTargetsCommand({
          TargetGroupArn: id('nlb/target-group'),
          Targets: [{ Id: id('consumer-2/target'), Port: 5439 }],
        }),
      ),
    ['elasticloadbalancing.RegisterTargets'],
  ],
];

const logins = ['consumer-1', 'consumer-2', 'analytics'].flatMap((short) => [`${short}/reader`, `${short}/check`]);

const secretDrifts: readonly Drift[] = [
  [
    "the reader's secret was scheduled for deletion",
    ['nlb/reader-secret'],
    ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: secretId })),
    ['secretsmanager.RestoreSecret'],
  ],
  [
    "the reader's secret was deleted for good",
    ['nlb/reader-secret', ...logins],
    ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: secretId, ForceDeleteWithoutRecovery: true })),
    ['secretsmanager.CreateSecret', 'redshift-data.ExecuteStatement'],
  ],
  [
    'the reader was given another password',
    logins,
    ({ secrets }) =>
      secrets.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          SecretString: JSON.stringify({ username: 'reporter', password: 'An0therPassword' }),
        }),
      ),
    ['redshift-data.ExecuteStatement'],
  ],
  [
    "the reader's secret speaks of another login",
    ['nlb/reader-secret'],
    ({ secrets }) => secrets.send(new UpdateSecretCommand({ SecretId: secretId, Description: 'somebody else' })),
    ['secretsmanager.UpdateSecret', 'redshift-data.ExecuteStatement'],
  ],
  [
    "a tag of the reader's secret was deleted",
    ['nlb/reader-secret'],
    ({ secrets }) => secrets.send(new UntagResourceCommand({ SecretId: secretId, TagKeys: ['Name'] })),
    ['secretsmanager.TagResource'],
  ],
];

export const controlPlaneDrifts: readonly Drift[] = [
  ...keyDrifts,
  ...roleDrifts,
  ...warehouseDrifts,
  ...balancerDrifts,
  ...secretDrifts,
];
