/** What somebody else has in the same account: a VPC, a warehouse and a load balancer, with names close to ours. */
import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateNamespaceCommand, CreateWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Account } from './account.ts';

/** Begins as our names do. */
const name = 'airline-dev-stranger';

/** Makes it all, and answers the ids and names that nobody but its owner may name in a change. */
export async function moveIn(account: Account): Promise<string[]> {
  const { network, namespace, workgroup } = await beginWarehouse(account, name);
  account.settle();
  const { vpcId, subnetIds, groupId } = network;
  const balancer = await balancing(account, network);
  const others = await identity(account);
  const warehouse = [name, namespace?.namespaceId, workgroup?.workgroupId].flatMap((id) => id ?? []);
  return [vpcId, ...subnetIds, groupId, ...warehouse, ...balancer, ...others];
}

/** Makes a warehouse in a network of its own; its workgroup is CREATING when this is answered. */
export async function beginWarehouse(account: Account, warehouse: string) {
  const network = await buildNetwork(account);
  const { namespace } = await account.serverless.send(
    new CreateNamespaceCommand({ namespaceName: warehouse, manageAdminPassword: true }),
  );
  account.settle();
  const { subnetIds, groupId } = network;
  const names = { workgroupName: warehouse, namespaceName: warehouse };
  const { workgroup } = await account.serverless.send(
    new CreateWorkgroupCommand({ ...names, baseCapacity: 8, subnetIds, securityGroupIds: [groupId] }),
  );
  return { network, namespace, workgroup };
}

async function buildNetwork({ ec2, settle }: Account) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const vpcId = Vpc?.VpcId ?? '';
  settle();
  const subnetIds: string[] = [];
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const place = { CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `us-east-1${zone}` };
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, ...place }));
    subnetIds.push(Subnet?.SubnetId ?? '');
  }
  const { GroupId: groupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: 'airline-dev-nlb', Description: 'a stranger' }),
  );
  settle();
  return { vpcId, subnetIds, groupId };
}

async function balancing(
  { elb, settle }: Account,
  { vpcId, subnetIds }: { vpcId: string; subnetIds: string[] },
): Promise<string[]> {
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: name, Type: 'network', Scheme: 'internal', Subnets: subnetIds }),
  );
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name: name, Protocol: 'TCP', Port: 5439, TargetType: 'ip', VpcId: vpcId }),
  );
  const [balancer, group] = [LoadBalancers?.[0]?.LoadBalancerArn ?? '', TargetGroups?.[0]?.TargetGroupArn ?? ''];
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: group }];
  await elb.send(new CreateListenerCommand({ LoadBalancerArn: balancer, Protocol: 'TCP', Port: 5439, DefaultActions }));
  settle();
  return [balancer, group];
}

async function identity({ kms, iam, secrets }: Account): Promise<string[]> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const keyId = KeyMetadata?.KeyId ?? '';
  await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: keyId }));
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
  await secrets.send(new CreateSecretCommand({ Name: `${name}/reader`, SecretString: 'theirs' }));
  return [keyId];
}
