/** Who may use a key, and how it is labelled: policy, grants, tags. */
import type * as Kms from '@aws-sdk/client-kms';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import { checkPolicy } from './policies.ts';
import { enabled, keyOf, mergeTags, notFound, notPending, page } from './shared.ts';
import type { Key, KmsGrant } from './state.ts';

const policyName = 'default';

const getKeyPolicy: Operation<Checked<Kms.GetKeyPolicyRequest>, Kms.GetKeyPolicyResponse> = (input, call) => {
  const key = keyOf(call, input.KeyId);
  if ((input.PolicyName ?? policyName) !== policyName) throw notFound('No such policy exists');
  return { Policy: key.policy, PolicyName: policyName };
};

const putKeyPolicy: Operation<Checked<Kms.PutKeyPolicyRequest>, void> = (input, call) => {
  const key = notPending(keyOf(call, input.KeyId));
  checkPolicy(input.Policy, call, input.BypassPolicyLockoutSafetyCheck ? 'allow' : 'refuse');
  key.policy = input.Policy;
};

const listKeyPolicies: Operation<Checked<Kms.ListKeyPoliciesRequest>, Kms.ListKeyPoliciesResponse> = (input, call) => {
  keyOf(call, input.KeyId);
  return { PolicyNames: [policyName], Truncated: false };
};

const tagResource: Operation<Checked<Kms.TagResourceRequest>, void> = (input, call) => {
  const key = notPending(keyOf(call, input.KeyId));
  key.tags = mergeTags(key.tags, input.Tags);
};

const untagResource: Operation<Checked<Kms.UntagResourceRequest>, void> = (input, call) => {
  const key = notPending(keyOf(call, input.KeyId));
  key.tags = key.tags.filter((tag) => !input.TagKeys.includes(tag.key));
};

const listResourceTags: Operation<Checked<Kms.ListResourceTagsRequest>, Kms.ListResourceTagsResponse> = (
  input,
  call,
) => {
  const { shown, rest } = page(call, keyOf(call, input.KeyId).tags, input);
  return { Tags: shown.map(({ key, value }) => ({ TagKey: key, TagValue: value })), ...rest };
};

// Making the same named grant again gives the first one back. F-526
const createGrant: Operation<Checked<Kms.CreateGrantRequest>, Kms.CreateGrantResponse> = (input, call) => {
  const key = enabled(keyOf(call, input.KeyId));
  const same = key.grants.find((grant) => input.Name !== undefined && grant.name === input.Name);
  const grant: KmsGrant = same ?? {
    grantId: call.world.random.hex(64),
    granteePrincipal: input.GranteePrincipal,
    retiringPrincipal: input.RetiringPrincipal,
    operations: input.Operations,
    name: input.Name,
    createdAt: call.now,
  };
  if (!same) key.grants.push(grant);
  return { GrantId: grant.grantId, GrantToken: Buffer.from(`grant:${grant.grantId}`).toString('base64') };
};

const listGrants: Operation<Checked<Kms.ListGrantsRequest>, Kms.ListGrantsResponse> = (input, call) => {
  const key = keyOf(call, input.KeyId);
  const grants = key.grants.filter(
    (grant) =>
      (input.GrantId === undefined || grant.grantId === input.GrantId) &&
      (input.GranteePrincipal === undefined || grant.granteePrincipal === input.GranteePrincipal),
  );
  const { shown, rest } = page(call, grants, input);
  return { Grants: shown.map((grant) => grantEntry(key, grant)), ...rest };
};

const grantEntry = (key: Key, grant: KmsGrant): Kms.GrantListEntry => ({
  KeyId: key.arn,
  GrantId: grant.grantId,
  Name: grant.name,
  CreationDate: new Date(grant.createdAt),
  GranteePrincipal: grant.granteePrincipal,
  RetiringPrincipal: grant.retiringPrincipal,
  // The wire layer let only the model's own values in.
  Operations: grant.operations as Kms.GrantOperation[],
});

const revokeGrant: Operation<Checked<Kms.RevokeGrantRequest>, void> = (input, call) => {
  const key = keyOf(call, input.KeyId);
  if (!key.grants.some((grant) => grant.grantId === input.GrantId)) {
    throw notFound(`Grant ID ${input.GrantId} not found`);
  }
  key.grants = key.grants.filter((grant) => grant.grantId !== input.GrantId);
};

export const accessOperations = {
  GetKeyPolicy: getKeyPolicy,
  PutKeyPolicy: putKeyPolicy,
  ListKeyPolicies: listKeyPolicies,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListResourceTags: listResourceTags,
  CreateGrant: createGrant,
  ListGrants: listGrants,
  RevokeGrant: revokeGrant,
};
