/** Tags of tables. */
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { Json } from './engine.ts';
import { invalid, structuresOf, textOf } from './input.ts';
import type { TableOperation } from './operation.ts';
import { type TableRecord, type TableTag, tablesOf } from './state.ts';

const tagsMax = 50;

export function mergeTags(old: readonly TableTag[], added: readonly Json[]): TableTag[] {
  const fresh = added.map((tag) => ({ key: textOf(tag, 'Key'), value: textOf(tag, 'Value') }));
  const names = fresh.map((tag) => tag.key);
  if (new Set(names).size < names.length) throw invalid('Duplicate tag keys');
  if (names.some((name) => name.startsWith('aws:'))) throw invalid("Tag keys can't begin with aws:");
  const merged = [...old.filter((tag) => !names.includes(tag.key)), ...fresh];
  if (merged.length > tagsMax) throw invalid(`Too many tags: at most ${tagsMax} are allowed`);
  return merged;
}

function taggedTable(input: Json, place: Place): TableRecord {
  const arn = textOf(input, 'ResourceArn');
  const table = Object.values(tablesOf(place)).find((one) => one.arn === arn);
  if (table) return table;
  if (!/^arn:aws:dynamodb:[^:]+:\d{12}:table\/[^/]+$/.test(arn)) {
    throw invalid(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  }
  throw new ApiError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`);
}

const tagResource: TableOperation = async (input, { place }) => {
  const table = taggedTable(input, place);
  table.tags = mergeTags(table.tags, structuresOf(input, 'Tags') ?? []);
  return {};
};

const untagResource: TableOperation = async (input, { place }) => {
  const table = taggedTable(input, place);
  const keys: unknown[] = Array.isArray(input.TagKeys) ? input.TagKeys : [];
  table.tags = table.tags.filter((tag) => !keys.includes(tag.key));
  return {};
};

// AWS pages at 10 tags a time and offers no size to ask for. F-564
const tagsPerPage = 10;

const listTagsOfResource: TableOperation = async (input, { place }) => {
  const { tags } = taggedTable(input, place);
  const start = typeof input.NextToken === 'string' ? Number(input.NextToken) : 0;
  if (!Number.isInteger(start) || start < 0 || start > tags.length) throw invalid('Invalid NextToken');
  const end = start + tagsPerPage;
  const shown = tags.slice(start, end).map(({ key, value }) => ({ Key: key, Value: value }));
  return end < tags.length ? { Tags: shown, NextToken: String(end) } : { Tags: shown };
};

export const tagOperations = {
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsOfResource: listTagsOfResource,
};
