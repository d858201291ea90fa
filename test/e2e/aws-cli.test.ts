/** The AWS CLI, pointed at the simulator, must find its way as it does in AWS. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSimulator, type TestSimulator } from '../support/simulator.ts';
import { type AwsCli, awsCli, awsIsThere } from './aws-cli-tool.ts';
import { buildSmallEnvironment, type SmallEnvironment } from './small-environment.ts';

const there = awsIsThere();

let started: TestSimulator;
let made: SmallEnvironment;
let aws: AwsCli;

beforeAll(async () => {
  if (!there) return;
  started = await openTestSimulator();
  made = await buildSmallEnvironment(started);
  aws = awsCli(started.simulator.url);
});
afterAll(() => started?.simulator.close());

type Asked = readonly [what: string, words: () => string[], answer: () => object];

const asked: readonly Asked[] = [
  [
    'who is calling',
    () => ['sts', 'get-caller-identity'],
    () => ({ Account: '123456789012', Arn: expect.stringContaining(':user/') }),
  ],
  [
    'the VPC, by its tag',
    () => ['ec2', 'describe-vpcs', '--filters', 'Name=tag:rsds:project,Values=airline'],
    () => ({ Vpcs: [{ VpcId: made.vpcId, CidrBlock: '10.0.0.0/16', State: 'available' }] }),
  ],
  [
    'its subnets',
    () => ['ec2', 'describe-subnets', '--filters', `Name=vpc-id,Values=${made.vpcId}`],
    () => ({ Subnets: made.subnetIds.map((SubnetId) => expect.objectContaining({ SubnetId })) }),
  ],
  [
    'a security group with its rules',
    () => ['ec2', 'describe-security-groups', '--group-ids', made.groupId],
    () => ({ SecurityGroups: [{ GroupName: 'airline-dev-nlb', IpPermissions: [{ FromPort: 5439, ToPort: 5439 }] }] }),
  ],
  [
    'the load balancer',
    () => ['elbv2', 'describe-load-balancers', '--names', 'airline-dev'],
    () => ({ LoadBalancers: [{ LoadBalancerArn: made.loadBalancerArn, State: { Code: 'active' }, Type: 'network' }] }),
  ],
  [
    'the target group',
    () => ['elbv2', 'describe-target-groups', '--load-balancer-arn', made.loadBalancerArn],
    () => ({ TargetGroups: [{ TargetGroupArn: made.targetGroupArn, TargetType: 'ip', Port: 5439 }] }),
  ],
  [
    'the health of its target',
    () => ['elbv2', 'describe-target-health', '--target-group-arn', made.targetGroupArn],
    () => ({ TargetHealthDescriptions: [{ Target: { Id: made.address }, TargetHealth: { State: 'healthy' } }] }),
  ],
  [
    'the namespaces',
    () => ['redshift-serverless', 'list-namespaces'],
    () => ({ namespaces: [{ namespaceName: made.name, status: 'AVAILABLE', dbName: 'dev' }] }),
  ],
  [
    'the workgroup',
    () => ['redshift-serverless', 'get-workgroup', '--workgroup-name', made.name],
    () => ({ workgroup: { workgroupName: made.name, status: 'AVAILABLE', baseCapacity: 8 } }),
  ],
  [
    'the endpoint access with its address',
    () => ['redshift-serverless', 'get-endpoint-access', '--endpoint-name', made.endpointName],
    () => ({
      endpoint: {
        endpointStatus: 'ACTIVE',
        vpcEndpoint: { networkInterfaces: [{ privateIpAddress: made.address }] },
      },
    }),
  ],
  [
    'the secrets, among them the one that Redshift manages',
    () => ['secretsmanager', 'list-secrets', '--filters', 'Key=owning-service,Values=redshift'],
    () => ({ SecretList: [{ OwningService: 'redshift', Name: expect.stringContaining(`redshift!${made.name}`) }] }),
  ],
  [
    'a secret',
    () => ['secretsmanager', 'get-secret-value', '--secret-id', 'airline-dev-reader'],
    () => ({ Name: 'airline-dev-reader', VersionStages: ['AWSCURRENT'] }),
  ],
  [
    'a key by its alias',
    () => ['kms', 'describe-key', '--key-id', 'alias/airline-dev'],
    () => ({ KeyMetadata: { Arn: made.kmsKeyId, KeyState: 'Enabled' } }),
  ],
  [
    'a role, its trust policy readable',
    () => ['iam', 'get-role', '--role-name', 'airline-dev-role'],
    () => ({ Role: { Arn: made.roleArn, AssumeRolePolicyDocument: made.trust } }),
  ],
  [
    "a role's policy",
    () => ['iam', 'get-role-policy', '--role-name', 'airline-dev-role', '--policy-name', 'read'],
    () => ({ PolicyDocument: { Statement: [{ Action: 's3:GetObject' }] } }),
  ],
  [
    'the newest image',
    () => ['ssm', 'get-parameter', '--name', '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64'],
    () => ({ Parameter: { Type: 'String', Value: expect.stringMatching(/^ami-0\w{16}$/) } }),
  ],
  [
    'where a type can be had',
    () => ['ec2', 'describe-instance-type-offerings', '--filters', 'Name=instance-type,Values=t4g.nano'],
    () => ({ InstanceTypeOfferings: [{ InstanceType: 't4g.nano', LocationType: 'region', Location: 'us-east-1' }] }),
  ],
  [
    'a table',
    () => ['dynamodb', 'describe-table', '--table-name', 'rsds-locks'],
    () => ({ Table: { TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } }),
  ],
  [
    'a quota',
    () => ['service-quotas', 'get-service-quota', '--service-code', 'vpc', '--quota-code', 'L-29B6F2EB'],
    () => ({ Quota: { Value: 50 } }),
  ],
  ['alarms, of which there are none', () => ['cloudwatch', 'describe-alarms'], () => ({ MetricAlarms: [] })],
];

describe.skipIf(!there)('the AWS CLI is told', () => {
  test.each(asked)('%s', async (_, words, answer) => {
    expect(await aws.json(...words())).toMatchObject(answer());
  });

  test('all keys, though a page has five', async () => {
    const { Keys: keys } = (await aws.json('kms', 'list-keys')) as { Keys: unknown[] };
    expect(keys).toHaveLength(7);
  });

  test('what is tagged, across services', async () => {
    const { ResourceTagMappingList: found } = (await aws.json(
      ...['resourcegroupstaggingapi', 'get-resources', '--tag-filters', 'Key=rsds:project,Values=airline'],
    )) as { ResourceTagMappingList: { ResourceARN: string }[] };
    const arns = found.map((one) => one.ResourceARN);
    for (const arn of [made.kmsKeyId, made.loadBalancerArn]) expect(arns).toContain(arn);
    expect(arns).toContainEqual(expect.stringMatching(/:vpc\/vpc-/));
    expect(arns).toContainEqual(expect.stringMatching(/^arn:aws:redshift-serverless:.*:namespace\//));
    expect(arns).toContainEqual(expect.stringContaining(':secret:airline-dev-reader-'));
  });
});

describe.skipIf(!there)('the AWS CLI changes things', () => {
  test('a table is written to, and the second writer is told whom the condition met', async () => {
    const put = (owner: string) => [
      ...['dynamodb', 'put-item', '--table-name', 'rsds-locks', '--condition-expression', 'attribute_not_exists(id)'],
      ...['--item', JSON.stringify({ id: { S: 'dev' }, owner: { S: owner } })],
    ];
    await aws.json(...put('first'));
    const { stderr } = await aws.failure(...put('second'));
    expect(stderr).toMatch(/\(ConditionalCheckFailedException\) when calling the PutItem operation/);
    const key = JSON.stringify({ id: { S: 'dev' } });
    const got = await aws.json('dynamodb', 'get-item', '--table-name', 'rsds-locks', '--key', key);
    expect(got).toEqual({ Item: { id: { S: 'dev' }, owner: { S: 'first' } } });
  });

  test('an instance is started and terminated, and takes no command of anybody', async () => {
    const flavour = 'al2023-ami-kernel-default-x86_64';
    const name = `/aws/service/ami-amazon-linux-latest/${flavour}`;
    const { Parameters: found } = (await aws.json('ssm', 'get-parameters', '--names', name, 'x')) as {
      Parameters: { Value: string }[];
    };
    const { Instances: launched } = (await aws.json(
      ...['ec2', 'run-instances', '--image-id', found[0]?.Value ?? '', '--instance-type', 't3.nano'],
      ...[
        '--subnet-id',
        made.subnetIds[0] ?? '',
        '--tag-specifications',
        'ResourceType=instance,Tags=[{Key=a,Value=b}]',
      ],
    )) as { Instances: { InstanceId: string }[] };
    const id = launched[0]?.InstanceId ?? '';
    started.simulator.world.skip(60_000);
    const named = ['--instance-ids', id];
    expect(await aws.json('ec2', 'describe-instances', ...named)).toMatchObject({
      Reservations: [{ Instances: [{ State: { Code: 16, Name: 'running' }, Tags: [{ Key: 'a', Value: 'b' }] }] }],
    });
    const { stderr } = await aws.failure(
      ...['ssm', 'send-command', '--document-name', 'AWS-RunShellScript', ...named, '--parameters', 'commands=id'],
    );
    expect(stderr).toMatch(/\(AccessDeniedException\) when calling the SendCommand operation: .*which only its owner/);
    expect(await aws.json('ec2', 'terminate-instances', ...named)).toMatchObject({
      TerminatingInstances: [{ InstanceId: id, CurrentState: { Name: 'shutting-down' } }],
    });
  });

  test('an object is written once, read and listed', async () => {
    const bucket = ['--bucket', 'airline-files'];
    await aws.json('s3api', 'create-bucket', ...bucket);
    const file = join(import.meta.dirname, 'aws-cli-tool.ts');
    const put = ['s3api', 'put-object', ...bucket, '--key', 'a/tool.ts', '--body', file];
    expect(await aws.json(...put)).toMatchObject({ ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    const head = await aws.json('s3api', 'head-object', ...bucket, '--key', 'a/tool.ts');
    expect(head).toMatchObject({ ContentLength: statSync(file).size });
    const listed = await aws.json('s3api', 'list-objects-v2', ...bucket, '--prefix', 'a/');
    expect(listed).toMatchObject({ Contents: [{ Key: 'a/tool.ts' }] });
    const { stderr } = await aws.failure('s3api', 'head-object', ...bucket, '--key', 'nothing');
    expect(stderr).toMatch(/\(404\) when calling the HeadObject operation/);
  });

  test('metrics are put and read', async () => {
    await aws.json(
      ...['cloudwatch', 'put-metric-data', '--namespace', 'Ours', '--metric-name', 'Drill', '--value', '3'],
    );
    const now = started.simulator.world.now();
    const at = (ms: number) => new Date(ms).toISOString();
    const found = await aws.json(
      ...['cloudwatch', 'get-metric-statistics', '--namespace', 'Ours', '--metric-name', 'Drill'],
      ...['--start-time', at(now - 600_000), '--end-time', at(now + 600_000)],
      ...['--period', '60', '--statistics', 'Sum'],
    );
    expect(found).toMatchObject({ Datapoints: [{ Sum: 3 }] });
  });
});

type Refused = readonly [code: string, what: string, words: () => string[]];

const refused: readonly Refused[] = [
  [
    'InvalidVpcID.NotFound',
    'a VPC that is not there',
    () => ['ec2', 'describe-vpcs', '--vpc-ids', 'vpc-00000000000000000'],
  ],
  [
    'InvalidSubnet.Conflict',
    'a subnet that overlaps another',
    () => ['ec2', 'create-subnet', '--vpc-id', made.vpcId, '--cidr-block', '10.0.0.0/24'],
  ],
  ['DependencyViolation', 'a subnet in use', () => ['ec2', 'delete-subnet', '--subnet-id', made.subnetIds[0] ?? '']],
  [
    'LoadBalancerNotFound',
    'a load balancer that is not there',
    () => ['elbv2', 'describe-load-balancers', '--names', 'nothing'],
  ],
  [
    'ResourceNotFoundException',
    'a workgroup that is not there',
    () => ['redshift-serverless', 'get-workgroup', '--workgroup-name', 'nothing-there'],
  ],
  [
    'ValidationException',
    'a namespace with a capital letter',
    () => ['redshift-serverless', 'create-namespace', '--namespace-name', 'Capitals'],
  ],
  [
    'ConflictException',
    'a namespace that exists',
    () => ['redshift-serverless', 'create-namespace', '--namespace-name', made.name],
  ],
  [
    'ResourceNotFoundException',
    'a secret that is not there',
    () => ['secretsmanager', 'get-secret-value', '--secret-id', 'nothing'],
  ],
  [
    'ResourceExistsException',
    'a secret that exists',
    () => ['secretsmanager', 'create-secret', '--name', 'airline-dev-reader'],
  ],
  ['NotFoundException', 'a key that is not there', () => ['kms', 'describe-key', '--key-id', 'alias/nothing']],
  ['NoSuchEntity', 'a role that is not there', () => ['iam', 'get-role', '--role-name', 'nothing']],
  ['DeleteConflict', 'a role with policies', () => ['iam', 'delete-role', '--role-name', 'airline-dev-role']],
  [
    'MalformedPolicyDocument',
    'a trust policy that is no JSON',
    () => ['iam', 'create-role', '--role-name', 'x', '--assume-role-policy-document', '{'],
  ],
  [
    'ResourceNotFoundException',
    'a table that is not there',
    () => ['dynamodb', 'describe-table', '--table-name', 'nothing'],
  ],
  [
    'NoSuchResourceException',
    'a quota that is not there',
    () => ['service-quotas', 'get-service-quota', '--service-code', 'vpc', '--quota-code', 'L-00000000'],
  ],
];

describe.skipIf(!there)('the AWS CLI is refused with', () => {
  test.each(refused)('%s for %s', async (code, _, words) => {
    const { stderr } = await aws.failure(...words());
    expect(stderr).toContain(`An error occurred (${code}) when calling the `);
  });
});
