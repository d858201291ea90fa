/** Named parameters: values only, never names, and every one that is given is used (F-453). */
import { joinTokens, quoteString, tokenize } from '../../plane/tokens.ts';
import { invalid } from './login.ts';

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

export function withParameters(sql: string, parameters: readonly Parameter[] | undefined): string {
  const values = new Map((parameters ?? []).map(({ name, value }) => [name, value]));
  const used = new Set<string>();
  const tokens = tokenize(sql).map((token) => {
    if (token.kind !== 'parameter' || values.size === 0) return token;
    const name = token.text.slice(1);
    const value = values.get(name);
    if (value === undefined) throw invalid(`Parameter ${name} is missing.`);
    used.add(name);
    return { kind: 'string' as const, text: quoteString(value) };
  });
  const unused = [...values.keys()].filter((name) => !used.has(name));
  if (unused.length > 0) throw invalid(`Parameters ${unused.join(', ')} are not used in the statement.`);
  return joinTokens(tokens);
}
