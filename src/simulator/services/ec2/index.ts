/** The simulated EC2: the network part of it, and small instances. */
import type { Service } from '../../service.ts';
import { gatewayOperations } from './gateways.ts';
import { imageOperations } from './images.ts';
import { instanceTypeOperations } from './instance-types.ts';
import { instanceEvents, instanceOperations } from './instances.ts';
import { interfaceEvents } from './interfaces.ts';
import { networkAclOperations } from './network-acls.ts';
import { networkInterfaceOperations } from './network-interfaces.ts';
import { prefixListOperations } from './prefix-lists.ts';
import { regionOperations } from './regions.ts';
import { routeTableOperations } from './route-tables.ts';
import { routeOperations } from './routes.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations } from './security-groups.ts';
import { subnetOperations } from './subnets.ts';
import { tagOperations } from './tags.ts';
import { vpcEndpointChangeOperations } from './vpc-endpoint-changes.ts';
import { vpcEndpointEvents, vpcEndpointOperations } from './vpc-endpoints.ts';
import { vpcOperations } from './vpcs.ts';

export const service: Service = {
  name: 'ec2',
  operations: {
    ...vpcOperations,
    ...subnetOperations,
    ...routeTableOperations,
    ...routeOperations,
    ...securityGroupOperations,
    ...securityGroupRuleOperations,
    ...networkAclOperations,
    ...networkInterfaceOperations,
    ...vpcEndpointOperations,
    ...vpcEndpointChangeOperations,
    ...prefixListOperations,
    ...gatewayOperations,
    ...regionOperations,
    ...tagOperations,
    ...instanceOperations,
    ...instanceTypeOperations,
    ...imageOperations,
  },
  events: { ...interfaceEvents, ...vpcEndpointEvents, ...instanceEvents },
};
