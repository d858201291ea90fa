/** What others may add to an environment: rsds neither names it nor takes it away. */
import { CreateSubnetCommand, CreateTagsCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateSnapshotCommand, CreateUsageLimitCommand } from '@aws-sdk/client-redshift-serverless';
import type { Account } from '../../support/account.ts';

const beside = { Id: '10.0.5.200', Port: 5439 };

export type Addition = readonly [what: string, add: (account: Account) => Promise<unknown>];

export const additions: readonly Addition[] = [
  [
    'a target in the target group',
    ({ elb, id }) =>
      elb.send(new RegisterTargetsCommand({ TargetGroupArn: id('nlb/target-group'), Targets: [beside] })),
  ],
  [
    'a listener on another port',
    ({ elb, id }) =>
      elb.send(
        new CreateListenerCommand({
          ...{ LoadBalancerArn: id('nlb/load-balancer'), Protocol: 'TCP', Port: 6000 },
          DefaultActions: [{ Type: 'forward', TargetGroupArn: id('nlb/target-group') }],
        }),
      ),
  ],
  [
    'a tag',
    ({ ec2, id }) =>
      ec2.send(new CreateTagsCommand({ Resources: [id('vpc/vpc')], Tags: [{ Key: 'Owner', Value: 'ops' }] })),
  ],
  [
    'a subnet in the VPC',
    ({ ec2, id }) => ec2.send(new CreateSubnetCommand({ VpcId: id('vpc/vpc'), CidrBlock: '10.0.100.0/24' })),
  ],
  [
    'a second policy of the role',
    ({ iam }) =>
      iam.send(
        new PutRolePolicyCommand({
          ...{ RoleName: 'airline-dev-us-east-1', PolicyName: 'more' },
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::more/*' }],
          }),
        }),
      ),
  ],
  [
    'a usage limit',
    ({ serverless, id }) =>
      serverless.send(
        new CreateUsageLimitCommand({
          ...{ resourceArn: id('producer/workgroup'), usageType: 'serverless-compute', amount: 7 },
          ...{ period: 'monthly', breachAction: 'log' },
        }),
      ),
  ],
  [
    'a snapshot',
    ({ serverless }) =>
      serverless.send(new CreateSnapshotCommand({ namespaceName: 'airline-dev-producer', snapshotName: 'by-hand' })),
  ],
  ['a table of the producer', (account) => account.sql('producer', 'airline_dw', 'CREATE TABLE more (id INT)')],
];

/** The target beside ours is still there when ours came back. */
export async function deregisterOurs({ elb, id }: Account): Promise<unknown> {
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: id('nlb/target-group'), Targets: [beside] }));
  const Targets = [{ Id: id('consumer-1/target'), Port: 5439 }];
  return elb.send(new DeregisterTargetsCommand({ TargetGroupArn: id('nlb/target-group'), Targets }));
}

export async function registered({ elb, id }: Account): Promise<string[]> {
  const health = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: id('nlb/target-group') }));
  return (health.TargetHealthDescriptions ?? []).map(({ Target }) => Target?.Id ?? '').sort();
}
