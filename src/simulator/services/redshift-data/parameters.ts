/** Named parameters: values only, never names, and every one that is given is used (F-453). */
import { joinTokens, quoteString, tokenize } from '../../plane/tokens.ts';
import { invalid } from './login.ts';
import type { Parameter } from './state.ts';

/** The statements with literals in place of `:name`. Without any parameters `:name` is the warehouse's business. */
export function withParameters(sqls: readonly string[], parameters: readonly Parameter[] | undefined): string[] {
  if (!parameters) return [...sqls];
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  const used = new Set<string>();
  const filled = sqls.map((sql) => {
    const tokens = tokenize(sql).map((token) => {
      if (token.kind !== 'parameter') return token;
      const name = token.text.slice(1);
      used.add(name);
      return { kind: 'string' as const, text: quoteString(values.get(name) ?? '') };
    });
    return joinTokens(tokens);
  });
  const missing = [...used].filter((name) => !values.has(name));
  if (missing.length > 0)
    throw invalid(`Parameters list is missing parameters. Missing parameters: [${missing.join(', ')}]`);
  const unused = [...values.keys()].filter((name) => !used.has(name));
  if (unused.length > 0)
    throw invalid(`Parameters list contains unused parameters. Unused parameters: [${unused.join(', ')}]`);
  return filled;
}
