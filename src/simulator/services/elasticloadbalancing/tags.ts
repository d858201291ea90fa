/** Tags of load balancers, target groups and listeners. */
import type {
  AddTagsInput,
  AddTagsOutput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
  RemoveTagsOutput,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { elbState, requireListener, requireLoadBalancer, requireTargetGroup, validationError } from './state.ts';

/** F-303. */
const tagsMax = 50;

/** F-303: a request names at most 20 resources. */
const resourcesMax = 20;

/** The tags that a resource is to have. Errors: `DuplicateTagKeys`, `TooManyTags`, `ValidationError` for `aws:`. */
export function mergedTags(present: Readonly<Record<string, string>>, added: readonly Checked<Tag>[] = []) {
  const keys = added.map((tag) => tag.Key);
  if (new Set(keys).size < keys.length) {
    throw new ApiError('DuplicateTagKeysException', 'A tag key was specified more than once');
  }
  const reserved = keys.find((key) => /^aws:/i.test(key));
  if (reserved) throw validationError(`Tag key '${reserved}' is reserved: keys may not start with 'aws:'`);
  const merged = { ...present, ...Object.fromEntries(added.map((tag) => [tag.Key, tag.Value ?? ''])) };
  if (Object.keys(merged).length > tagsMax) {
    throw new ApiError('TooManyTagsException', `The maximum number of tags for a resource is ${tagsMax}`);
  }
  return merged;
}

function taggable(place: Place, arns: readonly string[]) {
  if (arns.length > resourcesMax) throw validationError(`At most ${resourcesMax} resources can be specified`);
  return arns.map((arn) => {
    if (arn.includes(':loadbalancer/')) return requireLoadBalancer(place, arn);
    return arn.includes(':targetgroup/') ? requireTargetGroup(place, arn) : requireListener(place, arn);
  });
}

function describeTags(input: Checked<DescribeTagsInput>, call: Call): DescribeTagsOutput {
  return {
    TagDescriptions: taggable(call, input.ResourceArns).map(({ arn, tags }) => ({
      ResourceArn: arn,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    })),
  };
}

function addTags(input: Checked<AddTagsInput>, call: Call): AddTagsOutput {
  const resources = taggable(call, input.ResourceArns);
  const merged = resources.map(({ tags }) => mergedTags(tags, input.Tags));
  for (const [index, resource] of resources.entries()) resource.tags = merged[index] ?? resource.tags;
  return {};
}

function removeTags(input: Checked<RemoveTagsInput>, call: Call): RemoveTagsOutput {
  for (const resource of taggable(call, input.ResourceArns)) {
    const kept = Object.entries(resource.tags).filter(([key]) => !input.TagKeys.includes(key));
    resource.tags = Object.fromEntries(kept);
  }
  return {};
}

/** Every resource of the region by ARN, with its tags and since when it is there: for the service that searches tags. */
export function taggedResources(place: Place) {
  const { loadBalancers, targetGroups, listeners } = elbState(place);
  const resources = [...Object.values(loadBalancers), ...Object.values(targetGroups), ...Object.values(listeners)];
  return resources.map(({ arn, tags, createdAt }) => ({
    arn,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    since: createdAt,
  }));
}

export const tagOperations = { DescribeTags: describeTags, AddTags: addTags, RemoveTags: removeTags };
