import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateNamespaceCommand,
  type CreateNamespaceRequest,
  DeleteNamespaceCommand,
  GetNamespaceCommand,
  UpdateNamespaceCommand,
  type UpdateNamespaceRequest,
} from '@aws-sdk/client-redshift-serverless';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientConfigOf } from '../../support/simulator.ts';
import { type Account, makeNamespace, makeWarehouse, openAccount, refusal } from './account.ts';

const create = (account: Account, more: Partial<CreateNamespaceRequest> = {}) =>
  account.serverless.send(new CreateNamespaceCommand({ namespaceName: 'sales', ...more }));

const read = async (account: Account) =>
  (await account.serverless.send(new GetNamespaceCommand({ namespaceName: 'sales' }))).namespace;

const update = (account: Account, change: Partial<UpdateNamespaceRequest>) =>
  account.serverless.send(new UpdateNamespaceCommand({ namespaceName: 'sales', ...change }));

const remove = (account: Account) => account.serverless.send(new DeleteNamespaceCommand({ namespaceName: 'sales' }));

const trust = (service: string) =>
  JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }] });

async function makeRole(account: Account, name: string, service = 'redshift-serverless.amazonaws.com') {
  const iam = new IAMClient(clientConfigOf(account.url));
  const AssumeRolePolicyDocument = trust(service);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
  return Role?.Arn ?? '';
}

describe('a namespace', () => {
  it('is MODIFYING, never CREATING, until it is AVAILABLE (F-101)', async () => {
    const account = await openAccount();
    expect((await create(account)).namespace?.status).toBe('MODIFYING');
    expect((await read(account))?.status).toBe('MODIFYING');
    account.later(1);
    expect((await read(account))?.status).toBe('AVAILABLE');
  });

  it('has the defaults of the service, and its database name once a workgroup is attached (F-102)', async () => {
    const account = await openAccount();
    const namespace = await makeNamespace(account, 'plain');
    expect(namespace).toMatchObject({ adminUsername: 'admin', kmsKeyId: 'AWS_OWNED_KMS_KEY', iamRoles: [] });
    expect(namespace?.dbName).toBeUndefined();
    await makeWarehouse(account, 'sales');
    expect((await read(account))?.dbName).toBe('dev');
  });

  it('shares its name with no other in the region', async () => {
    const account = await openAccount();
    await create(account);
    expect(await refusal(create(account))).toEqual({
      name: 'ConflictException',
      message: 'Serverless namespace sales already exists.',
    });
  });

  it('is not given other log exports than the three there are (F-167)', async () => {
    const account = await openAccount();
    const denied = await refusal(create(account, { logExports: ['auditlog' as 'userlog'] }));
    expect(denied.name).toBe('ValidationException');
    const { namespace } = await create(account, { logExports: ['userlog', 'connectionlog'] });
    expect(namespace?.logExports).toEqual(['userlog', 'connectionlog']);
  });

  it('answers DELETING, then is not found', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    expect((await remove(account)).namespace?.status).toBe('DELETING');
    expect((await read(account))?.status).toBe('DELETING');
    expect((await refusal(remove(account))).message).toContain('operation running on the namespace');
    account.later(1);
    expect((await refusal(read(account))).message).toBe('Serverless namespace sales not found.');
  });
});

describe("a namespace's administrator", () => {
  const secretOf = async (account: Account, arn: string | undefined) => {
    const secrets = new SecretsManagerClient(clientConfigOf(account.url));
    return secrets.send(new GetSecretValueCommand({ SecretId: arn }));
  };

  it('has a password in a secret that Redshift keeps (F-105)', async () => {
    const account = await openAccount();
    const { namespace } = await create(account, { manageAdminPassword: true, adminUsername: 'boss' });
    const secret = await secretOf(account, namespace?.adminPasswordSecretArn);
    expect(secret.Name).toBe('redshift!sales-boss');
    const { username, password } = JSON.parse(secret.SecretString ?? '');
    expect(username).toBe('boss');
    expect(password.length).toBeGreaterThan(20);
  });

  it('leaves the secret, and the name taken, for a while after the namespace (F-106)', async () => {
    const account = await openAccount();
    const namespace = await makeNamespace(account, 'sales', { manageAdminPassword: true });
    await remove(account);
    account.later(0.7);
    expect((await refusal(read(account))).name).toBe('ResourceNotFoundException');
    await secretOf(account, namespace?.adminPasswordSecretArn);
    expect((await refusal(create(account, { manageAdminPassword: true }))).name).toBe('ConflictException');
    account.later(3);
    expect((await refusal(secretOf(account, namespace?.adminPasswordSecretArn))).name).toBe(
      'ResourceNotFoundException',
    );
    await create(account, { manageAdminPassword: true });
  });

  it.each<Partial<CreateNamespaceRequest>>([
    { manageAdminPassword: true, adminUserPassword: 'Abcdefg1' },
    { adminPasswordSecretKmsKeyId: 'alias/x' },
    { adminUserPassword: 'Short1' },
    { adminUserPassword: 'nouppercase1' },
    { adminUserPassword: 'NoDigitHere' },
    { adminUserPassword: 'With/Slash1' },
    { adminUsername: '1boss', adminUserPassword: 'Abcdefg1' },
    { dbName: '9lives' },
  ])('is not given %j (F-103, F-104)', async (wrong) => {
    const account = await openAccount();
    expect((await refusal(create(account, wrong))).name).toBe('ValidationException');
  });

  it('can go from a managed password to a given one, and back', async () => {
    const account = await openAccount();
    const before = await makeNamespace(account, 'sales', { manageAdminPassword: true });
    await update(account, { adminUsername: 'boss', adminUserPassword: 'Abcdefg1' });
    account.later(1);
    const given = await read(account);
    expect(given).toMatchObject({ adminUsername: 'boss' });
    expect(given?.adminPasswordSecretArn).toBeUndefined();
    await update(account, { manageAdminPassword: true });
    expect((await read(account))?.adminPasswordSecretArn).toContain('redshift!sales-boss');
    account.later(5);
    expect((await refusal(secretOf(account, before?.adminPasswordSecretArn))).name).toBe('ResourceNotFoundException');
  });
});

