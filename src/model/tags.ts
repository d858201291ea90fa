/** The one place that makes tags, and the one that reads from them whether something is ours. */
import type { Config } from '../config/config.ts';
import type { ResourceId } from '../engine/resource.ts';

/** Tags that rsds sets itself on everything that can carry tags; the user's own may not use these keys. */
export const ownTagKeys = {
  name: 'Name',
  project: 'rsds:project',
  environment: 'rsds:environment',
  resource: 'rsds:resource',
  test: 'rsds:test',
} as const;

type Owner = Pick<Config, 'project' | 'environment'>;

/** All tags of one resource: ours and the user's. `name` is what consoles show. */
export function tagsFor(
  config: Owner & Pick<Config, 'tags'>,
  resource: ResourceId | string,
  name: string,
): Record<string, string> {
  return {
    ...config.tags,
    [ownTagKeys.name]: name,
    [ownTagKeys.project]: config.project,
    [ownTagKeys.environment]: config.environment,
    [ownTagKeys.resource]: resource,
  };
}

/** Whether these tags say that the thing belongs to this environment. Nothing else makes a thing ours. */
export function isOurs(config: Owner, tags: Readonly<Record<string, string>> | undefined): boolean {
  if (tags === undefined) return false;
  return tags[ownTagKeys.project] === config.project && tags[ownTagKeys.environment] === config.environment;
}

/** The tags of something that stands only as long as a test: ours, and of which run it is. */
export const testTagsFor = (
  config: Owner & Pick<Config, 'tags'>,
  resource: ResourceId | string,
  { name, run }: { readonly name: string; readonly run: string },
): Record<string, string> => ({ ...tagsFor(config, resource, name), [ownTagKeys.test]: run });

/** Whether these tags say that the thing was made for a test of this environment. */
export const isOfTest = (config: Owner, tags: Readonly<Record<string, string>> | undefined): boolean =>
  isOurs(config, tags) && tags?.[ownTagKeys.test] !== undefined;
