import {
  CreateEndpointAccessCommand,
  type CreateEndpointAccessCommandInput,
  CreateNamespaceCommand,
  type CreateNamespaceCommandInput,
  CreateSnapshotCommand,
  type CreateSnapshotCommandInput,
  CreateUsageLimitCommand,
  type CreateUsageLimitCommandInput,
  CreateWorkgroupCommand,
  type CreateWorkgroupCommandInput,
  DeleteEndpointAccessCommand,
  DeleteNamespaceCommand,
  DeleteSnapshotCommand,
  DeleteUsageLimitCommand,
  DeleteWorkgroupCommand,
  GetNamespaceCommand,
  GetSnapshotCommand,
  GetWorkgroupCommand,
  ListEndpointAccessCommand,
  ListNamespacesCommand,
  ListRecoveryPointsCommand,
  ListSnapshotsCommand,
  ListTagsForResourceCommand,
  ListUsageLimitsCommand,
  ListWorkgroupsCommand,
  RedshiftServerlessClient,
  TagResourceCommand,
  UpdateEndpointAccessCommand,
  UpdateNamespaceCommand,
  type UpdateNamespaceCommandInput,
  UpdateUsageLimitCommand,
  type UpdateUsageLimitCommandInput,
  UpdateWorkgroupCommand,
  type UpdateWorkgroupCommandInput,
} from '@aws-sdk/client-redshift-serverless';
import type { Connection } from './connection.ts';
import { allPages, orAbsent } from './paging.ts';
import { lowerTagList, type Tags, tagRecord } from './tags.ts';

/** The largest page that these lists give (F-652). */
const maxResults = 100;

export function serverless(connection: Connection) {
  const open = (config: ConstructorParameters<typeof RedshiftServerlessClient>[0]) =>
    new RedshiftServerlessClient(config ?? {});
  const send = connection.open('redshift-serverless', 'Redshift Serverless', open);
  return {
    // --- reads -----------------------------------------------------------------------------------------------------

    listNamespaces: () =>
      allPages((nextToken) =>
        send(new ListNamespacesCommand({ maxResults, nextToken })).then((page) => ({
          items: page.namespaces,
          next: page.nextToken,
        })),
      ),
    listWorkgroups: () =>
      allPages((nextToken) =>
        send(new ListWorkgroupsCommand({ maxResults, nextToken })).then((page) => ({
          items: page.workgroups,
          next: page.nextToken,
        })),
      ),
    listEndpointAccess: () =>
      allPages((nextToken) =>
        send(new ListEndpointAccessCommand({ maxResults, nextToken })).then((page) => ({
          items: page.endpoints,
          next: page.nextToken,
        })),
      ),
    listUsageLimits: () =>
      allPages((nextToken) =>
        send(new ListUsageLimitsCommand({ maxResults, nextToken })).then((page) => ({
          items: page.usageLimits,
          next: page.nextToken,
        })),
      ),
    /** Of one namespace, or of all in the account and region. */
    listSnapshots: (namespaceName?: string) =>
      allPages((nextToken) =>
        send(new ListSnapshotsCommand({ maxResults, nextToken, namespaceName })).then((page) => ({
          items: page.snapshots,
          next: page.nextToken,
        })),
      ),
    listRecoveryPoints: (namespaceName: string) =>
      allPages((nextToken) =>
        send(new ListRecoveryPointsCommand({ maxResults, nextToken, namespaceName })).then((page) => ({
          items: page.recoveryPoints,
          next: page.nextToken,
        })),
      ),
    getNamespace: async (namespaceName: string) =>
      (await orAbsent(send(new GetNamespaceCommand({ namespaceName }))))?.namespace,
    getWorkgroup: async (workgroupName: string) =>
      (await orAbsent(send(new GetWorkgroupCommand({ workgroupName }))))?.workgroup,
    getSnapshot: async (snapshotName: string) =>
      (await orAbsent(send(new GetSnapshotCommand({ snapshotName }))))?.snapshot,
    listTags: async (resourceArn: string): Promise<Tags> =>
      tagRecord((await send(new ListTagsForResourceCommand({ resourceArn }))).tags),

    // --- changes ---------------------------------------------------------------------------------------------------

    createNamespace: (input: Omit<CreateNamespaceCommandInput, 'tags'>, tags: Tags) =>
      send(new CreateNamespaceCommand({ ...input, tags: lowerTagList(tags) })),
    updateNamespace: (input: UpdateNamespaceCommandInput) => send(new UpdateNamespaceCommand(input)),
    deleteNamespace: (namespaceName: string) => send(new DeleteNamespaceCommand({ namespaceName })),
    createWorkgroup: (input: Omit<CreateWorkgroupCommandInput, 'tags'>, tags: Tags) =>
      send(new CreateWorkgroupCommand({ ...input, tags: lowerTagList(tags) })),
    updateWorkgroup: (input: UpdateWorkgroupCommandInput) => send(new UpdateWorkgroupCommand(input)),
    deleteWorkgroup: (workgroupName: string) => send(new DeleteWorkgroupCommand({ workgroupName })),
    createEndpointAccess: (input: CreateEndpointAccessCommandInput) => send(new CreateEndpointAccessCommand(input)),
    updateEndpointAccess: (endpointName: string, vpcSecurityGroupIds: string[]) =>
      send(new UpdateEndpointAccessCommand({ endpointName, vpcSecurityGroupIds })),
    deleteEndpointAccess: (endpointName: string) => send(new DeleteEndpointAccessCommand({ endpointName })),
    createUsageLimit: (input: CreateUsageLimitCommandInput) => send(new CreateUsageLimitCommand(input)),
    updateUsageLimit: (input: UpdateUsageLimitCommandInput) => send(new UpdateUsageLimitCommand(input)),
    deleteUsageLimit: (usageLimitId: string) => send(new DeleteUsageLimitCommand({ usageLimitId })),
    createSnapshot: (input: Omit<CreateSnapshotCommandInput, 'tags'>, tags: Tags) =>
      send(new CreateSnapshotCommand({ ...input, tags: lowerTagList(tags) })),
    deleteSnapshot: (snapshotName: string) => send(new DeleteSnapshotCommand({ snapshotName })),
    tag: (resourceArn: string, tags: Tags) => send(new TagResourceCommand({ resourceArn, tags: lowerTagList(tags) })),
  };
}

export type Serverless = ReturnType<typeof serverless>;
