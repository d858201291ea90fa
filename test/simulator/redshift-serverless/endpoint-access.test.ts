import { DeleteNetworkInterfaceCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import {
  CreateEndpointAccessCommand,
  type CreateEndpointAccessRequest,
  DeleteEndpointAccessCommand,
  DeleteWorkgroupCommand,
  GetEndpointAccessCommand,
  ListEndpointAccessCommand,
  UpdateEndpointAccessCommand,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { interfaceAt } from '../../../src/simulator/services/ec2/interfaces.ts';
import {
  type Account,
  createWorkgroup,
  makeNamespace,
  makeNetwork,
  makeWarehouse,
  openAccount,
  refusal,
} from './account.ts';

const create = (account: Account, more: Partial<CreateEndpointAccessRequest> = {}) =>
  account.serverless.send(
    new CreateEndpointAccessCommand({
      endpointName: 'sales-ep',
      workgroupName: 'sales',
      subnetIds: account.network.subnetIds,
      ...more,
    }),
  );

const read = async (account: Account) =>
  (await account.serverless.send(new GetEndpointAccessCommand({ endpointName: 'sales-ep' }))).endpoint;

const remove = (account: Account) =>
  account.serverless.send(new DeleteEndpointAccessCommand({ endpointName: 'sales-ep' }));

async function makeEndpoint(account: Account, more: Partial<CreateEndpointAccessRequest> = {}) {
  await makeWarehouse(account, 'sales');
  await create(account, more);
  account.later(5);
  return read(account);
}

describe('an endpoint access', () => {
  it('shows its address and interface once it is ACTIVE (F-174)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const { endpoint } = await create(account);
    expect(endpoint).toMatchObject({ endpointStatus: 'CREATING', vpcEndpoint: { networkInterfaces: [] } });
    expect(endpoint?.address).toBeUndefined();
    account.later(5);
    const active = await read(account);
    expect(active).toMatchObject({ endpointStatus: 'ACTIVE', port: 5439, workgroupName: 'sales' });
    expect(active?.address).toMatch(/^sales-ep-endpoint-.+\.redshift-serverless\.amazonaws\.com$/);
  });

  it('has one interface, in one of the subnets that it was given (F-170)', async () => {
    const account = await openAccount();
    const endpoint = await makeEndpoint(account);
    const interfaces = endpoint?.vpcEndpoint?.networkInterfaces ?? [];
    expect(interfaces).toHaveLength(1);
    expect(account.network.subnetIds).toContain(interfaces[0]?.subnetId);
    expect(endpoint?.subnetIds).toEqual(account.network.subnetIds);
  });

  it('answers on its address from the moment it is ACTIVE', async () => {
    const account = await openAccount();
    const endpoint = await makeEndpoint(account);
    const address = endpoint?.vpcEndpoint?.networkInterfaces?.[0]?.privateIpAddress ?? '';
    const port = () => interfaceAt(account.place(), account.network.vpcId, address)?.listeningPort;
    expect(port()).toBe(5439);
    await remove(account);
    expect(port()).toBeUndefined();
  });

  it('carries the default group when it is given none (F-122), and can be given others (F-172)', async () => {
    const account = await openAccount();
    const endpoint = await makeEndpoint(account);
    const [group] = endpoint?.vpcSecurityGroups ?? [];
    expect(group?.vpcSecurityGroupId).not.toBe(account.network.groupId);
    const vpcSecurityGroupIds = [account.network.groupId];
    await account.serverless.send(new UpdateEndpointAccessCommand({ endpointName: 'sales-ep', vpcSecurityGroupIds }));
    expect((await read(account))?.endpointStatus).toBe('MODIFYING');
    account.later(2);
    expect(await read(account)).toMatchObject({
      endpointStatus: 'ACTIVE',
      vpcSecurityGroups: [{ vpcSecurityGroupId: account.network.groupId }],
    });
  });

  it.each(['a-name-of-thirty-one-characters', '1sales', 'sales-', 'sales--ep', 'sales_ep', ''])(
    'is not called %j (F-173)',
    async (endpointName) => {
      const account = await openAccount();
      await makeWarehouse(account, 'sales');
      expect((await refusal(create(account, { endpointName }))).name).toBe('ValidationException');
    },
  );

  it('can only be made when its workgroup is at rest (F-174)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    await createWorkgroup(account, 'sales');
    expect((await refusal(create(account))).name).toBe('ConflictException');
    account.later(10);
    await create(account);
    expect((await refusal(create(account))).message).toContain('already exists');
  });

  it('may lie in another VPC, with a group of that VPC (F-123)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const { subnetIds, groupId, vpcId } = await makeNetwork(account.ec2, account.later);
    const wrong = await refusal(create(account, { subnetIds, vpcSecurityGroupIds: [account.network.groupId] }));
    expect(wrong.message).toContain('does not exist in VPC');
    await create(account, { subnetIds, vpcSecurityGroupIds: [groupId] });
    account.later(5);
    const { endpoints } = await account.serverless.send(new ListEndpointAccessCommand({ vpcId }));
    expect(endpoints?.map(({ endpointName }) => endpointName)).toEqual(['sales-ep']);
  });

  it('is one of 30 at most, and of 50 in the VPC with the workgroups (F-127, F-171)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await makeWarehouse(account, 'other');
    for (let number = 1; number <= 30; number++) await create(account, { endpointName: `sales-${number}` });
    expect((await refusal(create(account))).name).toBe('ServiceQuotaExceededException');
    const onOther = (number: number) => create(account, { endpointName: `other-${number}`, workgroupName: 'other' });
    for (let number = 1; number <= 18; number++) await onOther(number);
    expect(await refusal(onOther(19))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('VpcEndpointLimitExceeded'),
    });
  });

  it('has an interface that EC2 lets nobody delete (F-126)', async () => {
    const account = await openAccount();
    const endpoint = await makeEndpoint(account);
    const NetworkInterfaceId = endpoint?.vpcEndpoint?.networkInterfaces?.[0]?.networkInterfaceId;
    const denied = account.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    expect((await refusal(denied)).name).toMatch(
      /^(OperationNotPermitted|InvalidParameterValue|InvalidNetworkInterface.InUse)$/,
    );
  });

  it('blocks the deletion of its workgroup until it is gone (F-147)', async () => {
    const account = await openAccount();
    await makeEndpoint(account);
    const removeWorkgroup = () => account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    expect(await refusal(removeWorkgroup())).toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('sales-ep'),
    });
    await remove(account);
    expect((await refusal(removeWorkgroup())).name).toBe('ConflictException');
    account.later(5);
    await removeWorkgroup();
  });

  it('leaves its interface behind for a while (F-128)', async () => {
    const account = await openAccount();
    const endpoint = await makeEndpoint(account);
    const id = endpoint?.vpcEndpoint?.networkInterfaces?.[0]?.networkInterfaceId ?? '';
    const look = () => account.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
    await remove(account);
    for (let second = 0; second < 150 && (await read(account).catch(() => undefined)); second++) account.later(1 / 60);
    expect((await refusal(read(account))).name).toBe('ResourceNotFoundException');
    expect((await look()).NetworkInterfaces).toHaveLength(1);
    account.later(4);
    expect((await refusal(look())).name).toBe('InvalidNetworkInterfaceID.NotFound');
  });
});
