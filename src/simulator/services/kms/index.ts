/** AWS Key Management Service: customer keys, their names, and when they end. Nothing is really encrypted. */
import type { Service } from '../../service.ts';
import { accessOperations } from './access.ts';
import { aliasOperations } from './aliases.ts';
import { keyEvents, keyOperations } from './keys.ts';
import { rotationOperations } from './rotation.ts';

export const service: Service = {
  name: 'kms',
  operations: { ...keyOperations, ...rotationOperations, ...aliasOperations, ...accessOperations },
  events: keyEvents,
};
