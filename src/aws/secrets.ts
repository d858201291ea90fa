import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Connection } from './connection.ts';
import { orAbsent } from './paging.ts';
import { type Tags, tagList } from './tags.ts';

export interface SecretValue {
  readonly description: string;
  readonly secretString: string;
}

export function secrets(connection: Connection) {
  const send = connection.open('secretsmanager', 'Secrets Manager', (config) => new SecretsManagerClient(config));
  return {
    /** With its tags and, if it is scheduled for deletion, its DeletedDate; undefined when there is none. */
    describeSecret: (SecretId: string) => orAbsent(send(new DescribeSecretCommand({ SecretId }))),
    /** The secret string itself: to memory, and nowhere else. */
    async getSecretString(SecretId: string): Promise<string | undefined> {
      return (await orAbsent(send(new GetSecretValueCommand({ SecretId }))))?.SecretString;
    },
    createSecret: (Name: string, { description, secretString }: SecretValue, tags: Tags) =>
      send(
        new CreateSecretCommand({ Name, Description: description, SecretString: secretString, Tags: tagList(tags) }),
      ),
    updateSecret: (SecretId: string, { description, secretString }: SecretValue) =>
      send(new UpdateSecretCommand({ SecretId, Description: description, SecretString: secretString })),
    restoreSecret: (SecretId: string) => send(new RestoreSecretCommand({ SecretId })),
    deleteSecretNow: (SecretId: string) =>
      send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })),
    tag: (SecretId: string, tags: Tags) => send(new TagResourceCommand({ SecretId, Tags: tagList(tags) })),
  };
}

export type Secrets = ReturnType<typeof secrets>;
