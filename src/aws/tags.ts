/** Tags: a plain record in rsds, four different lists in AWS. */
export type Tags = Readonly<Record<string, string>>;

/** `[{ Key, Value }]`: EC2, IAM, Elastic Load Balancing, Secrets Manager. */
export const tagList = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** `[{ key, value }]`: Redshift Serverless. */
export const lowerTagList = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));

/** `[{ TagKey, TagValue }]`: KMS. */
export const keyTagList = (tags: Tags) => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

interface AnyTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly TagKey?: string | undefined;
  readonly TagValue?: string | undefined;
}

/** Any of those lists as a record. */
export function tagRecord(list: readonly AnyTag[] | undefined): Tags {
  const pairs = (list ?? []).map((tag) => [tag.Key ?? tag.key ?? tag.TagKey, tag.Value ?? tag.value ?? tag.TagValue]);
  return Object.fromEntries(pairs.filter(([key]) => key !== undefined).map(([key, value]) => [key, value ?? '']));
}
