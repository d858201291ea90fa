/** A client that speaks Postgres's protocol message by message, as drivers do and `pg` does not. */
import { createHash } from 'node:crypto';
import { connect as connectSocket, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type pg from 'pg';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly type: string;
  readonly body: Buffer;
}

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** One message; the first ones of a connection have no type. */
export function framed(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const list = <T>(items: readonly T[], one: (item: T) => Buffer) =>
  Buffer.concat([int16(items.length), ...items.map(one)]);
const value = (bytes: Buffer | string | null) =>
  bytes === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(bytes)), Buffer.from(bytes)]);

export const query = (sql: string): Buffer => framed('Q', text(sql));
export const parse = (name: string, sql: string, types: readonly number[] = []): Buffer =>
  framed('P', text(name), text(sql), list(types, int32));
export const bind = (
  statement: string,
  { portal = '', values = [], formats = [], results = [] }: BindOptions = {},
): Buffer =>
  framed('B', text(portal), text(statement), list(formats, int16), list(values, value), list(results, int16));
export const describeStatement = (name: string): Buffer => framed('D', Buffer.from('S'), text(name));
export const describePortal = (name: string): Buffer => framed('D', Buffer.from('P'), text(name));
export const execute = (portal = '', limit = 0): Buffer => framed('E', text(portal), int32(limit));
export const closeStatement = (name: string): Buffer => framed('C', Buffer.from('S'), text(name));
export const closePortal = (name: string): Buffer => framed('C', Buffer.from('P'), text(name));
export const flush = framed('H');
export const sync = framed('S');

interface BindOptions {
  readonly portal?: string;
  readonly values?: readonly (Buffer | string | null)[];
  readonly formats?: readonly number[];
  readonly results?: readonly number[];
}

export const startup = (parameters: Readonly<Record<string, string>>): Buffer =>
  framed('', int32(3 << 16), ...Object.entries(parameters).flatMap((pair) => pair.map(text)), Buffer.of(0));
export const sslRequest = framed('', int32(80877103));
export const cancelRequest = (pid: number, key: number): Buffer => framed('', int32(80877102), int32(pid), int32(key));

export class WireClient {
  readonly socket: Socket;
  /** What the server tells as it starts a session. */
  readonly parameters = new Map<string, string>();
  pid = 0;
  key = 0;
  #bytes = Buffer.alloc(0);
  #closed = false;
  #wake = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
    onTestFinished(() => {
      socket.destroy();
    });
  }

  /** A connection over which nothing has been said yet. */
  static async open(port: number): Promise<WireClient> {
    return new WireClient(await connected(port));
  }

  /** A connection over TLS, before its first message. */
  static async encrypted(port: number): Promise<WireClient> {
    const socket = await connected(port);
    socket.write(sslRequest);
    await new Promise((resolve) => socket.once('data', resolve));
    return new WireClient(connectTls({ socket, rejectUnauthorized: false }));
  }

  /** A session, as a driver opens one. */
  static async login(config: pg.ClientConfig, parameters: Readonly<Record<string, string>> = {}): Promise<WireClient> {
    const client = await WireClient.encrypted(Number(config.port));
    const { user = '', database = '' } = config;
    client.send(startup({ user, database, ...parameters }));
    await client.answerPassword(user, String(config.password));
    for (const { type, body } of await client.until('Z')) {
      const [name = '', told = ''] = body.toString().split('\0');
      if (type === 'S') client.parameters.set(name, told);
      if (type === 'K') Object.assign(client, { pid: body.readInt32BE(0), key: body.readInt32BE(4) });
    }
    return client;
  }

  /** Answers the server's request for an md5 password. */
  async answerPassword(user: string, password: string): Promise<void> {
    const asked = await this.next();
    if (asked?.type !== 'R' || asked.body.readInt32BE(0) !== 5) throw new Error(`asked ${asked && shown(asked)}`);
    const inner = md5(Buffer.from(`${password}${user}`));
    this.send(framed('p', text(`md5${md5(Buffer.concat([Buffer.from(inner), asked.body.subarray(4)]))}`)));
  }

  send(...messages: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  /** The next message; undefined once the server has closed the connection. */
  async next(): Promise<Received | undefined> {
    while (!this.#holdsMessage() && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (!this.#holdsMessage()) return undefined;
    const end = 1 + this.#bytes.readInt32BE(1);
    const message = { type: String.fromCharCode(this.#bytes[0] ?? 0), body: this.#bytes.subarray(5, end) };
    this.#bytes = this.#bytes.subarray(end);
    return message;
  }

  /** Messages up to one of that type, or to the end of the connection. */
  async until(type: string): Promise<Received[]> {
    const messages: Received[] = [];
    for (let message = await this.next(); message; message = await this.next()) {
      messages.push(message);
      if (message.type === type) break;
    }
    return messages;
  }

  /** Sends messages and answers what came of them up to ReadyForQuery, in short form: see `shown`. */
  async ask(...messages: readonly Buffer[]): Promise<string[]> {
    this.send(...messages);
    return (await this.until('Z')).map(shown);
  }

  #holdsMessage(): boolean {
    return this.#bytes.length >= 5 && this.#bytes.length >= 1 + this.#bytes.readInt32BE(1);
  }
}

/** `D a|b` for a row, `E 42601` for an error, `C SELECT 1`, `Z I`, `T id|name`; the type alone for all others. */
export function shown({ type, body }: Received): string {
  if (type === 'C') return `C ${body.toString('utf8', 0, body.length - 1)}`;
  if (type === 'Z') return `Z ${body}`;
  if (type === 'E') return `E ${/(?:^|\0)C([^\0]+)/.exec(body.toString())?.[1]}`;
  if (type === 'D')
    return `D ${valuesOf(body)
      .map((one) => one?.toString() ?? '∅')
      .join('|')}`;
  if (type === 't') return `t ${typesOf(body).join('|')}`;
  return type === 'T' ? `T ${namesOf(body).join('|')}` : type;
}

/** The values of a DataRow. */
export function valuesOf(body: Buffer): (Buffer | null)[] {
  const values: (Buffer | null)[] = [];
  for (let at = 2, left = body.readInt16BE(0); left > 0; left--) {
    const size = body.readInt32BE(at);
    values.push(size < 0 ? null : body.subarray(at + 4, at + 4 + size));
    at += 4 + Math.max(0, size);
  }
  return values;
}

const typesOf = (body: Buffer) => Array.from({ length: body.readInt16BE(0) }, (_, n) => body.readInt32BE(2 + 4 * n));

function namesOf(body: Buffer): string[] {
  const names: string[] = [];
  for (let at = 2, left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at);
    names.push(body.toString('utf8', at, end));
    at = end + 19;
  }
  return names;
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

const connected = (port: number) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
