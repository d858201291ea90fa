/** Looking around in a run of tokens. */
import { isCode, type Token } from './tokens.ts';

/** The word that a token is, in lower case; empty for all other tokens. */
export const wordOf = (token: Token | undefined) => (token?.kind === 'word' ? token.text.toLowerCase() : '');

/** The word at a place among code tokens. */
export const wordAt = (code: readonly Token[], at: number) => wordOf(code[at]);

/** Where the parenthesis that opens at `open` is closed. */
export function matching(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind !== 'symbol') continue;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return i;
  }
  return tokens.length;
}

/** Where the next token that is neither space nor comment stands, from `from` on. */
export function nextCode(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && !isCode(tokens[at] as Token)) at++;
  return at;
}

/** Splits at commas outside parentheses. */
export function splitItems(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === '(') depth++;
    if (token.kind === 'symbol' && token.text === ')') depth--;
    if (token.kind === 'symbol' && token.text === ',' && depth === 0) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

export const comma: Token = { kind: 'symbol', text: ',' };

export const joined = (tokens: readonly Token[]) => tokens.map(({ text }) => text).join('');
