import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSimulator, startTestSimulator, type TestSimulator } from '../../support/simulator.ts';

const day = 86_400_000;
const token = (digit: string) => digit.repeat(32);

let started: TestSimulator;
let secrets: SecretsManagerClient;

beforeAll(async () => {
  started = await openTestSimulator();
  secrets = new SecretsManagerClient(started.clientConfig);
});
afterAll(() => started.simulator.close());

const create = (Name: string, more = {}) =>
  secrets.send(new CreateSecretCommand({ Name, SecretString: 'one', ...more }));
const read = (SecretId: string, more = {}) => secrets.send(new GetSecretValueCommand({ SecretId, ...more }));

describe('a secret', () => {
  test('has six random characters at the end of its ARN and is found by name and both ARNs (F-541)', async () => {
    const { ARN: arn = '' } = await create('app/reader');
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/reader-[A-Za-z0-9]{6}$/);
    for (const id of ['app/reader', arn, arn.slice(0, -7)]) {
      expect(await read(id)).toMatchObject({ ARN: arn, SecretString: 'one', VersionStages: ['AWSCURRENT'] });
    }
  });

  test('that is not there is ResourceNotFound', async () => {
    await expect(read('nothing')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  test('created again is the same with the same token and value, else it exists (F-542)', async () => {
    const first = await create('twice', { ClientRequestToken: token('a') });
    expect((await create('twice', { ClientRequestToken: token('a') })).ARN).toBe(first.ARN);
    for (const other of [{ ClientRequestToken: token('b') }, { ClientRequestToken: token('a'), SecretString: 'x' }]) {
      await expect(create('twice', other)).rejects.toMatchObject({ name: 'ResourceExistsException' });
    }
  });

  test('without a value has no version to read', async () => {
    await create('empty', { SecretString: undefined });
    await expect(read('empty')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: /staging label: AWSCURRENT/,
    });
  });

  test('keeps binary values as they are', async () => {
    const SecretBinary = Uint8Array.from([0, 200, 255]);
    await create('binary', { SecretString: undefined, SecretBinary });
    expect(Buffer.from((await read('binary')).SecretBinary ?? [])).toEqual(Buffer.from(SecretBinary));
  });

  test('can be tagged, untagged and described', async () => {
    await create('tagged', { Description: 'words', Tags: [{ Key: 'a', Value: '1' }] });
    await secrets.send(new TagResourceCommand({ SecretId: 'tagged', Tags: [{ Key: 'b', Value: '2' }] }));
    await secrets.send(new UntagResourceCommand({ SecretId: 'tagged', TagKeys: ['a'] }));
    const described = await secrets.send(new DescribeSecretCommand({ SecretId: 'tagged' }));
    expect(described).toMatchObject({ Name: 'tagged', Description: 'words', Tags: [{ Key: 'b', Value: '2' }] });
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
  });

  test('takes a resource policy only as JSON', async () => {
    await create('policed');
    const put = (ResourcePolicy: string) =>
      secrets.send(new PutResourcePolicyCommand({ SecretId: 'policed', ResourcePolicy }));
    await expect(put('{')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    await put('{"Statement":[]}');
    const got = await secrets.send(new GetResourcePolicyCommand({ SecretId: 'policed' }));
    expect(got.ResourcePolicy).toBe('{"Statement":[]}');
  });

  test('cannot be encrypted with a key that is not there, nor read with one that is disabled (F-547)', async () => {
    const kms = new KMSClient(started.clientConfig);
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
    await expect(create('keyless', { KmsKeyId: 'alias/none' })).rejects.toMatchObject({ name: 'EncryptionFailure' });
    await create('keyed', { KmsKeyId: key?.Arn });
    expect((await read('keyed')).SecretString).toBe('one');
    await kms.send(new DisableKeyCommand({ KeyId: key?.KeyId }));
    await expect(read('keyed')).rejects.toMatchObject({ name: 'DecryptionFailure' });
  });
});

describe('versions', () => {
  test('a new value becomes AWSCURRENT, the old one AWSPREVIOUS, the one before that is deprecated (F-543)', async () => {
    const put = (SecretString: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId: 'rolling', SecretString }));
    await create('rolling');
    await put('two');
    await put('three');
    expect((await read('rolling')).SecretString).toBe('three');
    expect((await read('rolling', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('two');
    const list = (IncludeDeprecated: boolean) =>
      secrets.send(new ListSecretVersionIdsCommand({ SecretId: 'rolling', IncludeDeprecated }));
    expect((await list(false)).Versions).toHaveLength(2);
    expect((await list(true)).Versions).toHaveLength(3);
  });

  test('a token with the same value again changes nothing; with another value it is refused (F-542)', async () => {
    await create('steady');
    const put = (SecretString: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId: 'steady', SecretString, ClientRequestToken: token('c') }));
    await put('two');
    expect((await put('two')).VersionStages).toEqual(['AWSCURRENT']);
    expect((await read('steady', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
    await expect(put('three')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('UpdateSecret refuses a token that is taken, even with the same value (F-542)', async () => {
    await create('unmodified', { ClientRequestToken: token('d') });
    const again = { SecretId: 'unmodified', SecretString: 'one', ClientRequestToken: token('d') };
    await expect(secrets.send(new UpdateSecretCommand(again))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });

  test('UpdateSecret makes a version only for a new value', async () => {
    await create('updated');
    const described = await secrets.send(new UpdateSecretCommand({ SecretId: 'updated', Description: 'd' }));
    expect(described.VersionId).toBeUndefined();
    const valued = await secrets.send(new UpdateSecretCommand({ SecretId: 'updated', SecretString: 'two' }));
    expect((await read('updated')).VersionId).toBe(valued.VersionId);
  });

  test('a stage moves to an older version only when the one that has it is named', async () => {
    const first = await create('backwards');
    const second = await secrets.send(new PutSecretValueCommand({ SecretId: 'backwards', SecretString: 'two' }));
    const move = { SecretId: 'backwards', VersionStage: 'AWSCURRENT', MoveToVersionId: first.VersionId };
    await expect(secrets.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await secrets.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: second.VersionId }));
    expect((await read('backwards')).SecretString).toBe('one');
    expect((await read('backwards', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('two');
  });

  test('a value needs exactly one of string and binary', async () => {
    await create('either');
    const put = (value: object) => secrets.send(new PutSecretValueCommand({ SecretId: 'either', ...value }));
    await expect(put({})).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(put({ SecretString: 'a', SecretBinary: Uint8Array.of(1) })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

describe('deletion', () => {
  const remove = (SecretId: string, more = {}) => secrets.send(new DeleteSecretCommand({ SecretId, ...more }));

  test('reserves the name and hides the value until it is restored (F-544)', async () => {
    await create('leaving');
    await remove('leaving', { RecoveryWindowInDays: 7 });
    await expect(read('leaving')).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: /marked for deletion/,
    });
    await expect(create('leaving')).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    await expect(remove('leaving')).rejects.toMatchObject({ name: 'InvalidRequestException' });
    const described = await secrets.send(new DescribeSecretCommand({ SecretId: 'leaving' }));
    expect(described.DeletedDate).toBeInstanceOf(Date);
    await secrets.send(new RestoreSecretCommand({ SecretId: 'leaving' }));
    expect((await read('leaving')).SecretString).toBe('one');
  });

  test('takes effect at its date (F-544)', async () => {
    const { clientConfig, simulator } = await startTestSimulator();
    const client = new SecretsManagerClient(clientConfig);
    const make = () => client.send(new CreateSecretCommand({ Name: 'late', SecretString: 'x' }));
    await make();
    await client.send(new DeleteSecretCommand({ SecretId: 'late', RecoveryWindowInDays: 7 }));
    simulator.world.skip(7 * day - 60_000);
    await expect(make()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    simulator.world.skip(60_000);
    await make();
  });

  test('when forced is at once, and may be repeated (F-545)', async () => {
    const first = await create('forced');
    await remove('forced', { ForceDeleteWithoutRecovery: true });
    await remove('forced', { ForceDeleteWithoutRecovery: true });
    expect((await create('forced')).ARN).not.toBe(first.ARN);
  });

  test('when forced frees a name that is reserved (F-545)', async () => {
    await create('reserved');
    await remove('reserved');
    await remove('reserved', { ForceDeleteWithoutRecovery: true });
    await create('reserved');
    expect((await read('reserved')).SecretString).toBe('one');
  });

  test.each([{ RecoveryWindowInDays: 6 }, { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }])(
    'refuses %o',
    async (how) => {
      await create(`odd-${JSON.stringify(how).length}`);
      await expect(remove(`odd-${JSON.stringify(how).length}`, how)).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
    },
  );

  test('leaves a secret out of lists unless asked for', async () => {
    await create('unlisted');
    await remove('unlisted');
    const list = (IncludePlannedDeletion: boolean) =>
      secrets.send(
        new ListSecretsCommand({ IncludePlannedDeletion, Filters: [{ Key: 'name', Values: ['unlisted'] }] }),
      );
    expect((await list(false)).SecretList).toEqual([]);
    expect((await list(true)).SecretList).toMatchObject([{ Name: 'unlisted' }]);
  });
});

describe('lists', () => {
  test('are filtered by prefixes of name and tags, and by what must not match (F-548)', async () => {
    await create('filter/a', { Tags: [{ Key: 'env', Value: 'dev' }] });
    await create('filter/b', { Tags: [{ Key: 'env', Value: 'prod' }] });
    await create('other/c', { Tags: [{ Key: 'env', Value: 'prod' }] });
    const names = async (...Filters: { Key: 'name' | 'tag-key' | 'tag-value' | 'all'; Values: string[] }[]) =>
      (await secrets.send(new ListSecretsCommand({ Filters, SortBy: 'name', SortOrder: 'asc' }))).SecretList?.map(
        (one) => one.Name,
      );
    expect(await names({ Key: 'name', Values: ['filter/'] })).toEqual(['filter/a', 'filter/b']);
    expect(await names({ Key: 'name', Values: ['filter/'] }, { Key: 'tag-value', Values: ['prod'] })).toEqual([
      'filter/b',
    ]);
    expect(await names({ Key: 'tag-key', Values: ['env'] }, { Key: 'name', Values: ['!filter/'] })).toEqual([
      'other/c',
    ]);
  });

  test('come in pages', async () => {
    const client = new SecretsManagerClient({ ...started.clientConfig, region: 'eu-west-1' });
    for (const n of [1, 2, 3]) await client.send(new CreateSecretCommand({ Name: `page-${n}` }));
    const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
    const second = await client.send(new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }));
    expect([first.SecretList?.length, second.SecretList?.length, second.NextToken]).toEqual([2, 1, undefined]);
    await expect(client.send(new ListSecretsCommand({ NextToken: 'x' }))).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
  });
});

describe('GetRandomPassword', () => {
  const random = async (wish = {}) => (await secrets.send(new GetRandomPasswordCommand(wish))).RandomPassword ?? '';

  test('gives 32 characters of all kinds by default (F-549)', async () => {
    const password = await random();
    expect(password).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9 ]/]) expect(password).toMatch(kind);
  });

  test('leaves out what it is told to leave out', async () => {
    const password = await random({ PasswordLength: 500, ExcludePunctuation: true, ExcludeCharacters: 'abcXYZ019' });
    expect(password).toMatch(/^[d-zA-W2-8]{500}$/);
    expect(await random({ ExcludeUppercase: true, ExcludeLowercase: true, ExcludePunctuation: true })).toMatch(
      /^\d{32}$/,
    );
  });

  test('refuses what leaves no password', async () => {
    await expect(random({ PasswordLength: 3 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(random({ ExcludeCharacters: '0123456789' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect(await random({ PasswordLength: 3, RequireEachIncludedType: false })).toHaveLength(3);
  });
});

test('a secret of the caller rotates by a function that is not there', async () => {
  await create('static');
  await expect(secrets.send(new RotateSecretCommand({ SecretId: 'static' }))).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});
