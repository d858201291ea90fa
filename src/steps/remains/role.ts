/** The role and the instance profile of test instances, as far as they are to go. */
import type { Aws } from '../../aws/aws.ts';
import { goneIsFine } from '../../aws/paging.ts';
import { tagRecord } from '../../aws/tags.ts';
import type { Desired } from '../../model/desired.ts';
import { isOfTest } from '../../model/tags.ts';
import { partitionOf } from '../producer/policies.ts';

interface Owner {
  readonly aws: Aws;
  readonly desired: Desired;
}

/** The one policy of its own. */
export const readerPolicyName = 'read-the-password';

/**
 * Removes both; what is not there, or somebody else's, stays as it is. `permit` is awaited before every call that changes
 * something but the first.
 */
export async function removeRole({ aws, desired }: Owner, permit?: () => Promise<void>): Promise<void> {
  const { iam } = aws;
  const name = desired.names.testRole;
  const isOurs = (tags: Parameters<typeof tagRecord>[0]) => isOfTest(desired.config, tagRecord(tags));
  const [profile, role] = await Promise.all([iam.getInstanceProfile(name), iam.getRole(name)]);
  const roles = profile?.Roles?.flatMap(({ RoleName }) => RoleName ?? []) ?? [];
  const ofProfile = [
    ...roles.map((one) => () => iam.removeRoleFromProfile(name, one)),
    () => iam.deleteInstanceProfile(name),
  ];
  const ofRole = [
    () => iam.detachRolePolicy(name, agentPolicy(desired.config.region)),
    () => iam.deleteRolePolicy(name, readerPolicyName),
    () => iam.deleteRole(name),
  ];
  const calls = [...(isOurs(profile?.Tags) ? ofProfile : []), ...(isOurs(role?.Tags) ? ofRole : [])];
  for (const [index, call] of calls.entries()) {
    if (index > 0) await permit?.();
    await goneIsFine(call());
  }
}

/** Whether either of them is there. */
export async function hasRole({ aws, desired }: Owner): Promise<boolean> {
  const name = desired.names.testRole;
  const [role, profile] = await Promise.all([aws.iam.getRole(name), aws.iam.getInstanceProfile(name)]);
  return [role, profile].some((one) => isOfTest(desired.config, tagRecord(one?.Tags)));
}

/** F-594 */
export const agentPolicy = (region: string) =>
  `arn:${partitionOf(region)}:iam::aws:policy/AmazonSSMManagedInstanceCore`;
