/** A simulated account for the tests of Redshift Serverless: real SDK clients, a small network, time moved by hand. */
import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateNamespaceCommand,
  type CreateNamespaceRequest,
  CreateWorkgroupCommand,
  type CreateWorkgroupRequest,
  GetNamespaceCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { expect, onTestFinished } from 'vitest';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import type { Place, WorldSettings } from '../../../src/simulator/world.ts';
import { startTestSimulator } from '../../support/simulator.ts';

export interface Network {
  readonly vpcId: string;
  /** One in each of three zones. */
  readonly subnetIds: string[];
  readonly groupId: string;
}

export interface Account {
  readonly serverless: RedshiftServerlessClient;
  readonly ec2: EC2Client;
  readonly simulator: Simulator;
  readonly url: string;
  readonly network: Network;
  place(): Place;
  /** Lets the account alone for a while. */
  later(minutes: number): void;
}

export async function openAccount(settings: Partial<WorldSettings> = {}, prefix = 24): Promise<Account> {
  const { simulator, clientConfig } = await startTestSimulator({ virtual: true, settings });
  const serverless = new RedshiftServerlessClient(clientConfig);
  const ec2 = new EC2Client(clientConfig);
  onTestFinished(() => {
    serverless.destroy();
    ec2.destroy();
  });
  const later = (minutes: number) => simulator.world.skip(minutes * 60_000);
  const network = await makeNetwork(ec2, later, prefix);
  const place = () => simulator.world.place('us-east-1');
  return { serverless, ec2, simulator, url: simulator.url, network, later, place };
}

export async function makeNetwork(ec2: EC2Client, later: Account['later'], prefix = 24): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  later(1);
  const subnetIds: string[] = [];
  for (const [index, zone] of ['us-east-1a', 'us-east-1b', 'us-east-1c'].entries()) {
    const CidrBlock = `10.0.${index}.0/${prefix}`;
    const made = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone: zone }));
    subnetIds.push(made.Subnet?.SubnetId ?? '');
  }
  const group = { GroupName: 'warehouses', Description: 'warehouses', VpcId: Vpc?.VpcId };
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand(group));
  later(1);
  return { vpcId: Vpc?.VpcId ?? '', subnetIds, groupId: GroupId };
}

/** A namespace that has come up. */
export async function makeNamespace(account: Account, name: string, more: Partial<CreateNamespaceRequest> = {}) {
  await account.serverless.send(new CreateNamespaceCommand({ namespaceName: name, ...more }));
  account.later(2);
  const { namespace } = await account.serverless.send(new GetNamespaceCommand({ namespaceName: name }));
  expect(namespace?.status).toBe('AVAILABLE');
  return namespace;
}

export const createWorkgroup = (account: Account, name: string, more: Partial<CreateWorkgroupRequest> = {}) =>
  account.serverless.send(
    new CreateWorkgroupCommand({
      workgroupName: name,
      namespaceName: name,
      subnetIds: account.network.subnetIds,
      baseCapacity: 8,
      ...more,
    }),
  );

/** A namespace and its workgroup, both at rest. */
export async function makeWarehouse(account: Account, name: string, more: Partial<CreateWorkgroupRequest> = {}) {
  await makeNamespace(account, name);
  await createWorkgroup(account, name, more);
  account.later(10);
  const workgroup = await readWorkgroup(account, name);
  expect(workgroup?.status).toBe('AVAILABLE');
  return workgroup;
}

export async function readWorkgroup(account: Account, name: string) {
  return (await account.serverless.send(new GetWorkgroupCommand({ workgroupName: name }))).workgroup;
}

/** What AWS answered: the name of its error and what it said. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await call;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
  throw new Error('AWS accepted what it should have refused');
}
