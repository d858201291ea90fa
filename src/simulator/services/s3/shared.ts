/** What the operations of S3 have in common: finding buckets and objects, and the errors when there are none. */
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { type Bucket, type StoredVersion, s3State } from './state.ts';

// Assumption: a few of the names that somebody in the world has (F-954).
const strangers: ReadonlySet<string> = new Set([
  'test',
  'my-bucket',
  'test-bucket',
  'example-bucket',
  'terraform-state',
]);

export const isStrangers = (name: string) => strangers.has(name);

export const accessDenied = () => new ApiError('AccessDenied', 'Access Denied', { status: 403 });

interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** The caller's own bucket, in the region that was asked; one elsewhere is told by a redirection (F-959). */
export function bucketOf(place: Place, input: BucketInput): Bucket {
  const bucket = bucketAnywhere(place, input);
  if (bucket.region === place.region) return bucket;
  const { name, region } = bucket;
  throw new ApiError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      status: 301,
      members: { Endpoint: `${name}.s3.${region}.amazonaws.com`, Bucket: name },
      headers: { 'x-amz-bucket-region': region },
    },
  );
}

/** Throws NoSuchBucket, AccessDenied for somebody else's bucket, and for an owner that is not its. */
export function bucketAnywhere(place: Place, input: BucketInput): Bucket {
  if (isStrangers(input.Bucket)) throw accessDenied();
  const bucket = s3State(place).buckets[input.Bucket];
  if (bucket === undefined) {
    throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', {
      members: { BucketName: input.Bucket },
      status: 404,
    });
  }
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== place.account) throw accessDenied();
  return bucket;
}

export const noSuchKey = (key: string) =>
  new ApiError('NoSuchKey', 'The specified key does not exist.', { members: { Key: key }, status: 404 });

/** The newest version of a key, unless that is a delete marker. */
export function currentOf(bucket: Bucket, key: string): StoredVersion | undefined {
  const newest = bucket.objects[key]?.[0];
  return newest === undefined || newest.marker ? undefined : newest;
}

export const preconditionFailed = (Condition: string) =>
  new ApiError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    members: { Condition },
  });

/** ETags travel in quotes, and are compared without. */
export const bare = (etag: string) => etag.replace(/^"|"$/g, '');

export const ownerOf = ({ account }: Place) => ({ ID: account.padEnd(64, '0') });
