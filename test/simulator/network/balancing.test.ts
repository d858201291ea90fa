/** What connections through the simulated load balancer meet when something changes. */

import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerAttributesCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListEndpointAccessCommand } from '@aws-sdk/client-redshift-serverless';
import { beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { SavedSimulator } from '../../../src/simulator/simulator.ts';
import { type Live, openLive, refusalOf, rowOf } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';

let saved: SavedSimulator;
let live: Live;

beforeAll(async () => {
  ({ saved } = await buildStandingProject(plainYaml(2)));
});

beforeEach(async () => {
  live = await openLive(saved, 60);
  onTestFinished(() => live.close());
});

/** Lets the account's time pass, seen before and after as it would be all along. */
const minutes = async (count: number) => {
  await live.simulator.addresses();
  live.simulator.world.skip(count * 60_000);
  await live.simulator.addresses();
};

const whoAnswers = async () => {
  const client = await live.connect();
  const { current_namespace: namespace } = await rowOf(client, 'SELECT current_namespace');
  await client.end();
  return String(namespace);
};

const answering = async (connections = 12) => {
  const seen = new Set<string>();
  for (let n = 0; n < connections; n++) seen.add(await whoAnswers());
  return seen;
};

/** Consumers by namespace, with the target that leads there. */
async function targets() {
  const { endpoints = [] } = await live.clients.serverless.send(new ListEndpointAccessCommand({}));
  return endpoints.map(({ workgroupName = '', vpcEndpoint }) => ({
    workgroupName,
    Id: vpcEndpoint?.networkInterfaces?.[0]?.privateIpAddress ?? '',
    zone: vpcEndpoint?.networkInterfaces?.[0]?.availabilityZone ?? '',
  }));
}

async function health(): Promise<Record<string, string | undefined>> {
  const { targetGroupArn: TargetGroupArn } = live.loadBalancer;
  const { TargetHealthDescriptions = [] } = await live.clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return Object.fromEntries(
    TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id ?? '', TargetHealth?.State]),
  );
}

const deregister = (Id: string) =>
  live.clients.elb.send(
    new DeregisterTargetsCommand({ TargetGroupArn: live.loadBalancer.targetGroupArn, Targets: [{ Id, Port: 5439 }] }),
  );

it('a target that was deregistered keeps its connections, and gets new ones for up to two minutes only', async () => {
  const [leaving] = await targets();
  const clients = await Promise.all(Array.from({ length: 12 }, () => live.connect()));
  await deregister(leaving?.Id ?? '');
  await minutes(1 / 6);
  expect((await answering()).size).toBe(2);
  await minutes(2);
  expect((await answering()).size).toBe(1);
  const standing = new Set<unknown>();
  for (const client of clients) standing.add((await rowOf(client, 'SELECT current_namespace')).current_namespace);
  expect(standing.size).toBe(2);
});

it('connections to a target that was deregistered are cut after the delay where that is switched on', async () => {
  const { targetGroupArn: TargetGroupArn } = live.loadBalancer;
  const Attributes = [{ Key: 'deregistration_delay.connection_termination.enabled', Value: 'true' }];
  await live.clients.elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  const clients = await Promise.all(Array.from({ length: 12 }, () => live.connect()));
  const [leaving] = await targets();
  await deregister(leaving?.Id ?? '');
  await minutes(1);
  const outcomes = await Promise.allSettled(clients.map((client) => client.query('SELECT 1')));
  const cut = outcomes.filter(({ status }) => status === 'rejected').length;
  expect(cut).toBeGreaterThan(0);
  expect(cut).toBeLessThan(12);
});

it('a consumer that dies is out of rotation after its health checks, and back when it returns', async () => {
  const [dying] = await targets();
  const { id } = live.simulator.faults.add({ kind: 'dead', target: dying?.workgroupName ?? '' });
  await minutes(3);
  expect((await health())[dying?.Id ?? '']).toBe('unhealthy');
  expect((await answering()).size).toBe(1);
  live.simulator.faults.clear(id);
  await minutes(3);
  expect((await health())[dying?.Id ?? '']).toBe('healthy');
  expect((await answering()).size).toBe(2);
});

it('connections to a consumer that dies break, and until its checks have failed new ones get no answer', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => live.connect()));
  const [dying] = await targets();
  live.simulator.faults.add({ kind: 'dead', target: dying?.workgroupName ?? '' });
  await live.simulator.addresses();
  const outcomes = await Promise.allSettled(clients.map((client) => client.query('SELECT 1')));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
  const tries = Array.from({ length: 8 }, () =>
    live.connect({ connectionTimeoutMillis: 300 }).then(
      () => 'in',
      () => 'no answer',
    ),
  );
  expect(new Set(await Promise.all(tries))).toEqual(new Set(['in', 'no answer']));
});

