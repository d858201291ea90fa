import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
  type TagFilter,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { Connection } from './connection.ts';
import { allPages } from './paging.ts';
import { type Tags, tagRecord } from './tags.ts';

export interface TaggedResource {
  readonly arn: string;
  readonly tags: Tags;
}

export function tagging(connection: Connection) {
  const open = (config: ConstructorParameters<typeof ResourceGroupsTaggingAPIClient>[0]) =>
    new ResourceGroupsTaggingAPIClient(config ?? {});
  const send = connection.open('tagging', 'Resource Groups Tagging API', open);
  return {
    /** What carries all of `tags`; eventually consistent: a hit proves something, a miss does not (F-654). */
    find(tags: Tags, types: readonly string[] = []): Promise<TaggedResource[]> {
      return search(
        Object.entries(tags).map(([Key, value]) => ({ Key, Values: [value] })),
        types,
      );
    },
    /** What carries a tag with this key, whatever its value. */
    findKey: (Key: string, types: readonly string[]) => search([{ Key }], types),
  };

  async function search(TagFilters: TagFilter[], types: readonly string[]): Promise<TaggedResource[]> {
    const found = await allPages((PaginationToken) =>
      send(new GetResourcesCommand({ TagFilters, ResourceTypeFilters: [...types], PaginationToken })).then((page) => ({
        items: page.ResourceTagMappingList,
        next: page.PaginationToken,
      })),
    );
    return found.map(({ ResourceARN, Tags }) => ({ arn: ResourceARN ?? '', tags: tagRecord(Tags) }));
  }
}

export type Tagging = ReturnType<typeof tagging>;
