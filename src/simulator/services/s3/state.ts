/** What S3 remembers: buckets by name, which is unique in all regions, and each key's versions. */
import type * as S3 from '@aws-sdk/client-s3';
import type { Place, Slot } from '../../world.ts';

export interface StoredVersion {
  /** `null` as long as the bucket is not versioned (F-956). */
  readonly versionId: string;
  readonly modifiedAt: number;
  /** A delete marker has no content. */
  readonly marker: boolean;
  readonly etag: string;
  readonly size: number;
  /** Base64. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  versioning: 'Enabled' | 'Suspended' | undefined;
  encryption: S3.ServerSideEncryptionRule[];
  publicAccessBlock: Readonly<Record<string, boolean>> | undefined;
  tags: { readonly key: string; readonly value: string }[];
  /** The newest version first. */
  objects: Record<string, StoredVersion[]>;
}

export interface S3State {
  buckets: Record<string, Bucket>;
}

const slot: Slot<S3State> = { name: 's3', scope: 'global', initial: () => ({ buckets: {} }) };

export const s3State = (place: Place): S3State => place.world.state(slot, place.region);
