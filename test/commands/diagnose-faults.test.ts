/** Faults put into a standing environment behind rsds's back: each is named with its cause and what mends it. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Aws } from '../../src/aws/aws.ts';
import {
  buildStanding,
  diagnosed,
  findingOf,
  openStanding,
  type Standing,
  somebody,
  unwell,
} from '../diagnose/standing.ts';
import type { Project } from '../support/project.ts';

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding();
});

const minutes = (project: Project, count: number) => project.clock.sleep(count * 60_000);

async function groupId(aws: Aws, name: string): Promise<string> {
  const [group] = await aws.ec2.describeSecurityGroups({ 'group-name': [`airline-dev-${name}`] });
  return group?.GroupId ?? '';
}

async function revoke(aws: Aws, name: string, direction: 'ingress' | 'egress'): Promise<void> {
  const [group] = await aws.ec2.describeSecurityGroups({ 'group-name': [`airline-dev-${name}`] });
  const rules = direction === 'ingress' ? group?.IpPermissions : group?.IpPermissionsEgress;
  await aws.ec2.revoke(direction, group?.GroupId ?? '', rules ?? []);
}

async function balancer(aws: Aws) {
  const found = await aws.elb.loadBalancer('airline-dev-nlb');
  const group = await aws.elb.targetGroup('airline-dev-targets');
  return { arn: found?.LoadBalancerArn ?? '', group: group?.TargetGroupArn ?? '' };
}

async function addressOf(aws: Aws, consumer: string): Promise<string> {
  const endpoint = (await aws.serverless.listEndpointAccess()).find(
    ({ workgroupName }) => workgroupName === `airline-dev-${consumer}`,
  );
  return endpoint?.vpcEndpoint?.networkInterfaces?.[0]?.privateIpAddress ?? '';
}

async function runSql(project: Project, aws: Aws, sql: string): Promise<void> {
  const namespace = await aws.serverless.getNamespace('airline-dev-producer');
  const { Id = '' } = await aws.data.executeStatement({
    WorkgroupName: 'airline-dev-producer',
    Database: 'airline_dw',
    SecretArn: namespace?.adminPasswordSecretArn,
    Sql: sql,
  });
  for (;;) {
    const { Status, Error: failure } = await aws.data.describeStatement(Id);
    if (Status === 'FINISHED') return;
    if (Status === 'FAILED') throw new Error(failure);
    await project.clock.sleep(1_000);
  }
}

interface Fault {
  readonly fault: string;
  seed(aws: Aws, project: Project): Promise<unknown>;
  /** Where it is seen. */
  readonly at: readonly [subject: string, check: string];
  readonly cause: RegExp;
  /** All else that it makes unwell. */
  readonly also?: readonly string[];
}

