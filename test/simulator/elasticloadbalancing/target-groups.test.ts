import {
  CreateListenerCommand,
  type CreateTargetGroupCommandInput,
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { createVpc, failure } from '../ec2/network.ts';
import {
  createBalancer,
  createListener,
  createTargetGroup,
  port,
  setGroupAttribute,
  startBalancing,
  startForwarding,
} from './balancing.ts';

const refused = 'InvalidConfigurationRequestException';

describe('a target group', () => {
  test('has the health check that AWS gives it (F-330)', async () => {
    const balancing = await startBalancing();
    const arn = await createTargetGroup(balancing);
    expect(arn).toMatch(/:targetgroup\/readers\/[0-9a-f]{16}$/);
    const { TargetGroups } = await balancing.elb.send(new DescribeTargetGroupsCommand({ Names: ['readers'] }));
    expect(TargetGroups?.[0]).toMatchObject({
      TargetGroupArn: arn,
      HealthCheckProtocol: 'TCP',
      HealthCheckPort: 'traffic-port',
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 10,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
    });
  });

  test('is created once however often it is asked for, and refused with other settings (F-305)', async () => {
    const balancing = await startBalancing();
    const first = await createTargetGroup(balancing);
    expect(await createTargetGroup(balancing)).toBe(first);
    expect(await failure(createTargetGroup(balancing, { Port: 5440 }))).toBe('DuplicateTargetGroupNameException');
    const slower = { HealthCheckIntervalSeconds: 60 };
    expect(await failure(createTargetGroup(balancing, slower))).toBe('DuplicateTargetGroupNameException');
  });

  test.each<Partial<CreateTargetGroupCommandInput>>([
    { Name: 'x'.repeat(33) },
    { Name: '-readers' },
    { HealthCheckIntervalSeconds: 4 },
    { HealthCheckTimeoutSeconds: 121 },
    { HealthyThresholdCount: 1 },
    { UnhealthyThresholdCount: 11 },
    { HealthCheckPort: 'any' },
    { HealthCheckTimeoutSeconds: 40 },
    { VpcId: 'vpc-0123456789abcdef0' },
    { VpcId: undefined },
    { Port: undefined },
  ])('asked for with %j is refused (F-302, F-330, F-331)', async (given) => {
    const balancing = await startBalancing();
    expect(await failure(createTargetGroup(balancing, given))).toMatch(/^Validation(Error|Exception)$/);
  });

  test('changes its health check', async () => {
    const balancing = await startBalancing();
    const TargetGroupArn = await createTargetGroup(balancing);
    const change = { TargetGroupArn, HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 5 };
    const { TargetGroups } = await balancing.elb.send(new ModifyTargetGroupCommand(change));
    expect(TargetGroups?.[0]).toMatchObject({ HealthCheckIntervalSeconds: 10, HealthyThresholdCount: 5 });
  });

  test('that a listener forwards to stays; one that is gone can be deleted again (F-307)', async () => {
    const { balancing, groupArn, listenerArn } = await startForwarding();
    const { elb } = balancing;
    const remove = () => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: groupArn }));
    expect(await failure(remove())).toBe('ResourceInUseException');
    await elb.send(new DeleteListenerCommand({ ListenerArn: listenerArn }));
    await remove();
    await remove();
    const look = new DescribeTargetGroupsCommand({ TargetGroupArns: [groupArn] });
    expect(await failure(elb.send(look))).toBe('TargetGroupNotFoundException');
  });

  test('is found by its load balancer', async () => {
    const { balancing, balancerArn, groupArn } = await startForwarding();
    await createTargetGroup(balancing, { Name: 'others' });
    const { TargetGroups } = await balancing.elb.send(
      new DescribeTargetGroupsCommand({ LoadBalancerArn: balancerArn }),
    );
    expect(TargetGroups?.map((group) => group.TargetGroupArn)).toEqual([groupArn]);
    expect(TargetGroups?.[0]?.LoadBalancerArns).toEqual([balancerArn]);
  });
});

