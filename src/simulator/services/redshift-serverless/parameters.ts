/** Workgroup configuration parameters: the keys, their ranges, and the values that the service sets by itself. */
import type { ConfigParameter } from '@aws-sdk/client-redshift-serverless';
import { invalid } from './errors.ts';

/** F-141: returned for every workgroup, whether somebody set them or not. */
const defaults: Readonly<Record<string, string>> = {
  auto_mv: 'true',
  datestyle: 'ISO, MDY',
  enable_case_sensitive_identifier: 'false',
  enable_user_activity_logging: 'true',
  query_group: 'default',
  search_path: '$user, public',
  max_query_execution_time: '14400',
  require_ssl: 'true',
  use_fips_ssl: 'false',
};

const switches = [
  'auto_mv',
  'enable_case_sensitive_identifier',
  'enable_user_activity_logging',
  'require_ssl',
  'use_fips_ssl',
];
const texts = ['datestyle', 'query_group', 'search_path'];
const wlm = 'wlm_json_configuration';
const wlmLengthMax = 8000;
const textLengthMax = 15_000;

/** F-140: query limits and their largest values. */
const limits: Readonly<Record<string, number>> = {
  max_query_execution_time: 86_399,
  max_query_queue_time: 86_399,
  max_scan_row_count: 999_999_999_999_999,
  max_join_row_count: 999_999_999_999_999,
  max_nested_loop_join_row_count: 999_999_999_999_999,
  max_query_blocks_read: 1_048_575,
  max_query_temp_blocks_to_disk: 319_815_679,
};

/** Checks parameters and returns them as a record. */
export function checkedParameters(parameters: readonly ConfigParameter[] | undefined): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const { parameterKey = '', parameterValue = '' } of parameters ?? []) {
    if (parameterKey in checked) throw invalid(`The parameter ${parameterKey} is given more than once.`);
    checkParameter(parameterKey, parameterValue);
    checked[parameterKey] = parameterValue;
  }
  if (wlm in checked && Object.keys(limits).some((key) => key in checked)) {
    throw invalid(`You can specify either ${wlm} or query monitoring limits, not both.`);
  }
  return checked;
}

/** F-142: TLS can be made optional only after creation. */
export function checkParametersAtCreation(parameters: Readonly<Record<string, string>>): void {
  if (parameters.require_ssl !== 'false') return;
  throw invalid(
    "You can't disable require_ssl while the workgroup is being created. To disable require_ssl, update the workgroup after creation.",
  );
}

/** F-143: parameters are set, never removed; a workload configuration takes the place of the limits, and vice versa. */
export function mergedParameters(
  old: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>>,
): Record<string, string> {
  const setsLimit = Object.keys(limits).some((key) => key in set);
  const kept = Object.entries(old).filter(([key]) => !(wlm in set && key in limits) && !(setsLimit && key === wlm));
  return { ...Object.fromEntries(kept), ...set };
}

/** What a reader sees: the defaults, overlaid with what was set. */
export function visibleParameters(set: Readonly<Record<string, string>>): ConfigParameter[] {
  return Object.entries({ ...defaults, ...set }).map(([parameterKey, parameterValue]) => ({
    parameterKey,
    parameterValue,
  }));
}

function checkParameter(key: string, value: string): void {
  const limit = limits[key];
  if (limit !== undefined) {
    if (/^\d{1,15}$/.test(value) && Number(value) <= limit) return;
    throw invalid(`The value of ${key} must be between 0 and ${limit}.`);
  }
  if (switches.includes(key)) {
    if (value === 'true' || value === 'false') return;
    throw invalid(`The value of ${key} must be true or false.`);
  }
  if (!texts.includes(key) && key !== wlm) throw invalid(`The parameter ${key} is not supported.`);
  if (value.length > (key === wlm ? wlmLengthMax : textLengthMax)) throw invalid(`The value of ${key} is too long.`);
}
