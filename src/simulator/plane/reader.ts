/** Reads a statement token by token, for the statements that the data plane carries out itself. */
import { SqlError, syntaxError } from './sql-error.ts';
import { isCode, nameOf, stringOf, type Token } from './tokens.ts';

export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens.filter(isCode);
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Takes the words or symbols when all of them come next, in that order. */
  take(...words: readonly string[]): boolean {
    if (!words.every((word, offset) => this.#isWord(this.#at + offset, word))) return false;
    this.#at += words.length;
    return true;
  }

  /** The first of `words` that comes next. */
  takeOne(...words: readonly string[]): string | undefined {
    return words.find((word) => this.take(word));
  }

  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.take(word)) throw this.wrong();
  }

  /** An identifier, folded. */
  name(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) throw this.wrong();
    this.#at++;
    return nameOf(token);
  }

  /** `a`, `a.b` or `a.b.c`. */
  path(): string[] {
    const path = [this.name()];
    while (this.take('.')) path.push(this.name());
    return path;
  }

  /** One or more of what `one` reads, separated by commas. */
  list<T>(one: () => T): T[] {
    const items = [one()];
    while (this.take(',')) items.push(one());
    return items;
  }

  get nextIsNumber(): boolean {
    return this.#tokens[this.#at]?.kind === 'number';
  }

  get nextIsString(): boolean {
    return this.#tokens[this.#at]?.kind === 'string';
  }

  string(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'string') throw this.wrong();
    this.#at++;
    return stringOf(token);
  }

  number(): number {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'number') throw this.wrong();
    this.#at++;
    return Number(token.text);
  }

  boolean(): boolean {
    const word = this.takeOne('true', 'false', 'on', 'off');
    if (word === undefined) throw this.wrong();
    return word === 'true' || word === 'on';
  }

  /** A word, a literal or a number, as text: the value of a setting. */
  value(): string {
    if (this.nextIsString) return this.string();
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.wrong();
    this.#at++;
    return token.kind === 'quoted' ? nameOf(token) : token.text;
  }

  end(): void {
    if (!this.ended) throw this.wrong();
  }

  wrong(): SqlError {
    const token = this.#tokens[this.#at];
    return token ? syntaxError(token.text) : new SqlError('42601', 'syntax error at end of input');
  }

  #isWord(at: number, word: string): boolean {
    const token = this.#tokens[at];
    return (
      token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && token.text.toLowerCase() === word
    );
  }
}
