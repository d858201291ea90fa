import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyState } from '../../../src/simulator/services/kms/lookup.ts';
import { openTestSimulator, startTestSimulator, type TestSimulator } from '../../support/simulator.ts';

const day = 86_400_000;

let started: TestSimulator;
let kms: KMSClient;

beforeAll(async () => {
  started = await openTestSimulator();
  kms = new KMSClient(started.clientConfig);
});
afterAll(() => started.simulator.close());

async function createKey(client = kms): Promise<string> {
  const { KeyMetadata: key } = await client.send(new CreateKeyCommand({}));
  return key?.KeyId ?? '';
}

const stateOf = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

describe('a key', () => {
  test('is found by id, ARN, alias and alias ARN (F-520)', async () => {
    const id = await createKey();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/four-ways', TargetKeyId: id }));
    const arn = (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.Arn ?? '';
    for (const KeyId of [id, arn, 'alias/four-ways', arn.replace(`key/${id}`, 'alias/four-ways')]) {
      expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn).toBe(arn);
    }
  });

  test.each(['00000000-0000-0000-0000-000000000000', 'alias/nothing'])(
    'that is not there (%s) is NotFound',
    async (KeyId) => {
      await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'NotFoundException' });
    },
  );

  test('is not found by alias where only ids are taken (F-520)', async () => {
    const id = await createKey();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/only-described', TargetKeyId: id }));
    await expect(kms.send(new GetKeyRotationStatusCommand({ KeyId: 'alias/only-described' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  test('gets a policy that leaves the decision to IAM when made without one (F-523)', async () => {
    const { Policy: policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: await createKey() }));
    expect(JSON.parse(policy ?? '')).toMatchObject({
      Statement: [{ Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*' }],
    });
  });

  test.each([
    ['is no JSON', '{'],
    ['has no statement', '{"Version":"2012-10-17"}'],
    [
      'locks its owner out',
      '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:Decrypt","Resource":"*"}]}',
    ],
  ])('is not made with a policy that %s (F-523)', async (_, Policy) => {
    const KeyId = await createKey();
    for (const command of [new CreateKeyCommand({ Policy }), new PutKeyPolicyCommand({ KeyId, Policy })]) {
      await expect(kms.send(command as CreateKeyCommand)).rejects.toMatchObject({
        name: 'MalformedPolicyDocumentException',
      });
    }
  });

  test('takes tags, but none of AWS', async () => {
    const KeyId = await createKey();
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: '1' }] }));
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: '2' }] }));
    expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([{ TagKey: 'a', TagValue: '2' }]);
    const reserved = new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'aws:x', TagValue: '' }] });
    await expect(kms.send(reserved)).rejects.toMatchObject({ name: 'TagException' });
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['a'] }));
    expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([]);
  });

  test('gives a named grant once, and takes it back (F-526)', async () => {
    const KeyId = await createKey();
    const ask = new CreateGrantCommand({
      KeyId,
      GranteePrincipal: 'arn:aws:iam::123456789012:role/r',
      Operations: ['Decrypt'],
      Name: 'n',
    });
    const { GrantId } = await kms.send(ask);
    expect((await kms.send(ask)).GrantId).toBe(GrantId);
    await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
    expect((await kms.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
  });

  test('can be disabled and enabled (F-521)', async () => {
    const KeyId = await createKey();
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await stateOf(KeyId)).toBe('Disabled');
    expect(keyState(started.simulator.world.place('us-east-1'), KeyId)).toBe('Disabled');
    const rotate = kms.send(new EnableKeyRotationCommand({ KeyId }));
    await expect(rotate).rejects.toMatchObject({ name: 'DisabledException' });
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect(await stateOf(KeyId)).toBe('Enabled');
  });

  test('belongs to its region', async () => {
    const KeyId = await createKey();
    const elsewhere = new KMSClient({ ...started.clientConfig, region: 'eu-west-1' });
    await expect(elsewhere.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });
});