describe("a namespace's roles", () => {
  it('are adding, then in-sync, in words of their own (F-102)', async () => {
    const account = await openAccount();
    const arn = await makeRole(account, 'copy');
    account.later(1);
    const { namespace } = await create(account, { iamRoles: [arn], defaultIamRoleArn: arn });
    expect(namespace?.iamRoles).toEqual([`IamRole(applyStatus=adding, iamRoleArn=${arn})`]);
    account.later(2);
    expect(await read(account)).toMatchObject({
      iamRoles: [`IamRole(applyStatus=in-sync, iamRoleArn=${arn})`],
      defaultIamRoleArn: arn,
    });
  });

  it('are refused until they are known everywhere, and when they do not trust Redshift (F-108)', async () => {
    const account = await openAccount();
    const fresh = await makeRole(account, 'copy');
    const other = await makeRole(account, 'other', 'ec2.amazonaws.com');
    expect((await refusal(create(account, { iamRoles: [fresh] }))).name).toBe('ValidationException');
    account.later(1);
    expect((await refusal(create(account, { iamRoles: [other] }))).message).toContain(other);
    await create(account, { iamRoles: [fresh] });
  });

  it('are refused when they do not exist or are not ARNs (F-108)', async () => {
    const account = await openAccount();
    const arn = await makeRole(account, 'copy');
    await new IAMClient(clientConfigOf(account.url)).send(new DeleteRoleCommand({ RoleName: 'copy' }));
    account.later(1);
    for (const iamRoles of [[arn], [`IamRole(applyStatus=in-sync, iamRoleArn=${arn})`]]) {
      expect((await refusal(create(account, { iamRoles }))).name).toBe('ValidationException');
    }
  });

  it('must have the default one among them; an empty string takes it away (F-102)', async () => {
    const account = await openAccount();
    const arn = await makeRole(account, 'copy');
    account.later(1);
    expect((await refusal(create(account, { defaultIamRoleArn: arn }))).message).toContain('default IAM role');
    await makeNamespace(account, 'sales', { iamRoles: [arn], defaultIamRoleArn: arn });
    await update(account, { defaultIamRoleArn: '' });
    expect((await read(account))?.defaultIamRoleArn).toBeUndefined();
  });

  it('go after having been removing for a while (F-102)', async () => {
    const account = await openAccount();
    const arn = await makeRole(account, 'copy');
    account.later(1);
    await makeNamespace(account, 'sales', { iamRoles: [arn] });
    await update(account, { iamRoles: [] });
    expect((await read(account))?.iamRoles).toEqual([`IamRole(applyStatus=removing, iamRoleArn=${arn})`]);
    account.later(2);
    expect((await read(account))?.iamRoles).toEqual([]);
  });
});

describe("a namespace's key", () => {
  it('must be there and enabled (F-107)', async () => {
    const account = await openAccount();
    const kms = new KMSClient(clientConfigOf(account.url));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const kmsKeyId = KeyMetadata?.Arn ?? '';
    await makeNamespace(account, 'sales', { kmsKeyId });
    await kms.send(new DisableKeyCommand({ KeyId: kmsKeyId }));
    expect((await refusal(create(account, { namespaceName: 'second', kmsKeyId }))).message).toContain('Disabled');
    const nowhere = 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000';
    expect((await refusal(update(account, { kmsKeyId: nowhere }))).name).toBe('ValidationException');
    expect((await read(account))?.kmsKeyId).toBe(kmsKeyId);
  });
});

describe('an update of a namespace', () => {
  it.each<Partial<UpdateNamespaceRequest>>([
    { kmsKeyId: 'AWS_OWNED_KMS_KEY', logExports: [] },
    { iamRoles: [], logExports: [] },
    { adminUsername: 'boss', adminUserPassword: 'Abcdefg1', kmsKeyId: 'AWS_OWNED_KMS_KEY' },
  ])('changes one thing and not %j (F-109)', async (change) => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    expect((await refusal(update(account, change))).message).toContain(
      "can't update multiple configurations at the same time for namespace sales",
    );
  });

  it('is refused while one is running, and makes the namespace MODIFYING (F-114)', async () => {
    const account = await openAccount();
    await makeNamespace(account, 'sales');
    expect((await update(account, { logExports: ['userlog'] })).namespace?.status).toBe('MODIFYING');
    expect((await refusal(update(account, { logExports: [] }))).name).toBe('ConflictException');
    account.later(1);
    expect(await read(account)).toMatchObject({ status: 'AVAILABLE', logExports: ['userlog'] });
  });
});
