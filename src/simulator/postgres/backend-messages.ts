/** The messages that a server sends, as bytes. Names are the protocol's. */
import type { EngineField } from '../plane/engine.ts';
import type { TransactionStatus } from '../plane/open-session.ts';
import type { SqlError } from '../plane/sql-error.ts';

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const string = (text: string): Buffer => Buffer.from(`${text}\0`);

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export const authenticationOk = message('R', int32(0));
export const authenticationMd5 = (salt: Buffer): Buffer => message('R', int32(5), salt);

/** Redshift's own: algorithm 0 is SHA-256 (F-700). */
export const authenticationDigest = (salt: Buffer, nonce: Buffer): Buffer =>
  message('R', int32(13), int32(0), int32(salt.length), salt, int32(nonce.length), nonce);

export const parameterStatus = (name: string, value: string): Buffer => message('S', string(name), string(value));
export const backendKeyData = (pid: number, key: number): Buffer => message('K', int32(pid), int32(key));
export const readyForQuery = (status: TransactionStatus): Buffer => message('Z', Buffer.from(status));
export const commandComplete = (tag: string): Buffer => message('C', string(tag));
export const emptyQueryResponse = message('I');
export const parseComplete = message('1');
export const bindComplete = message('2');
export const closeComplete = message('3');
export const noData = message('n');
export const portalSuspended = message('s');

export const parameterDescription = (types: readonly number[]): Buffer =>
  message('t', int16(types.length), ...types.map(int32));

/** Sizes of the types that have one; all others are of variable size. */
const sizes: Readonly<Record<number, number>> = {
  16: 1,
  20: 8,
  21: 2,
  23: 4,
  26: 4,
  700: 4,
  701: 8,
  1082: 4,
  1083: 8,
  1114: 8,
  1184: 8,
};

export const rowDescription = (fields: readonly (EngineField & { readonly format?: number })[]): Buffer =>
  message(
    'T',
    int16(fields.length),
    ...fields.flatMap(({ name, table, column, type, modifier, format = 0 }) => [
      string(name),
      int32(table),
      int16(column),
      int32(type),
      int16(sizes[type] ?? -1),
      int32(modifier),
      int16(format),
    ]),
  );

/** Written in one piece: answers have many of them. */
export function dataRow(values: readonly (string | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)));
  const length = sizes.reduce((sum, size) => sum + 4 + size, 6);
  const bytes = Buffer.allocUnsafe(1 + length);
  bytes.write('D');
  bytes.writeInt32BE(length, 1);
  bytes.writeInt16BE(values.length, 5);
  let at = 7;
  for (const [n, value] of values.entries()) {
    const size = sizes[n] ?? 0;
    at = bytes.writeInt32BE(value === null ? -1 : size, at);
    if (value !== null) at += bytes.write(value, at);
  }
  return bytes;
}

export function errorResponse({ severity, code, message: text, hint, detail }: SqlError): Buffer {
  const fields = [
    ['S', severity],
    ['C', code],
    ['M', text],
    ['D', detail],
    ['H', hint],
  ] as const;
  const parts = fields.flatMap(([field, value]) => (value === undefined ? [] : [string(`${field}${value}`)]));
  return message('E', ...parts, Buffer.of(0));
}
