/** The simulated Redshift Serverless. */
import type { Service } from '../../service.ts';
import * as adminPassword from './admin-password.ts';
import * as credentials from './credentials.ts';
import * as endpointAccess from './endpoint-access.ts';
import * as namespaces from './namespaces.ts';
import * as recoveryPoints from './recovery-points.ts';
import * as resourcePolicies from './resource-policies.ts';
import * as snapshots from './snapshots.ts';
import * as tags from './tags.ts';
import * as usageLimits from './usage-limits.ts';
import * as workgroupLife from './workgroup-life.ts';
import * as workgroups from './workgroups.ts';

export const service: Service = {
  name: 'redshift-serverless',
  operations: {
    ...namespaces.operations,
    ...workgroups.operations,
    ...endpointAccess.operations,
    ...usageLimits.operations,
    ...snapshots.operations,
    ...recoveryPoints.operations,
    ...tags.operations,
    ...credentials.operations,
    ...resourcePolicies.operations,
  },
  events: {
    ...adminPassword.events,
    ...namespaces.events,
    ...workgroupLife.events,
    ...endpointAccess.events,
    ...snapshots.events,
  },
};
