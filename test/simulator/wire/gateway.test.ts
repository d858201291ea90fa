/** The way of a request: one at a time, logged, and at the mercy of the intercept. */
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import type { RawService } from '../../../src/simulator/raw-service.ts';
import type { Service } from '../../../src/simulator/service.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { post, signed, startWire } from './wire-fixture.ts';

const secrets = (handler: () => unknown = () => ({})): Service => ({
  name: 'secretsmanager',
  operations: { GetSecretValue: handler, PutSecretValue: handler },
});

const put = (SecretString = 'hunter2') => new PutSecretValueCommand({ SecretId: 's', SecretString });
const get = () => new GetSecretValueCommand({ SecretId: 's' });

async function secretsWire(handler?: () => unknown) {
  const wire = await startWire([secrets(handler)]);
  return { ...wire, client: new SecretsManagerClient(clientConfigOf(wire.url)) };
}

test('the log tells what was asked, but not the secrets in it', async () => {
  const { client, log } = await secretsWire();
  await client.send(put('hunter2'));
  const [request] = log.all();
  expect(request).toMatchObject({
    ...{ n: 1, service: 'secretsmanager', operation: 'PutSecretValue', region: 'us-east-1', status: 200 },
    ...{ mutating: true, errorCode: undefined, lost: undefined },
    input: { SecretId: 's', SecretString: '(redacted)' },
  });
  expect(JSON.stringify(log.all())).not.toContain('hunter2');
});

test('refused requests are in the log, too', async () => {
  const { client, log, url } = await secretsWire();
  await client.send(new GetSecretValueCommand({ SecretId: '' })).catch(() => undefined);
  await post(url, { ...signed('athena'), 'x-amz-target': 'AmazonAthena.ListWorkGroups' }, '{}');
  expect(log.all().map(({ service, operation, status, errorCode }) => [service, operation, status, errorCode])).toEqual(
    [
      ['secretsmanager', 'GetSecretValue', 400, 'ValidationException'],
      ['athena', 'ListWorkGroups', 501, 'NotImplemented'],
    ],
  );
});

test('only mutating requests that reached their operation are reported', async () => {
  const { client, mutations } = await secretsWire();
  await client.send(get());
  await client.send(new PutSecretValueCommand({ SecretId: '' })).catch(() => undefined);
  expect(mutations()).toBe(0);
  await client.send(put());
  expect(mutations()).toBe(1);
});

test('requests that come together are handled one after the other', async () => {
  let running = 0;
  let most = 0;
  const { client } = await secretsWire(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return {};
  });
  await Promise.all(Array.from({ length: 20 }, () => client.send(put())));
  expect(most).toBe(1);
});

test('a fault of a handler is a 500 that says where it happened', async () => {
  const { client } = await secretsWire(() => {
    throw new TypeError('oh no');
  });
  await expect(client.send(get())).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.stringMatching(/oh no.*gateway\.test\.ts/),
  });
});

test('so is a fault in what was due before the request, once', async () => {
  const { client, world } = await secretsWire();
  world.handle('test/boom', () => {
    throw new TypeError('too late');
  });
  world.schedule(world.place('us-east-1'), 0, 'test/boom', {});
  await expect(client.send(get())).rejects.toMatchObject({ message: expect.stringContaining('too late') });
  await expect(client.send(get())).resolves.toBeDefined();
});

test('an injected error has no effect and is answered as the service would', async () => {
  let effects = 0;
  const { client, gateway } = await secretsWire(() => ++effects);
  gateway.intercept = ({ n }) =>
    n === 1 ? { error: { code: 'ThrottlingException', message: 'slow down' } } : undefined;
  await expect(client.send(put())).rejects.toMatchObject({ name: 'ThrottlingException', message: 'slow down' });
  await client.send(put());
  expect(effects).toBe(1);
});

test('a lost request has no effect, a lost response has one; the client sees the same', async () => {
  let effects = 0;
  const { client, gateway, log } = await secretsWire(() => ({ n: ++effects }));
  gateway.intercept = () => 'lose-request';
  await expect(client.send(put())).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(effects).toBe(0);
  gateway.intercept = () => 'lose-response';
  await expect(client.send(put())).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(effects).toBe(1);
  expect(log.all().map(({ lost, status }) => [lost, status])).toEqual([
    ['request', undefined],
    ['response', undefined],
  ]);
});

