/** Commands to simulated instances in the shipped program: whose they are, and that they end with the simulator. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import {
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PortFile } from '../../src/commands/sim/port-file.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { isAlive } from '../support/process.ts';
import { createSandbox, ensureBuilt, type Sandbox } from '../support/program.ts';
import { clientConfigOf } from '../support/simulator.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  ensureBuilt();
  sandbox = createSandbox();
  // So fast that nothing has to be waited for by anybody who looks twice.
  await sandbox.run('sim', 'start', '--speed', '10000');
});
afterAll(() => sandbox.remove());

const clock = new RealClock();

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let n = 0; n < 400; n++) {
    const found = await Promise.resolve(look()).catch(() => undefined);
    if (found !== undefined) return found;
    await clock.sleep(25);
  }
  throw new Error('what was waited for did not come');
}

const portFile = () => JSON.parse(readFileSync(join(sandbox.state, 'simulator.json'), 'utf8')) as PortFile;

/** An instance in a VPC of its own that takes commands. */
async function startInstance(endpoint: string): Promise<string> {
  const config = clientConfigOf(endpoint);
  const [ec2, iam, ssm] = [new EC2Client(config), new IAMClient(config), new SSMClient(config)];
  try {
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    const VpcId = Vpc!.VpcId!;
    await until(async () => (await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))).Vpcs?.[0]);
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: '10.9.0.0/24', AvailabilityZone: 'us-east-1a' }),
    );
    const SubnetId = Subnet!.SubnetId!;
    await until(async () => (await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }))).Subnets?.[0]);
    const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    const GroupId = SecurityGroups![0]!.GroupId!;
    const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.9.0.0/16' }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https] }));
    for (const service of ['ssm', 'ssmmessages']) {
      const ServiceName = `com.amazonaws.us-east-1.${service}`;
      await ec2.send(
        new CreateVpcEndpointCommand({ VpcEndpointType: 'Interface', VpcId, ServiceName, SubnetIds: [SubnetId] }),
      );
    }
    const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
    await iam.send(new CreateRoleCommand({ RoleName: 'agent', AssumeRolePolicyDocument }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'agent', PolicyArn }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'agent' }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'agent', RoleName: 'agent' }));
    const Name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
    const ImageId = (await ssm.send(new GetParameterCommand({ Name }))).Parameter!.Value!;
    const input = { ImageId, InstanceType: 't4g.nano' as const, SubnetId, IamInstanceProfile: { Name: 'agent' } };
    await until(() => ec2.send(new RunInstancesCommand({ ...input, MinCount: 1, MaxCount: 1 })));
    return await until(async () => {
      const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}));
      return InstanceInformationList?.[0]?.InstanceId;
    });
  } finally {
    for (const client of [ec2, iam, ssm]) client.destroy();
  }
}

it('runs commands for who can read the simulator’s file only, and for no longer than it lives itself', async () => {
  expect(statSync(join(sandbox.state, 'simulator.json')).mode & 0o777).toBe(0o600);
  const { port, pid, accessKeyId } = portFile();
  const endpoint = `http://127.0.0.1:${port}`;
  const instanceId = await startInstance(endpoint);
  const client = (key: string) =>
    new SSMClient({ ...clientConfigOf(endpoint), credentials: { accessKeyId: key, secretAccessKey: 'any' } });
  const note = join(sandbox.folder, 'child.pid');
  const send = (ssm: SSMClient) =>
    ssm
      .send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [instanceId],
          Parameters: { commands: [`sleep 600 & echo $! > ${note}`, 'wait'], executionTimeout: ['172800'] },
        }),
      )
      .finally(() => ssm.destroy());
  await expect(send(client('AKIAANYBODY'))).rejects.toThrow(/which only its owner may ask for/);
  await send(client(accessKeyId));
  const child = await until(() => (existsSync(note) ? Number(readFileSync(note, 'utf8')) || undefined : undefined));
  expect(isAlive(child)).toBe(true);
  process.kill(pid, 'SIGKILL');
  await until(() => (isAlive(child) ? undefined : true));
});
