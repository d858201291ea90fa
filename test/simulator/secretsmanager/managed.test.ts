import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import {
  createManagedSecret,
  deleteManagedSecret,
  managedSecretNameTaken,
  readSecretString,
} from '../../../src/simulator/services/secretsmanager/managed.ts';
import { startTestSimulator } from '../../support/simulator.ts';

const name = 'redshift!airline-dev-producer-admin';
const secretString = JSON.stringify({ username: 'admin', password: 'first' });

async function startWithManaged() {
  const { clientConfig, simulator } = await startTestSimulator();
  const place = () => simulator.world.place('us-east-1');
  const { arn } = createManagedSecret(place(), { name, owningService: 'redshift', secretString });
  return { arn, place, world: simulator.world, client: new SecretsManagerClient(clientConfig) };
}

test('a managed secret says who owns it and can be read (F-546)', async () => {
  const { arn, client } = await startWithManaged();
  const described = await client.send(new DescribeSecretCommand({ SecretId: arn }));
  expect(described).toMatchObject({ Name: name, OwningService: 'redshift', RotationEnabled: true });
  const read = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  expect(read.SecretString).toBe(secretString);
  const { SecretList: list } = await client.send(
    new ListSecretsCommand({ Filters: [{ Key: 'owning-service', Values: ['redshift'] }] }),
  );
  expect(list).toMatchObject([{ ARN: arn }]);
});

test('the caller can neither change, tag nor delete a managed secret (F-546)', async () => {
  const { arn: SecretId, client } = await startWithManaged();
  const attempts = [
    () => client.send(new PutSecretValueCommand({ SecretId, SecretString: 'x' })),
    () => client.send(new UpdateSecretCommand({ SecretId, SecretString: 'x' })),
    () => client.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'a', Value: '1' }] })),
    () => client.send(new UntagResourceCommand({ SecretId, TagKeys: ['aws:secretsmanager:owningService'] })),
    () => client.send(new DeleteSecretCommand({ SecretId })),
    () => client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ name: 'InvalidRequestException' });
});

test('a managed secret gets a new password when asked, and every 30 days (F-546)', async () => {
  const { arn, client, place, world } = await startWithManaged();
  const value = () => JSON.parse(readSecretString(place(), arn) ?? '{}') as { username: string; password: string };
  await client.send(new RotateSecretCommand({ SecretId: arn }));
  const second = value();
  expect(second.username).toBe('admin');
  expect(second.password).toMatch(/^[A-Za-z0-9]{32}$/);
  world.skip(29 * 86_400_000);
  expect(value()).toEqual(second);
  world.skip(86_400_000 + 1000);
  expect(value().password).not.toBe(second.password);
});

test('a managed secret goes when its service says so', async () => {
  const { arn, place, world } = await startWithManaged();
  expect(managedSecretNameTaken(place(), name)).toBe(true);
  deleteManagedSecret(place(), arn);
  expect(managedSecretNameTaken(place(), name)).toBe(false);
  expect(readSecretString(place(), arn)).toBeUndefined();
  expect(world.snapshot().events).toEqual([]);
});
