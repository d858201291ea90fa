/** What has our names and not our tags. Where tags cost a call of their own, what the ledger knows is not asked again. */
import type { Aws } from '../../aws/aws.ts';
import { orAbsent } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import type { LedgerDocument } from '../../ledger/ledger.ts';
import type { Desired } from '../../model/desired.ts';
import { isOurs, ownTagKeys } from '../../model/tags.ts';
import type {
  BalancerView,
  Examined,
  NamespaceView,
  Stranger,
  TargetGroupView,
  WorkgroupView,
} from '../observations.ts';
import { type Reading, read } from '../reading.ts';

export interface StrangerQuestion {
  readonly aws: Aws;
  readonly desired: Desired;
  readonly ledger: LedgerDocument;
  readonly examined: readonly Examined[];
  readonly workgroups: readonly WorkgroupView[];
  readonly namespaces: readonly NamespaceView[];
  readonly groups: readonly { readonly id: string; readonly name: string; readonly ours: boolean }[];
  readonly balancer: BalancerView | undefined;
  readonly targetGroup: TargetGroupView | undefined;
  readonly secretTags: Tags | undefined;
}

export function observeStrangers(question: StrangerQuestion): Promise<Reading<readonly Stranger[]>> {
  return read(async () => {
    const [warehouses, balancer] = await Promise.all([ofWarehouses(question), ofBalancer(question)]);
    return [...warehouses, ...balancer, ...ofGroups(question), ...ofSecret(question)];
  });
}

const shared = 'environment';

async function ofWarehouses(question: StrangerQuestion): Promise<Stranger[]> {
  const { aws, desired } = question;
  const { project, environment } = desired.config;
  const asked = unrecorded(question);
  if (asked.length === 0) return [];
  // One call finds many; it lags behind, so a hit proves ours and a miss proves nothing (F-654).
  const own = { [ownTagKeys.project]: project, [ownTagKeys.environment]: environment };
  const ours = new Set((await aws.tagging.find(own, ['redshift-serverless'])).map(({ arn }) => arn));
  const checked = await Promise.all(
    asked
      .filter(({ arn }) => !ours.has(arn))
      .map(async ({ arn, subject, what }) => {
        const tags = await orAbsent(aws.serverless.listTags(arn));
        return tags === undefined || isOurs(desired.config, tags) ? [] : [{ subject, what }];
      }),
  );
  return checked.flat();
}

/** Namespaces and workgroups of our names that the ledger does not know by their ARN. */
function unrecorded({ examined, workgroups, namespaces, ledger }: StrangerQuestion) {
  const recorded = (id: string) => ledger.resources[id]?.data.id;
  return examined.flatMap(({ warehouse: { name, short } }) => {
    const workgroup = workgroups.find((one) => one.name === name);
    const namespace = namespaces.find((one) => one.name === name);
    return [
      ...(namespace && namespace.arn !== recorded(`${short}/namespace`)
        ? [{ arn: namespace.arn, subject: short, what: `the namespace ${name}` }]
        : []),
      ...(workgroup && workgroup.arn !== recorded(`${short}/workgroup`)
        ? [{ arn: workgroup.arn, subject: short, what: `the workgroup ${name}` }]
        : []),
    ];
  });
}

async function ofBalancer({ aws, desired, balancer, targetGroup }: StrangerQuestion): Promise<Stranger[]> {
  const { names, config } = desired;
  const parts = [
    ...(balancer ? [{ arn: balancer.arn, what: `the load balancer ${names.loadBalancer}` }] : []),
    ...(targetGroup ? [{ arn: targetGroup.arn, what: `the target group ${names.targetGroup}` }] : []),
  ];
  if (parts.length === 0) return [];
  const tags: Readonly<Record<string, Tags>> = await aws.elb.tags(parts.map(({ arn }) => arn));
  return parts.filter(({ arn }) => !isOurs(config, tags[arn])).map(({ what }) => ({ subject: shared, what }));
}

function ofGroups({ groups, desired }: StrangerQuestion): Stranger[] {
  const roles = ['nlb', 'endpoint', 'consumer', 'producer', 'workload'] as const;
  const names = new Set(roles.map((role) => desired.names.securityGroup(role).toLowerCase())); // F-660
  return groups
    .filter(({ name, ours }) => names.has(name.toLowerCase()) && !ours)
    .map(({ name, id }) => ({ subject: shared, what: `the security group ${name} (${id})` }));
}

function ofSecret({ secretTags, desired }: StrangerQuestion): Stranger[] {
  if (secretTags === undefined || isOurs(desired.config, secretTags)) return [];
  return [{ subject: shared, what: `the secret ${desired.names.readerSecret}` }];
}
