import { UpdateWorkgroupCommand, type Workgroup } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { createWorkgroup, makeNamespace, makeWarehouse, openAccount, readWorkgroup, refusal } from './account.ts';

const parameters = (set: Readonly<Record<string, string>>) =>
  Object.entries(set).map(([parameterKey, parameterValue]) => ({ parameterKey, parameterValue }));

const seen = (workgroup: Workgroup | undefined) =>
  Object.fromEntries(
    (workgroup?.configParameters ?? []).map(({ parameterKey, parameterValue }) => [parameterKey, parameterValue]),
  );

describe('configuration parameters', () => {
  it('are returned with the values of the service where nobody set them (F-141)', async () => {
    const account = await openAccount();
    const configParameters = parameters({ max_query_execution_time: '3600' });
    const workgroup = await makeWarehouse(account, 'sales', { configParameters });
    expect(seen(workgroup)).toMatchObject({ max_query_execution_time: '3600', require_ssl: 'true', auto_mv: 'true' });
  });

  it.each([
    { max_query_cpu_time: '10' },
    { max_query_execution_time: '86400' },
    { max_scan_row_count: '-1' },
    { max_query_blocks_read: '1048576' },
    { auto_mv: 'yes' },
    { wlm_json_configuration: '[]', max_query_queue_time: '10' },
  ])('are not %j (F-140)', async (set) => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const denied = await refusal(createWorkgroup(account, 'sales', { configParameters: parameters(set) }));
    expect(denied.name).toBe('ValidationException');
  });

  it('can make TLS optional after creation, not at creation (F-142)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    const configParameters = parameters({ require_ssl: 'false' });
    expect((await refusal(createWorkgroup(account, 'sales', { configParameters }))).message).toContain(
      "You can't disable require_ssl while the workgroup is being created.",
    );
    await createWorkgroup(account, 'sales');
    account.later(10);
    await account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'sales', configParameters }));
    account.later(5);
    expect(seen(await readWorkgroup(account, 'sales')).require_ssl).toBe('false');
  });

  it('stay when an update does not name them (F-143)', async () => {
    const account = await openAccount();
    await makeWarehouse(account, 'sales', { configParameters: parameters({ query_group: 'reports' }) });
    const configParameters = parameters({ max_query_queue_time: '60' });
    await account.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'sales', configParameters }));
    account.later(5);
    const now = seen(await readWorkgroup(account, 'sales'));
    expect(now).toMatchObject({ query_group: 'reports', max_query_queue_time: '60' });
  });
});
