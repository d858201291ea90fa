/** A role's permissions: policies written into it, and managed ones attached to it. */
import type * as Iam from '@aws-sdk/client-iam';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import { checkDocument, encodeDocument } from './policies.ts';
import { changeableRole, limitExceeded, noSuchEntity, page, roleNamed } from './shared.ts';

/** Non-blank characters of all inline policies of a role together. F-508 */
const inlinePolicySizeMax = 10_240;
const attachedPoliciesMax = 10;

const sizeOf = (document: string) => document.replace(/\s/g, '').length;

const putRolePolicy: Operation<Checked<Iam.PutRolePolicyRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  checkDocument(input.PolicyDocument, 'permissions');
  const policies = { ...role.inlinePolicies, [input.PolicyName]: input.PolicyDocument };
  const size = Object.values(policies).reduce((sum, document) => sum + sizeOf(document), 0);
  if (size > inlinePolicySizeMax) {
    throw limitExceeded(`Maximum policy size of ${inlinePolicySizeMax} bytes exceeded for role ${role.name}`);
  }
  role.inlinePolicies = policies;
};

const getRolePolicy: Operation<Checked<Iam.GetRolePolicyRequest>, Iam.GetRolePolicyResponse> = (input, call) => {
  const document = roleNamed(call, input.RoleName).inlinePolicies[input.PolicyName];
  if (document === undefined) throw missingPolicy(input.PolicyName);
  return { RoleName: input.RoleName, PolicyName: input.PolicyName, PolicyDocument: encodeDocument(document) };
};

const missingPolicy = (name: string) => noSuchEntity(`The role policy with name ${name} cannot be found.`);

const listRolePolicies: Operation<Checked<Iam.ListRolePoliciesRequest>, Iam.ListRolePoliciesResponse> = (
  input,
  call,
) => {
  const names = Object.keys(roleNamed(call, input.RoleName).inlinePolicies).sort();
  const { shown, rest } = page(call, names, input);
  return { PolicyNames: shown, ...rest };
};

const deleteRolePolicy: Operation<Checked<Iam.DeleteRolePolicyRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  if (role.inlinePolicies[input.PolicyName] === undefined) throw missingPolicy(input.PolicyName);
  delete role.inlinePolicies[input.PolicyName];
};

// Attaching what is attached, as AWS does it, changes nothing and succeeds. F-509
const attachRolePolicy: Operation<Checked<Iam.AttachRolePolicyRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  if (!input.PolicyArn.startsWith('arn:aws:iam::aws:policy/')) {
    throw noSuchEntity(`Policy ${input.PolicyArn} does not exist or is not attachable.`);
  }
  if (role.attachedPolicies.includes(input.PolicyArn)) return;
  if (role.attachedPolicies.length >= attachedPoliciesMax) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${attachedPoliciesMax}`);
  }
  role.attachedPolicies.push(input.PolicyArn);
};

const detachRolePolicy: Operation<Checked<Iam.DetachRolePolicyRequest>, void> = (input, call) => {
  const role = changeableRole(call, input.RoleName);
  if (!role.attachedPolicies.includes(input.PolicyArn)) {
    throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
  }
  role.attachedPolicies = role.attachedPolicies.filter((arn) => arn !== input.PolicyArn);
};

const listAttachedRolePolicies: Operation<
  Checked<Iam.ListAttachedRolePoliciesRequest>,
  Iam.ListAttachedRolePoliciesResponse
> = (input, call) => {
  const { shown, rest } = page(call, roleNamed(call, input.RoleName).attachedPolicies, input);
  const policies = shown.map((arn) => ({ PolicyArn: arn, PolicyName: arn.slice(arn.lastIndexOf('/') + 1) }));
  return { AttachedPolicies: policies, ...rest };
};

export const rolePolicyOperations = {
  PutRolePolicy: putRolePolicy,
  GetRolePolicy: getRolePolicy,
  ListRolePolicies: listRolePolicies,
  DeleteRolePolicy: deleteRolePolicy,
  AttachRolePolicy: attachRolePolicy,
  DetachRolePolicy: detachRolePolicy,
  ListAttachedRolePolicies: listAttachedRolePolicies,
};
