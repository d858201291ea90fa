/** The Resource Groups Tagging API: one question to all services, answered a little behind the truth. */
import type * as Tagging from '@aws-sdk/client-resource-groups-tagging-api';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation, paginate, type Service } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { TaggedResource } from './registry.ts';
import { sources } from './sources.ts';

/** How long a new resource stays unseen. F-591 */
const lagMs = 20_000;

const invalid = (message: string) => new ApiError('InvalidParameterException', message);

const known = (place: Place): TaggedResource[] =>
  sources
    .flatMap((source) => source(place))
    .filter(({ since, tags }) => tags.length > 0 && (since === undefined || place.now >= since + lagMs));

function page<T>(place: Place, items: readonly T[], request: { token: string | undefined; limit: number | undefined }) {
  const limit = request.limit ?? place.world.settings.pageSize;
  const { items: shown, nextToken } = paginate(items, request.token, limit, () => invalid('Invalid PaginationToken'));
  // The last page has an empty token, not none. F-592
  return { shown, token: nextToken ?? '' };
}

const getResources: Operation<Checked<Tagging.GetResourcesInput>, Tagging.GetResourcesOutput> = (input, call) => {
  const { ResourceARNList: arns, ResourceTypeFilters: types = [], TagFilters: filters = [] } = input;
  if (arns !== undefined && (types.length > 0 || filters.length > 0)) {
    throw invalid('ResourceARNList cannot be combined with TagFilters or ResourceTypeFilters');
  }
  const found = known(call)
    .filter(({ arn }) => arns === undefined || arns.includes(arn))
    .filter(({ arn }) => types.length === 0 || types.some((type) => isOfType(arn, type)))
    .filter((resource) => filters.every((filter) => matches(resource, filter)));
  const { shown, token } = page(call, found, { token: input.PaginationToken, limit: input.ResourcesPerPage });
  const mappings = shown.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: tags.map(wireTag) }));
  return { PaginationToken: token, ResourceTagMappingList: mappings };
};

const wireTag = ({ key, value }: { key: string; value: string }) => ({ Key: key, Value: value });

// "ec2" or "ec2:vpc": the service and the first part of an ARN's resource.
function isOfType(arn: string, type: string): boolean {
  const [, , service, , , resource = ''] = arn.split(':');
  const kind = resource.split('/')[0];
  return type === service || type === `${service}:${kind}`;
}

// Any of a filter's values will do; without values the key alone counts.
function matches(resource: TaggedResource, filter: Checked<Tagging.TagFilter>): boolean {
  const { Key: key, Values: values = [] } = filter;
  if (key === undefined) throw invalid('A tag filter needs a Key');
  return resource.tags.some((tag) => tag.key === key && (values.length === 0 || values.includes(tag.value)));
}

const getTagKeys: Operation<Checked<Tagging.GetTagKeysInput>, Tagging.GetTagKeysOutput> = (input, call) => {
  const keys = [...new Set(known(call).flatMap(({ tags }) => tags.map((tag) => tag.key)))].sort();
  const { shown, token } = page(call, keys, { token: input.PaginationToken, limit: undefined });
  return { PaginationToken: token, TagKeys: shown };
};

const getTagValues: Operation<Checked<Tagging.GetTagValuesInput>, Tagging.GetTagValuesOutput> = (input, call) => {
  const tags = known(call).flatMap((resource) => resource.tags);
  const values = [...new Set(tags.filter((tag) => tag.key === input.Key).map((tag) => tag.value))].sort();
  const { shown, token } = page(call, values, { token: input.PaginationToken, limit: undefined });
  return { PaginationToken: token, TagValues: shown };
};

export const service: Service = {
  name: 'tagging',
  operations: { GetResources: getResources, GetTagKeys: getTagKeys, GetTagValues: getTagValues },
};
