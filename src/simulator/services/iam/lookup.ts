/** What other services ask IAM about a role that they are to assume. */
import type { Place } from '../../world.ts';
import { trustedServices } from './policies.ts';
import { iamState } from './state.ts';

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
