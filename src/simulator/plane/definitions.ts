/** Statements that hold others: views, which rest on what they name, and functions, whose bodies are literals. */
import { notSimulated } from './sql-error.ts';
import { joined, wordOf } from './token-runs.ts';
import { isCode, stringOf, type Token, tokenize } from './tokens.ts';

/** The words with which a statement begins, up to what it makes. */
function kindOf(tokens: readonly Token[]): string {
  const words = tokens.filter(isCode).slice(0, 4).map(wordOf);
  return words
    .filter((word) => !/^(or|replace|materialized|temp|temporary)$/.test(word))
    .slice(0, 2)
    .join(' ');
}

/** Whether it makes a view that rests on what it names from the start, as all do but those WITH NO SCHEMA BINDING. */
export const bindsView = (tokens: readonly Token[]) => kindOf(tokens) === 'create view' && !isLate(tokens);

/** Whether it makes a function or a procedure. */
export const isRoutine = (tokens: readonly Token[]) => /^create (function|procedure)$/.test(kindOf(tokens));

const isLate = (tokens: readonly Token[]) =>
  tokens.filter(isCode).slice(-4).map(wordOf).join(' ') === 'with no schema binding';

/**
 * The statement with the body of the function or procedure that it makes as `rewrite` gives it; other statements stay.
 * Throws `SqlError` for a body that would leave its caller's role, or whose statements nobody has seen.
 */
export function withBody(tokens: readonly Token[], rewrite: (body: readonly Token[]) => readonly Token[]): Token[] {
  if (!isRoutine(tokens)) return [...tokens];
  const at = tokens.findIndex((token, index) => token.kind === 'string' && lastWord(tokens, index) === 'as');
  const body = tokens[at];
  if (!body) return [...tokens];
  const inside = tokenize(stringOf(body));
  refuseEscapes(inside);
  const text = joined(rewrite(inside));
  return tokens.with(at, { kind: 'string', text: dollarQuoted(text) });
}

const lastWord = (tokens: readonly Token[], before: number) => wordOf(tokens.slice(0, before).findLast(isCode));

function dollarQuoted(text: string): string {
  let tag = '$body$';
  while (text.includes(tag)) tag = tag.replace(/\$$/, '_$');
  return `${tag}${text}${tag}`;
}

/** Words that begin a statement which no function may run. */
const forbidden = /^(set|reset|discard|copy|unload|listen|notify|execute|do|load)$/;
/** Words after which a statement begins. */
const beginnings = /^(begin|then|else|loop)$/;

function refuseEscapes(body: readonly Token[]): void {
  const code = body.filter(isCode);
  code.forEach((token, at) => {
    const before = code[at - 1];
    const starts = before === undefined || before.text === ';' || beginnings.test(wordOf(before));
    if (starts && forbidden.test(wordOf(token))) throw notSimulated(`${token.text.toUpperCase()} in a function`);
  });
}
