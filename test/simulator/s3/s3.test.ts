/** S3 as its clients see it: through the real SDK, over HTTP. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { startTestSimulator } from '../../support/simulator.ts';

const Bucket = 'airline-state';

async function start(region = 'us-east-1') {
  const { clientConfig, simulator } = await startTestSimulator();
  const s3 = new S3Client({ ...clientConfig, region, forcePathStyle: true });
  return { s3, simulator, clientConfig };
}

async function startWithBucket(versioned = false) {
  const started = await start();
  await started.s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  if (versioned) await started.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const put = (Key: string, Body: string, more: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
    started.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const read = async (Key: string, VersionId?: string) => {
    const { Body } = await started.s3.send(new GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) }));
    return Body?.transformToString();
  };
  return { ...started, put, read };
}

const refusal = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });

describe('a bucket', () => {
  test('of another region sends clients there, by status and header (F-959)', async () => {
    const { s3: home, clientConfig } = await start();
    const s3 = new S3Client({ ...clientConfig, region: 'eu-west-1', forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    await expect(home.send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject({
      ...refusal('PermanentRedirect', 301),
      $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    });
    await expect(home.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 301 },
    });
    expect((await home.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-west-1');
    const follower = new S3Client({ ...clientConfig, forcePathStyle: true, followRegionRedirects: true });
    await follower.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'there' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    expect(await Body?.transformToString()).toBe('there');
  });

  test('in us-east-1 has no location constraint, and may be made twice (F-954)', async () => {
    const { s3 } = await start();
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint ?? '').toBe('');
    const said = { Bucket: 'airline-two', CreateBucketConfiguration: { LocationConstraint: 'us-east-1' as never } };
    await expect(s3.send(new CreateBucketCommand(said))).rejects.toMatchObject(
      refusal('InvalidLocationConstraint', 400),
    );
  });

  test('elsewhere must name its region, and may be made once (F-954)', async () => {
    const { s3 } = await start('eu-west-1');
    // Without a constraint the SDK puts its own region there.
    const other = { Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-2' as const } };
    await expect(s3.send(new CreateBucketCommand(other))).rejects.toMatchObject(
      refusal('IllegalLocationConstraintException', 400),
    );
    const input = { Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' as const } };
    await s3.send(new CreateBucketCommand(input));
    await expect(s3.send(new CreateBucketCommand(input))).rejects.toMatchObject(
      refusal('BucketAlreadyOwnedByYou', 409),
    );
    expect(await s3.send(new GetBucketLocationCommand({ Bucket }))).toMatchObject({ LocationConstraint: 'eu-west-1' });
    expect(await s3.send(new HeadBucketCommand({ Bucket }))).toMatchObject({ BucketRegion: 'eu-west-1' });
  });

  test.each(['Airline', 'ab', 'a..b', '10.0.0.1', 'xn--airline', 'airline-s3alias'])(
    'cannot be called %s',
    async (name) => {
      const { s3 } = await start();
      await expect(s3.send(new CreateBucketCommand({ Bucket: name }))).rejects.toMatchObject({
        name: 'InvalidBucketName',
      });
    },
  );

  test('of somebody else can neither be made nor looked into (F-954)', async () => {
    const { s3 } = await start();
    const name = 'my-bucket';
    await expect(s3.send(new CreateBucketCommand({ Bucket: name }))).rejects.toMatchObject(
      refusal('BucketAlreadyExists', 409),
    );
    await expect(s3.send(new HeadBucketCommand({ Bucket: name }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(s3.send(new GetObjectCommand({ Bucket: name, Key: 'x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('is encrypted and closed from the first moment (F-955), and takes its settings', async () => {
    const { s3 } = await startWithBucket();
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(encryption.ServerSideEncryptionConfiguration?.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    await expect(s3.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchTagSet' });
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }));
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a&b', Value: '<1>' }] } }));
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
    );
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: 'a&b', Value: '<1>' }]);
    expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicAcls: true,
      BlockPublicPolicy: false,
    });
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets).toMatchObject([{ Name: Bucket, BucketRegion: 'us-east-1' }]);
  });

  test('is deleted when nothing is in it, old versions included', async () => {
    const { s3, put } = await startWithBucket(true);
    await put('a', '1');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject(refusal('BucketNotEmpty', 409));
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    expect((await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted).toHaveLength(2);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new GetBucketLocationCommand({ Bucket }))).rejects.toMatchObject(refusal('NoSuchBucket', 404));
  });

  test('refuses settings that make no sense', async () => {
    const { s3 } = await startWithBucket();
    const Status = 'On' as never;
    await expect(
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })),
    ).rejects.toMatchObject(refusal('MalformedXML', 400));
    const TagSet = [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ];
    await expect(s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))).rejects.toMatchObject({
      name: 'InvalidTag',
    });
  });
});

describe('an object', () => {
  test('is read as it was written, at once, with its type and metadata (F-957)', async () => {
    const { s3 } = await startWithBucket();
    const Key = 'a/b c+d%ü.json';
    const written = await s3.send(
      new PutObjectCommand({ Bucket, Key, Body: '{"a":1}', ContentType: 'application/json', Metadata: { by: 'me' } }),
    );
    expect(written.ETag).toBe('"bb6cb5c68df4652941caf652a366f2d8"');
    const read = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await read.Body?.transformToString()).toBe('{"a":1}');
    expect(read).toMatchObject({ ETag: written.ETag, ContentType: 'application/json', Metadata: { by: 'me' } });
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({ ContentLength: 7 });
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=1-3' }));
    expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(['"a"', 'bytes 1-3/7']);
  });

  test('that is not there is NoSuchKey, for HEAD a bare 404', async () => {
    const { s3, read } = await startWithBucket();
    await expect(read('x')).rejects.toMatchObject({ ...refusal('NoSuchKey', 404), Key: 'x' });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'x' }))).rejects.toMatchObject(refusal('NotFound', 404));
  });

  test('comes whole out of a stream of chunks with a checksum behind it (F-950)', async () => {
    const { s3, read } = await startWithBucket();
    const { Readable } = await import('node:stream');
    const Body = Readable.from(['one ', 'two ', 'three']);
    await s3.send(new PutObjectCommand({ Bucket, Key: 's', Body, ContentLength: 13 }));
    expect(await read('s')).toBe('one two three');
  });

  test('is refused when its checksum tells of other content (F-950)', async () => {
    const { s3, read } = await startWithBucket();
    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key: 's', Body: 'x', ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })),
    ).rejects.toMatchObject(refusal('BadDigest', 400));
    await expect(read('s')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('keeps its versions, and vanishes behind a marker (F-956)', async () => {
    const { s3, put, read } = await startWithBucket(true);
    const first = await put('a', 'one');
    await put('a', 'two');
    expect([await read('a'), await read('a', first.VersionId)]).toEqual(['two', 'one']);
    const gone = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    expect(gone.DeleteMarker).toBe(true);
    await expect(read('a')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const marker = { Bucket, Key: 'a', ...(gone.VersionId ? { VersionId: gone.VersionId } : {}) };
    await s3.send(new DeleteObjectCommand(marker));
    expect(await read('a')).toBe('two');
  });

  test('is listed by prefix, delimiter and page', async () => {
    const { s3, put } = await startWithBucket();
    for (const key of ['a/1', 'a/2', 'b', 'c/x/1']) await put(key, key);
    const list = (more: object) => s3.send(new ListObjectsV2Command({ Bucket, ...more }));
    expect((await list({ Prefix: 'a/' })).Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2']);
    const folders = await list({ Delimiter: '/' });
    expect([folders.Contents?.map(({ Key }) => Key), folders.CommonPrefixes]).toEqual([
      ['b'],
      [{ Prefix: 'a/' }, { Prefix: 'c/' }],
    ]);
    const first = await list({ MaxKeys: 3 });
    const second = await list({ MaxKeys: 3, ContinuationToken: first.NextContinuationToken });
    expect([first.IsTruncated, second.Contents?.map(({ Key }) => Key)]).toEqual([true, ['c/x/1']]);
  });
});

describe('a conditional write (F-958)', () => {
  test('with If-None-Match: * makes the object once', async () => {
    const { s3, put, read } = await startWithBucket(true);
    await put('a', 'one', { IfNoneMatch: '*' });
    await expect(put('a', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject(refusal('PreconditionFailed', 412));
    expect(await read('a')).toBe('one');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await put('a', 'three', { IfNoneMatch: '*' });
  });

  test('with If-Match replaces what the writer has seen, and nothing else', async () => {
    const { put, read } = await startWithBucket();
    const { ETag = '' } = await put('a', 'one');
    await put('a', 'two', { IfMatch: ETag });
    await expect(put('a', 'three', { IfMatch: ETag })).rejects.toMatchObject(refusal('PreconditionFailed', 412));
    expect(await read('a')).toBe('two');
    await expect(put('b', 'one', { IfMatch: ETag })).rejects.toMatchObject(refusal('NoSuchKey', 404));
  });

  test('that meets another one under way is refused with 409', async () => {
    const { simulator, put, read } = await startWithBucket();
    let asked = 0;
    const arrived = new Promise<void>((resolve) => {
      simulator.intercept(() => {
        resolve();
        return asked++ === 0 ? { delayMs: 100 } : undefined;
      });
    });
    const first = put('a', '1', { IfNoneMatch: '*' });
    await arrived;
    await expect(put('a', '2', { IfNoneMatch: '*' })).rejects.toMatchObject(refusal('ConditionalRequestConflict', 409));
    await first;
    expect(await read('a')).toBe('1');
  });
});

test('a host that begins with the bucket means it, as a path does (F-951)', async () => {
  const { put, simulator } = await startWithBucket();
  await put('a', 'one');
  const { request } = await import('node:http');
  const text = await new Promise<string>((resolve, reject) => {
    const headers = {
      host: `${Bucket}.s3.us-east-1.amazonaws.com`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    };
    const asking = request(`${simulator.url}/a`, { headers }, (answer) => {
      answer.setEncoding('utf8').once('data', resolve);
    });
    asking.once('error', reject).end();
  });
  expect(text).toBe('one');
});
