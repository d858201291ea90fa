import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
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
    attachRolePolicy: (RoleName: string, PolicyArn: string) =>
      send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detachRolePolicy: (RoleName: string, PolicyArn: string) =>
      send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    /** With its roles and tags; undefined when there is none. */
    getInstanceProfile: async (InstanceProfileName: string) =>
      (await orAbsent(send(new GetInstanceProfileCommand({ InstanceProfileName }))))?.InstanceProfile,
    createInstanceProfile: (InstanceProfileName: string, tags: Tags) =>
      send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags: tagList(tags) })),
    addRoleToProfile: (InstanceProfileName: string, RoleName: string) =>
      send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName })),
    removeRoleFromProfile: (InstanceProfileName: string, RoleName: string) =>
      send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })),
    deleteInstanceProfile: (InstanceProfileName: string) =>
      send(new DeleteInstanceProfileCommand({ InstanceProfileName })),
    tag: (RoleName: string, tags: Tags) => send(new TagRoleCommand({ RoleName, Tags: tagList(tags) })),
  };
}

export type Iam = ReturnType<typeof iam>;