test('keys are listed page by page, and a marker from nowhere is refused', async () => {
  const elsewhere = new KMSClient({ ...started.clientConfig, region: 'ap-south-1' });
  const made = [await createKey(elsewhere), await createKey(elsewhere), await createKey(elsewhere)];
  const first = await elsewhere.send(new ListKeysCommand({ Limit: 2 }));
  expect(first.Truncated).toBe(true);
  const second = await elsewhere.send(new ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
  expect(second.Truncated).toBe(false);
  expect([...(first.Keys ?? []), ...(second.Keys ?? [])].map((key) => key.KeyId)).toEqual(made);
  await expect(elsewhere.send(new ListKeysCommand({ Marker: 'nowhere' }))).rejects.toMatchObject({
    name: 'InvalidMarkerException',
  });
});

describe('an alias', () => {
  test('is unique, can be pointed elsewhere and deleted', async () => {
    const [one, two] = [await createKey(), await createKey()];
    const AliasName = 'alias/movable';
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one }));
    const again = kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: two }));
    await expect(again).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two }));
    const { Aliases: aliases } = await kms.send(new ListAliasesCommand({ KeyId: two }));
    expect(aliases).toMatchObject([{ AliasName, TargetKeyId: two }]);
    await kms.send(new DeleteAliasCommand({ AliasName }));
    await expect(kms.send(new DeleteAliasCommand({ AliasName }))).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test.each([
    ['without its prefix', 'movable', 'ValidationException'],
    ["of AWS's own", 'alias/aws/redshift', 'NotAuthorizedException'],
  ])('%s is refused (F-525)', async (_, AliasName, name) => {
    const TargetKeyId = await createKey();
    await expect(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }))).rejects.toMatchObject({ name });
  });
});

describe('deletion', () => {
  test.each([6, 31])('takes no window of %i days (F-522)', async (PendingWindowInDays) => {
    const KeyId = await createKey();
    const schedule = kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    await expect(schedule).rejects.toMatchObject({ name: 'ValidationException' });
    expect(await stateOf(KeyId)).toBe('Enabled');
  });

  test('can be cancelled until its date; the key is then disabled (F-522)', async () => {
    const KeyId = await createKey();
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled.KeyState).toBe('PendingDeletion');
    const again = kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    await expect(again).rejects.toMatchObject({ name: 'KMSInvalidStateException', message: /is pending deletion/ });
    const alias = kms.send(new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: KeyId }));
    await expect(alias).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await stateOf(KeyId)).toBe('Disabled');
    const cancelled = kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await expect(cancelled).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
  });

  test('makes the key and its aliases vanish at its date, not before (F-522)', async () => {
    const { clientConfig, simulator } = await startTestSimulator();
    const client = new KMSClient(clientConfig);
    const KeyId = await createKey(client);
    await client.send(new CreateAliasCommand({ AliasName: 'alias/doomed', TargetKeyId: KeyId }));
    await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    simulator.world.skip(7 * day - 60_000);
    const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: 'alias/doomed' }));
    expect(key?.KeyState).toBe('PendingDeletion');
    simulator.world.skip(60_000);
    await expect(client.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'NotFoundException' });
    expect((await client.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
  });

  test('does not come when it was cancelled', async () => {
    const { clientConfig, simulator } = await startTestSimulator();
    const client = new KMSClient(clientConfig);
    const KeyId = await createKey(client);
    await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await client.send(new CancelKeyDeletionCommand({ KeyId }));
    simulator.world.skip(30 * day);
    const { KeyMetadata: found } = await client.send(new DescribeKeyCommand({ KeyId }));
    expect(found?.KeyState).toBe('Disabled');
  });
});

describe('rotation', () => {
  test('is off, then on with its period and next date; off while deletion is pending (F-524)', async () => {
    const KeyId = await createKey();
    const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect((await status()).KeyRotationEnabled).toBe(false);
    await kms.send(new EnableKeyRotationCommand({ KeyId }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    expect((await status()).KeyRotationEnabled).toBe(false);
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await status()).KeyRotationEnabled).toBe(true);
  });

  test('happens every period', async () => {
    const { clientConfig, simulator } = await startTestSimulator();
    const client = new KMSClient(clientConfig);
    const KeyId = await createKey(client);
    await client.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    simulator.world.skip(181 * day);
    const { Rotations: rotations } = await client.send(new ListKeyRotationsCommand({ KeyId }));
    expect(rotations).toHaveLength(2);
  });

  test.each([89, 2561])('takes no period of %i days', async (RotationPeriodInDays) => {
    const ask = new EnableKeyRotationCommand({ KeyId: await createKey(), RotationPeriodInDays });
    await expect(kms.send(ask)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});
