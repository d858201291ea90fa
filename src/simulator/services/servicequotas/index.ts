/** AWS Service Quotas: what the account may have, and asking for more. */
import type { Service } from '../../service.ts';
import { increaseEvents, increaseOperations } from './increases.ts';
import { valueOperations } from './values.ts';

export const service: Service = {
  name: 'servicequotas',
  operations: { ...valueOperations, ...increaseOperations },
  events: increaseEvents,
};
