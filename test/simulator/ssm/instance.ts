/** An instance in the VPC of an environment that stands, as anybody could start one by hand, and commands to it. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  GetParameterCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { RealClock } from '../../../src/shared/clock.ts';
import type { Live } from '../../support/live.ts';

const clock = new RealClock();

export interface Station {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly zone: string;
  readonly groupId: string;
  readonly endpointGroupId: string;
}

export const imageParameter = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
export const profileName = 'station';

/** Groups and a role with its profile; the endpoints are another matter. */
export async function prepareStation({ clients, simulator }: Live): Promise<Station> {
  const { ec2, iam } = clients;
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:rsds:project', Values: ['airline'] }] }),
  );
  const { VpcId = '', SubnetId = '', AvailabilityZone = '' } = Subnets[0] ?? {};
  const group = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }))).GroupId ?? '';
  const [groupId, endpointGroupId] = [await group('station'), await group('station-endpoints')];
  simulator.world.skip(10_000);
  const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId: groupId }] };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: endpointGroupId, IpPermissions: [https] }));
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await iam.send(new CreateRoleCommand({ RoleName: profileName, AssumeRolePolicyDocument }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: profileName, PolicyArn }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: profileName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: profileName, RoleName: profileName }));
  simulator.world.skip(20_000);
  return { vpcId: VpcId, subnetId: SubnetId, zone: AvailabilityZone, groupId, endpointGroupId };
}

export async function openEndpoint({ clients, simulator }: Live, station: Station, service: string): Promise<void> {
  await clients.ec2.send(
    new CreateVpcEndpointCommand({
      VpcEndpointType: 'Interface',
      VpcId: station.vpcId,
      ServiceName: `com.amazonaws.us-east-1.${service}`,
      SubnetIds: [station.subnetId],
      SecurityGroupIds: [station.endpointGroupId],
    }),
  );
  simulator.world.skip(60_000);
}

/** Starts an instance that runs when this resolves. */
export async function startInstance({ clients, simulator }: Live, station: Station, profile = profileName) {
  const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: imageParameter }));
  const { Instances = [] } = await clients.ec2.send(
    new RunInstancesCommand({
      ImageId: Parameter?.Value,
      InstanceType: 't4g.nano',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: station.subnetId,
      SecurityGroupIds: [station.groupId],
      ...(profile === '' ? {} : { IamInstanceProfile: { Name: profile } }),
    }),
  );
  simulator.world.skip(60_000);
  return Instances[0]?.InstanceId ?? '';
}

/** The instances that Systems Manager knows, when every agent has had the time it needs. */
export async function managed({ clients, simulator }: Live): Promise<Record<string, string>> {
  simulator.world.skip(120_000);
  const answer = await clients.ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 50 }));
  const list = answer.InstanceInformationList ?? [];
  return Object.fromEntries(list.map(({ InstanceId = '', PingStatus = '' }) => [InstanceId, PingStatus]));
}

export const shell = (instanceId: string, lines: readonly string[], more: Record<string, string[]> = {}) =>
  new SendCommandCommand({
    DocumentName: 'AWS-RunShellScript',
    InstanceIds: [instanceId],
    Parameters: { commands: [...lines], ...more },
  });

/** Runs lines of a shell script on an instance to their end. */
export async function runOn(
  live: Live,
  instanceId: string,
  lines: readonly string[],
  more: Record<string, string[]> = {},
): Promise<GetCommandInvocationCommandOutput> {
  const { Command } = await live.clients.ssm.send(shell(instanceId, lines, more));
  return endOf(live, Command?.CommandId ?? '', instanceId);
}

export async function endOf(
  { clients, simulator }: Live,
  CommandId: string,
  InstanceId: string,
): Promise<GetCommandInvocationCommandOutput> {
  simulator.world.skip(5_000);
  for (;;) {
    const found = await clients.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
    if (!/^(Pending|InProgress|Cancelling)$/.test(found.Status ?? '')) return found;
    await clock.sleep(20);
  }
}

/** A Python program, as lines of a shell script. */
export const python = (program: string): string[] => [`python3 - <<'END'\n${program}\nEND`];
