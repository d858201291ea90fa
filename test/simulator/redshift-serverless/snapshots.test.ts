import {
  CreateSnapshotCommand,
  type CreateSnapshotRequest,
  DeleteNamespaceCommand,
  DeleteSnapshotCommand,
  DeleteWorkgroupCommand,
  GetRecoveryPointCommand,
  GetSnapshotCommand,
  ListRecoveryPointsCommand,
  ListSnapshotsCommand,
  UpdateSnapshotCommand,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { type Account, makeNamespace, makeWarehouse, openAccount, refusal } from './account.ts';

const create = (account: Account, more: Partial<CreateSnapshotRequest> = {}) =>
  account.serverless.send(new CreateSnapshotCommand({ namespaceName: 'sales', snapshotName: 'final', ...more }));

const read = async (account: Account, snapshotName = 'final') =>
  (await account.serverless.send(new GetSnapshotCommand({ snapshotName }))).snapshot;

const removeWorkgroup = (account: Account) =>
  account.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'sales' }));

describe('a snapshot', () => {
  it('is CREATING, then AVAILABLE, and names the key of its namespace (F-166)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    const { snapshot } = await create(account);
    expect(snapshot).toMatchObject({ status: 'CREATING', namespaceName: 'sales', kmsKeyId: 'AWS_OWNED_KMS_KEY' });
    expect((await refusal(account.serverless.send(new DeleteSnapshotCommand({ snapshotName: 'final' })))).name).toBe(
      'ConflictException',
    );
    account.later(4);
    expect(await read(account)).toMatchObject({ status: 'AVAILABLE', snapshotRetentionPeriod: -1 });
  });

  it('needs a workgroup (F-161)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    expect((await refusal(create(account))).message).toBe(
      "You can't create a snapshot because there isn't a workgroup created for the namespace",
    );
  });

  it('waits for a warehouse at rest (F-162)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'sales', port: 5440 }));
    expect((await refusal(create(account))).message).toContain('operation running');
    account.later(3);
    await create(account);
  });

  it('outlives the workgroup, which waits for it, and the namespace (F-147, F-161)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await create(account);
    expect((await refusal(removeWorkgroup(account))).name).toBe('ConflictException');
    account.later(4);
    await removeWorkgroup(account);
    account.later(3);
    await account.serverless.send(new DeleteNamespaceCommand({ namespaceName: 'sales' }));
    account.later(60 * 24 * 4000);
    expect((await read(account))?.status).toBe('AVAILABLE');
  });

  it('goes when its retention is over (F-165)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await create(account, { retentionPeriod: 2 });
    account.later(60 * 25);
    expect((await read(account))?.snapshotRemainingDays).toBe(1);
    await account.serverless.send(new UpdateSnapshotCommand({ snapshotName: 'final', retentionPeriod: 3 }));
    account.later(60 * 24);
    expect((await read(account))?.snapshotRetentionPeriod).toBe(3);
    account.later(60 * 24);
    expect((await refusal(read(account))).name).toBe('ResourceNotFoundException');
  });

  it.each([
    { snapshotName: 'Final' },
    { snapshotName: 'final-' },
    { snapshotName: '1final' },
    { retentionPeriod: 0 },
    { retentionPeriod: 3654 },
  ])('is not made with %j (F-164, F-165)', async (wrong) => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    expect((await refusal(create(account, wrong))).name).toBe('ValidationException');
  });

  it('shares its name with no other, and is listed by namespace', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    await create(account);
    expect((await refusal(create(account))).message).toContain('already exists');
    const list = (namespaceName: string) => account.serverless.send(new ListSnapshotsCommand({ namespaceName }));
    expect((await list('sales')).snapshots).toHaveLength(1);
    expect((await list('other')).snapshots).toEqual([]);
  });

  it('can be taken by the deletion of a namespace that had a workgroup (F-163)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'empty');
    const remove = (namespaceName: string) =>
      account.serverless.send(
        new DeleteNamespaceCommand({ namespaceName, finalSnapshotName: `last-of-${namespaceName}` }),
      );
    expect((await refusal(remove('empty'))).message).toContain("there isn't a workgroup");
    await makeWarehouse(account, 'sales');
    await removeWorkgroup(account);
    account.later(3);
    await remove('sales');
    account.later(5);
    expect((await read(account, 'last-of-sales'))?.status).toBe('AVAILABLE');
  });
});

describe('recovery points', () => {
  const list = async (account: Account) => {
    const found = await account.serverless.send(
      new ListRecoveryPointsCommand({ namespaceName: 'sales', maxResults: 100 }),
    );
    return found.recoveryPoints ?? [];
  };

  it('are taken each half hour and kept for a day (F-160)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    account.later(60);
    expect(await list(account)).toHaveLength(3);
    account.later(60 * 24 * 3);
    const points = await list(account);
    expect(points).toHaveLength(48);
    const [oldest] = points;
    const { recoveryPoint } = await account.serverless.send(
      new GetRecoveryPointCommand({ recoveryPointId: oldest?.recoveryPointId }),
    );
    expect(recoveryPoint).toEqual(oldest);
  });

  it('are no longer taken without a workgroup (F-160)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    account.later(60);
    await removeWorkgroup(account);
    account.later(120);
    expect(await list(account)).toHaveLength(3);
    account.later(60 * 24);
    expect(await list(account)).toEqual([]);
  });
});