/** What `rsds up` mends. */
const faults: readonly Fault[] = [
  {
    fault: 'the endpoints let nobody in',
    seed: (aws) => revoke(aws, 'endpoint', 'ingress'),
    at: ['consumer-1', 'endpoint-path'],
    cause: /airline-dev-endpoint lacks "in from airline-dev-nlb: 5439"/,
    also: ['consumer-2 endpoint-path: fail'],
  },
  {
    fault: 'the load balancer may not reach the endpoints',
    seed: (aws) => revoke(aws, 'nlb', 'egress'),
    at: ['consumer-2', 'endpoint-path'],
    cause: /airline-dev-nlb lacks "out to airline-dev-endpoint: 5439"/,
    also: ['consumer-1 endpoint-path: fail'],
  },
  {
    fault: 'clients may not reach the load balancer',
    seed: (aws) => revoke(aws, 'nlb', 'ingress'),
    at: ['load balancer', 'client-path'],
    cause: /airline-dev-nlb lacks "in from 10.0.0.0\/16: 5439"/,
  },
  {
    fault: 'writers may not reach the producer',
    seed: (aws) => revoke(aws, 'producer', 'ingress'),
    at: ['producer', 'direct-path'],
    cause: /airline-dev-producer lacks "in from 10.0.0.0\/16: 5439"/,
  },
  {
    fault: 'health checks that time out since a rule is gone',
    seed: async (aws, project) => {
      await revoke(aws, 'endpoint', 'ingress');
      await minutes(project, 5);
    },
    at: ['consumer-1', 'target-health'],
    cause: /airline-dev-endpoint lacks "in from airline-dev-nlb: 5439"/,
    also: [
      'consumer-1 endpoint-path: fail',
      'consumer-2 endpoint-path: fail',
      'consumer-2 target-health: fail',
      'load balancer pool: fail',
    ],
  },
  {
    fault: 'a target was deregistered',
    seed: async (aws, project) => {
      const { group } = await balancer(aws);
      await aws.elb.deregisterTargets(group, [{ Id: await addressOf(aws, 'consumer-2'), Port: 5439 }]);
      await minutes(project, 2);
    },
    at: ['consumer-2', 'target'],
    cause: /somebody else deregistered it since/,
    also: ['load balancer pool: warn'],
  },
  {
    fault: 'a target drains',
    seed: async (aws) => {
      const { group } = await balancer(aws);
      await aws.elb.deregisterTargets(group, [{ Id: await addressOf(aws, 'consumer-2'), Port: 5439 }]);
    },
    at: ['consumer-2', 'target'],
    cause: /was deregistered and gets no new connections/,
    also: ['load balancer pool: warn'],
  },
  {
    fault: 'a target is registered on a wrong port',
    seed: async (aws) => {
      const { group } = await balancer(aws);
      await aws.elb.registerTargets(group, [{ Id: await addressOf(aws, 'consumer-1'), Port: 5440 }]);
    },
    at: ['consumer-1', 'target'],
    cause: /registered by hand: nothing listens there/,
  },
  {
    fault: 'an endpoint was deleted',
    seed: async (aws, project) => {
      await aws.serverless.deleteEndpointAccess('airline-dev-consumer-1');
      await minutes(project, 5);
    },
    at: ['consumer-1', 'endpoint'],
    cause: /rsds made it, and somebody else took it away since/,
    also: ['consumer-1 target: fail', 'load balancer pool: warn'],
  },
  {
    fault: 'the listener was deleted',
    seed: async (aws) => {
      const [listener] = await aws.elb.listeners((await balancer(aws)).arn);
      await aws.elb.deleteListener(listener?.ListenerArn ?? '');
    },
    at: ['load balancer', 'listener'],
    cause: /somebody else took it away since/,
    also: ['consumer-1 target-health: fail', 'consumer-2 target-health: fail', 'load balancer pool: fail'],
  },
  {
    fault: 'targets are unused without a listener',
    seed: async (aws) => {
      const [listener] = await aws.elb.listeners((await balancer(aws)).arn);
      await aws.elb.deleteListener(listener?.ListenerArn ?? '');
    },
    at: ['consumer-1', 'target-health'],
    cause: /no listener forwards to the target group/,
    also: ['consumer-2 target-health: fail', 'load balancer listener: fail', 'load balancer pool: fail'],
  },
  {
    fault: 'the load balancer was deleted',
    seed: async (aws, project) => {
      await aws.elb.deleteLoadBalancer((await balancer(aws)).arn);
      await minutes(project, 5);
    },
    at: ['load balancer', 'load-balancer'],
    cause: /somebody else took it away since/,
    also: ['consumer-1 target-health: fail', 'consumer-2 target-health: fail', 'load balancer pool: fail'],
  },
  {
    fault: "a consumer's zone was taken from the load balancer",
    seed: async (aws) => {
      const found = await aws.elb.loadBalancer('airline-dev-nlb');
      const endpoints = await aws.serverless.listEndpointAccess();
      const own = endpoints.find(({ workgroupName }) => workgroupName === 'airline-dev-consumer-1');
      const lost = own?.vpcEndpoint?.networkInterfaces?.[0]?.availabilityZone;
      const rest = (found?.AvailabilityZones ?? []).filter(({ ZoneName }) => ZoneName !== lost);
      await aws.elb.setSubnets(
        found?.LoadBalancerArn ?? '',
        rest.flatMap(({ SubnetId }) => SubnetId ?? []),
      );
    },
    at: ['consumer-1', 'zone'],
    cause: /its targets elsewhere are never used/,
    also: ['consumer-1 target-health: fail', 'load balancer pool: warn'],
  },
  {
    fault: 'client addresses are preserved',
    seed: async (aws) => {
      const { group } = await balancer(aws);
      await aws.elb.setTargetGroupAttributes(group, { 'preserve_client_ip.enabled': 'true' });
    },
    at: ['load balancer', 'target-group'],
    cause: /PrivateLink/,
  },
  {
    fault: 'the key was scheduled for deletion',
    seed: async (aws) => {
      const key = await aws.kms.describeKey('alias/airline-dev');
      await aws.kms.scheduleDeletion(key?.KeyId ?? '', 7);
    },
    at: ['environment', 'key'],
    cause: /no warehouse can read or write its data with it, after it the data is lost/,
  },
  {
    fault: 'the secret of the reader was deleted',
    seed: async (_aws, project) => {
      const { SecretsManagerClient, DeleteSecretCommand } = await import('@aws-sdk/client-secrets-manager');
      const { clientConfigOf } = await import('../support/simulator.ts');
      const client = new SecretsManagerClient(clientConfigOf(project.simulator.url));
      await project.clock.track(client.send(new DeleteSecretCommand({ SecretId: 'airline-dev/reader' })));
      client.destroy();
    },
    at: ['environment', 'reader-secret'],
    cause: /can be had back/,
  },
  {
    fault: 'the grant of the datashare was revoked',
    seed: async (aws, project) => {
      const consumer = await aws.serverless.getNamespace('airline-dev-consumer-2');
      await runSql(project, aws, `REVOKE USAGE ON DATASHARE airline_share FROM NAMESPACE '${consumer?.namespaceId}'`);
    },
    at: ['consumer-2', 'grant'],
    cause: /somebody else took it away since/,
  },
  {
    fault: 'the datashare was dropped',
    seed: (aws, project) => runSql(project, aws, 'DROP DATASHARE airline_share'),
    at: ['producer', 'datashare'],
    cause: /somebody else took it away since/,
  },
];

