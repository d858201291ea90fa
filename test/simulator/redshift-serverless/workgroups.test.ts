import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import {
  CreateNamespaceCommand,
  DeleteNamespaceCommand,
  DeleteWorkgroupCommand,
  GetNamespaceCommand,
  GetWorkgroupCommand,
  ListWorkgroupsCommand,
  UpdateNamespaceCommand,
  UpdateWorkgroupCommand,
  type UpdateWorkgroupRequest,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { interfaceAt } from '../../../src/simulator/services/ec2/interfaces.ts';
import {
  type Account,
  createWorkgroup,
  makeNamespace,
  makeWarehouse,
  openAccount,
  readWorkgroup,
  refusal,
} from './account.ts';

const statusOf = async (account: Account, name: string) => (await readWorkgroup(account, name))?.status;
const namespaceStatus = async (account: Account, name: string) =>
  (await account.serverless.send(new GetNamespaceCommand({ namespaceName: name }))).namespace?.status;
const update = (account: Account, name: string, change: Partial<UpdateWorkgroupRequest>) =>
  account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: name, ...change }));

/** The statuses that a watcher sees who looks every second. */
async function watch(account: Account, look: () => Promise<string | undefined>, seconds: number): Promise<string[]> {
  const seen: string[] = [];
  for (let second = 0; second < seconds; second++) {
    const status = await look().catch((error: Error) => error.name);
    if (status !== undefined && seen.at(-1) !== status) seen.push(status);
    account.later(1 / 60);
  }
  return seen;
}

describe('the life of a workgroup', () => {
  it('is not found right after creation, and is AVAILABLE twice before it is at rest (F-110, F-111)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const { workgroup } = await createWorkgroup(account, 'sales');
    expect(workgroup?.status).toBe('CREATING');
    const seen = await watch(account, () => statusOf(account, 'sales'), 300);
    expect(seen).toEqual(['ResourceNotFoundException', 'CREATING', 'AVAILABLE', 'MODIFYING', 'AVAILABLE']);
  });

  it('keeps its namespace MODIFYING while it is being created (F-111)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    await createWorkgroup(account, 'sales');
    expect(await watch(account, () => namespaceStatus(account, 'sales'), 300)).toEqual(['MODIFYING', 'AVAILABLE']);
  });

  it('can be seen MODIFYING before DELETING, and then is not found (F-112)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const { workgroup } = await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    expect(workgroup?.status).toBe('DELETING');
    const seen = await watch(account, () => statusOf(account, 'sales'), 200);
    expect(seen).toEqual(['MODIFYING', 'DELETING', 'ResourceNotFoundException']);
  });

  it('appears in lists later than in gets (F-110)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    await createWorkgroup(account, 'sales');
    let lagged = false;
    for (let tick = 0; tick < 60; tick++) {
      const found = await account.serverless.send(new GetWorkgroupCommand({ workgroupName: 'sales' })).then(
        () => true,
        () => false,
      );
      const { workgroups } = await account.serverless.send(new ListWorkgroupsCommand({}));
      lagged ||= found && workgroups?.length === 0;
      account.later(0.1 / 60);
    }
    expect(lagged).toBe(true);
  });

  it('refuses changes and deletion while something is going on with it (F-114)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    await createWorkgroup(account, 'sales');
    account.later(1);
    const deletion = await refusal(account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' })));
    expect(deletion).toEqual({
      name: 'ConflictException',
      message: 'There is an operation running on the workgroup. Try deleting the workgroup again later.',
    });
    expect((await refusal(update(account, 'sales', { port: 5440 }))).message).toContain('operation running');
  });

  it('shares a name and a namespace with no other (F-113, F-119)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await makeNamespace(account, 'other');
    expect((await refusal(createWorkgroup(account, 'sales'))).message).toContain('already exists');
    const second = await refusal(createWorkgroup(account, 'second', { namespaceName: 'sales' }));
    expect(second).toMatchObject({ name: 'ConflictException', message: expect.stringContaining('already') });
    const third = await refusal(createWorkgroup(account, 'third', { namespaceName: 'nowhere' }));
    expect(third).toEqual({ name: 'ResourceNotFoundException', message: 'Serverless namespace nowhere not found.' });
  });

  it('can be created as soon as its namespace has been, and be read from it (F-110, F-119)', async () => {
    const account = await openAccount();
    await account.serverless.send(new CreateNamespaceCommand({ namespaceName: 'sales' }));
    expect(await namespaceStatus(account, 'sales')).toBe('MODIFYING');
    await createWorkgroup(account, 'sales');
    account.later(1);
    expect(await namespaceStatus(account, 'sales')).toBe('MODIFYING');
    account.later(4);
    expect(await namespaceStatus(account, 'sales')).toBe('AVAILABLE');
  });

  it('can not be created while its namespace is being changed (F-119)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    await account.serverless.send(new UpdateNamespaceCommand({ namespaceName: 'sales', logExports: ['userlog'] }));
    expect((await refusal(createWorkgroup(account, 'sales'))).message).toContain('operation running on the namespace');
  });

  it('gives its name free a moment after it has gone (F-118)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    const isThere = () => readWorkgroup(account, 'sales').then(Boolean, () => false);
    for (let second = 0; second < 150 && (await isThere()); second++) account.later(1 / 60);
    expect((await refusal(createWorkgroup(account, 'sales'))).name).toBe('ConflictException');
    account.later(1);
    expect((await createWorkgroup(account, 'sales')).workgroup?.status).toBe('CREATING');
  });

  it("keeps its namespace's data from being deleted (F-168)", async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const denied = await refusal(account.serverless.send(new DeleteNamespaceCommand({ namespaceName: 'sales' })));
    expect(denied.name).toBe('ConflictException');
  });

  it('lets at most 25 of them stand in an account and region (F-100)', async () => {
    const account = await openAccount({ workgroupConcurrency: 'fine' });
    for (let number = 1; number <= 25; number++) {
      await makeNamespace(account, `warehouse-${number}`);
      await createWorkgroup(account, `warehouse-${number}`);
    }
    account.later(10);
    const denied = await refusal(makeNamespace(account, 'warehouse-26'));
    expect(denied.name).toBe('ServiceQuotaExceededException');
  });
});

