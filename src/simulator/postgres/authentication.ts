/**
 * Passwords over the wire: md5 as every Postgres client speaks it, and Redshift's own digest for passwords that were
 * given as sha256, which only its own drivers speak (F-606, F-700).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SqlError } from '../plane/sql-error.ts';
import { authenticationDigest, authenticationMd5 } from './backend-messages.ts';
import { Body } from './body.ts';
import { type MessageStream, protocolViolation } from './message-stream.ts';

const passwordBytesMax = 64 * 1024;

/** What is kept of passwords: `md5…` or `sha256|digest|salt`. Several may hold for one user. */
export type Kept = readonly string[];

/** Asks for the password and checks it. Throws FATAL 28P01; resolves to false when the client has gone. */
export async function authenticate(
  stream: MessageStream,
  user: string,
  kept: Kept,
  random: (bytes: number) => Buffer,
): Promise<boolean> {
  const digests = kept.filter((one) => one.startsWith('sha256|'));
  const asksDigest = digests.length > 0 && digests.length === kept.length;
  const passes = asksDigest ? await digest(stream, digests, random) : await md5(stream, kept, random);
  if (passes === false) {
    throw new SqlError('28P01', `password authentication failed for user "${user}"`, { severity: 'FATAL' });
  }
  return passes !== undefined;
}

async function md5(stream: MessageStream, kept: Kept, random: (bytes: number) => Buffer): Promise<boolean | undefined> {
  const salt = random(4);
  stream.send(authenticationMd5(salt));
  await stream.flush();
  const answer = await stream.next(passwordBytesMax);
  if (!answer) return undefined;
  if (answer.type !== 'p') throw protocolViolation(`expected password response, got message type "${answer.type}"`);
  const given = new Body(answer.body).string();
  return kept.some((one) => isSame(given, `md5${hash('md5', one.slice('md5'.length), salt).toString('hex')}`));
}

/** What comes back is the hash of what is kept and of both sides' nonces. */
async function digest(
  stream: MessageStream,
  kept: Kept,
  random: (bytes: number) => Buffer,
): Promise<boolean | undefined> {
  const [, known = '', salt = ''] = (kept[0] ?? '').split('|');
  const nonce = random(16);
  stream.send(authenticationDigest(Buffer.from(salt), nonce));
  await stream.flush();
  const answer = await stream.next(passwordBytesMax);
  if (!answer) return undefined;
  if (answer.type !== 'd') throw protocolViolation(`expected digest response, got message type "${answer.type}"`);
  const body = new Body(answer.body);
  const given = body.value() ?? Buffer.alloc(0);
  const clientNonce = body.value() ?? Buffer.alloc(0);
  return isSame(given.toString('hex'), hash('sha256', Buffer.from(known, 'hex'), nonce, clientNonce).toString('hex'));
}

function hash(algorithm: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const whole = createHash(algorithm);
  for (const part of parts) whole.update(part);
  return whole.digest();
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
