/** A small environment, made through the SDK: a warehouse with its endpoint behind a load balancer, and what it needs. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateEndpointAccessCommand,
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetEndpointAccessCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { TestSimulator } from '../support/simulator.ts';

const name = 'airline-dev-consumer-1';
const tag = { Key: 'rsds:project', Value: 'airline' };
const tagged = (ResourceType: ResourceType) => ({ TagSpecifications: [{ ResourceType, Tags: [tag] }] });
/** Longer than any one change of state takes. */
const longMs = 400_000;

export type SmallEnvironment = Awaited<ReturnType<typeof buildSmallEnvironment>>;

export async function buildSmallEnvironment({ clientConfig, simulator }: TestSimulator) {
  const settle = () => simulator.world.skip(longMs);
  const network = await buildNetwork(new EC2Client(clientConfig), settle);
  const identity = await buildIdentity(clientConfig);
  settle();
  const serverless = new RedshiftServerlessClient(clientConfig);
  const { kmsKeyId, roleArn } = identity;
  await serverless.send(
    new CreateNamespaceCommand({
      ...{ namespaceName: name, dbName: 'dev', adminUsername: 'admin', manageAdminPassword: true },
      ...{ kmsKeyId, iamRoles: [roleArn], tags: [{ key: tag.Key, value: tag.Value }] },
    }),
  );
  settle();
  const { groupId, subnetIds } = network;
  await serverless.send(
    new CreateWorkgroupCommand({
      ...{ workgroupName: name, namespaceName: name, baseCapacity: 8, subnetIds },
      securityGroupIds: [groupId],
    }),
  );
  settle();
  const endpointName = 'consumer-1';
  await serverless.send(
    new CreateEndpointAccessCommand({
      ...{ endpointName, workgroupName: name, subnetIds: subnetIds.slice(0, 1), vpcSecurityGroupIds: [groupId] },
    }),
  );
  settle();
  const { endpoint } = await serverless.send(new GetEndpointAccessCommand({ endpointName }));
  const address = endpoint?.vpcEndpoint?.networkInterfaces?.[0]?.privateIpAddress ?? '';
  const balancing = await buildBalancing(clientConfig, network, address);
  settle();
  return { name, endpointName, address, ...network, ...identity, ...balancing };
}

async function buildNetwork(ec2: EC2Client, settle: () => void) {
  const { Vpc: vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...tagged('vpc') }));
  const vpcId = vpc?.VpcId ?? '';
  settle();
  const subnetIds: string[] = [];
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const block = { VpcId: vpcId, CidrBlock: `10.0.${index * 2}.0/23`, AvailabilityZone: `us-east-1${zone}` };
    const { Subnet: subnet } = await ec2.send(new CreateSubnetCommand({ ...block, ...tagged('subnet') }));
    subnetIds.push(subnet?.SubnetId ?? '');
  }
  const { GroupId: groupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'airline-dev-nlb', Description: 'clients', VpcId: vpcId }),
  );
  settle();
  const IpRanges = [{ CidrIp: '10.0.0.0/16', Description: 'clients' }];
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 5439, ToPort: 5439, IpRanges }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions }));
  return { vpcId, subnetIds, groupId };
}

async function buildIdentity(clientConfig: TestSimulator['clientConfig']) {
  const kms = new KMSClient(clientConfig);
  const { KeyMetadata: key } = await kms.send(
    new CreateKeyCommand({ Tags: [{ TagKey: tag.Key, TagValue: tag.Value }] }),
  );
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/airline-dev', TargetKeyId: key?.KeyId }));
  // More than one page of keys, so that the CLI has to go on reading.
  for (let n = 0; n < 6; n++) await kms.send(new CreateKeyCommand({}));
  const Service = ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'];
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  };
  const access = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] };
  const iam = new IAMClient(clientConfig);
  const RoleName = 'airline-dev-role';
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust), Tags: [tag] }),
  );
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument: JSON.stringify(access) }));
  await new SecretsManagerClient(clientConfig).send(
    new CreateSecretCommand({ Name: 'airline-dev-reader', SecretString: '{"username":"reporter"}', Tags: [tag] }),
  );
  await new DynamoDBClient(clientConfig).send(
    new CreateTableCommand({
      ...{ TableName: 'rsds-locks', BillingMode: 'PAY_PER_REQUEST' },
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  return { kmsKeyId: key?.Arn ?? '', roleArn: role?.Arn ?? '', trust };
}

async function buildBalancing(
  clientConfig: TestSimulator['clientConfig'],
  network: { vpcId: string; subnetIds: string[]; groupId: string },
  address: string,
) {
  const elb = new ElasticLoadBalancingV2Client(clientConfig);
  const { LoadBalancers: balancers } = await elb.send(
    new CreateLoadBalancerCommand({
      ...{ Name: 'airline-dev', Type: 'network', Scheme: 'internal', Subnets: network.subnetIds, Tags: [tag] },
      SecurityGroups: [network.groupId],
    }),
  );
  const { TargetGroups: groups } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name: 'airline-dev', Protocol: 'TCP', Port: 5439, TargetType: 'ip', VpcId: network.vpcId },
    }),
  );
  const loadBalancerArn = balancers?.[0]?.LoadBalancerArn ?? '';
  const targetGroupArn = groups?.[0]?.TargetGroupArn ?? '';
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }];
  await elb.send(
    new CreateListenerCommand({ LoadBalancerArn: loadBalancerArn, Protocol: 'TCP', Port: 5439, DefaultActions }),
  );
  await elb.send(
    new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: address, Port: 5439 }] }),
  );
  return { loadBalancerArn, targetGroupArn };
}
