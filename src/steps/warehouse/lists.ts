/** The lists of Redshift Serverless that all warehouses of a pass share: looking costs the same for 2 and for 24. */
import type { Look } from '../../engine/resource.ts';
import type { StepContext } from '../changes.ts';

export const namespacesOf = ({ aws, listed }: StepContext, look: Look) =>
  look.once('serverless/namespaces', async () => listed?.take() ?? (await aws.serverless.listNamespaces()));

export const workgroupsOf = ({ aws }: StepContext, look: Look) =>
  look.once('serverless/workgroups', () => aws.serverless.listWorkgroups());

export const endpointsOf = ({ aws }: StepContext, look: Look) =>
  look.once('serverless/endpoints', () => aws.serverless.listEndpointAccess());

export const usageLimitsOf = ({ aws }: StepContext, look: Look) =>
  look.once('serverless/usage-limits', () => aws.serverless.listUsageLimits());
