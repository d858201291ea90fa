/**
 * Bodies as S3's clients send them (F-950): cut into chunks, `size;chunk-signature=…`, with checksums in trailers after
 * the last one. What the checksums say is checked, where Node knows the algorithm.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ApiError } from '../service.ts';
import type { Exchange } from './protocol.ts';

/** The exchange with its body as the client meant it, its trailers among the headers. Throws what S3 answers otherwise. */
export function decoded(exchange: Exchange): Exchange {
  const { headers, body } = exchange;
  const isChunked =
    headers['content-encoding']?.split(',').some((one) => one.trim() === 'aws-chunked') ||
    headers['x-amz-content-sha256']?.startsWith('STREAMING-');
  const whole = isChunked ? { ...exchange, ...join(body, headers) } : exchange;
  checkDigests(whole);
  return whole;
}

function join(sent: Buffer, headers: Exchange['headers']): Pick<Exchange, 'body' | 'headers'> {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = sent.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(sent.toString('latin1', at, end), 16);
    if (Number.isNaN(size) || end + 2 + size > sent.length) throw incomplete();
    at = end + 2;
    if (size === 0) break;
    parts.push(sent.subarray(at, at + size));
    at += size + 2;
  }
  const body = Buffer.concat(parts);
  const wanted = headers['x-amz-decoded-content-length'];
  if (wanted !== undefined && Number(wanted) !== body.length) throw incomplete();
  return { body, headers: { ...headers, ...trailers(sent.toString('latin1', at)), ...encodingOf(headers) } };
}

const trailers = (text: string) =>
  Object.fromEntries(
    text
      .split('\r\n')
      .map((line) => line.split(/:(.*)/s))
      .filter(([name, value]) => name !== undefined && name !== '' && value !== undefined)
      .map(([name, value]) => [String(name).toLowerCase(), String(value).trim()]),
  );

// `aws-chunked` is of the way here, not of the object.
function encodingOf(headers: Exchange['headers']): Record<string, string> {
  const others = (headers['content-encoding'] ?? '').split(',').filter((one) => one.trim() !== 'aws-chunked');
  return { 'content-encoding': others.join(',').trim() };
}

const incomplete = () =>
  new ApiError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');

const digests: Readonly<Record<string, (body: Buffer) => string>> = {
  'content-md5': (body) => createHash('md5').update(body).digest('base64'),
  'x-amz-checksum-crc32': crc32Of,
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest('base64'),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest('base64'),
};

/** As the SDKs write it: four bytes, the highest first, in base64. */
export function crc32Of(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

// Gap: CRC32C, CRC64NVME and the like are taken as they come.
function checkDigests({ headers, body }: Exchange): void {
  for (const [name, digestOf] of Object.entries(digests)) {
    const said = headers[name];
    if (said === undefined || said === digestOf(body)) continue;
    throw new ApiError(
      'BadDigest',
      name === 'content-md5'
        ? 'The Content-MD5 you specified did not match what we received.'
        : `The ${name.replace('x-amz-checksum-', '').toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
}
