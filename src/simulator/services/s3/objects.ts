/** Writing and reading objects, with S3's conditions. What was written is what the next request reads (F-957). */
import { createHash } from 'node:crypto';
import type * as S3 from '@aws-sdk/client-s3';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { bare, bucketOf, currentOf, noSuchKey, preconditionFailed } from './shared.ts';
import type { Bucket, StoredVersion } from './state.ts';

type PutInput = Checked<Omit<S3.PutObjectRequest, 'Body'>> & { Body?: Uint8Array };

const putObject: Operation<PutInput, S3.PutObjectOutput> = (input, call) => {
  const bucket = bucketOf(call, input);
  const { Key: key } = input;
  if (Buffer.byteLength(key) > 1024) throw new ApiError('KeyTooLongError', 'Your key is too long');
  checkConditions(bucket, input, call);
  const version = versionFrom(input, bucket, call);
  addVersion(bucket, key, version);
  return {
    ETag: `"${version.etag}"`,
    VersionId: bucket.versioning === undefined ? undefined : version.versionId,
    ServerSideEncryption: encryptionOf(bucket),
    ...version.checksums,
  };
};

/** The conditions of a write: 412, 404, and 409 for one that meets another that is still under way (F-958). */
function checkConditions(bucket: Bucket, input: PutInput, call: Call): void {
  const { IfMatch, IfNoneMatch, Key } = input;
  if (IfMatch === undefined && IfNoneMatch === undefined) return;
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') {
    throw new ApiError('NotImplemented', 'A header you provided implies functionality that is not implemented', {
      status: 501,
      members: { Header: 'If-None-Match' },
    });
  }
  if (call.overlaps) {
    throw new ApiError(
      'ConditionalRequestConflict',
      'The conditional request cannot succeed due to a conflicting operation against this resource.',
      { status: 409, members: { Key } },
    );
  }
  const current = currentOf(bucket, Key);
  if (IfNoneMatch !== undefined && current) throw preconditionFailed('If-None-Match');
  if (IfMatch === undefined) return;
  if (current === undefined) throw noSuchKey(Key);
  if (current.etag !== bare(IfMatch)) throw preconditionFailed('If-Match');
}

const checksumNames = [
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const;
const headerNames = [
  'ContentType',
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
] as const;

function versionFrom(input: PutInput, bucket: Bucket, call: Call): StoredVersion {
  const body = Buffer.from(input.Body ?? '');
  return {
    versionId: versionIdFor(bucket, call),
    modifiedAt: call.now,
    marker: false,
    etag: createHash('md5').update(body).digest('hex'),
    size: body.length,
    body: body.toString('base64'),
    headers: { ContentType: 'binary/octet-stream', ...picked(input, headerNames) },
    metadata: input.Metadata ?? {},
    checksums: picked(input, checksumNames),
  };
}

const picked = <Name extends string>(input: Partial<Record<Name, unknown>>, names: readonly Name[]) =>
  Object.fromEntries(
    names.map((name) => [name, input[name]]).filter(([, value]) => value !== undefined && value !== ''),
  ) as Record<string, string>;

export const versionIdFor = (bucket: Bucket, call: Call) =>
  bucket.versioning === 'Enabled' ? call.world.random.hex(32) : 'null';

/** A version with an id goes on top of the others; one without replaces the one without (F-956). */
export function addVersion(bucket: Bucket, key: string, version: StoredVersion): void {
  const others = (bucket.objects[key] ?? []).filter(
    ({ versionId }) => version.versionId !== 'null' || versionId !== 'null',
  );
  bucket.objects[key] = [version, ...others];
}

const encryptionOf = (bucket: Bucket) =>
  bucket.encryption[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? 'AES256';

type ReadInput = Checked<Omit<S3.GetObjectRequest, 'IfModifiedSince' | 'IfUnmodifiedSince' | 'ResponseExpires'>>;

const getObject: Operation<ReadInput, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  const version = versionFor(bucket, input);
  checkReadConditions(version, input);
  const body = Buffer.from(version.body, 'base64');
  const range = rangeOf(input.Range, body.length);
  const part = range ? body.subarray(range.from, range.to + 1) : body;
  return {
    // The checksum of the whole says nothing of a part.
    ...viewOf(bucket, version, range ? {} : input),
    ...(range ? { ContentRange: `bytes ${range.from}-${range.to}/${body.length}` } : {}),
    ContentLength: part.length,
    Body: part,
  };
};

const headObject: Operation<ReadInput, object> = (input, call) => {
  const bucket = bucketOf(call, input);
  const version = versionFor(bucket, input);
  checkReadConditions(version, input);
  return viewOf(bucket, version, input);
};

function versionFor(bucket: Bucket, { Key, VersionId }: ReadInput): StoredVersion {
  if (VersionId === undefined) return currentOf(bucket, Key) ?? raise(noSuchKey(Key));
  const version = bucket.objects[Key]?.find(({ versionId }) => versionId === VersionId);
  if (version === undefined) {
    throw new ApiError('NoSuchVersion', 'The specified version does not exist.', {
      status: 404,
      members: { Key, VersionId },
    });
  }
  if (!version.marker) return version;
  throw new ApiError('MethodNotAllowed', 'The specified method is not allowed against this resource.', { status: 405 });
}

function checkReadConditions({ etag }: StoredVersion, { IfMatch, IfNoneMatch }: ReadInput): void {
  if (IfMatch !== undefined && bare(IfMatch) !== etag) throw preconditionFailed('If-Match');
  if (IfNoneMatch === undefined) return;
  if (IfNoneMatch === '*' || bare(IfNoneMatch) === etag) throw new ApiError('NotModified', '', { status: 304 });
}

function viewOf(bucket: Bucket, version: StoredVersion, { ChecksumMode }: Pick<ReadInput, 'ChecksumMode'>) {
  const { etag, size, modifiedAt, headers, metadata, checksums } = version;
  return {
    ETag: `"${etag}"`,
    ContentLength: size,
    LastModified: new Date(modifiedAt),
    AcceptRanges: 'bytes',
    VersionId: bucket.versioning === undefined ? undefined : version.versionId,
    ServerSideEncryption: encryptionOf(bucket),
    Metadata: metadata,
    ...headers,
    ...(ChecksumMode === 'ENABLED' ? checksums : {}),
  };
}

function rangeOf(range: string | undefined, size: number): { from: number; to: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from <= to) return { from, to };
  throw new ApiError('InvalidRange', 'The requested range is not satisfiable', { status: 416 });
}

function raise(error: Error): never {
  throw error;
}

export const objectOperations = { PutObject: putObject, GetObject: getObject, HeadObject: headObject };
