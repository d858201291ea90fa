import { goneIsFine } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import type { Change, Resource } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { atOnce, change, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, tagChanges } from '../ownership.ts';
import { bucketPolicy, samePolicy, trustPolicy } from './policies.ts';

export interface RoleSeen {
  readonly arn: string;
  /** Policy documents as JSON text; undefined when there is none. */
  readonly trust: string;
  readonly access: string | undefined;
  readonly tags: Tags;
}

const id = 'producer/role';
const policyName = 'read-buckets';

/** What COPY may do: read the buckets that the configuration lists, and nothing else. */
export function role({ desired, aws }: StepContext): Resource<RoleSeen> {
  const { config, names } = desired;
  const name = names.role;
  const tags = tagsFor(config, id, name);
  const title = `role ${name}`;
  const trust = trustPolicy();
  const access = bucketPolicy(config.producer.s3Buckets, config.region);

  return {
    id,
    step: 'producer',
    kind: 'role',
    title,
    needs: [],
    usualMs: 5_000,
    async observe() {
      const [found, document] = await Promise.all([aws.iam.getRole(name), aws.iam.getRolePolicy(name, policyName)]);
      if (!found) return undefined;
      const seen = tagRecord(found.Tags);
      if (!isOurs(config, seen)) return foreign(title, config);
      return {
        arn: found.Arn ?? '',
        trust: decodeURIComponent(found.AssumeRolePolicyDocument ?? ''),
        access: document === undefined ? undefined : decodeURIComponent(document),
        tags: seen,
      };
    },
    changes(seen) {
      if (!seen) return [change('create', `create ${title}`, create)];
      return [
        ...(samePolicy(seen.trust, trust)
          ? []
          : [
              change('update', 'trust Redshift and Redshift Serverless, nobody else', () =>
                aws.iam.setTrust(name, trust),
              ),
            ]),
        ...accessChanges(seen),
        ...tagChanges(seen.tags, tags, (missing) => aws.iam.tag(name, missing)),
      ];
    },
    removal: ({ access: document }) => [
      ...(document === undefined
        ? []
        : [
            change('delete', `delete the policy of ${title}`, () =>
              goneIsFine(aws.iam.deleteRolePolicy(name, policyName)),
            ),
          ]),
      change('delete', `delete ${title}`, () => goneIsFine(aws.iam.deleteRole(name))),
    ],
    settled: atOnce,
    remember: ({ arn }) => ownershipRecord(arn, tags),
  };

  async function create(): Promise<void> {
    const Description = `COPY from the buckets of ${names.prefix}`;
    await aws.iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust, Description }, tags);
  }

  function accessChanges(seen: RoleSeen): Change[] {
    const buckets = config.producer.s3Buckets.join(', ');
    if (access === undefined) {
      if (seen.access === undefined) return [];
      return [change('update', 'read no bucket', () => goneIsFine(aws.iam.deleteRolePolicy(name, policyName)))];
    }
    if (seen.access !== undefined && samePolicy(seen.access, access)) return [];
    return [change('update', `read ${buckets}, nothing else`, () => aws.iam.putRolePolicy(name, policyName, access))];
  }
}
