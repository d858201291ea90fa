/** Key policies: a key without one gets AWS's default, and none may lock its owner out. */

import type { Call } from '../../service.ts';
import { ApiError } from '../../service.ts';

const malformed = (message: string) => new ApiError('MalformedPolicyDocumentException', message);

/** What a key gets that is made without a policy: the account decides through IAM. F-523 */
export const defaultPolicy = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

/** Refuses what is no policy, and, unless told to let it pass, what the caller could never change again. F-523 */
export function checkPolicy(document: string, call: Call, lockout: 'refuse' | 'allow'): void {
  const statements = statementsOf(document);
  if (lockout === 'refuse' && !statements.some((statement) => letsAdminister(statement, call))) {
    throw malformed('The new key policy will not allow you to update the key policy in the future.');
  }
}

function statementsOf(document: string): Record<string, unknown>[] {
  const parsed = parse(document);
  if (!isRecord(parsed)) throw malformed('Policy contains invalid json');
  const statements = asList(parsed.Statement);
  if (statements.length === 0 || !statements.every(isRecord)) throw malformed('Policy contains no statements');
  if (!statements.every((statement) => isRecord(statement.Principal) || statement.Principal === '*')) {
    throw malformed('Policy contains a statement with no principal.');
  }
  return statements;
}

function parse(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw malformed('Policy contains invalid json');
  }
}

function letsAdminister(statement: Record<string, unknown>, call: Call): boolean {
  if (statement.Effect !== 'Allow') return false;
  const acts = asList(statement.Action).some((action) => action === 'kms:*' || action === '*' || isPut(action));
  return acts && principalsOf(statement).some((principal) => meansCaller(principal, call));
}

const isPut = (action: unknown) => typeof action === 'string' && /^kms:put(\*|keypolicy)$/i.test(action);

const principalsOf = (statement: Record<string, unknown>): unknown[] =>
  isRecord(statement.Principal) ? asList(statement.Principal.AWS) : [statement.Principal];

const meansCaller = (principal: unknown, call: Call) =>
  principal === '*' ||
  principal === call.account ||
  principal === `arn:aws:iam::${call.account}:root` ||
  principal === call.principal.arn;

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
