/** AWS Secrets Manager: the caller's secrets, and those that other services keep for the caller. */
import type { Service } from '../../service.ts';
import { listOperations } from './listing.ts';
import { passwordOperations } from './passwords.ts';
import { resourcePolicyOperations } from './resource-policies.ts';
import { rotationEvents, rotationOperations } from './rotation.ts';
import { secretEvents, secretOperations } from './secrets.ts';
import { valueOperations } from './values.ts';

export const service: Service = {
  name: 'secretsmanager',
  operations: {
    ...secretOperations,
    ...valueOperations,
    ...listOperations,
    ...passwordOperations,
    ...rotationOperations,
    ...resourcePolicyOperations,
  },
  events: { ...secretEvents, ...rotationEvents },
};
