import { UpdateWorkgroupCommand, type UpdateWorkgroupRequest } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  createWorkgroup,
  makeNamespace,
  makeWarehouse,
  openAccount,
  readWorkgroup,
  refusal,
} from './account.ts';

const update = (account: Account, change: Partial<UpdateWorkgroupRequest>) =>
  account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'sales', ...change }));

/** Makes each change in turn, each once the one before has settled, and returns what stands at the end. */
async function afterwards(account: Account, ...changes: Partial<UpdateWorkgroupRequest>[]) {
  for (const change of changes) {
    await update(account, change);
    account.later(5);
  }
  return readWorkgroup(account, 'sales');
}

describe('the capacity of a new workgroup', () => {
  it.each([0, 2, 9, 12, 31, 516, 520, 1056, -1])('is not %i RPUs (F-132)', async (baseCapacity) => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const denied = await refusal(createWorkgroup(account, 'sales', { baseCapacity }));
    expect(denied).toMatchObject({ name: 'ValidationException', message: expect.stringContaining('RPUs') });
  });

  it.each([4, 8, 24, 512, 544, 1024])('may be %i RPUs in us-east-1 (F-132)', async (baseCapacity) => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const { workgroup } = await createWorkgroup(account, 'sales', { baseCapacity });
    expect(workgroup?.baseCapacity).toBe(baseCapacity);
    expect(workgroup?.pricePerformanceTarget).toEqual({ status: 'DISABLED' });
  });

  it('has a maximum that is not below the base, on the same grid (F-132)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const below = await refusal(createWorkgroup(account, 'sales', { baseCapacity: 32, maxCapacity: 24 }));
    expect(below.message).toContain('greater than or equal to base capacity');
    expect((await refusal(createWorkgroup(account, 'sales', { maxCapacity: 60 }))).name).toBe('ValidationException');
    const { workgroup } = await createWorkgroup(account, 'sales', { baseCapacity: 32, maxCapacity: 5632 });
    expect(workgroup).toMatchObject({ baseCapacity: 32, maxCapacity: 5632 });
  });

  it('is ruled by a target and reads -1 when no base was given (F-131)', async () => {
    const account = await openAccount();
    const workgroup = await makeWarehouse(account, 'sales', { baseCapacity: undefined });
    expect(workgroup).toMatchObject({ baseCapacity: -1, pricePerformanceTarget: { status: 'ENABLED', level: 50 } });
  });

  it('is 128 RPUs when the target is off and no base was given (F-130)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const target = { pricePerformanceTarget: { status: 'DISABLED' as const } };
    const { workgroup } = await createWorkgroup(account, 'sales', { baseCapacity: undefined, ...target });
    expect(workgroup?.baseCapacity).toBe(128);
  });

  it('takes a target or a base, not both, and one of five levels (F-131)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const enabled = (level?: number) => ({ status: 'ENABLED' as const, level });
    const both = createWorkgroup(account, 'sales', { pricePerformanceTarget: enabled() });
    expect((await refusal(both)).message).toContain('baseCapacity');
    const odd = createWorkgroup(account, 'sales', { baseCapacity: undefined, pricePerformanceTarget: enabled(60) });
    expect((await refusal(odd)).message).toContain('level');
  });
});

describe('the capacity of an account', () => {
  it('is 3,200 RPUs, at creation and at update (F-100)', async () => {
    const account = await openAccount({ workgroupConcurrency: 'fine' });
    for (const name of ['first', 'second', 'third']) await makeWarehouse(account, name, { baseCapacity: 1024 });
    await makeWarehouse(account, 'sales', { baseCapacity: 128 });
    await makeNamespace(account, 'more');
    expect((await refusal(createWorkgroup(account, 'more'))).name).toBe('ServiceQuotaExceededException');
    expect((await refusal(update(account, { baseCapacity: 136 }))).name).toBe('ServiceQuotaExceededException');
    expect((await afterwards(account, { baseCapacity: 64 }))?.baseCapacity).toBe(64);
  });
});

describe('a change of capacity', () => {
  it('has to wait for the first recovery point or snapshot (F-135)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    await createWorkgroup(account, 'sales');
    account.later(5);
    expect((await refusal(update(account, { baseCapacity: 16 }))).message).toBe(
      'Failed to update the RPU capacity for Serverless workgroup. Wait until at least one snapshot exists and retry.',
    );
    account.later(30);
    expect((await afterwards(account, { baseCapacity: 16 }))?.baseCapacity).toBe(16);
  });

  it('is MODIFYING until it is done', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    expect((await update(account, { baseCapacity: 16 })).workgroup?.status).toBe('MODIFYING');
    expect((await refusal(update(account, { baseCapacity: 24 }))).message).toContain('operation running');
    account.later(3);
    expect(await readWorkgroup(account, 'sales')).toMatchObject({ status: 'AVAILABLE', baseCapacity: 16 });
  });

  it('raises the maximum before the base, and lowers the base before the maximum', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales', { baseCapacity: 16, maxCapacity: 32 });
    account.later(10);
    expect((await refusal(update(account, { baseCapacity: 64 }))).name).toBe('ValidationException');
    const raised = await afterwards(account, { maxCapacity: 128 }, { baseCapacity: 64 });
    expect(raised).toMatchObject({ baseCapacity: 64, maxCapacity: 128 });
    expect((await refusal(update(account, { maxCapacity: 32 }))).name).toBe('ValidationException');
    expect(await afterwards(account, { baseCapacity: 16 }, { maxCapacity: 32 })).toMatchObject({ maxCapacity: 32 });
  });

  it('removes a maximum with -1, where there is one (F-134)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales', { maxCapacity: 32 });
    account.later(10);
    expect((await afterwards(account, { maxCapacity: -1 }))?.maxCapacity).toBeUndefined();
    expect((await refusal(update(account, { maxCapacity: -1 }))).name).toBe('ValidationException');
  });

  it('switches a target off only together with a base (F-133)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales', { baseCapacity: undefined });
    account.later(10);
    const off = { pricePerformanceTarget: { status: 'DISABLED' as const } };
    expect((await refusal(update(account, off))).message).toContain('baseCapacity');
    expect((await refusal(update(account, { baseCapacity: 16 }))).message).toContain('target is enabled');
    const changed = await afterwards(account, { ...off, baseCapacity: 16 });
    expect(changed).toMatchObject({ baseCapacity: 16, pricePerformanceTarget: { status: 'DISABLED' } });
  });
});

describe('an update', () => {
  it.each<Partial<UpdateWorkgroupRequest>>([
    { baseCapacity: 16, maxCapacity: 32 },
    { port: 5440, publiclyAccessible: true },
    { pricePerformanceTarget: { status: 'ENABLED' }, baseCapacity: 16 },
    { pricePerformanceTarget: { status: 'DISABLED' }, baseCapacity: 16, maxCapacity: 32 },
  ])('changes one setting and not %j (F-144)', async (change) => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales');
    account.later(10);
    const denied = await refusal(update(account, change));
    expect(denied.name).toBe('ValidationException');
    expect(denied.message).toMatch(/^Can't update multiple configurations at the same time for workgroup sales/);
  });

  it('leaves everything as it was when it is refused', async () => {
    const account = await openAccount();
    const before = await makeWarehouse(account, 'sales');
    await refusal(update(account, { port: 5430 }));
    await refusal(update(account, { enhancedVpcRouting: true }));
    await refusal(update(account, {}));
    expect(await readWorkgroup(account, 'sales')).toEqual(before);
  });
});
