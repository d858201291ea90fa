/**
 * The messages of one connection in Postgres's frontend/backend protocol, version 3: framing only, both ways.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 * M1. Nothing is read faster than it is handled: the socket is paused while a client has sent much more.
 * M2. What is sent is gathered until `flush`, so that an answer of several messages is one packet; `relieve` sends it where
 *     much has come together, however long a client goes on asking.
 */
import type { Duplex } from 'node:stream';
import { SqlError } from '../plane/sql-error.ts';

export interface Message {
  /** The type byte as a letter; empty for the first message of a connection, which has none. */
  readonly type: string;
  readonly body: Buffer;
}

/** Longer ones are refused, as Postgres refuses what it could not hold. */
const messageBytesMax = 64 * 1024 * 1024;
/** As Postgres has it; nobody has said yet who he is. */
const startupBytesMax = 10_000;
const unreadBytesMax = 1024 * 1024;
const gatheredBytesMax = 64 * 1024;

export class MessageStream {
  #socket: Duplex;
  /** What has come and was not read as a message yet, put together as far as it was looked at. */
  #received: Buffer = Buffer.alloc(0);
  #later: Buffer[] = [];
  #unreadBytes = 0;
  #outgoing: Buffer[] = [];
  #gatheredBytes = 0;
  #wake: (() => void) | undefined;
  #ended = false;
  #onClosed: () => void = () => {};
  #onData: (chunk: Buffer) => void = () => {};

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Whether there is something that has not been read as a message yet. */
  get hasUnread(): boolean {
    return this.#unreadBytes > 0;
  }

  /** The types of the next messages, `count` at most, as far as they are there already. */
  typesAhead(count: number): string {
    let types = '';
    for (
      let at = 0;
      types.length < count && this.#has(at + 5);
      at += 1 + Math.max(4, this.#received.readInt32BE(at + 1))
    ) {
      types += String.fromCharCode(this.#received[at] ?? 0);
    }
    return types;
  }

  /** The first message of a connection, or of what follows an answered request for encryption. */
  async startup(): Promise<Message | undefined> {
    return (await this.#holds(4)) ? this.#message('', 0, startupBytesMax) : undefined;
  }

  /** The next message; undefined when the client has gone. Throws `SqlError` 08P01 for what is none. */
  async next(bytesMax = messageBytesMax): Promise<Message | undefined> {
    if (!(await this.#holds(5))) return undefined;
    return this.#message(String.fromCharCode(this.#received[0] ?? 0), 1, bytesMax);
  }

  send(...messages: readonly Buffer[]): void {
    for (const message of messages) {
      this.#outgoing.push(message);
      this.#gatheredBytes += message.length;
    }
  }

  /** Sends what was gathered; waits where the client does not read. */
  async flush(): Promise<void> {
    const messages = this.#outgoing;
    this.#outgoing = [];
    this.#gatheredBytes = 0;
    if (messages.length === 0 || this.#ended) return;
    const socket = this.#socket;
    socket.cork();
    for (const message of messages) socket.write(message);
    socket.uncork();
    if (socket.writableNeedDrain) await this.#drained();
  }

  /** Sends what was gathered if it is much (M2). */
  async relieve(): Promise<void> {
    if (this.#gatheredBytes > gatheredBytesMax) await this.flush();
  }

  /** Tells once when the client has gone. */
  onClosed(told: () => void): void {
    this.#onClosed = told;
    if (this.#socket.destroyed) told();
  }

  /** Goes on over `socket`, which wraps the present one (TLS). */
  replace(socket: Duplex): void {
    this.#socket.off('data', this.#onData);
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Takes the present socket off this stream, so that it can be wrapped. */
  detach(): Duplex {
    this.#socket.off('data', this.#onData);
    this.#socket.pause();
    return this.#socket;
  }

  /** Says what is left to say and hangs up: there is no next message. */
  async end(): Promise<void> {
    await this.flush();
    this.#socket.end();
    this.#finish();
  }

  #listen(socket: Duplex): void {
    this.#onData = (chunk) => this.#receive(chunk);
    socket.on('data', this.#onData);
    socket.on('end', () => this.#finish());
    socket.on('close', () => {
      this.#finish();
      this.#onClosed();
    });
    // Resets are how clients leave; `close` follows.
    socket.on('error', () => this.#finish());
    socket.resume();
  }

  #receive(chunk: Buffer): void {
    this.#later.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes > unreadBytesMax) this.#socket.pause();
    this.#wake?.();
  }

  #finish(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async #message(type: string, offset: number, bytesMax: number): Promise<Message | undefined> {
    const length = this.#received.readInt32BE(offset);
    if (length < 4 || length > bytesMax) throw protocolViolation(`invalid message length ${length}`);
    if (!(await this.#holds(offset + length))) return undefined;
    const body = this.#received.subarray(offset + 4, offset + length);
    this.#received = this.#received.subarray(offset + length);
    this.#unreadBytes -= offset + length;
    return { type, body };
  }

  async #holds(bytes: number): Promise<boolean> {
    while (!this.#has(bytes)) {
      if (this.#ended) return false;
      this.#socket.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return true;
  }

  /** Whether so much has come; it is put together only then, once for a message of many pieces. */
  #has(bytes: number): boolean {
    if (this.#unreadBytes < bytes) return false;
    if (this.#received.length < bytes) {
      this.#received = Buffer.concat([this.#received, ...this.#later]);
      this.#later = [];
    }
    return true;
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.once('drain', done);
      socket.once('close', done);
    });
  }
}

export const protocolViolation = (why: string) => new SqlError('08P01', why, { severity: 'FATAL' });
