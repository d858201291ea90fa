/** Lists of objects and of their versions, in the order of their names' bytes, in pages. */
import type * as S3 from '@aws-sdk/client-s3';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation } from '../../service.ts';
import { bucketOf, currentOf, ownerOf } from './shared.ts';
import type { StoredVersion } from './state.ts';

const mostPerPage = 1000;

const pageSize = (wish: number | undefined, call: Call) => Math.min(wish ?? call.world.settings.pageSize, mostPerPage);

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What the delimiter makes of a key: all that have it in common up to there are one entry. */
function groupOf(key: string, { Prefix: prefix = '', Delimiter: delimiter }: { Prefix?: string; Delimiter?: string }) {
  const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return at < 0 ? undefined : key.slice(0, at + (delimiter?.length ?? 0));
}

// An entry's name is the key or the common prefix: a page may end with either.
const tokenOf = (name: string) => Buffer.from(`after:${name}`).toString('base64url');

function afterToken(token: string): string {
  const name = /^after:(.*)$/s.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (name === undefined) throw new ApiError('InvalidArgument', 'The continuation token provided is incorrect');
  return name;
}

const listObjects: Operation<Checked<S3.ListObjectsV2Request>, S3.ListObjectsV2Output> = (input, call) => {
  const bucket = bucketOf(call, input);
  const { ContinuationToken: token, StartAfter, Prefix = '', Delimiter, MaxKeys, EncodingType } = input;
  const after = token === undefined ? (StartAfter ?? '') : afterToken(token);
  const keys = Object.keys(bucket.objects)
    .filter((key) => key.startsWith(Prefix) && currentOf(bucket, key))
    .sort(byBytes);
  const names = [...new Set(keys.map((key) => groupOf(key, { Prefix, ...(Delimiter ? { Delimiter } : {}) }) ?? key))];
  const rest = names.filter((name) => byBytes(name, after) > 0);
  const page = rest.slice(0, pageSize(MaxKeys, call));
  const truncated = page.length < rest.length;
  const encode = EncodingType === 'url' ? encodeKey : (name: string) => name;
  return {
    ...{ Name: bucket.name, Prefix: encode(Prefix), MaxKeys: pageSize(MaxKeys, call), KeyCount: page.length },
    ...(Delimiter === undefined ? {} : { Delimiter: encode(Delimiter) }),
    ...(EncodingType === undefined ? {} : { EncodingType }),
    ...(token === undefined ? {} : { ContinuationToken: token }),
    IsTruncated: truncated,
    NextContinuationToken: truncated ? tokenOf(page.at(-1) ?? '') : undefined,
    Contents: page.flatMap((name) => {
      const current = keys.includes(name) ? currentOf(bucket, name) : undefined;
      return current ? [{ Key: encode(name), ...entryOf(current) }] : [];
    }),
    CommonPrefixes: page.filter((name) => !keys.includes(name)).map((name) => ({ Prefix: encode(name) })),
  };
};

const encodeKey = (key: string) => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');

const entryOf = ({ etag, size, modifiedAt }: StoredVersion) => ({
  ETag: `"${etag}"`,
  Size: size,
  LastModified: new Date(modifiedAt),
  StorageClass: 'STANDARD' as const,
});

// Gap: versions are not grouped by a delimiter.
const listVersions: Operation<Checked<S3.ListObjectVersionsRequest>, S3.ListObjectVersionsOutput> = (input, call) => {
  const bucket = bucketOf(call, input);
  const { Prefix = '', KeyMarker, VersionIdMarker, EncodingType } = input;
  const encode = EncodingType === 'url' ? encodeKey : (name: string) => name;
  const all = Object.keys(bucket.objects)
    .filter((key) => key.startsWith(Prefix))
    .sort(byBytes)
    .flatMap((key) => (bucket.objects[key] ?? []).map((version, index) => ({ key, version, latest: index === 0 })));
  const rest = all.slice(startOf(all, KeyMarker, VersionIdMarker));
  const page = rest.slice(0, pageSize(input.MaxKeys, call));
  const last = page.length < rest.length ? page.at(-1) : undefined;
  const view = ({ key, version, latest }: (typeof all)[number]) => ({
    ...{ Key: encode(key), VersionId: version.versionId, IsLatest: latest, Owner: ownerOf(call) },
    LastModified: new Date(version.modifiedAt),
  });
  return {
    ...{ Name: bucket.name, Prefix: encode(Prefix), MaxKeys: pageSize(input.MaxKeys, call) },
    ...(KeyMarker === undefined ? {} : { KeyMarker: encode(KeyMarker) }),
    ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }),
    ...(EncodingType === undefined ? {} : { EncodingType }),
    IsTruncated: last !== undefined,
    ...(last ? { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.version.versionId } : {}),
    Versions: page.filter(({ version }) => !version.marker).map((one) => ({ ...view(one), ...entryOf(one.version) })),
    DeleteMarkers: page.filter(({ version }) => version.marker).map(view),
  };
};

/** Where the page begins: after the version, or the whole key, that the markers name. */
function startOf(
  all: readonly { readonly key: string; readonly version: StoredVersion }[],
  key: string | undefined,
  id: string | undefined,
): number {
  if (key === undefined) return 0;
  const exact = id === undefined ? -1 : all.findIndex((one) => one.key === key && one.version.versionId === id);
  if (exact >= 0) return exact + 1;
  const next = all.findIndex((one) => byBytes(one.key, key) > 0);
  return next < 0 ? all.length : next;
}

export const listOperations = { ListObjectsV2: listObjects, ListObjectVersions: listVersions };
