/** What IAM remembers, for all regions alike (F-500): roles and instance profiles by name. */
import type { Place, Slot } from '../../world.ts';

export interface IamTag {
  readonly key: string;
  readonly value: string;
}

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly roleId: string;
  readonly arn: string;
  readonly createdAt: number;
  /** When the role, with its present trust policy, is known to the services that assume it. F-505 */
  propagatedAt: number;
  trustPolicy: string;
  description: string | undefined;
  maxSessionDuration: number;
  permissionsBoundary: string | undefined;
  tags: IamTag[];
  inlinePolicies: Record<string, string>;
  attachedPolicies: string[];
}

export interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  readonly profileId: string;
  readonly arn: string;
  readonly createdAt: number;
  /** When EC2 knows of it, with the role that is in it now. F-593 */
  propagatedAt?: number;
  tags: IamTag[];
  roleName: string | undefined;
}

export interface IamState {
  roles: Record<string, Role>;
  profiles: Record<string, InstanceProfile>;
}

export const iamSlot: Slot<IamState> = { name: 'iam', scope: 'global', initial: () => ({ roles: {}, profiles: {} }) };

export const iamState = (place: Place): IamState => place.world.state(iamSlot, place.region);
