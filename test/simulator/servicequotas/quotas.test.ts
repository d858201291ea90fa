import {
  GetAWSDefaultServiceQuotaCommand,
  GetRequestedServiceQuotaChangeCommand,
  GetServiceQuotaCommand,
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  paginateListAWSDefaultServiceQuotas,
  paginateListServiceQuotas,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quota, quotas } from '../../../src/simulator/services/servicequotas/quotas.ts';
import { openTestSimulator, startTestSimulator, type TestSimulator } from '../../support/simulator.ts';

let started: TestSimulator;
let client: ServiceQuotasClient;

beforeAll(async () => {
  started = await openTestSimulator();
  client = new ServiceQuotasClient(started.clientConfig);
});
afterAll(() => started.simulator.close());

async function applied(ServiceCode: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const page of paginateListServiceQuotas({ client }, { ServiceCode })) {
    for (const { QuotaName, Value } of page.Quotas ?? []) found.set(QuotaName ?? '', Value ?? 0);
  }
  return found;
}

describe('quotas', () => {
  test('of Redshift Serverless are found by name, over several pages (F-570, F-572)', async () => {
    const found = await applied('redshift-serverless');
    expect(found.get('Workgroups')).toBe(25);
    expect(found.get('Namespaces')).toBe(25);
    expect(found.get('Base Redshift Processing Units (RPUs)')).toBe(3200);
  });

  test.each([
    ['vpc', 'L-29B6F2EB', 50],
    ['vpc', 'L-F678F1CE', 5],
    ['elasticloadbalancing', 'L-69A177A2', 50],
    ['ec2', 'L-0263D0A3', 5],
  ])('of %s have the codes AWS publishes: %s is %i (F-570)', async (ServiceCode, QuotaCode, value) => {
    const { Quota: found } = await client.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
    expect(found).toMatchObject({ QuotaCode, Value: value, ServiceCode });
  });

  test('that have only a default are not among the applied ones (F-571)', async () => {
    const { code, name } = quotas.connectionsPerWorkgroup;
    const which = { ServiceCode: 'redshift-serverless', QuotaCode: code };
    expect((await applied('redshift-serverless')).has(name)).toBe(false);
    await expect(client.send(new GetServiceQuotaCommand(which))).rejects.toMatchObject({
      name: 'NoSuchResourceException',
    });
    const { Quota: found } = await client.send(new GetAWSDefaultServiceQuotaCommand(which));
    expect(found).toMatchObject({ QuotaName: name, Value: 2000 });
    const names: string[] = [];
    for await (const page of paginateListAWSDefaultServiceQuotas({ client }, { ServiceCode: which.ServiceCode })) {
      names.push(...(page.Quotas ?? []).map((one) => one.QuotaName ?? ''));
    }
    expect(names).toContain(name);
  });

  test('of an unknown service, and unknown quotas, are NoSuchResource', async () => {
    const unknown = client.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'nothing' }));
    await expect(unknown).rejects.toMatchObject({ name: 'NoSuchResourceException' });
    const missing = new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-00000000' });
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'NoSuchResourceException' });
  });

  test('page tokens from nowhere are refused', async () => {
    const list = new ListServiceQuotasCommand({ ServiceCode: 'vpc', NextToken: 'abcd' });
    await expect(client.send(list)).rejects.toMatchObject({ name: 'InvalidPaginationTokenException' });
  });
});

describe('an increase', () => {
  async function ask(desired: number, code: string = quotas.workgroups.code) {
    const { clientConfig, simulator } = await startTestSimulator();
    const sdk = new ServiceQuotasClient(clientConfig);
    const which = { ServiceCode: 'redshift-serverless', QuotaCode: code };
    const request = () => sdk.send(new RequestServiceQuotaIncreaseCommand({ ...which, DesiredValue: desired }));
    const status = async (RequestId: string | undefined) =>
      (await sdk.send(new GetRequestedServiceQuotaChangeCommand({ RequestId }))).RequestedQuota?.Status;
    const inForce = () => quota(simulator.world.place('us-east-1'), 'redshift-serverless', code);
    return { request, status, inForce, world: simulator.world };
  }

  test('is pending, then in force for the service itself (F-573)', async () => {
    const { inForce, request, status, world } = await ask(50);
    const { RequestedQuota: made } = await request();
    expect(made?.Status).toBe('PENDING');
    expect(inForce()).toBe(25);
    await expect(request()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    world.skip(7_200_000);
    expect(await status(made?.Id)).toBe('APPROVED');
    expect(inForce()).toBe(50);
  });

  test('by a lot goes to support and stays there (F-573)', async () => {
    const { inForce, request, status, world } = await ask(1000);
    const { RequestedQuota: made } = await request();
    world.skip(7_200_000);
    expect(await status(made?.Id)).toBe('CASE_OPENED');
    expect(inForce()).toBe(25);
  });

  test.each([
    ['to less than there is', 25, quotas.workgroups.code],
    ['of what is fixed', 100, quotas.endpointsPerWorkgroup.code],
  ])('%s is refused', async (_, desired, code) => {
    const { request } = await ask(desired, code);
    await expect(request()).rejects.toMatchObject({ name: 'IllegalArgumentException' });
  });
});
