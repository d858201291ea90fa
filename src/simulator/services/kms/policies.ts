/** Key policies: a key without one gets AWS's default, and none may lock its owner out. */

import { ApiError, type Call } from '../../service.ts';
import { asList, isRecord, readDocument, type Statement } from '../iam/documents.ts';

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

function statementsOf(document: string): readonly Statement[] {
  const statements = readDocument(document)?.statements;
  if (!statements) throw malformed('Policy contains invalid json');
  if (statements.length === 0) throw malformed('Policy contains no statements');
  if (!statements.every((statement) => isRecord(statement.Principal) || statement.Principal === '*')) {
    throw malformed('Policy contains a statement with no principal.');
  }
  return statements;
}

function letsAdminister(statement: Statement, call: Call): boolean {
  if (statement.Effect !== 'Allow') return false;
  const acts = asList(statement.Action).some((action) => action === 'kms:*' || action === '*' || isPut(action));
  return acts && principalsOf(statement).some((principal) => meansCaller(principal, call));
}

const isPut = (action: unknown) => typeof action === 'string' && /^kms:put(\*|keypolicy)$/i.test(action);

const principalsOf = (statement: Statement): unknown[] =>
  isRecord(statement.Principal) ? asList(statement.Principal.AWS) : [statement.Principal];

const meansCaller = (principal: unknown, call: Call) =>
  principal === '*' ||
  principal === call.account ||
  principal === `arn:aws:iam::${call.account}:root` ||
  principal === call.principal.arn;
