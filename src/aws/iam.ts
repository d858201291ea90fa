import {
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Connection } from './connection.ts';
import { orAbsent } from './paging.ts';
import { type Tags, tagList } from './tags.ts';

export function iam(connection: Connection) {
  const send = connection.open('iam', 'IAM', (config) => new IAMClient(config));
  return {
    /** With its tags; undefined when there is none. Policy documents in it are URL-encoded. */
    getRole: async (RoleName: string) => (await orAbsent(send(new GetRoleCommand({ RoleName }))))?.Role,
    /** URL-encoded as AWS keeps it; undefined when there is none. */
    getRolePolicy: async (RoleName: string, PolicyName: string) =>
      (await orAbsent(send(new GetRolePolicyCommand({ RoleName, PolicyName }))))?.PolicyDocument,
    createRole: (input: Omit<CreateRoleCommandInput, 'Tags'>, tags: Tags) =>
      send(new CreateRoleCommand({ ...input, Tags: tagList(tags) })),
    putRolePolicy: (RoleName: string, PolicyName: string, PolicyDocument: string) =>
      send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    setTrust: (RoleName: string, PolicyDocument: string) =>
      send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument })),
    deleteRolePolicy: (RoleName: string, PolicyName: string) =>
      send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
    deleteRole: (RoleName: string) => send(new DeleteRoleCommand({ RoleName })),
    tag: (RoleName: string, tags: Tags) => send(new TagRoleCommand({ RoleName, Tags: tagList(tags) })),
  };
}

export type Iam = ReturnType<typeof iam>;
