/** ListSecrets and its filters. */
import type * as Secrets from '@aws-sdk/client-secrets-manager';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation, paginate } from '../../service.ts';
import { overview, stagesByVersion } from './secrets.ts';
import { type Secret, secretsState } from './state.ts';

type Filter = Checked<Secrets.Filter>;

const listSecrets: Operation<Checked<Secrets.ListSecretsRequest>, Secrets.ListSecretsResponse> = (input, call) => {
  const filters = input.Filters ?? [];
  const found = Object.values(secretsState(call).secrets)
    .filter((secret) => input.IncludePlannedDeletion || secret.deletedAt === undefined)
    .filter((secret) => filters.every((filter) => passes(secret, filter, call.region)))
    .sort(order(input));
  const limit = input.MaxResults ?? call.world.settings.pageSize;
  const { items, nextToken } = paginate(
    found,
    input.NextToken,
    limit,
    () => new ApiError('InvalidNextTokenException', 'Invalid Token'),
  );
  const entries = items.map((secret) => ({ ...overview(secret), SecretVersionsToStages: stagesByVersion(secret) }));
  return { SecretList: entries, NextToken: nextToken };
};

// Values are prefixes, any of which may match; one that begins with "!" must not. F-548
function passes(secret: Secret, filter: Filter, region: string): boolean {
  const texts = textsOf(secret, filter.Key, region);
  const values = filter.Values ?? [];
  const matches = (value: string) => texts.some((text) => startsWith(text, value, filter.Key));
  const refused = values.filter((value) => value.startsWith('!')).map((value) => value.slice(1));
  const wanted = values.filter((value) => !value.startsWith('!'));
  return !refused.some(matches) && (wanted.length === 0 || wanted.some(matches));
}

// Names and tags are compared with their case, words of a description without. F-548
const startsWith = (text: string, value: string, key: Filter['Key']) =>
  key === 'description' || key === 'all' ? text.toLowerCase().startsWith(value.toLowerCase()) : text.startsWith(value);

function textsOf(secret: Secret, key: Filter['Key'], region: string): string[] {
  const words = (secret.description ?? '').split(/[\s/_+=.@-]+/).filter((word) => word !== '');
  const texts = {
    name: [secret.name],
    description: words,
    'tag-key': secret.tags.map((tag) => tag.key),
    'tag-value': secret.tags.map((tag) => tag.value),
    'owning-service': secret.owningService === undefined ? [] : [secret.owningService],
    'primary-region': [region],
  };
  if (key === undefined || key === 'all') return [...texts.name, ...words, ...texts['tag-key'], ...texts['tag-value']];
  return texts[key];
}

function order(input: Checked<Secrets.ListSecretsRequest>): (a: Secret, b: Secret) => number {
  const sign = input.SortOrder === 'asc' ? 1 : -1;
  if (input.SortBy === 'name') return (a, b) => (a.name < b.name ? -sign : sign);
  const at = (secret: Secret) => (input.SortBy === 'last-changed-date' ? secret.changedAt : secret.createdAt);
  return (a, b) => sign * (at(a) - at(b));
}

export const listOperations = { ListSecrets: listSecrets };
