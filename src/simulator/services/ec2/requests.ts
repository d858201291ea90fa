/** What EC2's requests have in common: DryRun, filters, pages, client tokens. */
import type { Filter } from '@aws-sdk/client-ec2';
import { ApiError, type Page, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { ResourceRecord } from './records.ts';
import { ec2State, notFound, type RecordOf, requireRecord, type TableName, visibleRecords } from './state.ts';

/** F-203: called where a request has passed every check and would now have its effect. */
export function refuseDryRun(request: { readonly DryRun?: boolean | undefined }): void {
  if (!request.DryRun) return;
  const answer = 'Request would have succeeded, but DryRun flag is set.';
  throw new ApiError('DryRunOperation', answer, { status: 412 });
}

/** The members that list requests share. */
export interface ListRequest {
  readonly DryRun?: boolean | undefined;
  readonly Filters?: Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

type FilterValue = string | number | boolean | undefined;

/** Filter name → what a record has under it; a record passes when any of them matches any of the values asked for. */
export type FilterTable<T> = Readonly<Record<string, (record: T) => FilterValue | readonly FilterValue[]>>;

/**
 * The records of a table by id, or all that are visible, filtered and cut into pages.
 * Errors: `….NotFound`, `InvalidParameterValue` for a filter that the operation doesn't know, a wrong page size or token.
 */
export function listRecords<T extends TableName>(
  place: Place,
  table: T,
  request: ListRequest & { readonly ids?: string[] | undefined },
  filters: FilterTable<RecordOf<T>>,
): Page<RecordOf<T>> {
  const records = request.ids?.length ? recordsById(place, table, request.ids) : visibleRecords(place, table);
  return listPage(request, records, filters);
}

function recordsById<T extends TableName>(place: Place, table: T, ids: readonly string[]): RecordOf<T>[] {
  const visible = visibleRecords(place, table);
  const all = ec2State(place)[table];
  const missing = ids.filter((id) => {
    const record: ResourceRecord | undefined = all[id];
    return record === undefined || record.visibleAt > place.now;
  });
  if (missing.length > 1) throw notFound(table, missing);
  const wanted = new Set(ids.map((id) => requireRecord(place, table, id)));
  return visible.filter((record) => wanted.has(record));
}

/** Filters and cuts any records; those with tags answer to `tag:…` and `tag-key` as well. */
export function listPage<T extends { tags?: Record<string, string> }>(
  request: ListRequest,
  records: readonly T[],
  table: FilterTable<T>,
): Page<T> {
  const checked = (request.Filters ?? []).map((filter) => compile(filter, table));
  const matching = records.filter((record) => checked.every((matches) => matches(record)));
  refuseDryRun(request);
  return cutPage(request, matching);
}

/** F-205: without MaxResults EC2 answers everything at once. */
export function cutPage<T>(request: ListRequest, records: readonly T[]): Page<T> {
  const { MaxResults: limit, NextToken: token } = request;
  if (limit !== undefined && limit !== 0 && (limit < 5 || limit > 1000)) {
    const problem = `Value ( ${limit} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  return paginate(records, token, limit || Number.MAX_SAFE_INTEGER, () => {
    const problem = 'Unable to parse pagination token';
    return new ApiError('InvalidPaginationToken', problem);
  });
}

type Test<T> = (record: T) => boolean;

function compile<T extends { tags?: Record<string, string> }>(filter: Filter, table: FilterTable<T>): Test<T> {
  const name = filter.Name ?? '';
  const patterns = filter.Values ?? [];
  // F-206: an unknown filter is refused, never passed over; and a filter takes at most 200 values.
  const read = readerOf(name, table);
  if (read === undefined) throw new ApiError('InvalidParameterValue', `The filter '${name}' is invalid`);
  if (patterns.length === 0) throw new ApiError('InvalidParameterValue', `The filter '${name}' has no values`);
  if (patterns.length > 200) {
    throw new ApiError('FilterLimitExceeded', 'The maximum number of filter values specified on a single call is 200');
  }
  const tests = patterns.map(wildcard);
  return (record) => {
    const found = read(record);
    const values = Array.isArray(found) ? found : [found];
    return values.some((value) => value !== undefined && tests.some((test) => test(String(value))));
  };
}

function readerOf<T extends { tags?: Record<string, string> }>(name: string, table: FilterTable<T>) {
  if (name.startsWith('tag:')) return (record: T) => record.tags?.[name.slice(4)];
  if (name === 'tag-key') return (record: T) => Object.keys(record.tags ?? {});
  if (name === 'tag-value') return (record: T) => Object.values(record.tags ?? {});
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** F-207: `*` stands for any text, `?` for one character, a backslash takes both literally; case counts. */
function wildcard(pattern: string): (value: string) => boolean {
  if (!/[*?\\]/.test(pattern)) return (value) => value === pattern;
  const source = pattern.replaceAll(/\\(.)|([*?])|([.+^${}()|[\]\\/])/gs, (_all, literal, wild, special) => {
    if (wild) return wild === '*' ? '.*' : '.';
    return (literal ?? special).replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => expression.test(value);
}

/**
 * Makes a resource once per ClientToken: a repetition answers what the first request made (F-204).
 * Errors: `IdempotentParameterMismatch` when the token comes again with other parameters.
 */
export function oncePerToken(
  place: Place,
  request: { readonly ClientToken?: string | undefined; readonly DryRun?: boolean | undefined },
  operation: string,
  make: () => string,
): string {
  const { ClientToken: token, DryRun: _dryRun, ...parameters } = request;
  if (!token) return make();
  const state = ec2State(place);
  const key = `${operation}/${token}`;
  const fingerprint = JSON.stringify(parameters);
  const before = state.tokens[key];
  if (before && before.fingerprint !== fingerprint) {
    const problem = `The client token you have provided is associated with a resource that has different parameters.`;
    throw new ApiError('IdempotentParameterMismatch', problem);
  }
  if (before) return before.resourceId;
  const resourceId = make();
  state.tokens[key] = { fingerprint, resourceId };
  return resourceId;
}

/** `arn:aws:ec2:…` of a resource. */
export const arnOf = (place: Place, type: string, id: string): string =>
  `arn:aws:ec2:${place.region}:${place.account}:${type}/${id}`;

export function missingParameter(name: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
}
