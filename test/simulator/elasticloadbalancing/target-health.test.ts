import { RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import {
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { deleteInterface, updateInterface } from '../../../src/simulator/services/ec2/interfaces.ts';
import { failure } from '../ec2/network.ts';
import {
  addEndpoint,
  type Balancing,
  createBalancer,
  createListener,
  createTargetGroup,
  openPath,
  port,
  register,
  setGroupAttribute,
  standing,
  startBalancing,
  startForwarding,
} from './balancing.ts';

/** A target whose path is open, registered and healthy. */
async function startHealthy() {
  const started = await startForwarding();
  const { balancing, groupArn } = started;
  const endpoint = addEndpoint(balancing, balancing.subnets[0]);
  await openPath(balancing);
  const address = endpoint.privateIpAddress;
  await register(balancing, groupArn, address);
  balancing.pass(61);
  expect(await standing(balancing, groupArn, address)).toBe('healthy');
  return { ...started, endpoint, address, look: () => standing(balancing, groupArn, address) };
}

async function closePath({ ec2, endpointGroup: GroupId, balancerGroup }: Balancing): Promise<void> {
  const peer = { UserIdGroupPairs: [{ GroupId: balancerGroup }] };
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...peer }];
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

describe('a target', () => {
  test('is unused until a listener forwards to it, then registers, is checked, and is healthy', async () => {
    const balancing = await startBalancing();
    const groupArn = await createTargetGroup(balancing);
    const { privateIpAddress: address } = addEndpoint(balancing, balancing.subnets[0]);
    await openPath(balancing);
    await register(balancing, groupArn, address);
    const look = () => standing(balancing, groupArn, address);
    balancing.pass(600);
    expect(await look()).toBe('unused Target.NotInUse');
    const balancer = await createBalancer(balancing);
    await createListener(balancing, balancer.LoadBalancerArn!, groupArn);
    const seen = new Set<string>();
    for (let second = 0; second <= 261; second++, balancing.pass(1)) seen.add(await look());
    expect([...seen]).toEqual(['initial Elb.RegistrationInProgress', 'initial Elb.InitialHealthChecking', 'healthy']);
  });

  test('is healthy after its first successful check whatever the threshold (F-340)', async () => {
    const { balancing, groupArn } = await startForwarding({ HealthyThresholdCount: 10 });
    const { privateIpAddress: address } = addEndpoint(balancing, balancing.subnets[0]);
    await openPath(balancing);
    await register(balancing, groupArn, address);
    balancing.pass(61);
    expect(await standing(balancing, groupArn, address)).toBe('healthy');
  });

  test('becomes healthy at the same moment whether or not anybody looks', async () => {
    const timeOfHealth = async (lookEvery: number) => {
      const { balancing, groupArn } = await startForwarding();
      const { privateIpAddress: address } = addEndpoint(balancing, balancing.subnets[0]);
      await openPath(balancing);
      await register(balancing, groupArn, address);
      let waited = 0;
      const pass = (seconds: number) => {
        balancing.pass(seconds);
        waited += seconds;
      };
      while (waited < lookEvery) pass(1);
      while ((await standing(balancing, groupArn, address)) !== 'healthy') pass(1);
      return waited;
    };
    const watched = await timeOfHealth(0);
    expect(await timeOfHealth(watched - 1)).toBe(watched);
  });

  test('in a zone that is not enabled is unused, and starts when the zone is (F-342)', async () => {
    const balancing = await startBalancing();
    const [first, second, third] = balancing.subnets;
    const { LoadBalancerArn } = await createBalancer(balancing, { Subnets: [first, second] });
    const groupArn = await createTargetGroup(balancing);
    await createListener(balancing, LoadBalancerArn!, groupArn);
    const { privateIpAddress: address } = addEndpoint(balancing, third);
    await openPath(balancing);
    await register(balancing, groupArn, address);
    balancing.pass(300);
    expect(await standing(balancing, groupArn, address)).toBe('unused Target.NotInUse');
    await balancing.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [first, second, third] }));
    balancing.pass(61);
    expect(await standing(balancing, groupArn, address)).toBe('healthy');
  });

  test('whose group lets nothing in times out (F-343)', async () => {
    const { balancing, groupArn } = await startForwarding();
    const { privateIpAddress: address } = addEndpoint(balancing, balancing.subnets[0]);
    await register(balancing, groupArn, address);
    balancing.pass(30);
    expect(await standing(balancing, groupArn, address)).toBe('initial Elb.InitialHealthChecking');
    balancing.pass(101);
    expect(await standing(balancing, groupArn, address)).toBe('unhealthy Target.Timeout');
    await openPath(balancing);
    balancing.pass(119);
    expect(await standing(balancing, groupArn, address)).toMatch(/^unhealthy/);
    balancing.pass(32);
    expect(await standing(balancing, groupArn, address)).toBe('healthy');
  });

  test('where nobody has the address times out, where nothing listens it is refused (F-343)', async () => {
    const { balancing, groupArn } = await startForwarding();
    const endpoint = addEndpoint(balancing, balancing.subnets[0]);
    updateInterface(balancing.place(), endpoint.networkInterfaceId, { listeningPort: 5440 });
    await openPath(balancing);
    const nobody = '10.0.1.77';
    await register(balancing, groupArn, endpoint.privateIpAddress, nobody);
    balancing.pass(200);
    expect(await standing(balancing, groupArn, endpoint.privateIpAddress)).toBe('unhealthy Target.FailedHealthChecks');
    expect(await standing(balancing, groupArn, nobody)).toBe('unhealthy Target.Timeout');
  });

  test('that dies is unhealthy after the threshold of checks, and healthy again after the other one', async () => {
    const { balancing, endpoint, look } = await startHealthy();
    const listen = (listeningPort: number | undefined) =>
      updateInterface(balancing.place(), endpoint.networkInterfaceId, { listeningPort });
    listen(undefined);
    balancing.pass(29);
    expect(await look()).toBe('healthy');
    balancing.pass(32);
    expect(await look()).toBe('unhealthy Target.FailedHealthChecks');
    listen(port);
    balancing.pass(119);
    expect(await look()).toBe('unhealthy Target.FailedHealthChecks');
    balancing.pass(32);
    expect(await look()).toBe('healthy');
  });

  test('turns over at the time of the change even when nobody looked in between (H1)', async () => {
    const { balancing, look } = await startHealthy();
    await closePath(balancing);
    balancing.pass(3600);
    expect(await look()).toBe('unhealthy Target.Timeout');
    await openPath(balancing);
    balancing.pass(3600);
    expect(await look()).toBe('healthy');
  });

  test('whose interface is deleted becomes unhealthy', async () => {
    const { balancing, endpoint, look } = await startHealthy();
    deleteInterface(balancing.place(), endpoint.networkInterfaceId);
    balancing.pass(80);
    expect(await look()).toBe('unhealthy Target.Timeout');
  });

  test('drains while unhealthy where connections are kept for an interval (F-344)', async () => {
    const { balancing, groupArn, endpoint, look } = await startHealthy();
    const prefix = 'target_health_state.unhealthy';
    await balancing.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: groupArn,
        Attributes: [
          { Key: `${prefix}.connection_termination.enabled`, Value: 'false' },
          { Key: `${prefix}.draining_interval_seconds`, Value: '300' },
        ],
      }),
    );
    updateInterface(balancing.place(), endpoint.networkInterfaceId, { listeningPort: undefined });
    balancing.pass(61);
    expect(await look()).toBe('unhealthy.draining Target.FailedHealthChecks');
    balancing.pass(301);
    expect(await look()).toBe('unhealthy Target.FailedHealthChecks');
    updateInterface(balancing.place(), endpoint.networkInterfaceId, { listeningPort: port });
    balancing.pass(30);
    expect(await look()).toBe('unhealthy Target.FailedHealthChecks');
  });

  test('is unused again when the listener is deleted', async () => {
    const { balancing, listenerArn, look } = await startHealthy();
    await balancing.elb.send(new DeleteListenerCommand({ ListenerArn: listenerArn }));
    expect(await look()).toBe('unused Target.NotInUse');
  });
});

