import { goneIsFine } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import type { Resource } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import type { Random } from '../../shared/random.ts';
import { change, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, tagChanges } from '../ownership.ts';
import { makePassword } from './password.ts';

export interface ReaderSecretSeen {
  readonly arn: string;
  /** Of the current value: a new password is a new version. */
  readonly versionId: string | undefined;
  readonly description: string;
  /** A deleted secret keeps its name until it is really gone, and can be had back meanwhile (F-684). */
  readonly scheduledForDeletion: boolean;
  readonly tags: Tags;
}

const id = 'nlb/reader-secret';

/**
 * The login that clients use through the load balancer: the same on every consumer. The password is made here, once, and
 * is nowhere but in the secret; it is not read in order to look.
 */
export function readerSecret({ desired, aws }: StepContext, random: Random): Resource<ReaderSecretSeen> {
  const { config, names } = desired;
  const { reader } = config.datashare;
  const name = names.readerSecret;
  const tags = tagsFor(config, id, name);
  const title = `secret ${name}`;
  // Says whose login it is without the value having to be read.
  const description = `login ${reader} of the consumers of ${names.prefix}`;

  return {
    id,
    step: 'nlb',
    kind: 'secret',
    title,
    needs: [],
    usualMs: 5_000,
    async observe() {
      const found = await aws.secrets.describeSecret(name);
      if (!found) return undefined;
      const seen = tagRecord(found.Tags);
      if (!isOurs(config, seen)) return foreign(title, config);
      return {
        arn: found.ARN ?? '',
        versionId: currentVersion(found.VersionIdsToStages),
        description: found.Description ?? '',
        scheduledForDeletion: found.DeletedDate !== undefined,
        tags: seen,
      };
    },
    changes(seen) {
      if (!seen) return [change('create', `create ${title} for the login ${reader}`, create)];
      const restore = change('update', `take back the deletion of ${title}`, () => aws.secrets.restoreSecret(seen.arn));
      return [
        ...(seen.scheduledForDeletion ? [restore] : []),
        ...(seen.description === description
          ? []
          : [change('update', `a new login ${reader}`, () => aws.secrets.updateSecret(seen.arn, value()))]),
        ...tagChanges(seen.tags, tags, (missing) => aws.secrets.tag(seen.arn, missing)),
      ];
    },
    // At once: a name that waits for its deletion could not be used again for a week (F-684).
    removal: ({ arn }) => [change('delete', `delete ${title}`, () => goneIsFine(aws.secrets.deleteSecretNow(arn)))],
    settled: () => ({ is: 'settled' }),
    remember: ({ arn }) => ownershipRecord(arn, tags),
  };

  function create() {
    return aws.secrets.createSecret(name, value(), tags);
  }

  function value() {
    return { description, secretString: JSON.stringify({ username: reader, password: makePassword(random) }) };
  }
}

function currentVersion(stages: Readonly<Record<string, readonly string[]>> | undefined): string | undefined {
  return Object.entries(stages ?? {}).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
}
