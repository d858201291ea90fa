/** A simulated network with what a network load balancer stands on: a VPC, a subnet in each of three zones, groups. */

import { AuthorizeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { onTestFinished } from 'vitest';
import { createInterface, type InterfaceInfo } from '../../../src/simulator/services/ec2/interfaces.ts';
import type { TestSimulatorOptions } from '../../support/simulator.ts';
import { createGroup, createSubnet, createVpc, type Network, startNetwork } from '../ec2/network.ts';

export const port = 5439;

export interface Balancing extends Network {
  readonly elb: ElasticLoadBalancingV2Client;
  readonly vpcId: string;
  /** In us-east-1a, -1b and -1c. */
  readonly subnets: readonly [string, string, string];
  readonly balancerGroup: string;
  readonly endpointGroup: string;
}

export async function startBalancing(options: TestSimulatorOptions = {}): Promise<Balancing> {
  const network = await startNetwork(options);
  const elb = new ElasticLoadBalancingV2Client(network.clientConfig);
  onTestFinished(() => elb.destroy());
  const vpcId = await createVpc(network);
  const subnets = [
    await createSubnet(network, vpcId, '10.0.0.0/24', 'us-east-1a'),
    await createSubnet(network, vpcId, '10.0.1.0/24', 'us-east-1b'),
    await createSubnet(network, vpcId, '10.0.2.0/24', 'us-east-1c'),
  ] as const;
  const balancerGroup = await createGroup(network, vpcId, 'nlb');
  const endpointGroup = await createGroup(network, vpcId, 'endpoint');
  return { ...network, elb, vpcId, subnets, balancerGroup, endpointGroup };
}

export async function createBalancer(
  { elb, subnets, balancerGroup }: Balancing,
  given: Partial<CreateLoadBalancerCommandInput> = {},
): Promise<LoadBalancer> {
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'lake',
      Type: 'network',
      Scheme: 'internal',
      Subnets: given.SubnetMappings ? undefined : [...subnets],
      SecurityGroups: [balancerGroup],
      ...given,
    }),
  );
  return LoadBalancers![0]!;
}

export async function createTargetGroup(
  { elb, vpcId }: Balancing,
  given: Partial<CreateTargetGroupCommandInput> = {},
): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'readers',
      Protocol: 'TCP',
      Port: port,
      VpcId: vpcId,
      TargetType: 'ip',
      ...given,
    }),
  );
  return TargetGroups![0]!.TargetGroupArn!;
}

export async function createListener({ elb }: Balancing, LoadBalancerArn: string, TargetGroupArn: string) {
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'TCP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  return Listeners![0]!.ListenerArn!;
}

/** Something that answers on 5439, as a managed endpoint of a warehouse does. */
export const addEndpoint = ({ place, endpointGroup }: Balancing, subnetId: string): InterfaceInfo =>
  createInterface(place(), {
    subnetId,
    groupIds: [endpointGroup],
    description: 'VPC Endpoint Interface vpce-test',
    requesterId: 'redshift',
    listeningPort: port,
  });

/** Lets the load balancer's packets into the endpoints. */
export async function openPath({ ec2, balancerGroup, endpointGroup }: Balancing): Promise<void> {
  const peer = { UserIdGroupPairs: [{ GroupId: balancerGroup }] };
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...peer }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: endpointGroup, IpPermissions }));
}

export const register = ({ elb }: Balancing, TargetGroupArn: string, ...addresses: string[]) =>
  elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: addresses.map((Id) => ({ Id })) }));

export async function healthOf({ elb }: Balancing, TargetGroupArn: string, Id: string): Promise<TargetHealth> {
  const { TargetHealthDescriptions } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id }] }),
  );
  return TargetHealthDescriptions![0]!.TargetHealth!;
}

/** `healthy`, or the state and its reason. */
export async function standing(balancing: Balancing, groupArn: string, address: string): Promise<string> {
  const { State, Reason } = await healthOf(balancing, groupArn, address);
  return Reason === undefined ? `${State}` : `${State} ${Reason}`;
}

export const setGroupAttribute = ({ elb }: Balancing, TargetGroupArn: string, Key: string, Value: string) =>
  elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] }));

/** A load balancer that is active and forwards to a target group. */
export async function startForwarding(given: Partial<CreateTargetGroupCommandInput> = {}) {
  const balancing = await startBalancing();
  const balancer = await createBalancer(balancing);
  const groupArn = await createTargetGroup(balancing, given);
  const listenerArn = await createListener(balancing, balancer.LoadBalancerArn!, groupArn);
  balancing.pass(201);
  return { balancing, balancerArn: balancer.LoadBalancerArn!, groupArn, listenerArn };
}