describe('the attributes of a target group', () => {
  test('cut connections of unhealthy targets and wait 300 seconds by default (F-312)', async () => {
    const balancing = await startBalancing();
    const TargetGroupArn = await createTargetGroup(balancing);
    const { Attributes } = await balancing.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    expect(Object.fromEntries(Attributes!.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      'deregistration_delay.timeout_seconds': '300',
      'preserve_client_ip.enabled': 'false',
      'stickiness.enabled': 'false',
      'target_health_state.unhealthy.connection_termination.enabled': 'true',
      'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    });
  });

  test.each([
    ['deregistration_delay.timeout_seconds', '3601'],
    ['preserve_client_ip.enabled', 'on'],
    ['stickiness.type', 'lb_cookie'],
    ['target_group_health.dns_failover.minimum_healthy_targets.percentage', '0'],
    ['target_health_state.unhealthy.draining_interval_seconds', '60'],
    ['slow_start.duration_seconds', '30'],
  ])('refuse %s = %s (F-312)', async (key, value) => {
    const balancing = await startBalancing();
    const arn = await createTargetGroup(balancing);
    expect(await failure(setGroupAttribute(balancing, arn, key, value))).toBe(refused);
  });
});

describe('a listener', () => {
  test('is created once however often it is asked for; its port is taken for others (F-305)', async () => {
    const { balancing, balancerArn, groupArn, listenerArn } = await startForwarding();
    expect(await createListener(balancing, balancerArn, groupArn)).toBe(listenerArn);
    const other = await createTargetGroup(balancing, { Name: 'others' });
    expect(await failure(createListener(balancing, balancerArn, other))).toBe('DuplicateListenerException');
    const { Listeners } = await balancing.elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancerArn }));
    expect(Listeners).toMatchObject([{ Port: port, DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }] }]);
  });

  test('forwards to a group of its protocol and VPC that no other load balancer uses (F-308)', async () => {
    const { balancing, balancerArn, groupArn } = await startForwarding();
    const second = await createBalancer(balancing, { Name: 'second' });
    const taken = createListener(balancing, second.LoadBalancerArn!, groupArn);
    expect(await failure(taken)).toBe('TargetGroupAssociationLimitException');
    const udp = await createTargetGroup(balancing, { Name: 'udp', Protocol: 'UDP' });
    expect(await failure(createListener(balancing, second.LoadBalancerArn!, udp))).toBe(
      'IncompatibleProtocolsException',
    );
    const VpcId = await createVpc(balancing, '10.9.0.0/16');
    const elsewhere = await createTargetGroup(balancing, { Name: 'elsewhere', VpcId });
    expect(await failure(createListener(balancing, second.LoadBalancerArn!, elsewhere))).toBe(refused);
    const absent = groupArn.replace(/.{16}$/, '0123456789abcdef');
    expect(await failure(createListener(balancing, balancerArn, absent))).toBe('TargetGroupNotFoundException');
  });

  test('moves to another port and group', async () => {
    const { balancing, listenerArn: ListenerArn } = await startForwarding();
    const TargetGroupArn = await createTargetGroup(balancing, { Name: 'others' });
    const DefaultActions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups: [{ TargetGroupArn }] } }];
    const change = new ModifyListenerCommand({ ListenerArn, Port: 5440, DefaultActions });
    const { Listeners } = await balancing.elb.send(change);
    expect(Listeners).toMatchObject([{ Port: 5440, DefaultActions: [{ TargetGroupArn }] }]);
  });

  test('keeps silent connections for 350 seconds, or 60 to 6000 (F-313)', async () => {
    const { balancing, listenerArn: ListenerArn } = await startForwarding();
    const { elb } = balancing;
    const set = (Value: string) => {
      const Attributes = [{ Key: 'tcp.idle_timeout.seconds', Value }];
      return elb.send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes }));
    };
    const read = async () =>
      (await elb.send(new DescribeListenerAttributesCommand({ ListenerArn }))).Attributes?.[0]?.Value;
    expect(await read()).toBe('350');
    for (const value of ['59', '6001', '1e3']) expect(await failure(set(value))).toBe(refused);
    await set('6000');
    expect(await read()).toBe('6000');
  });

  test('needs an action, and only forwards', async () => {
    const { balancing, balancerArn: LoadBalancerArn, groupArn } = await startForwarding();
    const make = (Type: 'redirect' | 'forward', count: number) => {
      const DefaultActions = Array.from({ length: count }, () => ({ Type, TargetGroupArn: groupArn }));
      const input = { LoadBalancerArn, Protocol: 'TCP' as const, Port: 5440, DefaultActions };
      return failure(balancing.elb.send(new CreateListenerCommand(input)));
    };
    expect(await make('redirect', 1)).toBe('InvalidLoadBalancerActionException');
    expect(await make('forward', 2)).toBe('InvalidLoadBalancerActionException');
    expect(await make('forward', 0)).toBe('ValidationError');
  });
});
