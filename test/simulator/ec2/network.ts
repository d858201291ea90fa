/** A simulated network for tests: a virtual clock that only the test moves, and the SDK's EC2 client in front of it. */
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  type Filter,
} from '@aws-sdk/client-ec2';
import { onTestFinished } from 'vitest';
import type { Place } from '../../../src/simulator/world.ts';
import { startTestSimulator, type TestSimulator, type TestSimulatorOptions } from '../../support/simulator.ts';

export interface Network extends TestSimulator {
  readonly ec2: EC2Client;
  /** The account's place in us-east-1, for looking behind the scenes and acting as another service. */
  place(): Place;
  /** Lets AWS's time pass. */
  pass(seconds: number): void;
  /** Lets what was just made become visible everywhere. */
  settle(): void;
}

export async function startNetwork(options: TestSimulatorOptions = {}): Promise<Network> {
  const started = await startTestSimulator({ virtual: true, ...options });
  const ec2 = new EC2Client(started.clientConfig);
  onTestFinished(() => ec2.destroy());
  const { world } = started.simulator;
  return {
    ...started,
    ec2,
    place: () => world.place('us-east-1'),
    pass: (seconds) => world.skip(seconds * 1000),
    settle: () => world.skip(5000),
  };
}

/** The AWS error code with which a call fails; `undefined` when it succeeds. */
export async function failure(call: Promise<unknown>): Promise<string | undefined> {
  return (await refusal(call))?.name;
}

export async function refusal(call: Promise<unknown>): Promise<Error | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

export const filter = (Name: string, ...Values: string[]): Filter => ({ Name, Values });

export async function createVpc({ ec2, settle }: Network, CidrBlock = '10.0.0.0/16'): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock }));
  settle();
  return Vpc!.VpcId!;
}

export async function createSubnet(
  { ec2, settle }: Network,
  VpcId: string,
  CidrBlock = '10.0.0.0/24',
  AvailabilityZone = 'us-east-1a',
): Promise<string> {
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
  settle();
  return Subnet!.SubnetId!;
}

export async function createGroup({ ec2, settle }: Network, VpcId: string, GroupName: string): Promise<string> {
  const made = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: 'for a test' }));
  settle();
  return made.GroupId!;
}