it('a zone that is out takes its consumers out of rotation', async () => {
  const [first, second] = await targets();
  expect(first?.zone).not.toBe(second?.zone);
  live.simulator.faults.add({ kind: 'zone-outage', target: first?.zone ?? '' });
  await minutes(3);
  expect(await health()).toEqual({ [first?.Id ?? '']: 'unhealthy', [second?.Id ?? '']: 'healthy' });
  expect((await answering()).size).toBe(1);
});

it('where no target is healthy, connections go to all of them', async () => {
  const [first, second] = await targets();
  for (const target of [first, second]) {
    live.simulator.faults.add({ kind: 'dead', target: target?.workgroupName ?? '' });
  }
  await minutes(3);
  // They are back, and their checks have not noticed yet.
  live.simulator.faults.clear();
  expect(Object.values(await health())).toEqual(['unhealthy', 'unhealthy']);
  expect((await answering()).size).toBe(2);
});

it('where there is no target, connections are refused', async () => {
  for (const { Id } of await targets()) await deregister(Id);
  await minutes(4);
  expect((await refusalOf(live.connect())).code).toBe('ECONNRESET');
});

it('without cross-zone each zone leads to its own targets, and a zone without healthy ones to nobody', async () => {
  const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'false' }];
  const { arn: LoadBalancerArn } = live.loadBalancer;
  await live.clients.elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
  expect((await answering(24)).size).toBe(2);
  const [dying] = await targets();
  live.simulator.faults.add({ kind: 'dead', target: dying?.workgroupName ?? '' });
  await minutes(3);
  expect((await answering(24)).size).toBe(1);
});

it('a target on the wrong port is unhealthy', async () => {
  const [target] = await targets();
  const { targetGroupArn: TargetGroupArn } = live.loadBalancer;
  const Targets = [{ Id: target?.Id, Port: 5440 }];
  await live.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  await minutes(4);
  expect(Object.values(await health())).toContain('unhealthy');
  expect((await answering()).size).toBe(2);
});

it('with stickiness all connections of an address go to one target, and to another when that is out', async () => {
  const { targetGroupArn: TargetGroupArn } = live.loadBalancer;
  const Attributes = [{ Key: 'stickiness.enabled', Value: 'true' }];
  await live.clients.elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  const [first, ...others] = await answering(24);
  expect(others).toEqual([]);
  for (const { Id } of await targets()) {
    await deregister(Id);
    await minutes(4);
    const [now] = await answering(2);
    if (now !== first) return;
    await live.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port: 5439 }] }));
    await minutes(4);
  }
  throw new Error('it stays with a target that is not there');
});

it('an idle connection is reset after the listener’s time-out', async () => {
  const { listenerArn: ListenerArn } = live.loadBalancer;
  const Attributes = [{ Key: 'tcp.idle_timeout.seconds', Value: '120' }];
  await live.clients.elb.send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes }));
  const client = await live.connect();
  await client.query('SELECT 1');
  await minutes(1);
  await client.query('SELECT 1');
  await minutes(1.5);
  await client.query('SELECT 1');
  await minutes(2.5);
  expect((await refusalOf(client.query('SELECT 1'))).message).toMatch(/reset|closed|terminated|not queryable/i);
});

it('what a security group does not let in gets no answer, until it does', async () => {
  const GroupId = await groupOf('airline-dev-nlb');
  const { SecurityGroupRules = [] } = await live.clients.ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
  );
  const inbound = SecurityGroupRules.find(({ IsEgress }) => !IsEgress);
  const rule = { IpProtocol: 'tcp', FromPort: 5439, ToPort: 5439, IpRanges: [{ CidrIp: inbound?.CidrIpv4 }] };
  await live.clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }));
  const port = await live.port('nlb');
  const refused = await refusalOf(live.connect({ connectionTimeoutMillis: 400 }));
  expect(refused.message).toMatch(/timeout/i);
  await live.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }));
  expect(await live.port('nlb')).toBe(port);
  expect((await answering(1)).size).toBe(1);
});

async function groupOf(name: string): Promise<string> {
  const { SecurityGroups = [] } = await live.clients.ec2.send(new DescribeSecurityGroupsCommand({}));
  return SecurityGroups.find(({ GroupName }) => GroupName === name)?.GroupId ?? '';
}

it('a slow link makes answers late', async () => {
  const client = await live.connect();
  await client.query('SELECT 1');
  const { current_namespace: namespace } = await rowOf(client, 'SELECT current_namespace');
  expect(namespace).toBeDefined();
  for (const { workgroupName: name } of await targets()) {
    live.simulator.faults.add({ kind: 'slow-link', target: name, delayMs: 30_000 });
  }
  const before = performance.now();
  await client.query('SELECT 1');
  // Half a second here is half a minute of the account's time.
  expect(performance.now() - before).toBeGreaterThan(450);
});