describe('deregistration', () => {
  const deregister = ({ elb }: Balancing, TargetGroupArn: string, Id: string) =>
    elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));

  test('drains for the delay, then the target is gone and only asking for it names it (F-341)', async () => {
    const { balancing, groupArn, address, look } = await startHealthy();
    await setGroupAttribute(balancing, groupArn, 'deregistration_delay.timeout_seconds', '30');
    await deregister(balancing, groupArn, address);
    balancing.pass(29);
    expect(await look()).toBe('draining Target.DeregistrationInProgress');
    balancing.pass(2);
    expect(await look()).toBe('unused Target.NotRegistered');
    const all = await balancing.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }));
    expect(all.TargetHealthDescriptions).toEqual([]);
  });

  test('of an unused target takes effect at once, of an absent one has none (F-341)', async () => {
    const balancing = await startBalancing();
    const groupArn = await createTargetGroup(balancing);
    await register(balancing, groupArn, '10.0.0.77');
    await deregister(balancing, groupArn, '10.0.0.77');
    await deregister(balancing, groupArn, '10.0.0.78');
    const all = await balancing.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }));
    expect(all.TargetHealthDescriptions).toEqual([]);
  });

  test('is undone by registering again, which starts from the beginning', async () => {
    const { balancing, groupArn, address, look } = await startHealthy();
    await deregister(balancing, groupArn, address);
    await register(balancing, groupArn, address);
    expect(await look()).toBe('initial Elb.RegistrationInProgress');
    balancing.pass(61);
    expect(await look()).toBe('healthy');
  });
});

describe('registration', () => {
  test('finds the zone of an address in the VPC (F-350)', async () => {
    const balancing = await startBalancing();
    const groupArn = await createTargetGroup(balancing);
    await register(balancing, groupArn, '10.0.1.77');
    await register(balancing, groupArn, '10.0.1.77');
    const { TargetHealthDescriptions } = await balancing.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }),
    );
    expect(TargetHealthDescriptions?.map(({ Target }) => Target)).toEqual([
      { Id: '10.0.1.77', Port: port, AvailabilityZone: 'us-east-1b' },
    ]);
  });

  test.each([
    [{ Id: '8.8.8.8' }],
    [{ Id: '192.168.0.1' }],
    [{ Id: '192.168.0.1', AvailabilityZone: 'us-east-1z' }],
    [{ Id: '10.0.200.1' }],
    [{ Id: '10.0.0.9', AvailabilityZone: 'us-east-1b' }],
    [{ Id: 'i-0123456789abcdef0' }],
  ])('of %j is refused (F-350)', async (target) => {
    const balancing = await startBalancing();
    const TargetGroupArn = await createTargetGroup(balancing);
    const command = new RegisterTargetsCommand({ TargetGroupArn, Targets: [target] });
    expect(await failure(balancing.elb.send(command))).toBe('InvalidTargetException');
  });

  test('of a private address outside the VPC needs a zone, or all of them (F-350)', async () => {
    const balancing = await startBalancing();
    const TargetGroupArn = await createTargetGroup(balancing);
    const Targets = [{ Id: '192.168.0.1', AvailabilityZone: 'all' }];
    await balancing.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    expect(await standing(balancing, TargetGroupArn, '192.168.0.1')).toBe('unused Target.NotInUse');
  });
});
