/** Reads the parts of one message's body, in order. */
import { protocolViolation } from './message-stream.ts';

export class Body {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): string {
    return String.fromCharCode(this.#take(1)[0] ?? 0);
  }

  int16(): number {
    return this.#take(2).readInt16BE();
  }

  int32(): number {
    return this.#take(4).readInt32BE();
  }

  /** A text that ends with a zero byte. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw protocolViolation('invalid string in message');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Bytes after their length; null for length -1. */
  value(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.#take(length);
  }

  list<T>(one: () => T): T[] {
    return Array.from({ length: this.int16() }, one);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw protocolViolation('insufficient data left in message');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
}
