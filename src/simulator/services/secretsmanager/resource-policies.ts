/** The policy that may hang on a secret. */
import type * as Secrets from '@aws-sdk/client-secrets-manager';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import { liveSecret } from './shared.ts';

const getResourcePolicy: Operation<Checked<Secrets.GetResourcePolicyRequest>, Secrets.GetResourcePolicyResponse> = (
  input,
  call,
) => {
  const secret = liveSecret(call, input.SecretId);
  return { ARN: secret.arn, Name: secret.name, ResourcePolicy: secret.resourcePolicy };
};

const putResourcePolicy: Operation<Checked<Secrets.PutResourcePolicyRequest>, Secrets.PutResourcePolicyResponse> = (
  input,
  call,
) => {
  const secret = liveSecret(call, input.SecretId);
  checkJson(input.ResourcePolicy);
  secret.resourcePolicy = input.ResourcePolicy;
  return { ARN: secret.arn, Name: secret.name };
};

function checkJson(document: string): void {
  try {
    JSON.parse(document);
  } catch {
    throw new ApiError('MalformedPolicyDocumentException', 'This resource policy contains invalid Json.');
  }
}

const deleteResourcePolicy: Operation<
  Checked<Secrets.DeleteResourcePolicyRequest>,
  Secrets.DeleteResourcePolicyResponse
> = (input, call) => {
  const secret = liveSecret(call, input.SecretId);
  secret.resourcePolicy = undefined;
  return { ARN: secret.arn, Name: secret.name };
};

export const resourcePolicyOperations = {
  GetResourcePolicy: getResourcePolicy,
  PutResourcePolicy: putResourcePolicy,
  DeleteResourcePolicy: deleteResourcePolicy,
};
