import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import type { Connection } from './connection.ts';
import { allPages, orAbsent } from './paging.ts';
import { keyTagList, type Tags, tagRecord } from './tags.ts';

export function kms(connection: Connection) {
  const send = connection.open('kms', 'KMS', (config) => new KMSClient(config));
  return {
    /** By id, ARN or `alias/…`; undefined when there is none. */
    describeKey: async (KeyId: string) => (await orAbsent(send(new DescribeKeyCommand({ KeyId }))))?.KeyMetadata,
    rotates: async (KeyId: string): Promise<boolean> =>
      (await send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled ?? false,
    listKeys: () =>
      allPages((Marker) =>
        send(new ListKeysCommand({ Limit: 1_000, Marker })).then(({ Keys, NextMarker }) => ({
          items: Keys,
          next: NextMarker,
        })),
      ),
    async listTags(KeyId: string): Promise<Tags> {
      const list = await allPages((Marker) =>
        send(new ListResourceTagsCommand({ KeyId, Limit: 50, Marker })).then(({ Tags, NextMarker }) => ({
          items: Tags,
          next: NextMarker,
        })),
      );
      return tagRecord(list);
    },
    createKey: (input: Omit<CreateKeyCommandInput, 'Tags'>, tags: Tags) =>
      send(new CreateKeyCommand({ ...input, Tags: keyTagList(tags) })),
    createAlias: (AliasName: string, TargetKeyId: string) => send(new CreateAliasCommand({ AliasName, TargetKeyId })),
    deleteAlias: (AliasName: string) => send(new DeleteAliasCommand({ AliasName })),
    enableRotation: (KeyId: string) => send(new EnableKeyRotationCommand({ KeyId })),
    enableKey: (KeyId: string) => send(new EnableKeyCommand({ KeyId })),
    scheduleDeletion: (KeyId: string, PendingWindowInDays: number) =>
      send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })),
    cancelDeletion: (KeyId: string) => send(new CancelKeyDeletionCommand({ KeyId })),
    tag: (KeyId: string, tags: Tags) => send(new TagResourceCommand({ KeyId, Tags: keyTagList(tags) })),
  };
}

export type Kms = ReturnType<typeof kms>;