describe('what rsds up mends', () => {
  test.each(faults)('$fault', async ({ seed, at: [subject, check], cause, also = [] }) => {
    const project = await openStanding(standing);
    await seed(somebody(project), project);
    const found = await diagnosed(project);
    const finding = findingOf(found, subject, check);
    expect(finding).toMatchObject({ verdict: 'fail', cause: expect.stringMatching(cause) });
    expect(finding.remedy).toBe('rsds up --region us-east-1 --sim');
    expect(unwell(found)).toEqual(expect.arrayContaining([`${subject} ${check}: fail`, ...also]));
    expect(unwell(found)).toHaveLength(1 + also.length);
    expect(found.exitCode).toBe(5);

    expect((await project.run('up')).exitCode).toBe(0);
    expect(unwell(await diagnosed(project))).toEqual([]);
  });
});

test('a disabled key stops every warehouse, and the command that mends it is the one for whose key it is', async () => {
  const project = await openStanding(standing);
  const aws = somebody(project);
  const key = await aws.kms.describeKey('alias/airline-dev');
  const { KMSClient, DisableKeyCommand } = await import('@aws-sdk/client-kms');
  const { clientConfigOf } = await import('../support/simulator.ts');
  const client = new KMSClient(clientConfigOf(project.simulator.url));
  await project.clock.track(client.send(new DisableKeyCommand({ KeyId: key?.KeyId })));
  client.destroy();
  const found = await diagnosed(project, 'consumer-1');
  expect(findingOf(found, 'environment', 'key')).toMatchObject({
    verdict: 'fail',
    cause: expect.stringContaining('no warehouse can read or write'),
    remedy: 'rsds up --region us-east-1 --sim',
  });
  expect(found.exitCode).toBe(5);
  expect((await project.run('up')).exitCode).toBe(0);
  expect((await diagnosed(project)).exitCode).toBe(0);
});