test('the answer is lost also where it would have been an error', async () => {
  const { client, gateway } = await secretsWire(() => {
    throw new Error('never heard of');
  });
  gateway.intercept = () => 'lose-response';
  await expect(client.send(put())).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a delayed request lets others pass and is not delayed again', async () => {
  const order: string[] = [];
  const { client, gateway, log } = await secretsWire();
  gateway.intercept = ({ operation }) => (operation === 'PutSecretValue' ? { delayMs: 400_000 } : undefined);
  const slow = client.send(put()).then(() => order.push('slow'));
  await client.send(get()).then(() => order.push('quick'));
  await slow;
  expect(order).toEqual(['quick', 'slow']);
  expect(log.counts()).toMatchObject({ total: 2, byOperation: { 'secretsmanager.PutSecretValue': 1 } });
});

test('the intercept sees the input as the SDK has it', async () => {
  const { client, gateway } = await secretsWire();
  const seen: unknown[] = [];
  gateway.intercept = ({ input, mutating }) => void seen.push(input, mutating);
  await client.send(put('plain'));
  expect(seen).toEqual([expect.objectContaining({ SecretId: 's', SecretString: 'plain' }), true]);
});

/** A table that answers at once, and how many of its requests ran at the same time. */
function lockTable() {
  const most = { running: 0, ever: 0 };
  const raw: RawService = {
    name: 'dynamodb',
    serve: async () => {
      most.ever = Math.max(most.ever, ++most.running);
      await new Promise((resolve) => setImmediate(resolve));
      most.running--;
      return { status: 200, headers: {}, body: Buffer.from('{}') };
    },
    save: async () => undefined,
    restore: async () => undefined,
    close: async () => undefined,
  };
  return { raw, most };
}

const readLock = (url: string) =>
  post(url, { ...signed('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.GetItem' }, '{"TableName":"locks"}');

/** A service whose operation takes until `finish` is called. */
function slowSecrets() {
  const [begun, finished] = [gate(), gate()];
  const service = secrets(async () => {
    begun.open();
    await finished.opened;
    return {};
  });
  return { service, begun: begun.opened, finish: finished.open };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

test('a request that takes long keeps no table waiting: locks are held by heartbeats', async () => {
  const { raw, most } = lockTable();
  const { service, begun, finish } = slowSecrets();
  const { url, log } = await startWire([service], [raw]);
  const slow = new SecretsManagerClient(clientConfigOf(url)).send(put());
  await begun;
  const read = await Promise.all([1, 2, 3].map(() => readLock(url)));
  expect(read.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(log.all().map(({ service: name }) => name)).toEqual(['dynamodb', 'dynamodb', 'dynamodb']);
  expect(most.ever).toBe(1);
  finish();
  await slow;
});

test('what is due stays due while a request is being handled, whoever asks meanwhile', async () => {
  const { service, begun, finish } = slowSecrets();
  const { url, world } = await startWire([service], [lockTable().raw]);
  let happened = false;
  world.handle('test/due', () => {
    happened = true;
  });
  const slow = new SecretsManagerClient(clientConfigOf(url)).send(put());
  await begun;
  world.schedule(world.place('us-east-1'), 0, 'test/due', {});
  await readLock(url);
  expect(happened).toBe(false);
  finish();
  await slow;
  await readLock(url);
  expect(happened).toBe(true);
});

test('whoever is alone is so beside services and tables', async () => {
  const { service, begun, finish } = slowSecrets();
  const { url, gateway, log } = await startWire([service], [lockTable().raw]);
  const slow = new SecretsManagerClient(clientConfigOf(url)).send(put());
  await begun;
  const [entered, left] = [gate(), gate()];
  const alone = gateway.alone(() => {
    entered.open();
    return left.opened;
  });
  // It waits for the request, and no table waits for it meanwhile.
  expect((await readLock(url)).status).toBe(200);
  finish();
  await entered.opened;
  const read = readLock(url);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(log.all()).toHaveLength(2);
  left.open();
  await Promise.all([slow, alone, read]);
  expect(log.all()).toHaveLength(3);
});

test('a raw service gets the whole request, and its errors are logged', async () => {
  const raw: RawService = {
    name: 'dynamodb',
    serve: async ({ body, headers }) => ({
      status: 400,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: Buffer.from(JSON.stringify({ __type: 'com.amazonaws#Echo', got: [String(body), headers['x-amz-target']] })),
    }),
    save: async () => undefined,
    restore: async () => undefined,
    close: async () => undefined,
  };
  const { url, log } = await startWire([], [raw]);
  const target = 'DynamoDB_20120810.GetItem';
  const answered = await post(url, { ...signed('dynamodb'), 'x-amz-target': target }, '{"TableName":"locks"}');
  expect(JSON.parse(answered.text)).toMatchObject({ got: ['{"TableName":"locks"}', target] });
  expect(log.all()[0]).toMatchObject({
    operation: 'GetItem',
    mutating: false,
    errorCode: 'Echo',
    input: { TableName: 'locks' },
  });
});
