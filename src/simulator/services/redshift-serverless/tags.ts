/** Tags: kept by ARN, never part of a Get or List answer (F-116). */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { invalid } from './errors.ts';
import { serverless } from './state.ts';

const tagsMax = 200;

/** Merges `tags` into what the resource has. */
export function addTags(place: Place, arn: string, tags: readonly Checked<Tag>[] | undefined): void {
  const merged = { ...serverless(place).tags[arn] };
  for (const { key, value } of checkedTags(tags)) merged[key] = value;
  if (Object.keys(merged).length > tagsMax) {
    throw new ApiError('TooManyTagsException', `A resource can have at most ${tagsMax} tags.`, {
      members: { resourceName: arn },
    });
  }
  serverless(place).tags[arn] = merged;
}

/** Refuses the keys that AWS keeps for itself; to be called before anything is created (F-117). */
export function checkedTags(tags: readonly Checked<Tag>[] | undefined): readonly Checked<Tag>[] {
  const reserved = tags?.find(({ key }) => key.toLowerCase().startsWith('aws:'));
  if (reserved) throw invalid(`Tag keys can't begin with aws: (${reserved.key}).`);
  return tags ?? [];
}

function listTagsForResource(input: Checked<ListTagsForResourceRequest>, call: Call): ListTagsForResourceResponse {
  const tags = tagsOf(call, input.resourceArn);
  return { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
}

function tagResource(input: Checked<TagResourceRequest>, call: Call): TagResourceResponse {
  tagsOf(call, input.resourceArn);
  addTags(call, input.resourceArn, input.tags);
  return {};
}

function untagResource(input: Checked<UntagResourceRequest>, call: Call): UntagResourceResponse {
  const tags = tagsOf(call, input.resourceArn);
  for (const key of input.tagKeys ?? []) delete tags[key];
  return {};
}

function tagsOf(place: Place, arn: string): Record<string, string> {
  const tags = serverless(place).tags[arn];
  if (tags) return tags;
  throw new ApiError('ResourceNotFoundException', `The resource ${arn} was not found.`, {
    members: { resourceName: arn },
  });
}

export const operations = {
  ListTagsForResource: listTagsForResource,
  TagResource: tagResource,
  UntagResource: untagResource,
};
