/** AWS Identity and Access Management, as far as roles and instance profiles go. It knows no regions. */
import type { Service } from '../../service.ts';
import { instanceProfileOperations } from './instance-profiles.ts';
import { rolePolicyOperations } from './role-policies.ts';
import { roleOperations } from './roles.ts';
import { userOperations } from './users.ts';

export const service: Service = {
  name: 'iam',
  operations: { ...roleOperations, ...rolePolicyOperations, ...instanceProfileOperations, ...userOperations },
};
