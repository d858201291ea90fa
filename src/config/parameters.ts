/** The parameters of a workgroup: which there are, and what they may hold (F-840, F-841, F-842). */

import { type Kind, type Problem, refuse, show } from './fields.ts';
import type { Reading } from './reading.ts';
import { nearWord } from './suggestions.ts';
import { isAbsent, type Tree } from './tree.ts';

type Check = (value: string) => string | undefined;

const flag: Check = (value) => (/^(true|false)$/.test(value) ? undefined : 'true or false');
const words: Check = (value) => (value.length >= 1 && value.length <= 15_000 ? undefined : '1 to 15000 characters');
const upTo =
  (most: number): Check =>
  (value) =>
    /^\d{1,15}$/.test(value) && Number(value) <= most ? undefined : `a whole number from 0 to ${most}`;
const alwaysTrue: Check = (value) =>
  value === 'true' ? undefined : 'true: rsds does not make warehouses that take unencrypted connections';

function json(value: string): string | undefined {
  const must = 'JSON of at most 8000 characters';
  if (value.length > 8000) return must;
  try {
    JSON.parse(value);
    return undefined;
  } catch (error) {
    return `${must} (${error instanceof Error ? error.message : error})`;
  }
}

/** Limits on queries; these and `wlm_json_configuration` exclude each other. */
const limits: Readonly<Record<string, Check>> = {
  max_query_execution_time: upTo(86_399),
  max_query_queue_time: upTo(86_399),
  max_query_blocks_read: upTo(1_048_575),
  max_query_temp_blocks_to_disk: upTo(319_815_679),
  max_scan_row_count: upTo(999_999_999_999_999),
  max_join_row_count: upTo(999_999_999_999_999),
  max_nested_loop_join_row_count: upTo(999_999_999_999_999),
};

const checks: Readonly<Record<string, Check>> = {
  auto_mv: flag,
  datestyle: words,
  enable_case_sensitive_identifier: flag,
  enable_user_activity_logging: flag,
  query_group: words,
  search_path: words,
  require_ssl: alwaysTrue,
  use_fips_ssl: flag,
  wlm_json_configuration: json,
  ...limits,
};

export const parameterNames: readonly string[] = Object.keys(checks);

const gone: Readonly<Record<string, string>> = {
  max_query_cpu_time: 'AWS removed it in May 2025',
  max_query_cpu_usage_percent: 'AWS removed it in May 2025',
  statement_timeout: 'it is a setting of a session or user; use max_query_execution_time, in seconds',
};

/** `parameters: { max_query_execution_time: 3600 }`: every value as text. */
export const parameters: Kind<Readonly<Record<string, string>>> = {
  type: 'map of parameters',
  allowed: 'a map of parameters to single values',
  read(tree, reading) {
    if (tree.kind !== 'map') return refuse(tree, reading, 'a map, such as { max_query_execution_time: 3600 }');
    const values: Record<string, string> = {};
    for (const [name, entry] of tree.entries) {
      const value = readOne(name, entry.value, entry.place, reading);
      if (value !== undefined) values[name] = value;
    }
    const limit = Object.keys(values).find((name) => Object.hasOwn(limits, name));
    if (limit !== undefined && values.wlm_json_configuration !== undefined) {
      const must = `has both wlm_json_configuration and ${limit}; AWS takes one or the other`;
      reading.fault('config/value', tree, must, 'Remove one of the two.');
    }
    return values;
  },
};

function readOne(name: string, value: Tree, place: Tree['place'], reading: Reading): string | undefined {
  const at = { path: value.path, place };
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (check === undefined) {
    const problem = unknownParameter(name);
    reading.fault(problem.code ?? 'config/unknown-key', at, problem.must, problem.hint);
    return undefined;
  }
  if (value.kind !== 'scalar' || isAbsent(value)) return refuse(value, reading, 'a single value');
  const written = typeof value.value === 'string' ? value.value : value.source;
  const must = check(written);
  if (must === undefined) return written;
  reading.fault('config/value', value, `is ${show(value)}, must be ${must}`);
  return undefined;
}

function unknownParameter(name: string): Problem {
  if (Object.hasOwn(gone, name)) {
    return { code: 'config/no-such-setting', must: `does not exist: ${gone[name]}`, hint: 'Remove it.' };
  }
  const near = nearWord(name, parameterNames);
  const hint = near ? `Did you mean \`${near}\`?` : `Known: ${parameterNames.join(', ')}.`;
  return { code: 'config/unknown-key', must: 'is not a parameter of Redshift Serverless', hint };
}
