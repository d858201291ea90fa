/** Deleting objects: for good by version, else with a marker on top where the bucket is versioned (F-956). */
import type * as S3 from '@aws-sdk/client-s3';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { addVersion, versionIdFor } from './objects.ts';
import { bare, bucketOf, currentOf, preconditionFailed } from './shared.ts';
import type { Bucket } from './state.ts';

interface Deleted {
  readonly VersionId?: string;
  readonly DeleteMarker?: boolean;
}

const deleteObject: Operation<Checked<Omit<S3.DeleteObjectRequest, 'IfMatchLastModifiedTime'>>, Deleted> = (
  input,
  call,
) => {
  const bucket = bucketOf(call, input);
  const { Key: key, VersionId: versionId, IfMatch: match } = input;
  const current = currentOf(bucket, key);
  if (match !== undefined && current && match !== '*' && bare(match) !== current.etag)
    throw preconditionFailed('If-Match');
  return remove(bucket, { key, versionId }, call);
};

/** What is not there is deleted, too. */
function remove(bucket: Bucket, wish: { key: string; versionId: string | undefined }, call: Call): Deleted {
  const { key, versionId } = wish;
  if (versionId !== undefined) return removeVersion(bucket, key, versionId);
  if (bucket.versioning === undefined) {
    delete bucket.objects[key];
    return {};
  }
  const marker = {
    ...{ versionId: versionIdFor(bucket, call), modifiedAt: call.now, marker: true },
    ...{ etag: '', size: 0, body: '', headers: {}, metadata: {}, checksums: {} },
  };
  addVersion(bucket, key, marker);
  return { DeleteMarker: true, VersionId: marker.versionId };
}

function removeVersion(bucket: Bucket, key: string, versionId: string): Deleted {
  const versions = bucket.objects[key] ?? [];
  const gone = versions.find((version) => version.versionId === versionId);
  const left = versions.filter((version) => version !== gone);
  if (left.length > 0) bucket.objects[key] = left;
  else delete bucket.objects[key];
  return { VersionId: versionId, ...(gone?.marker ? { DeleteMarker: true } : {}) };
}

const mostAtOnce = 1000;

const deleteObjects: Operation<Checked<S3.DeleteObjectsRequest>, S3.DeleteObjectsOutput> = (input, call) => {
  const bucket = bucketOf(call, input);
  const { Objects, Quiet } = input.Delete;
  if (Objects.length === 0 || Objects.length > mostAtOnce) {
    throw new ApiError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const deleted = Objects.map(({ Key, VersionId }) => {
    const { DeleteMarker, VersionId: id } = remove(bucket, { key: Key, versionId: VersionId }, call);
    const marker = DeleteMarker ? { DeleteMarker, DeleteMarkerVersionId: id } : {};
    return { Key, ...(VersionId === undefined ? {} : { VersionId }), ...marker };
  });
  return Quiet ? {} : { Deleted: deleted };
};

export const deletionOperations = { DeleteObject: deleteObject, DeleteObjects: deleteObjects };
