import { DescribeNetworkInterfacesCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { UpdateWorkgroupCommand, type UpdateWorkgroupRequest } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  createWorkgroup,
  makeNamespace,
  makeNetwork,
  makeWarehouse,
  openAccount,
  readWorkgroup,
  refusal,
} from './account.ts';

async function freeAddresses(account: Account): Promise<number[]> {
  const { Subnets } = await account.ec2.send(new DescribeSubnetsCommand({ SubnetIds: account.network.subnetIds }));
  return (Subnets ?? []).map(({ AvailableIpAddressCount }) => AvailableIpAddressCount ?? 0);
}

describe('the network under a workgroup', () => {
  it.each([
    { enhancedVpcRouting: false, enough: 2 },
    { enhancedVpcRouting: true, enough: 3 },
  ])('has $enough subnets in as many zones with enhanced routing $enhancedVpcRouting (F-120)', async (how) => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const { enhancedVpcRouting, enough } = how;
    const create = (count: number) => {
      const subnetIds = account.network.subnetIds.slice(0, count);
      return createWorkgroup(account, 'sales', { subnetIds, enhancedVpcRouting });
    };
    expect((await refusal(create(enough - 1))).message).toContain(`at least ${enough} subnets`);
    expect((await create(enough)).workgroup?.subnetIds).toHaveLength(enough);
  });

  it('has security groups of the same VPC (F-123)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const other = await makeNetwork(account.ec2, account.later);
    const denied = await refusal(createWorkgroup(account, 'sales', { securityGroupIds: [other.groupId] }));
    expect(denied).toEqual({
      name: 'ValidationException',
      message: `VPC Security group ${other.groupId} does not exist in VPC ${account.network.vpcId}`,
    });
  });

  it('has the free addresses that enhanced VPC routing asks for (F-121)', async () => {
    const account = await openAccount({}, 27);
    await makeNamespace(account, 'sales');
    const denied = await refusal(createWorkgroup(account, 'sales', { baseCapacity: 128, enhancedVpcRouting: true }));
    expect(denied.name).toBe('ValidationException');
    expect(denied.message).toContain(
      `Insufficient free IP addresses found in subnets: [${account.network.subnetIds.join(', ')}]`,
    );
    await createWorkgroup(account, 'sales', { baseCapacity: 64, enhancedVpcRouting: true });
  });

  it('gives a warehouse one address per zone, and those of its nodes with enhanced VPC routing (F-121)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'plain', { baseCapacity: 32 });
    expect(await freeAddresses(account)).toEqual([250, 250, 250]);
    await makeWarehouse(account, 'routed', { baseCapacity: 32, enhancedVpcRouting: true });
    expect(await freeAddresses(account)).toEqual([244, 244, 244]);
  });

  it('needs three free addresses in each subnet without enhanced VPC routing (F-121)', async () => {
    const account = await openAccount({ workgroupConcurrency: 'fine' }, 28);
    for (let number = 1; number <= 9; number++) await makeWarehouse(account, `warehouse-${number}`);
    expect(await freeAddresses(account)).toEqual([2, 2, 2]);
    await makeNamespace(account, 'one-more');
    expect((await refusal(createWorkgroup(account, 'one-more'))).message).toContain('Insufficient free IP addresses');
  });

  it('keeps the nodes in step with the capacity and the groups, with enhanced VPC routing (F-121)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales', { enhancedVpcRouting: true });
    const change = (more: Partial<UpdateWorkgroupRequest>) =>
      account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'sales', ...more }));
    expect(await freeAddresses(account)).toEqual([248, 248, 248]);
    await change({ baseCapacity: 32 });
    account.later(10);
    expect(await freeAddresses(account)).toEqual([245, 245, 245]);
    await change({ securityGroupIds: [account.network.groupId] });
    const { NetworkInterfaces } = await account.ec2.send(new DescribeNetworkInterfacesCommand({}));
    const groups = new Set(NetworkInterfaces?.flatMap(({ Groups }) => Groups?.map(({ GroupId }) => GroupId)));
    expect([...groups]).toEqual([account.network.groupId]);
  });

  it('can not be dualstack without IPv6 (F-124)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const denied = await refusal(createWorkgroup(account, 'sales', { ipAddressType: 'dualstack' }));
    expect(denied.name).toBe('Ipv6CidrBlockNotFoundException');
  });

  it("can't switch enhanced VPC routing in place (F-145)", async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const change = new UpdateWorkgroupCommand({ workgroupName: 'sales', enhancedVpcRouting: true });
    expect((await refusal(account.serverless.send(change))).name).toBe('ValidationException');
  });

  it('can be changed to other subnets of the VPC, with new addresses', async () => {
    const account = await openAccount();
    const before = await makeWarehouse(account, 'sales');
    const subnetIds = account.network.subnetIds.slice(1);
    await account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'sales', subnetIds }));
    account.later(5);
    const after = await readWorkgroup(account, 'sales');
    expect(after?.subnetIds).toEqual(subnetIds);
    expect(after?.endpoint?.vpcEndpoints?.[0]?.networkInterfaces).toHaveLength(2);
    expect(after?.endpoint?.vpcEndpoints?.[0]?.vpcEndpointId).not.toBe(
      before?.endpoint?.vpcEndpoints?.[0]?.vpcEndpointId,
    );
  });
});
