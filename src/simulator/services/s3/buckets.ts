/** Making, finding and deleting buckets. */
import type * as S3 from '@aws-sdk/client-s3';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation, paginate } from '../../service.ts';
import { bucketAnywhere, bucketOf, isStrangers, ownerOf } from './shared.ts';
import { s3State } from './state.ts';

const homeRegion = 'us-east-1';

const createBucket: Operation<Checked<S3.CreateBucketRequest>, S3.CreateBucketOutput> = (input, call) => {
  const { Bucket: name } = input;
  checkName(name);
  const region = regionFor(input.CreateBucketConfiguration?.LocationConstraint, call.region);
  const { buckets } = s3State(call);
  if (isStrangers(name)) {
    throw new ApiError(
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      { members: { BucketName: name } },
    );
  }
  const known = buckets[name];
  if (known) {
    // us-east-1 takes a second creation for the first (F-954).
    if (known.region === homeRegion && call.region === homeRegion) return { Location: `/${name}` };
    throw new ApiError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { members: { BucketName: name } },
    );
  }
  buckets[name] = {
    ...{ name, region, createdAt: call.now, versioning: undefined, objects: {} },
    // Since 2023 everything is encrypted, and since April 2023 new buckets are closed to the public (F-955).
    encryption: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
    publicAccessBlock: everythingBlocked,
    tags: (input.CreateBucketConfiguration?.Tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value })),
  };
  return { Location: `/${name}` };
};

const everythingBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

function checkName(name: string): void {
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
  const reserved = /^\d+(\.\d+){3}$|^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3)$/.test(name);
  if (wellFormed && !reserved) return;
  throw new ApiError('InvalidBucketName', 'The specified bucket is not valid.', { members: { BucketName: name } });
}

/** The bucket's region by the constraint and the region that was asked (F-954). */
function regionFor(constraint: string | undefined, asked: string): string {
  if (constraint === homeRegion) {
    throw new ApiError('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
      members: { LocationConstraint: constraint },
    });
  }
  if (asked === homeRegion) return constraint ?? homeRegion;
  if (constraint === asked) return asked;
  throw new ApiError(
    'IllegalLocationConstraintException',
    `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

const headBucket: Operation<Checked<S3.HeadBucketRequest>, S3.HeadBucketOutput> = (input, call) => ({
  BucketRegion: bucketOf(call, input).region,
});

const deleteBucket: Operation<Checked<S3.DeleteBucketRequest>, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  if (Object.keys(bucket.objects).length > 0) {
    throw new ApiError(
      'BucketNotEmpty',
      'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
      { status: 409, members: { BucketName: bucket.name } },
    );
  }
  delete s3State(call).buckets[bucket.name];
  return {};
};

const listBuckets: Operation<Checked<S3.ListBucketsRequest>, S3.ListBucketsOutput> = (input, call) => {
  const found = Object.values(s3State(call).buckets)
    .filter(({ name, region }) => name.startsWith(input.Prefix ?? '') && region === (input.BucketRegion ?? region))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  // Without a size, S3 lists all of them.
  const limit = input.MaxBuckets ?? found.length + 1;
  const { items, nextToken } = paginate(
    found,
    input.ContinuationToken,
    limit,
    () => new ApiError('InvalidArgument', 'The continuation token provided is incorrect'),
  );
  return {
    Buckets: items.map(({ name, region, createdAt }) => ({
      Name: name,
      CreationDate: new Date(createdAt),
      BucketRegion: region,
    })),
    Owner: ownerOf(call),
    ContinuationToken: nextToken,
  };
};

const getBucketLocation: Operation<Checked<S3.GetBucketLocationRequest>, object> = (input, call) => {
  const { region } = bucketAnywhere(call, input);
  // us-east-1 has no constraint (F-954).
  return { LocationConstraint: region === homeRegion ? '' : region };
};

export const bucketOperations = {
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  ListBuckets: listBuckets,
  GetBucketLocation: getBucketLocation,
};