describe('the address of a workgroup', () => {
  it('has an interface in each of its zones, once it has come up (F-125)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const created = await createWorkgroup(account, 'sales');
    expect(created.workgroup?.endpoint?.vpcEndpoints).toEqual([]);
    account.later(10);
    const endpoint = (await readWorkgroup(account, 'sales'))?.endpoint;
    expect(endpoint?.address).toBe('sales.123456789012.us-east-1.redshift-serverless.amazonaws.com');
    const subnets = endpoint?.vpcEndpoints?.[0]?.networkInterfaces?.map(({ subnetId }) => subnetId);
    expect(subnets).toEqual(account.network.subnetIds);
  });

  it('answers on the port of the workgroup, and on another one after a change (F-146)', async () => {
    const account = await openAccount();
    const workgroup = await makeWarehouse(account, 'sales');
    const address = workgroup?.endpoint?.vpcEndpoints?.[0]?.networkInterfaces?.[0]?.privateIpAddress ?? '';
    const port = () => interfaceAt(account.place(), account.network.vpcId, address)?.listeningPort;
    expect(port()).toBe(5439);
    await update(account, 'sales', { port: 8191 });
    expect(port()).toBe(8191);
  });

  it('leaves its interfaces behind for a while when the workgroup is gone (F-128)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const count = async () =>
      (await account.ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces?.length;
    await account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));
    await watch(account, () => statusOf(account, 'sales'), 135);
    expect((await refusal(readWorkgroup(account, 'sales'))).name).toBe('ResourceNotFoundException');
    expect(await count()).toBeGreaterThan(0);
    account.later(5);
    expect(await count()).toBe(0);
  });

  it('carries the default group of its VPC when none is named (F-122)', async () => {
    const account = await openAccount();
    const workgroup = await makeWarehouse(account, 'sales');
    expect(workgroup?.securityGroupIds).toHaveLength(1);
    expect(workgroup?.securityGroupIds).not.toContain(account.network.groupId);
  });
});

describe('one workgroup beside another that is still being created', () => {
  it.each(['creation', 'update'])(
    'never leaves MODIFYING after its %s, in a world set to stuck (F-150)',
    async (what) => {
      const account = await openAccount({ workgroupConcurrency: 'stuck' });
      if (what === 'update') await makeWarehouse(account, 'second');
      await makeNamespace(account, 'first');
      await makeNamespace(account, what === 'update' ? 'third' : 'second');
      await createWorkgroup(account, 'first');
      await (what === 'update' ? update(account, 'second', { port: 5440 }) : createWorkgroup(account, 'second'));
      account.later(60);
      expect(await statusOf(account, 'first')).toBe('AVAILABLE');
      expect(await statusOf(account, 'second')).toBe('MODIFYING');
      account.later(24 * 60);
      expect(await statusOf(account, 'second')).toBe('MODIFYING');
    },
  );

  it('can only be deleted once it is stuck, after a while of conflicts (F-151)', async () => {
    const account = await openAccount({ workgroupConcurrency: 'stuck' });
    await makeNamespace(account, 'first');
    await makeNamespace(account, 'second');
    await createWorkgroup(account, 'first');
    await createWorkgroup(account, 'second');
    account.later(5);
    const remove = () => account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'second' }));
    expect((await refusal(remove())).name).toBe('ConflictException');
    expect((await refusal(update(account, 'second', { port: 5440 }))).name).toBe('ConflictException');
    account.later(10);
    await remove();
    account.later(5);
    expect((await refusal(readWorkgroup(account, 'second'))).name).toBe('ResourceNotFoundException');
  });

  it('dooms nobody once it is stuck (F-150)', async () => {
    const account = await openAccount({ workgroupConcurrency: 'stuck' });
    for (const name of ['first', 'second', 'third']) await makeNamespace(account, name);
    await createWorkgroup(account, 'first');
    await createWorkgroup(account, 'second');
    account.later(60);
    await createWorkgroup(account, 'third');
    account.later(10);
    expect(await statusOf(account, 'third')).toBe('AVAILABLE');
  });

  it('is refused in a world set to conflict, and goes through in one set to fine', async () => {
    for (const mode of ['conflict', 'fine'] as const) {
      const account = await openAccount({ workgroupConcurrency: mode });
      await makeNamespace(account, 'first');
      await makeNamespace(account, 'second');
      await createWorkgroup(account, 'first');
      const second = await createWorkgroup(account, 'second').then(
        () => 'accepted',
        (error: Error) => error.name,
      );
      expect(second).toBe(mode === 'fine' ? 'accepted' : 'ConflictException');
    }
  });
});
