/** The simulated EC2: the network part of it. */
import type { Service } from '../../service.ts';
import { interfaceEvents } from './interfaces.ts';
import { vpcEndpointEvents } from './vpc-endpoints.ts';

export const service: Service = {
  name: 'ec2',
  operations: {},
  events: { ...interfaceEvents, ...vpcEndpointEvents },
};
