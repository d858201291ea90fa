/** What other services ask IAM about a role that they are to assume. */
import type { Place } from '../../world.ts';
import { trustedServices } from './policies.ts';
import { type InstanceProfile, iamState, type Role } from './state.ts';

/**
 * Whether a service may assume a role by now. `servicePrincipals` are the names the service goes by; one of them in
 * the trust policy is enough. A role that was just made, or whose trust was just changed, is not known everywhere yet.
 */
export function roleStanding(
  place: Place,
  roleArn: string,
  servicePrincipals: readonly string[],
): 'usable' | 'propagating' | 'untrusted' | 'absent' {
  const role = Object.values(iamState(place).roles).find((one) => one.arn === roleArn);
  if (!role) return 'absent';
  if (place.now < role.propagatedAt) return 'propagating';
  const trusted = trustedServices(role.trustPolicy);
  return servicePrincipals.some((principal) => trusted.includes(principal)) ? 'usable' : 'untrusted';
}

/** What EC2 makes of an instance profile: F-593, it is as slow to hear of one as of a role. */
export function profileFor(
  place: Place,
  { arn, name }: { readonly arn?: string | undefined; readonly name?: string | undefined },
): { readonly known: false } | { readonly known: true; readonly arn: string; readonly hasRole: boolean } {
  const profile = Object.values(iamState(place).profiles).find((one) => one.arn === arn || one.name === name);
  if (!profile || place.now < (profile.propagatedAt ?? 0)) return { known: false };
  return { known: true, arn: profile.arn, hasRole: profile.roleName !== undefined };
}

/** The role that an instance with this profile has: the one that is in it now, if EC2 may assume it. */
export function roleOfProfile(place: Place, profileArn: string | undefined): Role | undefined {
  const profile: InstanceProfile | undefined = Object.values(iamState(place).profiles).find(
    (one) => one.arn === profileArn,
  );
  const role = profile?.roleName === undefined ? undefined : iamState(place).roles[profile.roleName];
  return role && trustedServices(role.trustPolicy).includes('ec2.amazonaws.com') ? role : undefined;
}
