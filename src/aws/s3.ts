import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  PutBucketEncryptionCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { allPages, orAbsent } from './paging.ts';
import { type Tags, tagList } from './tags.ts';

export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

export interface StoredText {
  readonly text: string;
  readonly etag: string;
}

/** What must hold for a write: that there is no such object, or that it is the one with this ETag (F-958). */
export type WriteCondition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

/** A failed condition of a write is a `ServiceError` with `awsCode` `PreconditionFailed`. */
export function s3(connection: Connection) {
  const send = connection.open('s3', 'S3', (config) => {
    return new S3Client({
      ...config,
      // Loopback has no name for each bucket.
      forcePathStyle: config.endpoint !== undefined,
      // One bucket may serve environments of several regions (F-959).
      followRegionRedirects: true,
    });
  });
  const { region } = connection;
  return {
    /** Undefined when there is no such object. Without the bucket: a ServiceError with `awsCode` `NoSuchBucket`. */
    async getText(place: Place): Promise<StoredText | undefined> {
      try {
        const { Body, ETag } = await send(new GetObjectCommand(place));
        return { text: (await Body?.transformToString()) ?? '', etag: ETag ?? '' };
      } catch (error) {
        if ((error as { awsCode?: string }).awsCode === 'NoSuchKey') return undefined;
        throw error;
      }
    },
    /** Writes under the condition; the new object's ETag. */
    async putText(place: Place, text: string, condition: WriteCondition): Promise<string> {
      const input = { ...place, Body: text, ContentType: 'application/json', ...condition };
      return (await send(new PutObjectCommand(input))).ETag ?? '';
    },
    /** In a versioned bucket its versions stay. */
    deleteKey: (place: Place) => send(new DeleteObjectCommand(place)),
    /** Whether there is such a bucket; one of somebody else is a `ServiceError` of kind `denied`. */
    hasBucket: async (Bucket: string) => (await orAbsent(send(new HeadBucketCommand({ Bucket })))) !== undefined,
    createBucket: (Bucket: string) =>
      send(
        new CreateBucketCommand({
          Bucket,
          // F-954: us-east-1 has no constraint.
          ...(region === 'us-east-1'
            ? {}
            : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
        }),
      ),
    deleteBucket: (Bucket: string) => send(new DeleteBucketCommand({ Bucket })),
    versioning: async (Bucket: string) => (await send(new GetBucketVersioningCommand({ Bucket }))).Status,
    enableVersioning: (Bucket: string) =>
      send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
    async encryption(Bucket: string): Promise<string | undefined> {
      const { ServerSideEncryptionConfiguration: set } = await send(new GetBucketEncryptionCommand({ Bucket }));
      return set?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    },
    encrypt: (Bucket: string) =>
      send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
      ),
    /** Undefined where nothing is blocked. */
    publicAccessBlock: async (Bucket: string) =>
      (await orAbsent(send(new GetPublicAccessBlockCommand({ Bucket }))))?.PublicAccessBlockConfiguration,
    blockPublicAccess: (Bucket: string) =>
      send(
        new PutPublicAccessBlockCommand({
          Bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
      ),
    async tags(Bucket: string): Promise<Tags> {
      const found = await orAbsent(send(new GetBucketTaggingCommand({ Bucket })));
      return Object.fromEntries((found?.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    tag: (Bucket: string, tags: Tags) =>
      send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } })),
    listKeys: (Bucket: string, Prefix: string) =>
      allPages(async (ContinuationToken) => {
        const page = await send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
        return { items: page.Contents?.map(({ Key = '' }) => Key), next: page.NextContinuationToken };
      }),
    /** Every version and delete marker, the first page of them. */
    async listVersions(Bucket: string): Promise<ObjectIdentifier[]> {
      const { Versions = [], DeleteMarkers = [] } = await send(new ListObjectVersionsCommand({ Bucket }));
      return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    },
    /** Deletes up to a thousand of them for good; answers why the first that stays does so. */
    async deleteVersions(Bucket: string, Objects: ObjectIdentifier[]): Promise<string | undefined> {
      const { Errors } = await send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      const [first] = Errors ?? [];
      return first && `${first.Key}: ${first.Code} ${first.Message ?? ''}`.trimEnd();
    },
  };
}

export type S3 = ReturnType<typeof s3>;
