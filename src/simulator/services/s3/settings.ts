/** A bucket's settings: versioning, encryption, public access, tags. */
import type * as S3 from '@aws-sdk/client-s3';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import { bucketOf } from './shared.ts';

const malformed = () =>
  new ApiError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

const putVersioning: Operation<Checked<S3.PutBucketVersioningRequest>, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  const status = input.VersioningConfiguration.Status;
  if (status !== 'Enabled' && status !== 'Suspended') throw malformed();
  bucket.versioning = status;
  return {};
};

const getVersioning: Operation<Checked<S3.GetBucketVersioningRequest>, S3.GetBucketVersioningOutput> = (
  input,
  call,
) => ({
  Status: bucketOf(call, input).versioning,
});

const putEncryption: Operation<Checked<S3.PutBucketEncryptionRequest>, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  const rules = input.ServerSideEncryptionConfiguration.Rules as S3.ServerSideEncryptionRule[];
  const algorithm = rules[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
  if (rules.length !== 1 || !/^(AES256|aws:kms|aws:kms:dsse)$/.test(algorithm ?? '')) throw malformed();
  bucket.encryption = rules;
  return {};
};

const getEncryption: Operation<Checked<S3.GetBucketEncryptionRequest>, S3.GetBucketEncryptionOutput> = (
  input,
  call,
) => ({
  ServerSideEncryptionConfiguration: { Rules: bucketOf(call, input).encryption },
});

const putPublicAccessBlock: Operation<Checked<S3.PutPublicAccessBlockRequest>, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  const wish = input.PublicAccessBlockConfiguration;
  bucket.publicAccessBlock = {
    BlockPublicAcls: wish.BlockPublicAcls ?? false,
    IgnorePublicAcls: wish.IgnorePublicAcls ?? false,
    BlockPublicPolicy: wish.BlockPublicPolicy ?? false,
    RestrictPublicBuckets: wish.RestrictPublicBuckets ?? false,
  };
  return {};
};

const getPublicAccessBlock: Operation<Checked<S3.GetPublicAccessBlockRequest>, S3.GetPublicAccessBlockOutput> = (
  input,
  call,
) => {
  const { publicAccessBlock } = bucketOf(call, input);
  if (publicAccessBlock) return { PublicAccessBlockConfiguration: publicAccessBlock };
  throw new ApiError('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', {
    status: 404,
  });
};

const tagsMax = 50;

const putTagging: Operation<Checked<S3.PutBucketTaggingRequest>, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  const tags = input.Tagging.TagSet.map(({ Key, Value }) => ({ key: Key, value: Value }));
  const names = tags.map(({ key }) => key);
  const invalid = (message: string) => new ApiError('InvalidTag', message);
  if (new Set(names).size < names.length) throw invalid('Cannot provide multiple Tags with the same key');
  if (names.some((name) => name.startsWith('aws:'))) throw invalid('System tags cannot be added/updated by requester');
  if (names.some((name) => name.length < 1 || name.length > 128)) {
    throw invalid('The TagKey you have provided is invalid');
  }
  if (tags.some(({ value }) => value.length > 256)) throw invalid('The TagValue you have provided is invalid');
  if (names.length > tagsMax) throw new ApiError('BadRequest', `Bucket tag count cannot be greater than ${tagsMax}`);
  bucket.tags = tags;
  return {};
};

const getTagging: Operation<Checked<S3.GetBucketTaggingRequest>, S3.GetBucketTaggingOutput> = (input, call) => {
  const { tags, name } = bucketOf(call, input);
  if (tags.length > 0) return { TagSet: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
  throw new ApiError('NoSuchTagSet', 'The TagSet does not exist', { status: 404, members: { BucketName: name } });
};

export const settingOperations = {
  PutBucketVersioning: putVersioning,
  GetBucketVersioning: getVersioning,
  PutBucketEncryption: putEncryption,
  GetBucketEncryption: getEncryption,
  PutPublicAccessBlock: putPublicAccessBlock,
  GetPublicAccessBlock: getPublicAccessBlock,
  PutBucketTagging: putTagging,
  GetBucketTagging: getTagging,
};
