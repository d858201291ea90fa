/** Instance profiles: the envelope in which a role is handed to an EC2 instance; each holds at most one role. */
import type * as Iam from '@aws-sdk/client-iam';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import type { Place } from '../../world.ts';
import { summary } from './roles.ts';
import {
  alreadyExists,
  deleteConflict,
  entityId,
  limitExceeded,
  mergeTags,
  noSuchEntity,
  page,
  roleNamed,
  wireTags,
} from './shared.ts';
import { type InstanceProfile, iamState } from './state.ts';

function profileNamed(place: Place, name: string): InstanceProfile {
  const profile = iamState(place).profiles[name];
  if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

const createInstanceProfile: Operation<Checked<Iam.CreateInstanceProfileRequest>, Iam.CreateInstanceProfileResponse> = (
  input,
  call,
) => {
  const { profiles } = iamState(call);
  const name = input.InstanceProfileName;
  if (profiles[name]) throw alreadyExists(`Instance Profile ${name} already exists.`);
  const path = input.Path ?? '/';
  const profile: InstanceProfile = {
    name,
    path,
    profileId: entityId(call, 'AIPA'),
    arn: `arn:aws:iam::${call.account}:instance-profile${path}${name}`,
    createdAt: call.now,
    propagatedAt: call.now + call.world.draw('iam.propagation'),
    tags: mergeTags([], input.Tags ?? []),
    roleName: undefined,
  };
  profiles[name] = profile;
  return { InstanceProfile: detail(call, profile) };
};

const getInstanceProfile: Operation<Checked<Iam.GetInstanceProfileRequest>, Iam.GetInstanceProfileResponse> = (
  input,
  call,
) => ({ InstanceProfile: detail(call, profileNamed(call, input.InstanceProfileName)) });

const deleteInstanceProfile: Operation<Checked<Iam.DeleteInstanceProfileRequest>, void> = (input, call) => {
  const profile = profileNamed(call, input.InstanceProfileName);
  if (profile.roleName !== undefined) {
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  }
  delete iamState(call).profiles[profile.name];
};

const addRoleToInstanceProfile: Operation<Checked<Iam.AddRoleToInstanceProfileRequest>, void> = (input, call) => {
  const profile = profileNamed(call, input.InstanceProfileName);
  const role = roleNamed(call, input.RoleName);
  if (profile.roleName !== undefined) {
    throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
  }
  profile.roleName = role.name;
  profile.propagatedAt = call.now + call.world.draw('iam.propagation');
};

const removeRoleFromInstanceProfile: Operation<Checked<Iam.RemoveRoleFromInstanceProfileRequest>, void> = (
  input,
  call,
) => {
  const profile = profileNamed(call, input.InstanceProfileName);
  if (profile.roleName !== input.RoleName) {
    throw noSuchEntity(`Role ${input.RoleName} in Instance Profile ${profile.name} cannot be found.`);
  }
  profile.roleName = undefined;
};

const listInstanceProfiles: Operation<Checked<Iam.ListInstanceProfilesRequest>, Iam.ListInstanceProfilesResponse> = (
  input,
  call,
) => {
  const prefix = input.PathPrefix ?? '/';
  const all = Object.values(iamState(call).profiles).filter((profile) => profile.path.startsWith(prefix));
  const { shown, rest } = page(call, all, input);
  return { InstanceProfiles: shown.map((profile) => detail(call, profile)), ...rest };
};

const listInstanceProfilesForRole: Operation<
  Checked<Iam.ListInstanceProfilesForRoleRequest>,
  Iam.ListInstanceProfilesForRoleResponse
> = (input, call) => {
  const role = roleNamed(call, input.RoleName);
  const all = Object.values(iamState(call).profiles).filter((profile) => profile.roleName === role.name);
  const { shown, rest } = page(call, all, input);
  return { InstanceProfiles: shown.map((profile) => detail(call, profile)), ...rest };
};

function detail(place: Place, profile: InstanceProfile): Iam.InstanceProfile {
  const role = profile.roleName === undefined ? undefined : iamState(place).roles[profile.roleName];
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.profileId,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role ? [summary(role)] : [],
    Tags: wireTags(profile.tags),
  };
}

export const instanceProfileOperations = {
  CreateInstanceProfile: createInstanceProfile,
  GetInstanceProfile: getInstanceProfile,
  DeleteInstanceProfile: deleteInstanceProfile,
  AddRoleToInstanceProfile: addRoleToInstanceProfile,
  RemoveRoleFromInstanceProfile: removeRoleFromInstanceProfile,
  ListInstanceProfiles: listInstanceProfiles,
  ListInstanceProfilesForRole: listInstanceProfilesForRole,
};
