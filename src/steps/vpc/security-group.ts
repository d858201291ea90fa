import type { SecurityGroup } from '@aws-sdk/client-ec2';
import type { Direction } from '../../aws/ec2.ts';
import { goneIsFine } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import { type Change, Foreign, type Known, type Look, type Resource, type ResourceId } from '../../engine/resource.ts';
import type { SecurityGroupRole } from '../../model/names.ts';
import { tagsFor } from '../../model/tags.ts';
import { atOnce, change, needed, type StepContext } from '../changes.ts';
import { ownershipRecord, pick, tagChanges } from '../ownership.ts';
import type { Network } from './network.ts';
import { describeRule, differenceOf, permissionsOf, type Rule, rulesOf } from './rules.ts';
import { s3ServiceName } from './s3-endpoint.ts';

export interface SecurityGroupSeen {
  readonly groupId: string;
  readonly rules: readonly Rule[];
  /** Only where rules speak of it. */
  readonly s3PrefixList: string | undefined;
  readonly tags: Tags;
}

export interface SecurityGroupOptions {
  readonly role: SecurityGroupRole;
  readonly network: Network;
  /** What it is for, in EC2's own description: letters, digits and ` ._-:/()#,@[]+=&;{}!$*` only. */
  readonly about: string;
  /** Whose groups its rules name. */
  readonly peers?: readonly Resource<SecurityGroupSeen>[];
  /** Exactly the rules that it should have. */
  wanted(seen: SecurityGroupSeen, known: Known): readonly Rule[];
  /** Rules that another resource makes and keeps. */
  spared?(rule: Rule, seen: SecurityGroupSeen): boolean;
}

export function securityGroup(context: StepContext, options: SecurityGroupOptions): Resource<SecurityGroupSeen> {
  const { desired, aws } = context;
  const { role, network, peers = [] } = options;
  const { config, names } = desired;
  const name = names.securityGroup(role);
  const id: ResourceId = `vpc/${role}-group`;
  const tags = tagsFor(config, id, name);
  const title = `security group ${name}`;

  const identify = ({ GroupId = '', GroupName = '', Tags }: SecurityGroup) => ({
    id: GroupId,
    tags: tagRecord(Tags),
    named: GroupName.toLowerCase() === name.toLowerCase(), // F-660: EC2 compares them so
  });

  return {
    id,
    step: 'vpc',
    kind: 'security-group',
    title,
    needs: [...network.vpc, ...peers],
    usualMs: 5_000,
    async observe(look) {
      const vpcId = network.vpcId(look);
      if (vpcId === undefined) return undefined;
      const found = pick(config, id, await groupsOf(context, look, vpcId), { look, identify });
      if (found === undefined || found instanceof Foreign) return found;
      return {
        groupId: found.GroupId ?? '',
        rules: rulesOf(found),
        s3PrefixList: await s3PrefixListFor(context, look),
        tags: tagRecord(found.Tags),
      };
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}: ${options.about}`, () => create(known))];
      const own = seen.rules.filter((rule) => !options.spared?.(rule, seen));
      const { missing, surplus } = differenceOf(own, options.wanted(seen, known));
      return [
        ...ruleChanges(context, seen.groupId, { missing, surplus }),
        ...tagChanges(seen.tags, tags, (some) => aws.ec2.createTags(seen.groupId, some)),
      ];
    },
    removal: ({ groupId }) => [
      change('delete', `delete ${title} (${groupId})`, () => goneIsFine(aws.ec2.deleteSecurityGroup(groupId)), {
        why: 'AWS keeps network interfaces for some minutes after what they belonged to',
      }),
    ],
    settled: atOnce,
    remember: ({ groupId }) => ownershipRecord(groupId, tags),
  };

  async function create(known: Known): Promise<void> {
    const VpcId = needed(network.vpcId(known), 'the VPC');
    await aws.ec2.createSecurityGroup({ VpcId, GroupName: name, Description: options.about }, tags);
  }
}

export const groupsOf = ({ aws }: StepContext, look: Look, vpcId: string) =>
  look.once('ec2/security-groups', () => aws.ec2.describeSecurityGroups({ 'vpc-id': [vpcId] }));

/** At most one call a direction for what is missing, and one for what is too much. */
export function ruleChanges(
  { aws }: StepContext,
  groupId: string,
  { missing, surplus }: { missing: readonly Rule[]; surplus: readonly Rule[] },
): Change[] {
  const directions: readonly Direction[] = ['ingress', 'egress'];
  return directions.flatMap((direction) => {
    const allow = missing.filter((rule) => rule.direction === direction);
    const forbid = surplus.filter((rule) => rule.direction === direction);
    const list = (rules: readonly Rule[]) => rules.map(describeRule).join(', ');
    return [
      ...(allow.length > 0
        ? [change('update', `allow ${list(allow)}`, () => aws.ec2.authorize(direction, groupId, permissionsOf(allow)))]
        : []),
      ...(forbid.length > 0
        ? [change('update', `forbid ${list(forbid)}`, () => aws.ec2.revoke(direction, groupId, permissionsOf(forbid)))]
        : []),
    ];
  });
}

/** Workgroups with enhanced VPC routing reach S3 through its prefix list; without it no rule speaks of it. */
async function s3PrefixListFor({ desired, aws }: StepContext, look: Look): Promise<string | undefined> {
  const { enhancedVpcRouting } = desired.config.network;
  if (!enhancedVpcRouting) return undefined;
  return look.once('ec2/s3-prefix-list', () => aws.ec2.prefixListId(s3ServiceName(desired.config.region)));
}
