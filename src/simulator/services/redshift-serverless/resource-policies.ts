/** Resource policies: kept as they are given, for snapshots and workgroups (F-191). */
import type {
  DeleteResourcePolicyRequest,
  DeleteResourcePolicyResponse,
  GetResourcePolicyRequest,
  GetResourcePolicyResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { invalid } from './errors.ts';
import { serverless } from './state.ts';

function putResourcePolicy(input: Checked<PutResourcePolicyRequest>, call: Call): PutResourcePolicyResponse {
  const { resourceArn, policy } = input;
  if (!isJsonObject(policy)) throw invalid('The policy is not a valid JSON document.');
  const { snapshots, workgroups, policies } = serverless(call);
  const isKnown = [...Object.values(snapshots), ...Object.values(workgroups)].some(({ arn }) => arn === resourceArn);
  if (!isKnown) throw absent(resourceArn);
  policies[resourceArn] = policy;
  return { resourcePolicy: { resourceArn, policy } };
}

function getResourcePolicy(input: Checked<GetResourcePolicyRequest>, call: Call): GetResourcePolicyResponse {
  const { resourceArn } = input;
  return { resourcePolicy: { resourceArn, policy: policyOf(call, resourceArn) } };
}

function deleteResourcePolicy(input: Checked<DeleteResourcePolicyRequest>, call: Call): DeleteResourcePolicyResponse {
  const { resourceArn } = input;
  policyOf(call, resourceArn);
  delete serverless(call).policies[resourceArn];
  return {};
}

function policyOf(place: Place, arn: string): string {
  const policy = serverless(place).policies[arn];
  if (policy === undefined) throw absent(arn);
  return policy;
}

const absent = (arn: string) =>
  new ApiError('ResourceNotFoundException', `No resource policy was found for ${arn}.`, {
    members: { resourceName: arn },
  });

function isJsonObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

export const operations = {
  PutResourcePolicy: putResourcePolicy,
  GetResourcePolicy: getResourcePolicy,
  DeleteResourcePolicy: deleteResourcePolicy,
};
