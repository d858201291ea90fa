/** Roles: who may assume them, their tags, and the roles that AWS's services make for themselves. */
import type * as Iam from '@aws-sdk/client-iam';
import type { Checked } from '../../checked.ts';
import type { Call, Operation } from '../../service.ts';
import { checkDocument, encodeDocument } from './policies.ts';
import {
  alreadyExists,
  changeableRole,
  deleteConflict,
  entityId,
  findRole,
  invalidInput,
  limitExceeded,
  mergeTags,
  page,
  removeTags,
  roleNamed,
  wireTags,
} from './shared.ts';
import { iamState, type Role } from './state.ts';

const rolesPerAccount = 1000;

interface NewRole {
  readonly name: string;
  readonly path: string;
  readonly trustPolicy: string;
  readonly description?: string | undefined;
  readonly maxSessionDuration?: number | undefined;
  readonly permissionsBoundary?: string | undefined;
  readonly tags?: Role['tags'];
}

function addRole(call: Call, spec: NewRole): Role {
  const { roles } = iamState(call);
  if (Object.keys(roles).length >= rolesPerAccount) {
    throw limitExceeded(`Cannot exceed quota for RolesPerAccount: ${rolesPerAccount}`);
  }
  const role: Role = {
    ...spec,
    roleId: entityId(call, 'AROA'),
    arn: `arn:aws:iam::${call.account}:role${spec.path}${spec.name}`,
    createdAt: call.now,
    propagatedAt: call.now + call.world.draw('iam.propagation'),
    description: spec.description,
    maxSessionDuration: spec.maxSessionDuration ?? 3600,
    permissionsBoundary: spec.permissionsBoundary,
    tags: spec.tags ?? [],
    inlinePolicies: {},
    attachedPolicies: [],
  };
  roles[role.name] = role;
  return role;
}

const createRole: Operation<Checked<Iam.CreateRoleRequest>, Iam.CreateRoleResponse> = (input, call) => {
  checkDocument(input.AssumeRolePolicyDocument, 'trust');
  if (findRole(call, input.RoleName)) throw alreadyExists(`Role with name ${input.RoleName} already exists.`);
  const role = addRole(call, {
    name: input.RoleName,
    path: input.Path ?? '/',
    trustPolicy: input.AssumeRolePolicyDocument,
    description: input.Description,
    maxSessionDuration: input.MaxSessionDuration,
    permissionsBoundary: input.PermissionsBoundary,
    tags: mergeTags([], input.Tags ?? []),
  });
  return { Role: detail(role) };
};

const getRole: Operation<Checked<Iam.GetRoleRequest>, Iam.GetRoleResponse> = (input, call) => ({
  Role: { ...detail(roleNamed(call, input.RoleName)), RoleLastUsed: {} },
});

// Lists leave out tags, the boundary and the last use; GetRole has them. F-503
const listRoles: Operation<Checked<Iam.ListRolesRequest>, Iam.ListRolesResponse> = (input, call) => {
  const prefix = input.PathPrefix ?? '/';
  const roles = Object.values(iamState(call).roles).filter((role) => role.path.startsWith(prefix));
  const { shown, rest } = page(call, roles.sort(byName), input);
  return { Roles: shown.map(summary), ...rest };
};

const byName = (a: Role, b: Role) => (a.name < b.name ? -1 : 1);

const updateRole: Operation<Checked<Iam.UpdateRoleRequest>, Iam.UpdateRoleResponse> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  role.description = input.Description ?? role.description;
  role.maxSessionDuration = input.MaxSessionDuration ?? role.maxSessionDuration;
  return {};
};

const updateAssumeRolePolicy: Operation<Checked<Iam.UpdateAssumeRolePolicyRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  checkDocument(input.PolicyDocument, 'trust');
  role.trustPolicy = input.PolicyDocument;
  role.propagatedAt = call.now + call.world.draw('iam.propagation');
};

// F-504
const deleteRole: Operation<Checked<Iam.DeleteRoleRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  const { profiles, roles } = iamState(call);
  if (Object.values(profiles).some((profile) => profile.roleName === role.name)) {
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  }
  if (role.attachedPolicies.length > 0) {
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  }
  if (Object.keys(role.inlinePolicies).length > 0) {
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  }
  delete roles[role.name];
};

const putRolePermissionsBoundary: Operation<Checked<Iam.PutRolePermissionsBoundaryRequest>, void> = (input, call) => {
  changeableRole(call, input.RoleName).permissionsBoundary = input.PermissionsBoundary;
};

const deleteRolePermissionsBoundary: Operation<Checked<Iam.DeleteRolePermissionsBoundaryRequest>, void> = (
  input,
  call,
) => {
  changeableRole(call, input.RoleName).permissionsBoundary = undefined;
};

const tagRole: Operation<Checked<Iam.TagRoleRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  role.tags = mergeTags(role.tags, input.Tags);
};

const untagRole: Operation<Checked<Iam.UntagRoleRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  role.tags = removeTags(role.tags, input.TagKeys);
};

const listRoleTags: Operation<Checked<Iam.ListRoleTagsRequest>, Iam.ListRoleTagsResponse> = (input, call) => {
  const { shown, rest } = page(call, roleNamed(call, input.RoleName).tags, input);
  return { Tags: wireTags(shown), ...rest };
};

// Only services rsds and its neighbours deal with; a service that is not known has no linked role. F-506
const linkedRoleNames: Readonly<Record<string, string>> = {
  'redshift.amazonaws.com': 'AWSServiceRoleForRedshift',
  'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
  'ssm.amazonaws.com': 'AWSServiceRoleForAmazonSSM',
  'rds.amazonaws.com': 'AWSServiceRoleForRDS',
};

const createServiceLinkedRole: Operation<
  Checked<Iam.CreateServiceLinkedRoleRequest>,
  Iam.CreateServiceLinkedRoleResponse
> = (input, call) => {
  const service = input.AWSServiceName;
  const base = linkedRoleNames[service];
  if (base === undefined) throw invalidInput(`Service role for ${service} is not supported.`);
  if (input.CustomSuffix !== undefined) throw invalidInput(`Custom suffix is not allowed for ${service}`);
  if (findRole(call, base)) {
    throw invalidInput(`Service role name ${base} has been taken in this account, please try a different suffix.`);
  }
  const statement = [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }];
  const role = addRole(call, {
    name: base,
    path: `/aws-service-role/${service}/`,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
    description: input.Description,
  });
  return { Role: summary(role) };
};

/** A role as instance profiles and lists show it. */
export function summary(role: Role): Iam.Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  };
}

function detail(role: Role): Iam.Role {
  const boundary = role.permissionsBoundary && {
    PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
    PermissionsBoundaryArn: role.permissionsBoundary,
  };
  return {
    ...summary(role),
    PermissionsBoundary: boundary || undefined,
    Tags: role.tags.length > 0 ? wireTags(role.tags) : undefined,
  };
}

export const roleOperations = {
  CreateRole: createRole,
  GetRole: getRole,
  ListRoles: listRoles,
  UpdateRole: updateRole,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
  DeleteRole: deleteRole,
  PutRolePermissionsBoundary: putRolePermissionsBoundary,
  DeleteRolePermissionsBoundary: deleteRolePermissionsBoundary,
  TagRole: tagRole,
  UntagRole: untagRole,
  ListRoleTags: listRoleTags,
  CreateServiceLinkedRole: createServiceLinkedRole,
};