test('an address that somebody registered is named, with the command that takes it away', async () => {
  const project = await openStanding(standing);
  const aws = somebody(project);
  const { group } = await balancer(aws);
  await aws.elb.registerTargets(group, [{ Id: '10.0.5.99', Port: 5439 }]);
  const found = await diagnosed(project);
  expect(findingOf(found, 'load balancer', 'pool')).toMatchObject({
    verdict: 'fail',
    what: expect.stringContaining('10.0.5.99:5439 is registered'),
    remedy: `aws elbv2 deregister-targets --target-group-arn ${group} --targets Id=10.0.5.99,Port=5439 --region us-east-1 --endpoint-url ${project.simulator.url}`,
  });
  await aws.elb.deregisterTargets(group, [{ Id: '10.0.5.99', Port: 5439 }]);
  expect((await diagnosed(project)).exitCode).toBe(0);
});

test('a consumer whose workgroup was deleted keeps its namespace and gets a new workgroup', async () => {
  const project = await openStanding(standing);
  const aws = somebody(project);
  await aws.serverless.deleteEndpointAccess('airline-dev-consumer-2');
  await minutes(project, 5);
  await aws.serverless.deleteWorkgroup('airline-dev-consumer-2');
  await minutes(project, 5);
  const found = await diagnosed(project, 'consumer-2');
  expect(findingOf(found, 'consumer-2', 'workgroup')).toMatchObject({
    verdict: 'fail',
    cause: 'rsds made it, and somebody else took it away since',
  });
  expect(findingOf(found, 'consumer-2', 'namespace').verdict).toBe('pass');
  expect((await project.run('up')).exitCode).toBe(0);
  expect(unwell(await diagnosed(project))).toEqual([]);
});

describe('what works and needs attention leaves the exit code at 0', () => {
  test('a limit that may turn a pool member off', async () => {
    const project = await openStanding(standing);
    const aws = somebody(project);
    const workgroup = await aws.serverless.getWorkgroup('airline-dev-consumer-1');
    await aws.serverless.createUsageLimit({
      resourceArn: workgroup?.workgroupArn,
      usageType: 'serverless-compute',
      amount: 50,
      period: 'daily',
      breachAction: 'deactivate',
    });
    const found = await diagnosed(project);
    expect(unwell(found)).toEqual(['consumer-1 usage-limit: warn']);
    expect(findingOf(found, 'consumer-1', 'usage-limit').cause).toContain('load balancer goes on sending connections');
    expect(found.exitCode).toBe(0);
  });

  test('a price-performance target that rules the capacity', async () => {
    const project = await openStanding(standing);
    // A change of capacity is refused until there is a recovery point (F-645).
    await minutes(project, 40);
    await somebody(project).serverless.updateWorkgroup({
      workgroupName: 'airline-dev-consumer-1',
      pricePerformanceTarget: { status: 'ENABLED', level: 50 },
    });
    await minutes(project, 5);
    const found = await diagnosed(project);
    expect(unwell(found)).toEqual(['consumer-1 capacity: warn']);
    expect(found.exitCode).toBe(0);
  });

  test('cross-zone balancing off, and a shorter idle time-out', async () => {
    const project = await openStanding(standing);
    const aws = somebody(project);
    const { arn } = await balancer(aws);
    const [listener] = await aws.elb.listeners(arn);
    await aws.elb.setLoadBalancerAttributes(arn, { 'load_balancing.cross_zone.enabled': 'false' });
    await aws.elb.setListenerAttributes(listener?.ListenerArn ?? '', { 'tcp.idle_timeout.seconds': '350' });
    const found = await diagnosed(project);
    expect(unwell(found)).toEqual(['load balancer idle-timeout: warn', 'load balancer cross-zone: warn']);
    expect(found.exitCode).toBe(0);
  });
});

test('groups of rules that let the traffic through are no fault, whoever made them', async () => {
  const project = await openStanding(standing);
  const aws = somebody(project);
  const endpoint = await groupId(aws, 'endpoint');
  await revoke(aws, 'endpoint', 'ingress');
  await aws.ec2.authorize('ingress', endpoint, [
    { IpProtocol: 'tcp', FromPort: 5430, ToPort: 5440, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
  ]);
  expect((await diagnosed(project)).exitCode).toBe(0);
});
