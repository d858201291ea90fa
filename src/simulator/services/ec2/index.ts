/** The simulated EC2: the network part of it. */
import type { Service } from '../../service.ts';
import { interfaceEvents } from './interfaces.ts';
import { regionOperations } from './regions.ts';
import { subnetOperations } from './subnets.ts';
import { tagOperations } from './tags.ts';
import { vpcEndpointEvents } from './vpc-endpoints.ts';
import { vpcOperations } from './vpcs.ts';

export const service: Service = {
  name: 'ec2',
  operations: { ...vpcOperations, ...subnetOperations, ...tagOperations, ...regionOperations },
  events: { ...interfaceEvents, ...vpcEndpointEvents },
};
