/** Tags: given at creation or later, read with their resource or by DescribeTags. */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  Tag,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { ResourceRecord } from './records.ts';
import { arnOf, cutPage, type FilterTable, listPage, refuseDryRun } from './requests.ts';
import { requireRecord, type TableName, tableNames, tableOf, visibleRecords } from './state.ts';

const types: Readonly<Record<TableName, ResourceType>> = {
  vpcs: 'vpc',
  subnets: 'subnet',
  routeTables: 'route-table',
  securityGroups: 'security-group',
  rules: 'security-group-rule',
  networkAcls: 'network-acl',
  interfaces: 'network-interface',
  vpcEndpoints: 'vpc-endpoint',
  internetGateways: 'internet-gateway',
  instances: 'instance',
};

/** F-208. */
const tagsMax = 50;

export const tagList = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/**
 * The tags with which a resource of `type` is to be made.
 * Errors: `InvalidParameterValue` for a specification of another type, reserved or repeated keys; `TagLimitExceeded`.
 */
export function tagsFor(specifications: TagSpecification[] | undefined, type: ResourceType): Record<string, string> {
  const foreign = specifications?.find((specification) => specification.ResourceType !== type);
  if (foreign) {
    const problem = `'${foreign.ResourceType}' is not a valid taggable resource type for this operation.`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  return collectTags(specifications?.flatMap((specification) => specification.Tags ?? []) ?? []);
}

function collectTags(tags: readonly Tag[]): Record<string, string> {
  const collected: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of tags) {
    checkTag(key, value);
    if (Object.hasOwn(collected, key)) {
      throw new ApiError('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    }
    collected[key] = value;
  }
  if (Object.keys(collected).length > tagsMax) throw tagLimit();
  return collected;
}

function checkTag(key: string, value: string): void {
  const refuse = (problem: string) => new ApiError('InvalidParameterValue', problem);
  if (key === '') throw refuse('Tag key cannot be empty.');
  if (/^aws:/i.test(key)) throw refuse(`Tag keys starting with 'aws:' are reserved for internal use`);
  if (key.length > 128) throw refuse(`Tag key exceeds the maximum length of 128 characters`);
  if (value.length > 256) throw refuse(`Tag value exceeds the maximum length of 256 characters`);
}

const tagLimit = () => new ApiError('TagLimitExceeded', `More than ${tagsMax} tags specified`);

function createTags(input: CreateTagsRequest, call: Call): Record<string, never> {
  const records = taggable(call, input.Resources ?? []);
  const added = collectTags(input.Tags ?? []);
  const merged = records.map((record) => ({ ...record.tags, ...added }));
  if (merged.some((tags) => Object.keys(tags).length > tagsMax)) throw tagLimit();
  refuseDryRun(input);
  for (const [index, record] of records.entries()) record.tags = merged[index] ?? record.tags;
  return {};
}

/** F-209: a key without a value goes whatever its value; with one, only when it is that one; no tags: all go. */
function deleteTags(input: DeleteTagsRequest, call: Call): Record<string, never> {
  const records = taggable(call, input.Resources ?? []);
  refuseDryRun(input);
  for (const record of records) {
    const kept = Object.entries(record.tags).filter(([key, value]) => !names(input.Tags, key, value));
    record.tags = Object.fromEntries(kept);
  }
  return {};
}

const names = (tags: Tag[] | undefined, key: string, value: string) =>
  !tags?.length || tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));

function taggable(place: Place, ids: readonly string[]): ResourceRecord[] {
  return ids.map((id) => {
    const table = tableOf(id);
    if (table === undefined) throw new ApiError('InvalidID', `The ID '${id}' is not valid`);
    return requireRecord(place, table, id);
  });
}

interface TagRow {
  readonly key: string;
  readonly value: string;
  readonly id: string;
  readonly type: ResourceType;
  readonly tags: Record<string, string>;
}

const tagFilters: FilterTable<TagRow> = {
  key: (row) => row.key,
  value: (row) => row.value,
  'resource-id': (row) => row.id,
  'resource-type': (row) => row.type,
};

function describeTags(input: DescribeTagsRequest, call: Call): DescribeTagsResult {
  const rows = tableNames.flatMap((table) => rowsOf(call, table));
  // Tag filters mean the row's own tag here, not any tag of its resource.
  const { items } = listPage({ Filters: input.Filters, DryRun: input.DryRun }, rows, tagFilters);
  const page = cutPage(input, items);
  return {
    Tags: page.items.map((row) => ({ Key: row.key, Value: row.value, ResourceId: row.id, ResourceType: row.type })),
    NextToken: page.nextToken,
  };
}

function rowsOf(place: Place, table: TableName): TagRow[] {
  return visibleRecords(place, table).flatMap((record) =>
    Object.entries(record.tags).map(([key, value]) => ({
      key,
      value,
      id: idOf(record),
      type: types[table],
      tags: { [key]: value },
    })),
  );
}

/** Every resource of the region by ARN, with its tags and since when it is there: for the service that searches tags. */
export function taggedResources(place: Place) {
  return tableNames.flatMap((table) =>
    visibleRecords(place, table).map((record) => ({
      arn: arnOf(place, types[table], idOf(record)),
      tags: Object.entries(record.tags).map(([key, value]) => ({ key, value })),
      since: record.visibleAt,
    })),
  );
}

function idOf(record: ReturnType<typeof visibleRecords<TableName>>[number]): string {
  if ('reservationId' in record) return record.instanceId;
  if ('ruleId' in record) return record.ruleId;
  if ('internetGatewayId' in record) return record.internetGatewayId;
  if ('vpcEndpointId' in record) return record.vpcEndpointId;
  if ('networkInterfaceId' in record) return record.networkInterfaceId;
  if ('networkAclId' in record) return record.networkAclId;
  if ('groupId' in record) return record.groupId;
  if ('routeTableId' in record) return record.routeTableId;
  return 'subnetId' in record ? record.subnetId : record.vpcId;
}

export const tagOperations = { CreateTags: createTags, DeleteTags: deleteTags, DescribeTags: describeTags };
