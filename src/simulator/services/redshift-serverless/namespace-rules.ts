/** What a namespace may be given: roles, key, log exports, and which of them in one update. */
import type { UpdateNamespaceRequest } from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Place } from '../../world.ts';
import { roleStanding } from '../iam/lookup.ts';
import { keyState } from '../kms/lookup.ts';
import { invalid } from './errors.ts';

/** KMS keys must be there and enabled (F-107). `AWS_OWNED_KMS_KEY` stands for the service's own. */
export function checkKey(place: Place, keyId: string | undefined): void {
  if (keyId === undefined || keyId === ownKey) return;
  const state = keyState(place, keyId);
  if (state === 'Enabled') return;
  throw invalid(`The KMS key ${keyId} is not usable: it ${state ? `is ${state}` : 'does not exist'}.`);
}

export const ownKey = 'AWS_OWNED_KMS_KEY';

/** Roles must be ARNs of roles that exist, trust Redshift and are known everywhere by now (F-108). */
export function checkRoles(place: Place, arns: readonly string[], defaultArn: string | undefined): void {
  for (const arn of arns) checkRole(place, arn);
  if (defaultArn && !arns.includes(defaultArn)) {
    throw invalid(`The default IAM role ${defaultArn} must be one of the roles associated with the namespace.`);
  }
}

function checkRole(place: Place, arn: string): void {
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(arn)) throw invalid(`${arn} is not the ARN of an IAM role.`);
  const standing = roleStanding(place, arn, ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com']);
  if (standing === 'usable') return;
  throw invalid(
    `The IAM role ${arn} is not valid. Make sure that it exists and that its trust policy lets Amazon Redshift assume it.`,
  );
}

export function checkDatabaseName(name: string | undefined): void {
  if (name === undefined || /^[a-zA-Z][a-zA-Z_0-9+.@-]{0,126}$/.test(name)) return;
  throw invalid(`The database name ${name} is not valid.`);
}

export type NamespaceChange = 'admin' | 'roles' | 'key' | 'logs';

const changeOf: Readonly<Partial<Record<keyof UpdateNamespaceRequest, NamespaceChange>>> = {
  adminUsername: 'admin',
  adminUserPassword: 'admin',
  manageAdminPassword: 'admin',
  adminPasswordSecretKmsKeyId: 'admin',
  defaultIamRoleArn: 'roles',
  iamRoles: 'roles',
  kmsKeyId: 'key',
  logExports: 'logs',
};

/** The one thing that an update changes; several at once are refused, except those that belong together (F-109). */
export function oneNamespaceChange(input: Checked<UpdateNamespaceRequest>): NamespaceChange {
  const given = new Set<NamespaceChange>();
  for (const [member, change] of Object.entries(changeOf)) {
    if (input[member as keyof UpdateNamespaceRequest] !== undefined) given.add(change);
  }
  const [only, more] = given;
  if (more !== undefined) {
    throw invalid(
      `Amazon Redshift Serverless can't update multiple configurations at the same time for namespace ${input.namespaceName}. Specify one configuration to update.`,
    );
  }
  if (only === undefined) throw invalid('Specify a configuration to update.');
  return only;
}
